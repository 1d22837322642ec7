"""Lengths as types: pixels and micrometres never mix by accident."""

from __future__ import annotations

from typing import NewType

import numpy as np
from numpy.typing import NDArray

Px = NewType("Px", float)
Um = NewType("Um", float)

PointsPx = NDArray[np.float64]
"""(N, 2) float64, x right and y down from the centre of the top-left pixel, in the image's own pixels."""

MIN_PIXEL_UM = 0.1
MAX_PIXEL_UM = 1.0
MIN_SIDE_PX = 256
MAX_SIDE_PX = 4096


def to_px(length: Um, pixel_um: float) -> Px:
    """Convert a length in um to (fractional) pixels of `pixel_um` um each."""
    return Px(length / pixel_um)


def to_um(length: Px, pixel_um: float) -> Um:
    """Convert a length in pixels of `pixel_um` um each to um."""
    return Um(length * pixel_um)
