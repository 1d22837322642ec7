"""Packed polygonal cells: a relaxed Voronoi diagram whose edges are wavy lines shared by two cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

from her2scope.synth.grid import Extent, PointsUm, smooth_noise
from her2scope.synth.ground import Ground

STEP_UM = 0.5
_AROUND_UM = 22.0  # cells this far outside the field still matter to those in it
_OUTSIDE_UM = 3.0  # spacing of the points that hold the outlines of nests
Indices = NDArray[np.intp]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Mesh:
    """The tumour cells of a field and their edges, each edge a row of samples about STEP_UM apart.

    The last of the C cells stands for all that is not tumour, whatever lies there.

    Parameters
    ----------
    centre_um
        (C, 2) centroids, in um.
    area_um2
        (C,) area, 0 for the last.
    edge_cells
        (E, 2) the two cells of each edge.
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
    area_um2: Reals
    edge_cells: Indices
    edge_um: Reals
    sample_um: PointsUm
    sample_edge: Indices
    length_um: Reals

    @property
    def sides(self) -> tuple[Indices, Indices]:
        """(S,) the cell on either side of each sample."""
        return self.edge_cells[self.sample_edge, 0], self.edge_cells[self.sample_edge, 1]

    @property
    def tumour(self) -> NDArray[np.bool_]:
        """(C,) True but for the last."""
        return np.asarray(np.arange(len(self.area_um2)) < len(self.area_um2) - 1)


def pack_cells(rng: np.random.Generator, extent: Extent, ground: Ground) -> Mesh:
    """Fill the nests with cells."""
    bend = _Bend(rng, extent)
    seeds = _relaxed(_lattice(rng, extent, rng.uniform(12.0, 14.5)))
    at = bend.broad(seeds)
    tumour = (ground.nests.at(at) > 0) & (ground.air.at(at) < 0.5) & extent.holds(at, _AROUND_UM)
    seeds = seeds[tumour]
    diagram = Voronoi(np.vstack([seeds, _surround(rng, seeds)]))
    ends, pieces, cells = _polylines(diagram, len(seeds))
    return _mesh(rng, bend, seeds, (ends, pieces, cells))


class _Bend:
    """Smooth shifts: broad ones give cells size and direction, fine ones make their edges wavy."""

    def __init__(self, rng: np.random.Generator, extent: Extent) -> None:
        self._broad = [smooth_noise(rng, extent, 70.0) for _ in range(2)]
        self._fine = [smooth_noise(rng, extent, 8.0) for _ in range(2)]

    def broad(self, xy_um: PointsUm) -> PointsUm:
        return xy_um + 4.0 * np.stack([shift.at(xy_um) for shift in self._broad], axis=1)

    def all(self, xy_um: PointsUm) -> PointsUm:
        return self.broad(xy_um) + 0.6 * np.stack([shift.at(xy_um) for shift in self._fine], axis=1)


def _lattice(rng: np.random.Generator, extent: Extent, diameter_um: float) -> PointsUm:
    """Jittered hexagonal lattice with one point per cell's area."""
    step = diameter_um * np.sqrt(np.pi / 4 * 2 / np.sqrt(3))
    reach = extent.margin_um + 12
    low, high = (-reach, -reach), (extent.width_um + reach, extent.height_um + reach)
    points = _hexagons(low, high, step)
    return np.asarray(points + rng.normal(0, 0.3 * step, points.shape))


def _hexagons(low: tuple[float, float], high: tuple[float, float], step: float) -> PointsUm:
    """(N, 2) points of a hexagonal lattice over a rectangle."""
    grid_x, grid_y = np.meshgrid(np.arange(low[0], high[0], step), np.arange(low[1], high[1], step * np.sqrt(3) / 2))
    grid_x[1::2] += step / 2
    return np.stack([grid_x.ravel(), grid_y.ravel()], axis=1)


def _relaxed(points: PointsUm) -> PointsUm:
    """One step of Lloyd's relaxation, most of the way: even cells, but not too even."""
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


def _surround(rng: np.random.Generator, seeds: PointsUm) -> PointsUm:
    """Points outside the nests, close to each other, so that nests end in rounded cells."""
    if not len(seeds):
        return _hexagons((0, 0), (100, 100), 20.0)
    reach = 15.0
    points = _hexagons(tuple(seeds.min(axis=0) - reach), tuple(seeds.max(axis=0) + reach), _OUTSIDE_UM)
    points += rng.normal(0, 0.15 * _OUTSIDE_UM, points.shape)
    away, _ = cKDTree(seeds).query(points, distance_upper_bound=reach + 5)
    return np.asarray(points[(away > rng.uniform(12.0, 13.5)) & np.isfinite(away)])


def _polylines(diagram: Voronoi, cells: int) -> tuple[PointsUm, Indices, Indices]:
    """Corners of the edges between cells, and from cells to the outside.

    Returns
    -------
    corners
        (P, 2) in order along each edge.
    edge
        (P,) edge of each corner.
    edge_cells
        (E, 2) the two cells of each edge; `cells` is the outside.
    """
    between = np.minimum(np.asarray(diagram.ridge_points), cells)
    ends = np.asarray(diagram.ridge_vertices)
    inner = (between < cells).all(axis=1)
    outer = (between < cells).sum(axis=1) == 1
    owner = between[outer].min(axis=1)
    chain, chain_ends, chain_owner = _chains(diagram.points[:cells], diagram.vertices, owner, ends[outer])
    n = int(inner.sum())
    corners = np.concatenate([ends[inner].ravel(), chain_ends])
    edge = np.concatenate([np.repeat(np.arange(n), 2), chain + n])
    to_outside = np.column_stack([chain_owner, np.full(len(chain_owner), cells)])
    return diagram.vertices[corners], edge, np.concatenate([between[inner], to_outside])


