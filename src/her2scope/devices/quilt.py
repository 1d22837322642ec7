"""Tissue without end: tiles of tissue that fit beside each other in any order.

One tile, the ground, is made periodic. Every other tile keeps the ground's border and shows its own tissue inside,
inlaid along a line on which the two differ least (image quilting, Efros & Freeman 2001), so that few cells are cut.
Pure functions on pixels; a Raster here is an (H, W, 3) uint8 image.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Raster = NDArray[np.uint8]
Mask = NDArray[np.float32]

_COARSE = 4  # the seam is looked for on every fourth pixel
_KEEP = 2  # coarse pixels at both sides of the band where no seam runs
_TURN = 0.1  # what a step aside costs, in median costs of a pixel
_SMOOTH = 3.0  # coarse pixels
_FEATHER_PX = 1.5
_EMPTY = 232  # darkest channel of empty glass


def make_periodic(field: Raster, overlap_px: int) -> Raster:
    """A tile of `field` less `overlap_px` a side whose right border continues at its left, and bottom at its top.

    Parameters
    ----------
    field
        (S + overlap_px, S + overlap_px, 3) uint8; S and overlap_px are multiples of 4.
    overlap_px
        Width of the band in which the two ends are joined.
    """
    across = _join_ends(field, overlap_px)
    return np.ascontiguousarray(_join_ends(across.transpose(1, 0, 2), overlap_px).transpose(1, 0, 2))


def roll_plain_outside(tile: Raster, overlap_px: int) -> Raster:
    """A periodic tile shifted so that its border, which all tiles share, is as bright as the rest and without glass.

    So the border neither repeats a hole nor draws a grid over the slide.
    """
    darkest = tile.min(axis=2).astype(np.float32)
    oddness = []
    for axis in (1, 0):
        glass = _runs((darkest > _EMPTY).mean(axis=axis), 2 * overlap_px)
        bright = _runs(darkest.mean(axis=axis), 2 * overlap_px)
        oddness.append(2 * glass + np.abs(bright - darkest.mean()) / 255)
    shifts = [-int(odd.argmin()) - overlap_px for odd in oddness]
    return np.ascontiguousarray(np.roll(tile, shifts, axis=(0, 1)))


def _runs(values: NDArray[np.floating], length: int) -> NDArray[np.floating]:
    """Means of the runs of `length` values that begin at each, around the end too."""
    sums = np.cumsum(np.concatenate([[0.0], values, values[:length]]))
    return np.asarray(sums[length : len(values) + length] - sums[: len(values)]) / length


def inlay(tile: Raster, ground: Raster, overlap_px: int) -> Raster:
    """The tissue of `tile` inside the border of `ground`; both (S, S, 3) uint8."""
    weight = np.ones(tile.shape[:2], np.float32)
    for turns in range(4):  # each side in turn is the left one
        left = np.ascontiguousarray(np.rot90(tile, turns)[:, :overlap_px])
        band = np.ascontiguousarray(np.rot90(ground, turns)[:, :overlap_px])
        np.rot90(weight, turns)[:, :overlap_px] *= _right_of_seam(band, left)
    return _mix(ground, tile, weight)


def _join_ends(field: Raster, overlap_px: int) -> Raster:
    """Join the right end of a field to its left end."""
    width = field.shape[1] - overlap_px
    start = np.ascontiguousarray(field[:, :overlap_px])
    beyond = np.ascontiguousarray(field[:, width:])
    joined = np.array(field[:, :width])
    joined[:, :overlap_px] = _mix(beyond, start, _right_of_seam(beyond, start))
    return joined


def _mix(left: Raster, right: Raster, weight: Mask) -> Raster:
    """`right` where weight is 1, `left` where it is 0."""
    mixed = cv2.blendLinear(np.ascontiguousarray(left), np.ascontiguousarray(right), 1 - weight, weight)
    return np.asarray(mixed, dtype=np.uint8)


def _right_of_seam(left: Raster, right: Raster) -> Mask:
    """(H, W) weight of 1 right of the line from top to bottom on which two bands differ least, softened."""
    small = left.shape[1] // _COARSE, left.shape[0] // _COARSE
    a, b = (cv2.resize(side, small, interpolation=cv2.INTER_AREA).astype(np.float32) for side in (left, right))
    seam = _smooth(_least_path(((a - b) ** 2).sum(axis=2)))
    line = np.interp(np.arange(left.shape[0]), (np.arange(small[1]) + 0.5) * _COARSE, (seam + 0.5) * _COARSE)
    beyond = np.arange(left.shape[1], dtype=np.float32) - line[:, None].astype(np.float32)
    return np.asarray(np.clip(beyond / (2 * _FEATHER_PX) + 0.5, 0, 1), dtype=np.float32)


def _smooth(path: NDArray[np.intp]) -> Mask:
    """A path without the teeth that steps of whole pixels give it."""
    column = path.astype(np.float32)[:, None]
    return np.asarray(cv2.GaussianBlur(column, (1, 6 * int(_SMOOTH) + 1), sigmaX=1, sigmaY=_SMOOTH), dtype=np.float32)[
        :, 0
    ]


def _least_path(cost: Mask) -> NDArray[np.intp]:
    """(H,) column of the path from top to bottom, one column aside a row at most, whose cost is least."""
    cost = cost.copy()
    cost[:, :_KEEP] = cost[:, -_KEEP:] = np.float32(1e9)
    total = np.empty_like(cost)
    total[0] = cost[0]
    aside = _TURN * np.float32(np.median(cost))
    for row in range(1, len(cost)):
        padded = np.pad(total[row - 1], 1, constant_values=np.float32(np.inf))
        total[row] = cost[row] + np.minimum(np.minimum(padded[:-2], padded[2:]) + aside, padded[1:-1])
    path = np.empty(len(cost), np.intp)
    path[-1] = total[-1].argmin()
    for row in range(len(cost) - 2, -1, -1):
        below = path[row + 1]
        low = max(below - 1, 0)
        near = total[row, low : below + 2] + aside
        near[below - low] -= aside
        path[row] = low + near.argmin()
    return path
