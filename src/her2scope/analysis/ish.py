"""In situ hybridisation, entered by hand, resolves a 2+."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

from her2scope.analysis.guideline import Guideline, IshGroup
from her2scope.analysis.scoring import CaseScore
from her2scope.base.errors import InputError


def with_ish(
    case: CaseScore, guideline: Guideline, group: int, recount: Literal["done", "not done"] = "not done"
) -> CaseScore:
    """The case with its clinical reading resolved by an ISH group; score and reading stay.

    Parameters
    ----------
    case
        A case that scored 2+ by `guideline`.
    guideline
        Its ISH groups say what each makes of a 2+.
    group
        1 to 5, as entered by hand; after a recount, the group that the recount gave.
    recount
        "done" once a second observer has counted; without it, a group that needs one stays equivocal.

    Raises
    ------
    InputError
        When the case is not 2+, was scored by another guideline, or the guideline does not know the group.
    """
    if case.guideline != guideline.name:
        raise InputError(f"The case was scored by {case.guideline}, not {guideline.name}; use its own guideline.")
    if case.score != "2+":
        raise InputError(f"ISH resolves a 2+ only, and this case is {case.score or case.reading}; leave its ISH out.")
    entry = _entry(guideline, group)
    if entry.recount and recount == "not done":
        clinical = f"HER2 equivocal (2+ with ISH group {group}): {entry.recount}"
        return replace(case, clinical=clinical, status="equivocal", ish_group=group)
    return replace(case, clinical=entry.clinical, status=entry.status, ish_group=group)


def group_of(guideline: Guideline, ratio: float, copies: float) -> int:
    """The group that an ISH count belongs to.

    Parameters
    ----------
    guideline
        Its groups say where each begins and ends.
    ratio
        HER2/CEP17 ratio, 0 or more.
    copies
        HER2 signals per cell, 0 or more.

    Raises
    ------
    InputError
        When the numbers are no count, or the guideline's groups have no numbers, or none holds them.
    """
    if not (math.isfinite(ratio) and math.isfinite(copies) and ratio >= 0 and copies >= 0):
        raise InputError("Ratio and HER2 signals per cell must be numbers of 0 or more; enter them again.")
    for entry in guideline.ish:
        if entry.window is not None and entry.window.holds(ratio, copies):
            return entry.group
    raise InputError(
        f"{guideline.name} has no group for a ratio of {ratio:g} with {copies:g} signals; choose the group by hand."
    )


def _entry(guideline: Guideline, group: int) -> IshGroup:
    found = [entry for entry in guideline.ish if entry.group == group]
    if not found:
        known = ", ".join(str(entry.group) for entry in guideline.ish)
        remedy = f"enter one of {known}" if known else "read its ISH by hand"
        raise InputError(f"{guideline.name} has no ISH group {group}; {remedy}.")
    return found[0]
