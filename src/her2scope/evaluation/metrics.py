"""Precision, recall, F1, macro F1 and Cohen's kappa as functions of counts; NaN where not defined.

Each function takes counts summed over images, with any number of resamples in front, so that `intervals.measure`
can evaluate it on all of them at once.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

MATCHED, MISSED, EXTRA = range(3)


class KappaWeights(IntEnum):
    """How much a disagreement counts, as the power of the distance of the two classes; 0 counts all alike."""

    PLAIN = 0
    LINEAR = 1
    QUADRATIC = 2


def precision(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the found points that are true: (B, 3) matched, missed, extra to (B,); NaN when nothing was found."""
    matched = counts[:, MATCHED]
    return ratio(matched, matched + counts[:, EXTRA])


def recall(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the true points that were found: (B, 3) matched, missed, extra to (B,); NaN when there is no truth."""
    matched = counts[:, MATCHED]
    return ratio(matched, matched + counts[:, MISSED])


def f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Harmonic mean of precision and recall: (B, 3) matched, missed, extra to (B,); NaN when there is no point."""
    twice = 2.0 * counts[:, MATCHED]
    return ratio(twice, twice + counts[:, MISSED] + counts[:, EXTRA])


def class_f1(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of each class: (B, C, C) with truth in rows to (B, C); NaN for a class that is neither true nor found."""
    agreed = np.diagonal(confusion, axis1=1, axis2=2)
    return ratio(2.0 * agreed, confusion.sum(axis=1) + confusion.sum(axis=2))


def macro_f1(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean F1 of the classes that are true or found anywhere: (B, C, C) to (B,); NaN when the table is empty."""
    return _mean_of_defined(class_f1(confusion))


def macro_f1_detected(confusion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Macro F1 that counts missed and extra cells as errors: (B, C + 1, C + 1), the last class "no cell", to (B,)."""
    return _mean_of_defined(class_f1(confusion)[:, :-1])


def kappa(confusion: NDArray[np.float64], weights: KappaWeights = KappaWeights.PLAIN) -> NDArray[np.float64]:
    """Cohen's kappa, plain or weighted (Cohen 1960, 1968): (B, C, C) counts of ordered classes to (B,).

    1 - observed / expected disagreement; NaN when no disagreement can be expected, as when all are of one class.
    """
    classes = np.arange(confusion.shape[1])
    distance = np.abs(classes[:, None] - classes[None, :])
    weight = np.where(distance == 0, 0.0, distance.astype(np.float64) ** int(weights))
    expected = confusion.sum(axis=2)[:, :, None] * confusion.sum(axis=1)[:, None, :]
    total = confusion.sum(axis=(1, 2))
    return 1.0 - ratio((weight * confusion).sum(axis=(1, 2)) * total, (weight * expected).sum(axis=(1, 2)))


def confusion_matrix(truth: NDArray[np.int64], found: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Count pairs of classes 0 to `classes` - 1: (N,) and (N,) to (C, C), truth in rows."""
    pairs = truth.astype(np.int64) * classes + found.astype(np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide; NaN where the whole is 0."""
    share: NDArray[np.float64] = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)
    return share


def _mean_of_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of each row of (B, C) without its NaN; NaN where all are."""
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0.0).sum(axis=1), defined.sum(axis=1).astype(np.float64))
