"""The two readings of a field, by cells and by patches, side by side."""

from __future__ import annotations

from her2scope.analysis.guideline import Score


def compare_readings(cells: Score | None, patches: Score | None) -> str | None:
    """One sentence where the two readings of a field disagree; None where they agree.

    A reading that was not measured (None) cannot disagree, but it is said, since there is nothing to compare with.
    """
    if cells == patches:
        return None if cells is not None else "Neither the cells nor the patches of this field give a score."
    if cells is None or patches is None:
        missing, there, score = ("cells", "patches", patches) if cells is None else ("patches", "cells", cells)
        return f"By {there} this field reads {score}; by {missing} it is not measured, so there is nothing to compare."
    return (
        f"By cells this field reads {cells}, by patches against the control {patches}: look at it beside the control."
    )
