"""Fields that overlap must not count a cell twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from her2scope.analysis.placed import PlacedCells
from her2scope.base.geometry import PointsPx, Um

SAME_CELL_UM = Um(5.0)
"""Two detections nearer than this are one cell (METHOD.md: a match counts within 5 um)."""


def count_once(fields: Sequence[PlacedCells], same_cell_um: Um = SAME_CELL_UM) -> list[PlacedCells]:
    """Take cells out of the count that an earlier field of the same slide counts already.

    Parameters
    ----------
    fields
        In the order taken; those without an origin are returned as they are, and take out nothing.
    same_cell_um
        Largest distance in um between two detections of one cell.

    Returns
    -------
    list of PlacedCells
        As many, in the same order, with `counted` False for cells seen before. A cell takes out at most one other,
        the nearest first, so that two neighbours of one field both stay.
    """
    firsts = counted_before(fields, same_cell_um)
    return [
        field
        if field.origin_um is None
        else replace(field, cells=replace(field.cells, counted=field.cells.counted & (first < 0)))
        for field, first in zip(fields, firsts, strict=True)
    ]


@dataclass(frozen=True)
class _Seen:
    """Cells of one slide that count: (N, 2) places in um, and (N,) which field counts each."""

    xy_um: PointsPx
    field: NDArray[np.intp]


_NONE_SEEN = _Seen(np.empty((0, 2)), np.empty(0, np.intp))


def counted_before(fields: Sequence[PlacedCells], same_cell_um: Um = SAME_CELL_UM) -> list[NDArray[np.intp]]:
    """Which earlier field counts each cell already; parameters as of `count_once`.

    Returns
    -------
    list of (N,) intp
        For each field, the place in `fields` of the one that counts the cell; -1 for a cell that none does.
    """
    seen: dict[str, _Seen] = {}
    result = []
    for k, field in enumerate(fields):
        first = np.full(len(field.cells.classes), -1, np.intp)
        result.append(first)
        if field.origin_um is None:
            continue
        before = seen.get(field.slide, _NONE_SEEN)
        xy_um = field.cells.xy_px * field.pixel_um + np.asarray(field.origin_um)
        rows = np.flatnonzero(field.cells.counted)
        new, old = _matched(xy_um[rows], before.xy_um, same_cell_um)
        first[rows[new]] = before.field[old]
        fresh = xy_um[rows[first[rows] < 0]]
        fields_seen = np.concatenate([before.field, np.full(len(fresh), k, np.intp)])
        seen[field.slide] = _Seen(np.concatenate([before.xy_um, fresh]), fields_seen)
    return result


_Indices = NDArray[np.intp]


def _matched(new: PointsPx, seen: PointsPx, reach_um: float) -> tuple[_Indices, _Indices]:
    """Indices of `new` points that match a `seen` one, and of that one: one to one, nearest pairs first."""
    near = _around(new, seen, reach_um) if len(new) else np.empty(0, np.intp)
    if not len(near):
        return near, near
    seen = seen[near]
    pairs = cKDTree(new).sparse_distance_matrix(cKDTree(seen), reach_um, output_type="ndarray")
    pairs = pairs[np.argsort(pairs["v"], kind="stable")]
    i, j = pairs["i"].astype(np.intp), pairs["j"].astype(np.intp)
    alone = (np.bincount(i)[i] == 1) & (np.bincount(j)[j] == 1)  # nearly all: no other is in reach of either
    rest = np.flatnonzero(~alone)
    taken = np.concatenate([np.flatnonzero(alone), rest[_nearest_first(i[rest], j[rest])]])
    return i[taken], near[j[taken]]


def _nearest_first(i: _Indices, j: _Indices) -> _Indices:
    """Which pairs are matched when they are taken in their order, and each i and j once."""
    used_new: set[int] = set()
    used_seen: set[int] = set()
    matched = []
    for k, (new, seen) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        if new not in used_new and seen not in used_seen:
            used_new.add(new)
            used_seen.add(seen)
            matched.append(k)
    return np.array(matched, dtype=np.intp)


def _around(new: PointsPx, seen: PointsPx, reach_um: float) -> _Indices:
    """Which `seen` points are in reach of the rectangle round the `new` ones: a field overlaps few others."""
    low, high = new.min(axis=0) - reach_um, new.max(axis=0) + reach_um
    return np.flatnonzero(((seen >= low) & (seen <= high)).all(axis=1))
