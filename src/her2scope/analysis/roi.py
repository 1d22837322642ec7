"""Regions of interest: which points of a field count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.base.geometry import PointsPx


@dataclass(frozen=True)
class Polygon:
    """A closed ring, with holes cut out of it.

    Parameters
    ----------
    ring
        (N, 2) float64, x right and y down, in the field's own pixels; the first point is not repeated.
    holes
        Rings of the same kind, each (M, 2).
    """

    ring: PointsPx
    holes: tuple[PointsPx, ...] = ()


@dataclass(frozen=True)
class Roi:
    """What counts in one field: inside any of `include` (all of the field when empty), outside every `exclude`."""

    include: tuple[Polygon, ...] = ()
    exclude: tuple[Polygon, ...] = ()


def inside(points_px: PointsPx, include: Sequence[Polygon], exclude: Sequence[Polygon]) -> NDArray[np.bool_]:
    """Tell which points count.

    Parameters
    ----------
    points_px
        (N, 2) float64, x right and y down, in the field's own pixels.
    include
        Polygons of which a point must lie in at least one; none means that the whole field counts.
    exclude
        Polygons in none of which a point may lie.

    Returns
    -------
    (N,) bool.
    """
    if include:
        counts = np.zeros(len(points_px), dtype=np.bool_)
        for polygon in include:
            counts |= in_polygon(points_px, polygon)
    else:
        counts = np.ones(len(points_px), dtype=np.bool_)
    for polygon in exclude:
        counts &= ~in_polygon(points_px, polygon)
    return counts


def in_polygon(points_px: PointsPx, polygon: Polygon) -> NDArray[np.bool_]:
    """Tell which of (N, 2) points lie in the polygon's ring and in none of its holes; (N,) bool."""
    result = in_ring(points_px, polygon.ring)
    for hole in polygon.holes:
        result &= ~in_ring(points_px, hole)
    return result


def in_ring(points_px: PointsPx, ring: PointsPx) -> NDArray[np.bool_]:
    """Tell which of (N, 2) points lie in a closed ring, by the even-odd rule.

    A ray to the right is counted across half-open edges, so that rings that share an edge never both hold a point
    of it.

    Returns
    -------
    (N,) bool.
    """
    x, y = points_px[:, 0], points_px[:, 1]
    crossed = np.zeros(len(points_px), dtype=np.bool_)
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        spans = (y0 > y) != (y1 > y)
        if spans.any():
            crossed[spans] ^= x[spans] < x0 + (y[spans] - y0) / (y1 - y0) * (x1 - x0)
    return crossed


def mask_of(polygon: Polygon, height: int, width: int) -> NDArray[np.bool_]:
    """The pixels whose centres lie in a polygon; (height, width) bool."""
    mask = np.zeros((height, width), dtype=np.bool_)
    left, top = np.clip(np.floor(polygon.ring.min(axis=0)), 0, (width, height)).astype(np.intp)
    right, bottom = np.clip(np.ceil(polygon.ring.max(axis=0)) + 1, 0, (width, height)).astype(np.intp)
    columns = np.arange(left, right, dtype=np.float64)
    for row in range(top, bottom):
        points = np.column_stack([columns, np.full_like(columns, row)])
        mask[row, left:right] = in_polygon(points, polygon)
    return mask
