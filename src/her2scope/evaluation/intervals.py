"""A measured proportion with its bootstrap interval over images; undefined is said in words, never 0 or 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
DRAWS = 2000
SEED = 0
FEW = 4
"""Fewer images can be drawn in too few ways for the ends of an interval to be believed; a note says so."""

Counts = NDArray[np.int64] | NDArray[np.float64]
"""(I, ...) counts or sums, one row for each image."""

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From (B, ...) summed counts to (B,) values; NaN where the value is not defined."""


@dataclass(frozen=True)
class Measure:
    """One number, how sure it is, and what is to be said about it.

    Parameters
    ----------
    value
        The number over all images together; None where it is not defined.
    low, high
        Ends of the 95% bootstrap interval over images; None where there is none.
    note
        Why a value or an interval is missing, or doubtful; empty when there is nothing to say.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""

    def __str__(self) -> str:
        """Such as "0.912 (0.890 to 0.931)" or "not defined (nothing was found)"."""
        if self.value is None:
            return f"not defined ({self.note})"
        interval = "" if self.low is None else f" ({self.low:.3f} to {self.high:.3f})"
        return f"{self.value:.3f}{interval}" + (f" [{self.note}]" if self.note else "")


def measure(counts: Counts, statistic: Statistic, undefined: str) -> Measure:
    """Evaluate a statistic on the counts of all images, with a percentile bootstrap over the images.

    Parameters
    ----------
    counts
        (I, ...) counts or sums, one row for each image.
    statistic
        From (B, ...) sums of such rows to (B,) values, NaN where not defined.
    undefined
        What to say when the value is not defined, such as "nothing was found".
    """
    value = float(statistic(counts.sum(axis=0, dtype=np.float64)[None])[0])
    if np.isnan(value):
        return Measure(None, note=undefined)
    if len(counts) < 2:
        return Measure(value, note="no interval: one image only")
    drawn = statistic(_resampled(counts))
    defined = drawn[~np.isnan(drawn)]
    low, high = np.quantile(defined, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    if value in (0.0, 1.0) and low == high:  # nine of nine found says nothing of the tenth
        return Measure(value, note="no interval: every image gives it")
    gone = len(drawn) - len(defined)
    doubts = [f"not defined in {gone} of {len(drawn)} resamples"] if gone else []
    doubts += [f"fewer than {FEW} images, so a rough interval"] if len(counts) < FEW else []
    return Measure(value, float(low), float(high), "; ".join(doubts))


def _resampled(counts: Counts) -> NDArray[np.float64]:
    """(DRAWS, ...) sums of the counts over as many images as there are, drawn with replacement; seeded."""
    images = len(counts)
    times = np.random.default_rng(SEED).multinomial(images, np.full(images, 1.0 / images), size=DRAWS)
    return np.tensordot(times.astype(np.float64), counts.astype(np.float64), axes=1)
