"""Entering an ISH group by hand: what can be chosen, and what stands."""

from __future__ import annotations

from dataclasses import dataclass

from her2scope.app.model.state import CaseState
from her2scope.app.model.tally import Tally
from her2scope.app.model.texts import say


@dataclass(frozen=True)
class IshChoice:
    """One group: its number, its finding in words, and whether a second observer must count first."""

    group: int
    text: str
    needs_recount: bool


@dataclass(frozen=True)
class IshView:
    """ISH of a case.

    Parameters
    ----------
    can_enter
        Only a 2+ is resolved by ISH, and only by a guideline that knows groups.
    choices
        The guideline's groups.
    entered
        What was entered, in words; empty while nothing was.
    hint
        Why nothing can be entered, or that an entered group has no effect now; empty otherwise.
    """

    can_enter: bool
    choices: tuple[IshChoice, ...]
    entered: str
    hint: str


def ish_view(state: CaseState, tally: Tally) -> IshView:
    """What can be entered for a case, and what was."""
    choices = tuple(
        IshChoice(entry.group, say("ish.choice", group=entry.group, finding=entry.finding), bool(entry.recount))
        for entry in state.guideline.ish
    )
    score = None if tally.score is None else tally.score.score
    can_enter = score == "2+" and bool(choices)
    entered = ""
    if state.ish is not None:
        entered = say("ish.entered_recounted" if state.ish.recounted else "ish.entered", group=state.ish.group)
    return IshView(can_enter, choices, entered, _hint(state, tally, can_enter=can_enter))


def _hint(state: CaseState, tally: Tally, *, can_enter: bool) -> str:
    known = {entry.group for entry in state.guideline.ish}
    if not known:
        return say("ish.no_groups", guideline=state.guideline.title)
    if state.ish is not None and tally.score is not None and (not can_enter or state.ish.group not in known):
        return say("ish.no_effect")
    return "" if can_enter else say("ish.only_two_plus")
