"""The case added up: what counts, what the control says, and the proposed score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from her2scope.analysis.ish import with_ish
from her2scope.analysis.quality import Status
from her2scope.analysis.scoring import CaseScore
from her2scope.app.model.counting import Counted, counting
from her2scope.app.model.state import CaseState, ControlPhase, IshEntry, Role
from her2scope.pipeline.case import ControlReading, read_control, score_fields


@dataclass(frozen=True)
class Tally:
    """The case added up.

    Parameters
    ----------
    score
        Proposed; None while fields are still being read with the profile in force: readings never mix.
    control
        What the control fields say; None where none are taken, and while they are being read.
    pending
        Fields still being read.
    counting
        Fields that count.
    detectors
        Names of the nucleus detectors that read them; more than one in a case that was opened again elsewhere.
    """

    score: CaseScore | None
    control: ControlReading | None
    pending: int
    counting: int
    detectors: tuple[str, ...] = ()


def tally(state: CaseState, fields: Sequence[Counted], pending: Sequence[int]) -> Tally:
    """Add a case up.

    Parameters
    ----------
    state
        The case.
    fields
        Its fields, all of them that are read.
    pending
        The numbers of those that were read with another profile than the one in force.
    """
    if any(not state.find(i).excluded for i in pending):
        return Tally(None, None, len(pending), 0)
    control = read_case_control(state, fields)
    case = counting(f for f in fields if f.taken.role is Role.CASE)
    score = score_fields(case, state.guideline, control=control, invasive_tumour=state.invasive_tumour)
    counted = [result for result in case if result.status is not Status.BLOCKED]
    detectors = tuple(sorted({result.detector for result in counted}))
    return Tally(_with_ish(score, state), control, len(pending), len(counted), detectors)


class LastTally:
    """Adds a case up anew only when a decision or a reading has changed, not when pictures were packed."""

    def __init__(self) -> None:
        self._known: tuple[tuple[object, ...], Sequence[int], Tally] | None = None

    def of(self, state: CaseState, fields: Sequence[Counted], pending: Sequence[int]) -> Tally:
        """See `tally`; the same object for the same state, fields and pending ones."""
        parts, known = (state, *fields), self._known  # parts are held, so that no other object takes their ids
        if known is None or known[1] != pending or [*map(id, known[0])] != [*map(id, parts)]:
            known = self._known = (parts, pending, tally(state, fields, pending))
        return known[2]


def read_case_control(state: CaseState, fields: Sequence[Counted]) -> ControlReading | None:
    """Judge the control; None without control fields, and where the step was skipped."""
    control = counting(f for f in fields if f.taken.role is Role.CONTROL)
    if not control or state.control.phase is ControlPhase.SKIPPED:
        return None
    return read_control(control, state.stain.control)


def _with_ish(score: CaseScore, state: CaseState) -> CaseScore:
    entry: IshEntry | None = state.ish
    known = entry is not None and entry.group in {ish.group for ish in state.guideline.ish}
    if entry is None or not known or score.score != "2+":
        return score
    return with_ish(score, state.guideline, entry.group, "done" if entry.recounted else "not done")
