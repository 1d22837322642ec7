"""Two stain profiles on one field, side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from her2scope.analysis.classes import SEVEN_CLASSES, CellClass
from her2scope.analysis.guideline import Guideline
from her2scope.analysis.quality import Status
from her2scope.analysis.stain import StainProfile
from her2scope.app.model.counting import Counted
from her2scope.app.model.texts import say, say_number
from her2scope.app.model.views.legend import NOT_MEASURED, Legend, class_label, legend
from her2scope.app.model.views.thresholds import od_text
from her2scope.pipeline.case import reference_score


@dataclass(frozen=True)
class ComparedSide:
    """One profile: its name and thresholds in words, the legend and score that it gives."""

    name: str
    thresholds: str
    legend: Legend
    score: str


@dataclass(frozen=True)
class Moved:
    """Cells that one profile reads as one class and the other as another."""

    before: CellClass
    after: CellClass
    cells: int
    text: str


@dataclass(frozen=True)
class Comparison:
    """Two profiles on one field.

    Parameters
    ----------
    left, right
        Each profile's side.
    moved
        Which cells change class, the most frequent change first; empty where the profiles find different nuclei.
    summary
        In one sentence.
    is_same_score
        Whether the field's own score is the same.
    """

    left: ComparedSide
    right: ComparedSide
    moved: tuple[Moved, ...]
    summary: str
    is_same_score: bool


def compare(
    left: tuple[StainProfile, Counted], right: tuple[StainProfile, Counted], guideline: Guideline
) -> Comparison:
    """Compare two profiles, each with one and the same field read by it (`CaseSession.preview`)."""
    sides = tuple(_side(profile, field, guideline) for profile, field in (left, right))
    moved = _moved(left[1], right[1])
    same_cells = len(left[1].result.cells.classes) == len(right[1].result.cells.classes)
    cells = sum(change.cells for change in moved)
    same = sides[0].score == sides[1].score
    if sides[0].name == sides[1].name:  # a profile beside itself, with other thresholds
        sides = (replace(sides[0], name=say("compare.now", name=sides[0].name)), sides[1])
    key = "compare.same" if same else "compare.other"
    summary = say(key, left=sides[0].score, right=sides[1].score)
    if same_cells:
        summary = f"{summary} {say_number('compare.moved', cells)}"
    return Comparison(sides[0], sides[1], moved, summary, same)


def _side(profile: StainProfile, field: Counted, guideline: Guideline) -> ComparedSide:
    counts = field.result.cells.counts()
    if field.result.status is Status.BLOCKED:
        score = None
    else:
        score = reference_score(field.result, guideline)
    words = NOT_MEASURED if score is None or score.score is None else score.score
    weak, intense = od_text(profile.t_weak), od_text(profile.t_intense)
    thresholds = say("compare.thresholds", weak=weak, intense=intense)
    return ComparedSide(profile.name, thresholds, legend(counts, split=profile.t_moderate is not None), words)


def _moved(left: Counted, right: Counted) -> tuple[Moved, ...]:
    a, b = left.result.cells, right.result.cells
    if a.xy_px.shape != b.xy_px.shape or not np.array_equal(a.xy_px, b.xy_px):
        return ()
    both = a.counted & b.counted
    table = np.zeros((len(SEVEN_CLASSES), len(SEVEN_CLASSES)), dtype=np.int64)
    np.add.at(table, (a.classes[both], b.classes[both]), 1)
    np.fill_diagonal(table, 0)
    changes = [
        Moved(CellClass(i), CellClass(j), int(table[i, j]), _change(CellClass(i), CellClass(j), int(table[i, j])))
        for i, j in np.argwhere(table).tolist()
    ]
    return tuple(sorted(changes, key=lambda change: change.cells, reverse=True))


def _change(before: CellClass, after: CellClass, cells: int) -> str:
    return say("compare.change", n=cells, before=class_label(before), after=class_label(after))
