"""How membranes stain: cells ask, edges carry, and the sample along an edge takes the more that its two cells ask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from her2scope.synth.cases import Kind, Recipe
from her2scope.synth.grid import Extent, smooth_noise
from her2scope.synth.mesh import STEP_UM, Indices, Mesh

WEAK, INTENSE = 1, 2
_MIN_GAP_UM = 2.5  # shorter gaps close under any optics; longer ones stay open
_MIN_RUN_UM = 2.0
_MAX_GROUP_UM2 = (
    850.0  # unstained borders inside a closed ring: one face, not two cells, unless it is larger than a cell
)
_INTENSE_UM = 2.14  # Scheel 2018
_WIDEST_UM = 3.2
_MOST_WEAK_OD, _LEAST_INTENSE_OD = 0.52, 0.70  # a cut at 0.6 to 0.65 parts them

Levels = NDArray[np.uint8]


@dataclass(frozen=True)
class Wishes:
    """What each cell would ask of its membrane, whatever the amount of staining.

    Parameters
    ----------
    rank
        (C,) 0 for the most to 1 for the least stained tumour cell; neighbours are alike (clones).
    start, width
        (C,) where around the cell a partial stain begins, and how far it reaches, in radians.
    rest
        (C,) level of the rest of the membrane of cells with partly intense staining.
    """

    rank: NDArray[np.float64]
    start: NDArray[np.float64]
    width: NDArray[np.float64]
    rest: Levels


@dataclass(frozen=True)
class Stain:
    """Staining of the edges' samples.

    Parameters
    ----------
    level
        (S,) uint8: 0 unstained, 1 weak, 2 intense.
    od
        (S,) DAB optical density (base 10) of the line's middle, 0 where unstained.
    width_um
        (S,) width of the line at half its density.
    """

    level: Levels
    od: NDArray[np.float64]
    width_um: NDArray[np.float64]


def draw_wishes(rng: np.random.Generator, extent: Extent, mesh: Mesh) -> Wishes:
    """Give every cell a rank, clone by clone, and the arc of its partial stain."""
    cells = len(mesh.tumour)
    clone = smooth_noise(rng, extent, rng.uniform(110, 220), spacing_um=2.0).at(mesh.centre_um)
    strength = np.where(mesh.tumour, clone + rng.normal(0, 0.12, cells), -np.inf)
    rank = np.empty(cells)
    rank[np.argsort(-strength)] = np.arange(cells) / max(1, int(mesh.tumour.sum()))
    return Wishes(
        rank=rank,
        start=rng.uniform(0, 2 * np.pi, cells),
        width=rng.uniform(0.22, 0.48, cells) * 2 * np.pi,
        rest=(rng.random(cells) < 0.5).astype(np.uint8),
    )


def kinds(recipe: Recipe, amount: float, wishes: Wishes, tumour: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(C,) Kind of each cell when the driving kinds grow to `amount` (0 to 1) of their full share."""
    result = np.zeros(len(tumour), np.uint8)
    stop = 0.0
    for kind, share in recipe.shares:
        start, stop = stop, stop + share * (amount if kind in recipe.driver else 1.0)
        result[tumour & (wishes.rank >= start) & (wishes.rank < stop)] = kind
    return result


def stain_levels(mesh: Mesh, kind: NDArray[np.uint8], wishes: Wishes) -> Levels:
    """(S,) level of every sample: what its two cells ask, without gaps and dots too short to see, and without pairs.

    A closed ring around two or three cells whose shared border is bare would be one face of two nuclei; such borders
    are stained.
    """
    asked = np.maximum(*(_asked(mesh, cell, kind, wishes) for cell in mesh.sides))
    short = (mesh.edge_um < _MIN_GAP_UM)[mesh.sample_edge]
    full = np.maximum(*(_LEVEL[kind[cell]] for cell in mesh.sides))
    level = np.where(short, full, asked).astype(np.uint8)
    masks = [_tidy(mesh, level >= wanted) for wanted in (WEAK, INTENSE)]
    masks = [_close_groups(mesh, mask) for mask in masks]
    return np.where(masks[1], INTENSE, masks[0]).astype(np.uint8)


_LEVEL = np.array([0, WEAK, WEAK, INTENSE, INTENSE], np.uint8)  # by Kind


def _asked(mesh: Mesh, cell: Indices, kind: NDArray[np.uint8], wishes: Wishes) -> Levels:
    """(S,) level that the cell on one side asks of each sample."""
    dx, dy = (mesh.sample_um - mesh.centre_um[cell]).T
    inside = np.mod(np.arctan2(dy, dx) - wishes.start[cell], 2 * np.pi) < wishes.width[cell]
    whole = np.isin(kind[cell], (Kind.WEAK_RING, Kind.INTENSE_RING))
    rest = np.where(kind[cell] == Kind.INTENSE_PART, wishes.rest[cell], 0)
    return np.where(inside | whole, _LEVEL[kind[cell]], rest).astype(np.uint8)


