"""How well the classes of found cells agree with the truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.classes import FIVE_CLASSES, SEVEN_CLASSES, CellClass
from her2scope.evaluation import metrics
from her2scope.evaluation.intervals import Measure, measure
from her2scope.evaluation.matching import Matching
from her2scope.evaluation.metrics import KappaWeights
from her2scope.evaluation.tables import Points

NO_CELL = len(SEVEN_CLASSES)
MODERATE = (CellClass.MODERATE_COMPLETE, CellClass.MODERATE_INCOMPLETE)
NO_PAIRS = "no counted cell was matched"
NOTHING = Points(np.empty((0, 2)), np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))
ONE_CLASS = "all matched cells are of one class, so agreement by chance is certain"


@dataclass(frozen=True)
class FieldPair:
    """What is true and what was found in one field.

    Parameters
    ----------
    name
        The field's name in the truth.
    truth, found
        Its points; `found` is None when the table has no line for the field.
    pixel_um
        Side of a pixel in um.
    """

    name: str
    truth: Points
    found: Points | None
    pixel_um: float

    @property
    def found_xy_px(self) -> NDArray[np.float64]:
        """(M, 2) float64 found points, none when the table has no line for the field."""
        return (self.found or NOTHING).xy_px


@dataclass(frozen=True)
class ClassAgreement:
    """How well the classes of matched, counted cells agree; all fields together, intervals over fields.

    Parameters
    ----------
    classes
        The C classes of the tables below: five, or seven when moderate staining occurs in either table.
    confusion
        (C + 1) x (C + 1) counts, truth in rows; the last row and column is "no cell" (extra and missed).
    f1_by_class, macro_f1
        Over matched cells; the mean is over the classes that are true or found anywhere.
    macro_f1_detected
        The same with missed and extra cells as errors.
    kappa, kappa_linear, kappa_quadratic
        Cohen's kappa over matched cells; the weighted ones take the classes as steps of a scale.
    completeness_error
        Mean absolute difference of completeness over matched cells where both tables have it.
    """

    classes: tuple[CellClass, ...]
    confusion: tuple[tuple[int, ...], ...]
    f1_by_class: tuple[Measure, ...]
    macro_f1: Measure
    macro_f1_detected: Measure
    kappa: Measure
    kappa_linear: Measure
    kappa_quadratic: Measure
    completeness_error: Measure


def class_agreement(pairs: list[FieldPair], matches: list[Matching]) -> ClassAgreement:
    """Compare classes over all fields; both tables of each pair must have classes."""
    tables = np.array([_confusion(p, m) for p, m in zip(pairs, matches, strict=True)], np.int64)
    classes = SEVEN_CLASSES if _has_moderate(tables) else FIVE_CLASSES
    kept = np.array([*classes, NO_CELL])
    tables = tables[:, kept][:, :, kept]
    matched = tables[:, :-1, :-1]
    errors = np.array([_completeness_error(p, m) for p, m in zip(pairs, matches, strict=True)])
    return ClassAgreement(
        classes,
        tuple(tuple(int(n) for n in row) for row in tables.sum(axis=0)),
        tuple(_class_f1(matched, i, c) for i, c in enumerate(classes)),
        measure(matched, metrics.macro_f1, NO_PAIRS),
        measure(tables, metrics.macro_f1_detected, "there is no counted cell, true or found"),
        _kappa(matched, KappaWeights.PLAIN),
        _kappa(matched, KappaWeights.LINEAR),
        _kappa(matched, KappaWeights.QUADRATIC),
        measure(errors, _mean_error, "no matched cell has a completeness in both tables"),
    )


def _confusion(pair: FieldPair, match: Matching) -> NDArray[np.int64]:
    """(8, 8) counts of one field, truth in rows; the last row and column is "no cell"."""
    found = pair.found or NOTHING
    if pair.truth.classes is None or found.classes is None:
        raise ValueError("class_agreement needs tables with classes")
    counted = pair.truth.counted[match.truth] & found.counted[match.found]
    missed = pair.truth.classes[match.missed][pair.truth.counted[match.missed]]
    extra = found.classes[match.extra][found.counted[match.extra]]
    truth = [pair.truth.classes[match.truth][counted], missed, np.full(len(extra), NO_CELL)]
    called = [found.classes[match.found][counted], np.full(len(missed), NO_CELL), extra]
    return metrics.confusion_matrix(np.concatenate(truth), np.concatenate(called), NO_CELL + 1)


def _has_moderate(tables: NDArray[np.int64]) -> bool:
    return bool(tables[:, MODERATE, :].any() or tables[:, :, MODERATE].any())


def _class_f1(matched: NDArray[np.int64], index: int, cell_class: CellClass) -> Measure:
    return measure(matched, lambda table: metrics.class_f1(table)[:, index], f"no matched cell is {cell_class.label}")


def _kappa(matched: NDArray[np.int64], weights: KappaWeights) -> Measure:
    return measure(matched, partial(metrics.kappa, weights=weights), ONE_CLASS if matched.any() else NO_PAIRS)


def _completeness_error(pair: FieldPair, match: Matching) -> tuple[float, float]:
    """Sum of absolute differences over the matched, counted cells of one field, and their number."""
    found = pair.found or NOTHING
    if pair.truth.completeness is None or found.completeness is None:
        return 0.0, 0.0
    error = np.abs(pair.truth.completeness[match.truth] - found.completeness[match.found])
    error = error[pair.truth.counted[match.truth] & found.counted[match.found] & ~np.isnan(error)]
    return float(error.sum()), float(len(error))


def _mean_error(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B, 2) sums and numbers to (B,) means; NaN where there is no cell."""
    return metrics.ratio(sums[:, 0], sums[:, 1])
