"""The white reference I0: what this camera and light make of empty glass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WHITE_PERCENTILE = 99.0
_WHITE_STRIDE = 4


def estimate_white(rgb: NDArray[np.uint8]) -> tuple[float, float, float]:
    """White reference from a field's brightest background.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8.

    Returns
    -------
    tuple of float
        R, G, B of glass: mean over the brightest hundredth of the pixels, by green, at least 1.
    """
    sample = rgb[::_WHITE_STRIDE, ::_WHITE_STRIDE].reshape(-1, 3)
    green = sample[:, 1]
    above = np.cumsum(np.bincount(green, minlength=256)[::-1])[::-1]  # pixels at or above each level
    level = int(np.flatnonzero(above >= len(green) * (1 - _WHITE_PERCENTILE / 100))[-1])
    bright = sample[green >= level]
    red, green_mean, blue = (max(1.0, float(v)) for v in bright.mean(axis=0))
    return red, green_mean, blue


def white_from_glass(rgb: NDArray[np.uint8]) -> tuple[float, float, float]:
    """White reference from an image of empty glass: the median of each channel.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8, nothing but glass.
    """
    red, green, blue = (max(1.0, float(v)) for v in np.median(rgb.reshape(-1, 3), axis=0))
    return red, green, blue
