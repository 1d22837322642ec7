"""The control step: where it stands, what the control says, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass

from her2scope.analysis.control import ControlVerdict
from her2scope.app.model.naming import field_titles
from her2scope.app.model.state import CaseState, ControlPhase, Role
from her2scope.app.model.tally import Tally
from her2scope.app.model.texts import say
from her2scope.app.model.views.legend import NOT_MEASURED, cells_text
from her2scope.app.model.views.repeats import repeat_texts
from her2scope.app.model.views.score import fields_text
from her2scope.app.model.views.tone import Tone
from her2scope.pipeline.case import ControlReading


@dataclass(frozen=True)
class ControlView:
    """The control step.

    Parameters
    ----------
    phase, title, tone
        Where it stands: open, done or skipped; in words; how serious.
    taken
        Control fields in words.
    intense_complete, membrane_od, limits
        What was measured, and what the stain profile asks for.
    reasons
        Why it failed, or why it was skipped.
    offer
        The offered t_intense in words, or why none is offered; empty without control fields.
    drift
        Mean membrane OD of each control field, in words; empty with fewer than two.
    repeats
        Of control fields that overlap, how many cells they add, in words.
    can_accept, can_finish, can_skip, can_reopen
        What to offer.
    """

    phase: ControlPhase
    title: str
    tone: Tone
    taken: str
    intense_complete: str
    membrane_od: str
    limits: str
    reasons: tuple[str, ...]
    offer: str
    drift: str
    repeats: tuple[str, ...]
    can_accept: bool
    can_finish: bool
    can_skip: bool
    can_reopen: bool


def control_view(state: CaseState, tally: Tally) -> ControlView:
    """The control step of a case."""
    reading = tally.control
    verdict = None if reading is None else reading.verdict
    limits = state.stain.control
    phase = state.control.phase
    title, tone = _title(state, tally)
    share = None if verdict is None else verdict.intense_complete
    od = None if verdict is None else verdict.membrane_od
    return ControlView(
        phase=phase,
        title=title,
        tone=tone,
        taken=_taken(state, verdict),
        intense_complete=NOT_MEASURED if share is None else f"{100 * share:.1f}%",
        membrane_od=NOT_MEASURED if od is None else f"{od:.2f}",
        limits=say("control.limits", share=f"{100 * limits.min_intense_complete:g}", od=f"{limits.min_membrane_od:g}"),
        reasons=_reasons(state, verdict),
        offer="" if reading is None else _offer(reading, state),
        drift="" if reading is None else _drift(reading),
        repeats=_repeats(state, tally),
        can_accept=reading is not None and reading.offer is not None and not _in_force(reading, state),
        can_finish=phase is ControlPhase.OPEN and verdict is not None and verdict.passed,
        can_skip=phase is ControlPhase.OPEN,
        can_reopen=phase is not ControlPhase.OPEN,
    )


def _repeats(state: CaseState, tally: Tally) -> tuple[str, ...]:
    texts, titles = repeat_texts(state, tally), field_titles(state.fields)
    controls = [taken.id for taken in state.of_role(Role.CONTROL) if taken.id in texts]
    return tuple(say("repeats.control", title=titles[i], text=texts[i]) for i in controls)


def _title(state: CaseState, tally: Tally) -> tuple[str, Tone]:
    if state.control.phase is ControlPhase.SKIPPED:
        return say("control.skipped"), Tone.CAUTION
    if tally.score is None:
        return say("control.reading"), Tone.QUIET
    if tally.control is None:
        return say("control.none"), Tone.CAUTION
    if tally.control.verdict.passed:
        return say("control.passed"), Tone.OK
    return say("control.failed"), Tone.FAULT


def _taken(state: CaseState, verdict: ControlVerdict | None) -> str:
    fields = fields_text(len(state.of_role(Role.CONTROL)))
    return fields if verdict is None else say("control.taken", fields=fields, cells=cells_text(verdict.cells))


def _reasons(state: CaseState, verdict: ControlVerdict | None) -> tuple[str, ...]:
    if state.control.phase is ControlPhase.SKIPPED:
        return (say("control.reason", why=state.control.reason),)
    return () if verdict is None else verdict.reasons


def _in_force(reading: ControlReading, state: CaseState) -> bool:
    return reading.offer is not None and abs(reading.offer.t_intense - state.stain.t_intense) < 0.0005


def _offer(reading: ControlReading, state: CaseState) -> str:
    if reading.offer is None:
        return reading.no_offer
    if _in_force(reading, state):
        return say("control.offer_in_force", t=f"{reading.offer.t_intense:.3f}")
    offer = reading.offer
    now = f"{state.stain.t_intense:.3f}"
    return say("control.offer", t=f"{offer.t_intense:.3f}", od=f"{offer.mean_od:.2f}", n=offer.cells, now=now)


def _drift(reading: ControlReading) -> str:
    by_field = () if reading.offer is None else reading.offer.by_field
    if len(by_field) < 2:
        return ""
    numbers = ", ".join(NOT_MEASURED if od is None else f"{od:.2f}" for od in by_field)
    return say("control.drift", numbers=numbers)
