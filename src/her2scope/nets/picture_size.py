"""The one pixel size that the network sees, and the way there and back."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.base.geometry import PointsPx
from her2scope.nets.linknet import HEAT_STRIDE

WORKING_UM = 0.5
"""Every field is brought to it: one set of weights serves 0.1 to 1.0 um/px."""
_LINEAR_FROM = 0.7  # means over 2 x 2 pixels, then lines between what is left: a third of the time of one mean over all
_WAYS = {True: cv2.INTER_AREA, False: cv2.INTER_LINEAR}


def at_working_size(rgb: NDArray[np.uint8], pixel_um: float) -> NDArray[np.uint8]:
    """A field resampled to about WORKING_UM; sides are whole pixels, so the exact factor is that of the sides."""
    factor = pixel_um / WORKING_UM
    height, width = (max(1, round(side * factor)) for side in rgb.shape[:2])
    small = rgb
    while small.shape[0] >= 2 * height and small.shape[1] >= 2 * width and not (small.shape[0] | small.shape[1]) & 1:
        small = np.asarray(cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    if small.shape[:2] == (height, width):
        return small
    shrinks = height < _LINEAR_FROM * small.shape[0]
    return np.asarray(cv2.resize(small, (width, height), interpolation=_WAYS[shrinks]), np.uint8)


def to_field(xy: PointsPx, working: tuple[int, ...], field: tuple[int, ...]) -> PointsPx:
    """Heatmap pixels to the field's own pixels; `working` and `field` are (rows, columns)."""
    factor = np.array([field[1] / working[1], field[0] / working[0]])
    return np.asarray((xy + 0.5) * HEAT_STRIDE * factor - 0.5)
