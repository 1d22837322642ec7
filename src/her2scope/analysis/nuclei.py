"""Detected nuclei, and what a detector is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.stain import StainImages
from her2scope.base.frame import Frame
from her2scope.base.geometry import PointsPx


@dataclass(frozen=True)
class Nuclei:
    """Tumour nuclei of a field.

    Parameters
    ----------
    xy_px
        (N, 2) float64, x right and y down, in the field's own pixels.
    score
        (N,) float32, the detector's confidence, 0 to 1.
    """

    xy_px: PointsPx
    score: NDArray[np.float32]


class Detector(Protocol):
    """Finds the tumour nuclei of a field; named in every result that used it."""

    @property
    def name(self) -> str:
        """What results call it."""

    def detect(self, frame: Frame, stains: StainImages) -> Nuclei:
        """Nuclei of a frame; `stains` are its stain images, already there."""


def local_maxima(image: NDArray[np.float32], radius_px: float, floor: float) -> NDArray[np.intp]:
    """Pixels that are the maximum of the square of half side `radius_px` around them, and above `floor`.

    Parameters
    ----------
    image
        (H, W) float32.
    radius_px
        Half side of the neighbourhood, at least 1.
    floor
        Values at or below it are no maxima.

    Returns
    -------
    ndarray
        (N, 2) intp, (y, x). Of equal values in one neighbourhood the first in reading order is the maximum.
    """
    r = max(1, round(radius_px))
    whole = np.ones((2 * r + 1, 2 * r + 1), np.uint8)
    earlier = whole.copy()
    earlier.flat[earlier.size // 2 :] = 0
    top = (image >= cv2.dilate(image, whole)) & (image > cv2.dilate(image, earlier)) & (image > floor)
    return np.argwhere(top)


def sparse(order_xy: PointsPx, distance_px: float) -> NDArray[np.intp]:
    """Indices of the points that stay when each, in the order given, drops later ones nearer than `distance_px`.

    Parameters
    ----------
    order_xy
        (N, 2) float64, best first.
    distance_px
        Smallest distance between two points that both stay.
    """
    if not len(order_xy) or distance_px <= 0:
        return np.arange(len(order_xy))
    return np.asarray(_sparse(np.ascontiguousarray(order_xy - order_xy.min(axis=0)), distance_px))


@numba.njit(cache=True, nogil=True)
def _sparse(xy, distance):  # type: ignore[no-untyped-def]  # numba
    """Greedy choice over a grid of cells of half the distance's diagonal: a cell can hold one point that stays."""
    side = distance / np.sqrt(2.0)
    columns, rows = int(xy[:, 0].max() / side) + 1, int(xy[:, 1].max() / side) + 1
    held = np.full((rows, columns), -1)
    stay = np.zeros(xy.shape[0], np.bool_)
    for i in range(xy.shape[0]):
        column, row = int(xy[i, 0] / side), int(xy[i, 1] / side)
        free = True
        for r in range(max(0, row - 2), min(rows, row + 3)):
            for c in range(max(0, column - 2), min(columns, column + 3)):
                j = held[r, c]
                if j >= 0 and (xy[j, 0] - xy[i, 0]) ** 2 + (xy[j, 1] - xy[i, 1]) ** 2 < distance * distance:
                    free = False
        if free:
            held[row, column] = i
            stay[i] = True
    return np.flatnonzero(stay)
