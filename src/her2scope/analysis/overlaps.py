"""Fields that overlap must not count a cell twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from her2scope.analysis.placed import PlacedCells
from her2scope.base.geometry import PointsPx, Um

SAME_CELL_UM = Um(5.0)
"""Two detections nearer than this are one cell (METHOD.md: a match counts within 5 um)."""


def count_once(fields: Sequence[PlacedCells], same_cell_um: Um = SAME_CELL_UM) -> list[PlacedCells]:
    """Take cells out of the count that an earlier field counts already.

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
    seen: PointsPx = np.empty((0, 2))
    result = []
    for field in fields:
        if field.origin_um is None:
            result.append(field)
            continue
        xy_um = field.cells.xy_px * field.pixel_um + np.asarray(field.origin_um)
        counted = field.cells.counted.copy()
        counted[np.flatnonzero(counted)[_matched(xy_um[counted], seen, same_cell_um)]] = False
        seen = np.concatenate([seen, xy_um[counted]])
        result.append(replace(field, cells=replace(field.cells, counted=counted)))
    return result


def _matched(new: PointsPx, seen: PointsPx, reach_um: float) -> NDArray[np.intp]:
    """Indices of `new` points that match a `seen` one, one to one, nearest pairs first."""
    seen = _around(new, seen, reach_um) if len(new) else seen[:0]
    if not len(seen):
        return np.empty(0, np.intp)
    pairs = cKDTree(new).sparse_distance_matrix(cKDTree(seen), reach_um, output_type="ndarray")
    pairs = pairs[np.argsort(pairs["v"], kind="stable")]
    i, j = pairs["i"].astype(np.intp), pairs["j"].astype(np.intp)
    alone = (np.bincount(i)[i] == 1) & (np.bincount(j)[j] == 1)  # nearly all: no other is in reach of either
    return np.sort(np.concatenate([i[alone], _nearest_first(i[~alone], j[~alone])]))


def _nearest_first(i: NDArray[np.intp], j: NDArray[np.intp]) -> NDArray[np.intp]:
    """Which `i` are matched when pairs are taken in their order, and each i and j once."""
    used_new: set[int] = set()
    used_seen: set[int] = set()
    for new, seen in zip(i.tolist(), j.tolist(), strict=True):
        if new not in used_new and seen not in used_seen:
            used_new.add(new)
            used_seen.add(seen)
    return np.array(sorted(used_new), dtype=np.intp)


def _around(new: PointsPx, seen: PointsPx, reach_um: float) -> PointsPx:
    """The `seen` points in reach of the rectangle round the `new` ones: a field overlaps few others."""
    low, high = new.min(axis=0) - reach_um, new.max(axis=0) + reach_um
    return np.asarray(seen[((seen >= low) & (seen <= high)).all(axis=1)])
