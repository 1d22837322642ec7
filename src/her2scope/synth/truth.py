"""The truth of a field, read from the edges as painted, as METHOD.md reads them in ideal geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from her2scope.analysis.classes import CellClass
from her2scope.base.geometry import PointsPx
from her2scope.synth.grid import PointsUm
from her2scope.synth.mesh import Indices, Mesh
from her2scope.synth.staining import INTENSE, WEAK, Levels, Stain

REACH_UM = 7.0
"""METHOD's d: a nucleus this near to stain, its own or a neighbour's, counts as stained."""


@dataclass(frozen=True)
class Truth:
    """The tumour cells of a synthetic field whose nuclei lie in it, one row each, and its other nuclei.

    A cell's class comes out of the edges around it as they were painted. intense_complete: its whole ring is
    intense. weak_complete: its whole ring is stained, and no intense stain touches it or lies within 7 um of its
    nucleus. intense_incomplete: any other cell with an intense stretch on its edges, or within 7 um of its nucleus.
    weak_incomplete: the same for weak stain. unstained: the rest.

    Parameters
    ----------
    xy_px
        (N, 2) float64 nuclei, from the centre of the top-left pixel, in the image's pixels.
    classes
        (N,) uint8, the five CellClass values without moderate.
    completeness
        (N,) float32, stained share of the cell's circumference, 0 to 1.
    membrane_od
        (N,) float32, mean DAB optical density (base 10) of the stained stretches of its edges; NaN where none is.
    other_xy_px
        (M, 2) float64 nuclei that are not tumour: stroma, vessels and lymphocytes.
    """

    xy_px: PointsPx
    classes: NDArray[np.uint8]
    completeness: NDArray[np.float32]
    membrane_od: NDArray[np.float32]
    other_xy_px: PointsPx


@dataclass(frozen=True)
class Rings:
    """The membranes of all cells.

    Parameters
    ----------
    least, most
        (C,) uint8 lowest and highest level around the cell.
    stained_um, around_um
        (C,) stained length and whole length of the ring.
    """

    least: Levels
    most: Levels
    stained_um: NDArray[np.float64]
    around_um: NDArray[np.float64]


def read_rings(mesh: Mesh, level: Levels) -> Rings:
    """Walk around every cell."""
    cells = len(mesh.tumour)
    least, most = np.full(cells, INTENSE, np.uint8), np.zeros(cells, np.uint8)
    stained, around = np.zeros(cells), np.zeros(cells)
    for side in mesh.sides:
        np.minimum.at(least, side, level)
        np.maximum.at(most, side, level)
        around += np.bincount(side, mesh.length_um, minlength=cells)
        stained += np.bincount(side, mesh.length_um * (level > 0), minlength=cells)
    return Rings(least, most, stained, around)


class NearestStain:
    """Distances to the lines of a level or above.

    Parameters
    ----------
    mesh, stain
        The edges and their staining.
    level
        WEAK or INTENSE.
    """

    def __init__(self, mesh: Mesh, stain: Stain, level: int) -> None:
        at = np.flatnonzero(stain.level >= level)
        self._tree = cKDTree(mesh.sample_um[at], balanced_tree=False, compact_nodes=False) if len(at) else None
        self._half_line_um = float(stain.width_um[at].mean()) / 2 if len(at) else 0.0

    def um(self, xy_um: PointsUm) -> NDArray[np.float64]:
        """(N,) distance from points to the nearest line's border; infinite from 3 um past the reach on."""
        if self._tree is None:
            return np.full(len(xy_um), np.inf)
        distance, _ = self._tree.query(xy_um, distance_upper_bound=REACH_UM + self._half_line_um + 3)
        return np.asarray(distance - self._half_line_um)


def read_classes(
    rings: Rings, cells: Indices, weak_um: NDArray[np.float64], intense_um: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """(K,) CellClass of cells from their rings and their nuclei's distances to weak and to intense stain."""
    least, most = rings.least[cells], rings.most[cells]
    classes = np.full(len(cells), CellClass.UNSTAINED, np.uint8)
    classes[(most >= WEAK) | (weak_um <= REACH_UM)] = CellClass.WEAK_INCOMPLETE
    classes[least >= WEAK] = CellClass.WEAK_COMPLETE
    classes[(most >= INTENSE) | (intense_um <= REACH_UM)] = CellClass.INTENSE_INCOMPLETE
    classes[least >= INTENSE] = CellClass.INTENSE_COMPLETE
    return classes


def mean_od(mesh: Mesh, stain: Stain) -> NDArray[np.float64]:
    """(C,) mean optical density (base 10) of the stained stretches of each ring; NaN where none is."""
    cells = len(mesh.tumour)
    total, weight = np.zeros(cells), np.zeros(cells)
    stained = mesh.length_um * (stain.level > 0)
    for side in mesh.sides:
        total += np.bincount(side, stained * stain.od, minlength=cells)
        weight += np.bincount(side, stained, minlength=cells)
    return np.asarray(np.divide(total, weight, out=np.full(cells, np.nan), where=weight > 0))