def _tidy(mesh: Mesh, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Drop runs of stain too short to see, then fill gaps too short to stay open, both within an edge."""
    run, of_sample = _runs(mesh, mask)
    mask = mask & (run >= _MIN_RUN_UM)[of_sample]
    run, of_sample = _runs(mesh, mask)
    some = np.zeros(len(mesh.edge_um), bool)
    some[mesh.sample_edge[mask]] = True
    return mask | ((run < _MIN_GAP_UM)[of_sample] & some[mesh.sample_edge])


def _runs(mesh: Mesh, mask: NDArray[np.bool_]) -> tuple[NDArray[np.float64], Indices]:
    """Length in um of each run of equal samples on an edge (a whole edge counts as long), and each sample's run."""
    new = (np.diff(mask) | (np.diff(mesh.sample_edge) > 0)).astype(np.intp)
    of_sample = np.concatenate([[0], np.cumsum(new)])
    length = np.bincount(of_sample, mesh.length_um)
    whole = np.isclose(length, mesh.edge_um[mesh.sample_edge[np.concatenate([[0], np.flatnonzero(new) + 1])]])
    return np.where(whole, np.inf, length), of_sample


def _close_groups(mesh: Mesh, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Stain the inner borders of small groups of cells that a closed ring surrounds."""
    cells = len(mesh.tumour)
    closed = np.ones(len(mesh.edge_um), bool)
    np.logical_and.at(closed, mesh.sample_edge, mask)
    a, b = mesh.edge_cells[~closed].T
    _, group = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(cells, cells)), directed=False)
    area = np.bincount(group, mesh.area_um2)
    outside = np.zeros(len(area), bool)
    outside[group[~mesh.tumour]] = True
    small = (area < _MAX_GROUP_UM2) & ~outside
    inner = ~closed & small[group[mesh.edge_cells[:, 0]]]
    return np.asarray(mask | inner[mesh.sample_edge])


def paint_stain(
    rng: np.random.Generator, recipe: Recipe, mesh: Mesh, level: Levels, rank: NDArray[np.float64]
) -> Stain:
    """Give the stained samples a density and a width: by clone, by edge, and grain by grain along the line."""
    a, b = mesh.edge_cells.T
    edges, of_sample = len(a), mesh.sample_edge
    strength = np.clip(0.5 * (1 - np.minimum(rank[a], rank[b])) + 0.5 * rng.random(edges), 0, 1)[of_sample]
    thick = np.clip(rng.normal(0, 1, edges), -2, 2)[of_sample]
    aslant = (rng.random(edges) ** 3)[of_sample]  # edges that lie aslant in the section look wider and paler
    intense = level == INTENSE
    od = np.where(intense, _between(recipe.intense_od, strength), _between(recipe.weak_od, strength))
    od = od * np.clip(1 + 0.14 * _along(rng, len(level), 0.6), 0.8, 1.25) * (1 - 0.2 * aslant)
    od = od * np.clip(rng.lognormal(0, 0.1), 0.85, 1.15)  # no two runs of the assay are alike
    od = np.where(intense, np.maximum(od, _LEAST_INTENSE_OD), np.minimum(od, _MOST_WEAK_OD))
    width = np.where(intense, _INTENSE_UM + 0.25 * thick, _between(recipe.weak_um, 0.5 + 0.25 * thick))
    width = width * np.clip(1 + 0.18 * _along(rng, len(level), 1.2), 0.7, 1.45) * (1 + 0.6 * aslant)
    return Stain(level, np.where(level > 0, od * _taper(mesh, level), 0.0), np.minimum(width, _WIDEST_UM))


def _taper(mesh: Mesh, level: Levels) -> NDArray[np.float64]:
    """(S,) factor by which a line grows paler over its last um before a gap in its edge."""
    factor = np.ones(len(level))
    for step, share in ((2, 0.8), (1, 0.5)):
        gap = (mesh.sample_edge[step:] == mesh.sample_edge[:-step]) & ((level[step:] == 0) | (level[:-step] == 0))
        for side in (slice(step, None), slice(None, -step)):
            factor[side][gap] = share
    return factor


def _along(rng: np.random.Generator, samples: int, grain_um: float) -> NDArray[np.float64]:
    """(S,) noise that wanders along the edges, mean 0 and standard deviation 1."""
    sigma = grain_um / STEP_UM
    noise = gaussian_filter1d(rng.normal(0, 1, samples), sigma)
    return np.asarray(noise * np.sqrt(2 * np.sqrt(np.pi) * sigma))


def _between(limits: tuple[float, float], share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(limits[0] + (limits[1] - limits[0]) * share)
