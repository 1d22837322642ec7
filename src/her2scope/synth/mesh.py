"""Packed polygonal cells: a relaxed Voronoi diagram whose edges are wavy lines shared by two cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from her2scope.synth.grid import Extent, PointsUm, smooth_noise
from her2scope.synth.ground import Ground

STEP_UM = 0.5
_AROUND_UM = 22.0  # cells this far outside the field still matter to those in it
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Mesh:
    """The cells of a field and the edges of its tumour cells, each edge a row of samples about STEP_UM apart.

    Parameters
    ----------
    centre_um
        (C, 2) centroids of the tumour cells and seeds of the others, in um.
    tumour
        (C,) bool; the others stand for stroma and air.
    area_um2
        (C,) area of the tumour cells, 0 of others.
    edge_cells
        (E, 2) the two cells of each edge, at least one of them tumour.
    edge_um
        (E,) length of each edge.
    sample_um
        (S, 2) samples of the edges, in order along each edge, its ends included.
    sample_edge
        (S,) the edge of each sample.
    length_um
        (S,) length of edge that each sample stands for.
    """

    centre_um: PointsUm
    tumour: NDArray[np.bool_]
    area_um2: NDArray[np.float64]
    edge_cells: Indices
    edge_um: NDArray[np.float64]
    sample_um: PointsUm
    sample_edge: Indices
    length_um: NDArray[np.float64]

    @property
    def sides(self) -> tuple[Indices, Indices]:
        """(S,) the cell on either side of each sample."""
        return self.edge_cells[self.sample_edge, 0], self.edge_cells[self.sample_edge, 1]


def pack_cells(rng: np.random.Generator, extent: Extent, ground: Ground) -> Mesh:
    """Fill the field with cells and keep the edges of those that lie in nests."""
    diameter = rng.uniform(12.0, 14.5)
    points = _relaxed(_lattice(rng, extent, diameter))
    diagram = Voronoi(points)
    ridges = np.asarray(diagram.ridge_vertices)
    cells = np.asarray(diagram.ridge_points)[(ridges >= 0).all(axis=1)]
    ends = diagram.vertices[ridges[(ridges >= 0).all(axis=1)]]
    bend = _Bend(rng, extent)
    centre = bend.broad(points)
    tumour = (ground.nests.at(centre) > 0) & (ground.air.at(centre) < 0.5) & extent.holds(centre, _AROUND_UM)
    kept = tumour[cells].any(axis=1)
    return _mesh(rng, bend, centre, tumour, (cells[kept], ends[kept]))


class _Bend:
    """Smooth shifts: broad ones give cells size and direction, fine ones make their edges wavy."""

    def __init__(self, rng: np.random.Generator, extent: Extent) -> None:
        self._broad = [smooth_noise(rng, extent, 70.0) for _ in range(2)]
        self._fine = [smooth_noise(rng, extent, 8.0) for _ in range(2)]

    def broad(self, xy_um: PointsUm) -> PointsUm:
        return xy_um + 3.5 * np.stack([shift.at(xy_um) for shift in self._broad], axis=1)

    def all(self, xy_um: PointsUm) -> PointsUm:
        return self.broad(xy_um) + 0.45 * np.stack([shift.at(xy_um) for shift in self._fine], axis=1)


def _lattice(rng: np.random.Generator, extent: Extent, diameter_um: float) -> PointsUm:
    """Jittered hexagonal lattice with one point per cell's area."""
    step = diameter_um * np.sqrt(np.pi / 4 * 2 / np.sqrt(3))
    reach = extent.margin_um + 12
    x = np.arange(-reach, extent.width_um + reach, step)
    y = np.arange(-reach, extent.height_um + reach, step * np.sqrt(3) / 2)
    grid_x, grid_y = np.meshgrid(x, y)
    grid_x[1::2] += step / 2
    points = np.stack([grid_x.ravel(), grid_y.ravel()], axis=1)
    return np.asarray(points + rng.normal(0, 0.3 * step, points.shape))


def _relaxed(points: PointsUm) -> PointsUm:
    """One step of Lloyd's relaxation, halfway: even cells, but not too even."""
    diagram = Voronoi(points)
    ridges = np.asarray(diagram.ridge_vertices)
    whole = (ridges >= 0).all(axis=1)
    start, end = (diagram.vertices[ridges[whole, k]] for k in range(2))
    total, moment = np.zeros(len(points)), np.zeros_like(points)
    for cell in np.asarray(diagram.ridge_points)[whole].T:
        area = np.abs(_cross(start - points[cell], end - points[cell]))
        np.add.at(total, cell, area)
        np.add.at(moment, cell, area[:, None] * (start + end + points[cell]) / 3)
    inner = np.ones(len(points), bool)
    inner[np.asarray(diagram.ridge_points)[~whole].ravel()] = False
    centroid = moment / np.maximum(total, 1e-9)[:, None]
    return np.asarray(np.where(inner[:, None], 0.3 * points + 0.7 * centroid, points))


def _mesh(
    rng: np.random.Generator,
    bend: _Bend,
    centre: PointsUm,
    tumour: NDArray[np.bool_],
    ridges: tuple[Indices, NDArray[np.float64]],
) -> Mesh:
    cells, ends = ridges
    start, chord = ends[:, 0], ends[:, 1] - ends[:, 0]
    length = np.hypot(*chord.T)
    count = np.maximum(3, np.rint(length / STEP_UM).astype(np.intp) + 1)
    edge = np.repeat(np.arange(len(cells)), count)
    first = np.cumsum(count) - count
    t = (np.arange(len(edge)) - first[edge]) / (count[edge] - 1)
    normal = np.stack([-chord[:, 1], chord[:, 0]], axis=1)
    bow = rng.normal(0, 0.06, len(cells))[edge] * np.sin(np.pi * t)
    sample = bend.all(start[edge] + t[:, None] * chord[edge] + bow[:, None] * normal[edge])
    weight = _lengths(sample, edge)
    area, centroid = _areas(centre, cells[edge], sample)
    centre, area = np.where(tumour[:, None], centroid, centre), np.where(tumour, area, 0.0)
    around = np.bincount(edge, weight).astype(np.float64)
    return Mesh(centre, tumour, area, cells, around, sample, edge, weight)


def _lengths(sample: PointsUm, edge: Indices) -> NDArray[np.float64]:
    """(S,) half of the distance to either neighbour on the same edge."""
    gap = np.hypot(*np.diff(sample, axis=0).T) * (edge[1:] == edge[:-1])
    return np.asarray(np.append(gap, 0) / 2 + np.insert(gap, 0, 0) / 2)


def _areas(centre: PointsUm, sides: Indices, sample: PointsUm) -> tuple[NDArray[np.float64], PointsUm]:
    """(C,) area and (C, 2) centroid, from the triangles between a cell's centre and each piece of its edges."""
    area, moment = np.zeros(len(centre)), np.zeros_like(centre)
    joined = (sides[1:] == sides[:-1]).all(axis=1)
    for cell in sides[1:][joined].T:
        first, second, middle = sample[:-1][joined], sample[1:][joined], centre[cell]
        piece = np.abs(_cross(first - middle, second - middle)) / 2
        area += np.bincount(cell, piece, minlength=len(centre))
        np.add.at(moment, cell, piece[:, None] * (first + second + middle) / 3)
    return area, moment / np.maximum(area, 1e-9)[:, None]


def _cross(a: PointsUm, b: PointsUm) -> NDArray[np.float64]:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
