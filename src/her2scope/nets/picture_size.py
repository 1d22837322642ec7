"""The one pixel size that the network sees, and the way there and back."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.base.geometry import PointsPx
from her2scope.nets.linknet import HEAT_STRIDE

WORKING_UM = 0.5
"""Every field is brought to it: one set of weights serves 0.1 to 1.0 um/px."""


def at_working_size(rgb: NDArray[np.uint8], pixel_um: float) -> NDArray[np.uint8]:
    """A field resampled to about WORKING_UM; sides are whole pixels, so the exact factor is that of the sides."""
    factor = pixel_um / WORKING_UM
    size = max(1, round(rgb.shape[1] * factor)), max(1, round(rgb.shape[0] * factor))
    if size == (rgb.shape[1], rgb.shape[0]):
        return rgb
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, size, interpolation=way), np.uint8)


def to_field(xy: PointsPx, working: tuple[int, ...], field: tuple[int, ...]) -> PointsPx:
    """Heatmap pixels to the field's own pixels; `working` and `field` are (rows, columns)."""
    factor = np.array([field[1] / working[1], field[0] / working[0]])
    return np.asarray((xy + 0.5) * HEAT_STRIDE * factor - 0.5)
