"""How sure a proportion is: Wilson interval, bootstrap over fields, and what would settle a cut-off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import ConfigError, InputError

Z_95 = 1.959963984540054
"""Two-sided 95% point of the normal distribution."""

FEWEST_FIELDS = 3
"""A bootstrap over fewer fields says nothing (GUIDELINES.md)."""


@dataclass(frozen=True)
class BootstrapParams:
    """How fields are drawn again.

    Parameters
    ----------
    draws
        Number of resamples, at least 100.
    seed
        Seed of the draws: the same fields give the same interval.
    """

    draws: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse too few draws for a 95% interval."""
        if self.draws < 100:
            raise ConfigError(f"{self.draws} bootstrap draws are too few for a 95% interval; give at least 100.")


@dataclass(frozen=True)
class Interval:
    """A 95% interval of a proportion, both ends from 0 to 1."""

    low: float
    high: float

    def straddles(self, cutoff: float) -> bool:
        """Whether the cut-off (0 to 1) lies inside or on an end."""
        return self.low <= cutoff <= self.high


def wilson(k: int, n: int) -> Interval:
    """Wilson's 95% score interval of `k` of `n` cells (Wilson 1927, J Am Stat Assoc 22:209).

    Raises
    ------
    InputError
        For zero cells: a proportion of nothing is not measured.
    """
    if n < 1 or not 0 <= k <= n:
        raise InputError(f"{k} of {n} cells is no proportion; count at least one cell.")
    z2 = Z_95 * Z_95
    centre = (k + z2 / 2) / (n + z2)
    half = Z_95 * math.sqrt(k * (n - k) / n + z2 / 4) / (n + z2)
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return Interval(low, high)


def cells_to_settle(k: int, n: int, cutoff: float) -> int | None:
    """How many more cells, at the present proportion, take the cut-off out of the Wilson interval.

    The interval holds c exactly while (p - c)^2 <= z^2 c (1 - c) / n, which gives the n that is needed.

    Parameters
    ----------
    k, n
        Cells of the rule's classes, and all counted cells; `n` above 0.
    cutoff
        c, 0 to 1.

    Returns
    -------
    int or None
        0 when it is settled already; None when the proportion lies on the cut-off, where no number of cells helps.
    """
    distance = abs(k / n - cutoff)
    if distance < 1e-12:
        return None
    needed = math.floor(Z_95**2 * cutoff * (1 - cutoff) / distance**2) + 1
    return max(0, needed - n)


def resample_fields(by_field: NDArray[np.int64], params: BootstrapParams) -> NDArray[np.int64]:
    """Draw as many fields as there are, with replacement, and add up their counts.

    Parameters
    ----------
    by_field
        (F, C) int64, cells of each field and class.
    params
        Number of draws and seed.

    Returns
    -------
    ndarray
        (draws, C) int64, added counts.
    """
    fields = len(by_field)
    rng = np.random.default_rng(params.seed)
    times = rng.multinomial(fields, np.full(fields, 1 / fields), size=params.draws)
    return np.asarray(times @ by_field, dtype=np.int64)


def bootstrap(drawn: NDArray[np.int64], columns: Sequence[int]) -> Interval:
    """The 2.5 and 97.5 percentiles of a proportion over resampled fields.

    Parameters
    ----------
    drawn
        (draws, C) int64 of `resample_fields`; every row has at least one cell.
    columns
        The classes whose cells are added up.
    """
    shares = drawn[:, list(columns)].sum(axis=1) / drawn.sum(axis=1)
    low, high = np.percentile(shares, [2.5, 97.5])
    return Interval(float(low), float(high))


def fields_to_settle(share: float, cutoff: float, interval: Interval, fields: int) -> int | None:
    """How many more fields like these take the cut-off out of a bootstrap interval.

    Its half width is taken to shrink with the root of the number of fields.

    Returns
    -------
    int or None
        0 when it is settled already; None when the proportion lies on the cut-off.
    """
    if not interval.straddles(cutoff):
        return 0
    distance = abs(share - cutoff)
    if distance < 1e-12:
        return None
    half = share - interval.low if share > cutoff else interval.high - share
    return max(1, math.ceil(fields * (half / distance) ** 2) - fields)
