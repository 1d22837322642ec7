"""The case added up: what counts, what the control says, and the proposed score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from her2scope.analysis.ish import with_ish
from her2scope.analysis.quality import Status
from her2scope.analysis.scoring import CaseScore
from her2scope.app.model.counting import Counted, Once, Repeat, counting
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
    repeats
        By field number, the cells left out of it since a field before it counts them already.
    added
        By number of these fields, the cells that they add.
    """

    score: CaseScore | None
    control: ControlReading | None
    pending: int
    counting: int
    detectors: tuple[str, ...] = ()
    repeats: Mapping[int, tuple[Repeat, ...]] = field(default_factory=dict)
    added: Mapping[int, int] = field(default_factory=dict)


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
    controls = counting(f for f in fields if f.taken.role is Role.CONTROL)
    control = _read_control(state, controls)
    once = counting(f for f in fields if f.taken.role is Role.CASE)
    case = [entry.result for entry in once]
    score = score_fields(case, state.guideline, control=control, invasive_tumour=state.invasive_tumour)
    counted = [result for result in case if result.status is not Status.BLOCKED]
    detectors = tuple(sorted({result.detector for result in counted}))
    overlapping = [entry for entry in (*once, *controls) if entry.repeats]
    repeats = {entry.field_id: entry.repeats for entry in overlapping}
    added = {entry.field_id: entry.result.cells.counts().total for entry in overlapping}
    return Tally(_with_ish(score, state), control, len(pending), len(counted), detectors, repeats, added)


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


def _read_control(state: CaseState, controls: Sequence[Once]) -> ControlReading | None:
    """Judge the control; None without control fields, and where the step was skipped."""
    if not controls or state.control.phase is ControlPhase.SKIPPED:
        return None
    return read_control([entry.result for entry in controls], state.stain.control)


def _with_ish(score: CaseScore, state: CaseState) -> CaseScore:
    entry: IshEntry | None = state.ish
    known = entry is not None and entry.group in {ish.group for ish in state.guideline.ish}
    if entry is None or not known or score.score != "2+":
        return score
    return with_ish(score, state.guideline, entry.group, "done" if entry.recounted else "not done")
