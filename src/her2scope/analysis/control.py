"""The positive control: does the assay count, and where does "intense" begin (METHOD.md, paper 000)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import CellClass, Counts
from her2scope.analysis.stain import ControlLimits
from her2scope.base.errors import ConfigError, InputError

FEWEST_CONTROL_CELLS = 50
"""Ours: with fewer cells neither a share nor a mean OD of the control is worth a threshold."""


@dataclass(frozen=True)
class ControlVerdict:
    """What the control fields showed.

    Parameters
    ----------
    passed
        Whether the assay counts.
    reasons
        One sentence for each limit that was missed; empty when passed.
    cells
        Counted control cells.
    intense_complete
        Share of intense complete cells, 0 to 1; None where there is no cell.
    membrane_od
        Mean DAB OD (base 10) over the stained cells' membranes; None where none was measured.
    """

    passed: bool
    reasons: tuple[str, ...]
    cells: int
    intense_complete: float | None
    membrane_od: float | None


def check_control(
    fields: Sequence[Cells], limits: ControlLimits, fewest_cells: int = FEWEST_CONTROL_CELLS
) -> ControlVerdict:
    """Gate: a control below a limit of its stain profile is a failed assay.

    Parameters
    ----------
    fields
        Cells of the control's fields, added up.
    limits
        Of the stain profile; a value on the limit passes.
    fewest_cells
        Fewer counted cells fail the control, since nothing is measured.
    """
    counts = Counts.sum(cells.counts() for cells in fields)
    share = counts[CellClass.INTENSE_COMPLETE] / counts.total if counts.total else None
    od = _mean(np.concatenate([_membrane_od(c, c.classes != CellClass.UNSTAINED) for c in fields] or [_NONE]))
    if counts.total < fewest_cells:
        reasons = [
            f"The positive control failed: {counts.total} of {fewest_cells} cells needed; take more of its fields."
        ]
    else:
        reasons = _missed(share, od, limits)
    return ControlVerdict(not reasons, tuple(reasons), counts.total, share, od)


def _missed(share: float | None, od: float | None, limits: ControlLimits) -> list[str]:
    reasons = []
    if share is None or share < limits.min_intense_complete:
        seen = "not measured" if share is None else f"{100 * share:.1f}%"
        reasons.append(
            f"The positive control failed: its intense complete cells are {seen}, below the limit of "
            f"{100 * limits.min_intense_complete:g}%; stain the slide again or check the stain profile."
        )
    if od is None or od < limits.min_membrane_od:
        seen = "not measured" if od is None else f"{od:.3f}"
        reasons.append(
            f"The positive control failed: its membrane OD is {seen}, below the limit of {limits.min_membrane_od:g}; "
            "stain the slide again or check the stain profile."
        )
    return reasons


@dataclass(frozen=True)
class CalibrationParams:
    """The range below the control's mean OD that still reads intense; METHOD.md leaves it open, so these are ours.

    Parameters
    ----------
    range_sd
        Range in standard deviations between cells; 1.645 leaves 95% of normally distributed cells intense.
    range_share
        Smallest range, as a share of the mean. A cell's value is the mean along its membrane, but one gap below the
        threshold opens its ring: on synthetic controls a range of a quarter left 26 to 67% of the cells intense
        complete, where 94% are.
    fewest_cells
        Fewest intense complete cells to calibrate on.
    """

    range_sd: float = 1.645
    range_share: float = 0.5
    fewest_cells: int = FEWEST_CONTROL_CELLS

    def __post_init__(self) -> None:
        """Refuse ranges that offer no positive threshold."""
        if not (math.isfinite(self.range_sd) and self.range_sd >= 0 and 0 <= self.range_share < 1):
            raise ConfigError("A calibration range must be 0 or more SD and a share from 0 to below 1; set it again.")
        if self.fewest_cells < 2:
            raise ConfigError("A calibration needs at least 2 cells for a range; raise fewest_cells.")


@dataclass(frozen=True)
class CalibrationOffer:
    """A threshold for the user to accept or not; nothing changes by itself.

    Parameters
    ----------
    t_intense
        Offered threshold on the enhanced DAB OD (base 10).
    mean_od, sd_od
        Mean and standard deviation of membrane OD over the control's intense complete cells.
    cells
        How many those are.
    by_field
        Mean membrane OD of each control field; None where it has no such cell. Fields that differ show a drift.
    """

    t_intense: float
    mean_od: float
    sd_od: float
    cells: int
    by_field: tuple[float | None, ...]


DEFAULT_CALIBRATION = CalibrationParams()


def offer_t_intense(fields: Sequence[Cells], params: CalibrationParams = DEFAULT_CALIBRATION) -> CalibrationOffer:
    """Offer the least OD that reads intense, from the control: t = m - max(range_sd * s, range_share * m).

    m and s are mean and standard deviation of membrane OD over the counted intense complete cells of all fields.

    Raises
    ------
    InputError
        With too few such cells, or when their spread leaves no positive threshold.
    """
    by_field = [_membrane_od(c, c.classes == CellClass.INTENSE_COMPLETE) for c in fields]
    od = np.concatenate(by_field or [_NONE])
    if len(od) < params.fewest_cells:
        raise InputError(
            f"The control shows {len(od)} measured intense complete cells of the {params.fewest_cells} needed to "
            "calibrate; take more control fields, or lower t_intense by hand first."
        )
    mean, sd = float(od.mean()), float(od.std(ddof=1))
    threshold = mean - max(params.range_sd * sd, params.range_share * mean)
    if threshold <= 0:
        raise InputError(
            f"The control's membrane OD of {mean:.3f} +/- {sd:.3f} is too uneven; choose even fields of it."
        )
    return CalibrationOffer(threshold, mean, sd, len(od), tuple(_mean(values) for values in by_field))


_NONE: NDArray[np.float64] = np.empty(0)


def _membrane_od(cells: Cells, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(K,) float64, measured membrane OD of the counted cells among `chosen`."""
    od = cells.membrane_od[chosen & cells.counted].astype(np.float64)
    return od[np.isfinite(od)]


def _mean(values: NDArray[np.float64]) -> float | None:
    return float(values.mean()) if len(values) else None