def _chains(centre: PointsUm, vertices: PointsUm, owner: Indices, ends: Indices) -> tuple[Indices, Indices, Indices]:
    """Join a cell's pieces of outline that touch: chain of each corner, its vertex, and the owner of each chain."""
    first, second = (vertices[ends[:, k]] - centre[owner] for k in range(2))
    ends = np.where((_cross(first, second) < 0)[:, None], ends[:, ::-1], ends)
    middle = (first + second) / 2
    order = np.lexsort((np.arctan2(middle[:, 1], middle[:, 0]), owner))
    owner, ends = owner[order], ends[order]
    last = np.append((owner[1:] != owner[:-1]) | (ends[1:, 0] != ends[:-1, 1]), True)
    chain = np.cumsum(np.append(0, last[:-1])).astype(np.intp)
    corners = np.concatenate([ends[:, 0], ends[last, 1]])
    of_corner = np.concatenate([chain, chain[last]])
    return np.sort(of_corner), corners[np.argsort(of_corner, kind="stable")], owner[last]


def _mesh(rng: np.random.Generator, bend: _Bend, seeds: PointsUm, edges: tuple[PointsUm, Indices, Indices]) -> Mesh:
    corners, of_corner, edge_cells = edges
    sample, edge = _resampled(corners, of_corner, len(edge_cells))
    inner = edge_cells.max(axis=1) < len(seeds)
    sample = bend.all(np.add(sample, _bowed(rng, sample, edge, inner)))
    length = _lengths(sample, edge)
    centre = np.vstack([bend.broad(seeds), [[-1e6, -1e6]]])
    area, centroid = _areas(centre, edge_cells[edge], edge, sample)
    area[-1], centroid[-1] = 0, centre[-1]
    around = np.bincount(edge, length, minlength=len(edge_cells)).astype(np.float64)
    return Mesh(centroid, area, edge_cells, around, sample, edge, length)


def _resampled(corners: PointsUm, edge: Indices, edges: int) -> tuple[PointsUm, Indices]:
    """Samples about STEP_UM apart along each edge, and the edge of each."""
    same = edge[1:] == edge[:-1]
    along = np.append(0, np.cumsum(np.where(same, np.hypot(*np.diff(corners, axis=0).T), 1.0)))
    start = along[np.append(True, ~same)]
    length = along[np.append(~same, True)] - start
    count = np.maximum(3, np.rint(length / STEP_UM).astype(np.intp) + 1)
    of_sample = np.repeat(np.arange(edges), count)
    t = (np.arange(len(of_sample)) - (np.cumsum(count) - count)[of_sample]) / (count - 1)[of_sample]
    at = start[of_sample] + t * length[of_sample]
    return np.stack([np.interp(at, along, corners[:, k]) for k in range(2)], axis=1), of_sample


def _bowed(rng: np.random.Generator, sample: PointsUm, edge: Indices, inner: NDArray[np.bool_]) -> PointsUm:
    """Shift of each sample that bends the borders between cells a little to one side."""
    first = np.append(True, edge[1:] != edge[:-1])
    start, stop = sample[first], sample[np.append(first[1:], True)]
    chord = (stop - start)[edge]
    t = _cross_length(sample - start[edge], chord)
    bow = (rng.normal(0, 0.09, len(inner)) * inner)[edge] * np.sin(np.pi * t)
    return np.asarray(bow[:, None] * np.stack([-chord[:, 1], chord[:, 0]], axis=1))


def _cross_length(offset: PointsUm, chord: PointsUm) -> Reals:
    """Share of the chord that an offset from its start has covered, 0 to 1."""
    square = np.maximum((chord**2).sum(axis=1), 1e-12)
    return np.asarray(np.clip((offset * chord).sum(axis=1) / square, 0, 1))


def _lengths(sample: PointsUm, edge: Indices) -> Reals:
    """(S,) half of the distance to either neighbour on the same edge."""
    gap = np.hypot(*np.diff(sample, axis=0).T) * (edge[1:] == edge[:-1])
    return np.asarray(np.append(gap, 0) / 2 + np.insert(gap, 0, 0) / 2)


def _areas(centre: PointsUm, sides: Indices, edge: Indices, sample: PointsUm) -> tuple[Reals, PointsUm]:
    """(C,) area and (C, 2) centroid, from the triangles between a cell's centre and each piece of its edges."""
    area, moment = np.zeros(len(centre)), np.zeros_like(centre)
    joined = edge[1:] == edge[:-1]
    first, second = sample[:-1][joined], sample[1:][joined]
    for cell in sides[1:][joined].T:
        piece = np.abs(_cross(first - centre[cell], second - centre[cell])) / 2
        area += np.bincount(cell, piece, minlength=len(centre))
        np.add.at(moment, cell, piece[:, None] * (first + second + centre[cell]) / 3)
    return area, moment / np.maximum(area, 1e-9)[:, None]


def _cross(a: PointsUm, b: PointsUm) -> Reals:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
