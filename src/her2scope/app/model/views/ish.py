"""Entering an ISH group by hand: what can be chosen, and what stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from her2scope.analysis.guideline import Guideline, IshGroup
from her2scope.analysis.ish import group_of
from her2scope.app.model.case_acts import ish_text, proposed_text
from her2scope.app.model.state import CaseState, IshEntry
from her2scope.app.model.tally import Tally
from her2scope.app.model.texts import say
from her2scope.base.errors import InputError


@dataclass(frozen=True)
class IshChoice:
    """One group.

    Parameters
    ----------
    group
        Its number.
    text
        Its finding in words.
    needs_recount
        Whether a second observer must count first.
    meaning, meaning_before
        What it makes of a 2+, once that is done and before.
    """

    group: int
    text: str
    needs_recount: bool
    meaning: str
    meaning_before: str


@dataclass(frozen=True)
class IshView:
    """ISH of a case.

    Parameters
    ----------
    can_enter
        Only a 2+ is resolved by ISH, one that is proposed or one that is signed, and only by a guideline that knows
        groups.
    choices
        The guideline's groups.
    entered
        What was entered, in words, and what it makes of a 2+ that is signed alone; empty while nothing was.
    hint
        Why nothing can be entered, or that an entered group has no effect now; empty otherwise.
    """

    can_enter: bool
    choices: tuple[IshChoice, ...]
    entered: str
    hint: str


def ish_view(state: CaseState, tally: Tally) -> IshView:
    """What can be entered for a case, and what was."""
    choices = tuple(_choice(entry) for entry in state.guideline.ish)
    score = None if tally.score is None else tally.score.score
    is_signed = state.sign_off is not None and state.sign_off.score == "2+"
    can_enter = (score == "2+" or is_signed) and bool(choices)
    entered = "" if state.ish is None else ish_text(state.ish)
    if state.ish is not None and is_signed and score != "2+":
        entered = _of_the_signed(state.ish, choices, entered)
    return IshView(can_enter, choices, entered, _hint(state, tally, can_enter=can_enter))


def _of_the_signed(entry: IshEntry, choices: Sequence[IshChoice], entered: str) -> str:
    """What was entered, with what it makes of a 2+ that the pathologist signed where the program proposed another."""
    for choice in choices:
        if choice.group == entry.group:
            meaning = choice.meaning if entry.recounted else choice.meaning_before
            return say("ish.signed", meaning=meaning, entered=entered)
    return entered


def _choice(entry: IshGroup) -> IshChoice:
    before = say("ish.recount_first") if entry.recount else entry.clinical
    text = say("ish.choice", group=entry.group, finding=_signs(entry.finding))
    return IshChoice(entry.group, text, bool(entry.recount), entry.clinical, before)


def _signs(text: str) -> str:
    return text.replace(">=", "\u2265").replace("<=", "\u2264")


def group_counted(guideline: Guideline, ratio: float | None, copies: float | None) -> int | None:
    """The group that a count belongs to; None where it is not whole, or the guideline does not say."""
    if ratio is None or copies is None:
        return None
    try:
        return group_of(guideline, ratio, copies)
    except InputError:
        return None


def _hint(state: CaseState, tally: Tally, *, can_enter: bool) -> str:
    known = {entry.group for entry in state.guideline.ish}
    if not known:
        return say("ish.no_groups", guideline=state.guideline.title)
    if state.ish is not None and tally.score is not None and (not can_enter or state.ish.group not in known):
        return say("ish.no_effect")
    if can_enter:
        return ""
    proposed = None if tally.score is None else tally.score.score
    return say("ish.only_two_plus", proposed=proposed_text(proposed or "none"))
