"""Clusters of stained cells, which decide in small biopsies at any percentage."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from her2scope.analysis.guideline import Guideline
from her2scope.analysis.placed import PlacedCells
from her2scope.base.geometry import PointsPx


def largest_cluster(xy_um: PointsPx, reach_um: float) -> int:
    """Cells in the largest group whose members are joined by steps of at most `reach_um`.

    Parameters
    ----------
    xy_um
        (N, 2) float64, centres in um.
    reach_um
        Longest step between two cells of a cluster, in um.

    Returns
    -------
    int
        0 for no cells.
    """
    count = len(xy_um)
    if count == 0:
        return 0
    pairs = cKDTree(xy_um).query_pairs(reach_um, output_type="ndarray")
    links = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, labels = connected_components(links, directed=False)
    return int(np.bincount(labels).max())


def cluster_sizes(fields: Iterable[PlacedCells], guideline: Guideline) -> dict[str, int]:
    """The largest cluster in any one field, for each rule of the guideline that asks for one (by rule id).

    Cells that are not counted do not join a cluster. A cluster cut by a field's border counts with its inner part.
    """
    sizes = {rule.id: 0 for rule in guideline.cluster_rules}
    reach_um = guideline.cluster_reach_um
    if reach_um is None:
        return sizes
    for field in fields:
        for rule in guideline.cluster_rules:
            chosen = field.cells.counted & np.isin(field.cells.classes, rule.classes)
            size = largest_cluster(field.cells.xy_px[chosen] * field.pixel_um, reach_um)
            sizes[rule.id] = max(sizes[rule.id], size)
    return sizes
