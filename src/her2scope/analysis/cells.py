"""Tumour cells of one field: where they are, their class, and the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.classes import Counts
from her2scope.base.geometry import PointsPx


@dataclass(frozen=True)
class Cells:
    """The detected tumour cells of a field, one row each.

    Parameters
    ----------
    xy_px
        (N, 2) float64, x right and y down, in the field's own pixels.
    classes
        (N,) uint8, values of CellClass.
    completeness
        (N,) float32, stained part of the membrane's circumference, 0 to 1.
    membrane_od
        (N,) float32, mean DAB optical density (base 10) of the stained membrane; NaN where not measured.
    membrane_width_um
        (N,) float32, mean width of the stained membrane in um; NaN where not measured.
    counted
        (N,) bool, False where the border rule or a region of interest takes the cell out of the count.
    """

    xy_px: PointsPx
    classes: NDArray[np.uint8]
    completeness: NDArray[np.float32]
    membrane_od: NDArray[np.float32]
    membrane_width_um: NDArray[np.float32]
    counted: NDArray[np.bool_]

    def counts(self) -> Counts:
        """Counts of the counted cells, by class."""
        return Counts.of_classes(self.classes[self.counted])
