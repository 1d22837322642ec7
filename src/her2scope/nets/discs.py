"""Centres of equal discs that were painted over one another: where marks survive as a picture alone.

Each piece of a disc's outline points at its centre from one radius away, however many others cover the rest of it: the
outline votes (a Hough transform with a known radius and direction), and maxima of the votes are centres.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
_SOFT_PX = 1.5
_VOTE_PX = 1.6
_LEAST_ARC = 0.08  # of the whole outline, in view
_ON_PAINT = 0.97
_LEFT_STEP_PX = 12


@dataclass(frozen=True)
class Discs:
    """What a painted mask holds.

    Parameters
    ----------
    xy_px
        (N, 2) float64 centres.
    unexplained_px
        (M, 2) float64 places, _LEFT_STEP_PX apart, on paint that no found disc covers.
    """

    xy_px: NDArray[np.float64]
    unexplained_px: NDArray[np.float64]


def find_discs(painted: Mask, radius_px: float) -> Discs:
    """Find the discs of a painted mask.

    Parameters
    ----------
    painted
        (H, W) bool; the border row and column on each side are not looked at.
    radius_px
        Radius of every disc.
    """
    margin = int(radius_px) + 5
    wide = np.pad(painted[1:-1, 1:-1], margin + 1, mode="edge").astype(np.uint8)  # the border is no outline
    votes = _votes(wide, radius_px, margin)
    threshold = _LEAST_ARC * 2 * np.pi * radius_px
    peak = (votes >= cv2.dilate(votes, np.ones((7, 7), np.uint8))) & (votes > threshold) & (wide > 0)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * int(radius_px) - 1,) * 2)
    covered = cv2.filter2D(wide.astype(np.float32), -1, disc / np.float32(disc.sum()))
    y, x = np.nonzero(peak & (covered > _ON_PAINT))
    xy = np.stack([x, y], axis=1).astype(np.float64) - margin
    height, width = painted.shape
    xy = xy[((xy >= 0) & (xy < (width, height))).all(axis=1)]
    return Discs(xy, _unexplained(painted, xy, radius_px))


def _votes(wide: NDArray[np.uint8], radius_px: float, margin: int) -> NDArray[np.float32]:
    """How much outline, in pixels, points at each place."""
    soft = cv2.GaussianBlur(wide.astype(np.float32), (0, 0), _SOFT_PX)
    slope_x, slope_y = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    inner = np.zeros_like(wide, np.bool_)
    inner[margin:-margin, margin:-margin] = True
    y, x = np.nonzero((wide > 0) & (cv2.erode(wide, np.ones((3, 3), np.uint8)) == 0) & inner)
    slope = np.hypot(slope_x[y, x], slope_y[y, x]) + 1e-9
    reach = (radius_px - 0.5) / slope
    to_x = np.clip(np.rint(x + slope_x[y, x] * reach), 0, wide.shape[1] - 1).astype(np.intp)
    to_y = np.clip(np.rint(y + slope_y[y, x] * reach), 0, wide.shape[0] - 1).astype(np.intp)
    votes = np.zeros(wide.shape, np.float32)
    np.add.at(votes, (to_y, to_x), 1)
    return np.asarray(cv2.GaussianBlur(votes, (0, 0), _VOTE_PX) * (2 * np.pi * _VOTE_PX**2), np.float32)


def _unexplained(painted: Mask, xy: NDArray[np.float64], radius_px: float) -> NDArray[np.float64]:
    left = painted.astype(np.uint8)
    for x, y in np.rint(xy).astype(int).tolist():
        cv2.circle(left, (x, y), round(radius_px), 0, -1)
    left = np.asarray(cv2.morphologyEx(left, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    half = _LEFT_STEP_PX // 2
    y, x = np.nonzero(left[half::_LEFT_STEP_PX, half::_LEFT_STEP_PX])
    return np.stack([x, y], axis=1).astype(np.float64) * _LEFT_STEP_PX + half
