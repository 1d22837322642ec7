"""Cell bodies: what the cytoplasm holds of either stain, as maps."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.synth.cases import Recipe
from her2scope.synth.grid import Extent, Floats, PointsUm, Raster, Window, smooth_noise
from her2scope.synth.lines import line_rows
from her2scope.synth.mesh import Mesh
from her2scope.synth.staining import INTENSE, Stain
from her2scope.synth.strokes import paint_lines
from her2scope.synth.truth import Rings

_VEIL_SPACING_UM = 1.0
_FAINTEST_VEIL = 0.05  # of the line's density
_SHIFT = 4  # cv2 takes fixed-point corners


@dataclass(frozen=True)
class Bodies:
    """Maps of the tumour cells.

    Parameters
    ----------
    cover
        1 in tumour cells, 0 outside.
    hematoxylin, dab
        Optical density (base 10) of the cytoplasm.
    """

    cover: Raster
    hematoxylin: Raster
    dab: Raster


def fill_bodies(
    rng: np.random.Generator, recipe: Recipe, extent: Extent, mesh: Mesh, stained: tuple[Stain, Rings]
) -> Bodies:
    """Fill the tumour cells' outlines with their cytoplasm."""
    stain, rings = stained
    cells = len(mesh.tumour)
    hematoxylin = rng.uniform(0.035, 0.085) * rng.lognormal(0, 0.3, cells)
    dab = rng.uniform(0.008, 0.04) * rng.lognormal(0, 0.3, cells) + _haze(rng, recipe, extent, mesh, rings)
    outlines = _outlines(mesh)
    cover, blue, brown = (_fill(extent, outlines, amount) for amount in (np.ones(cells), hematoxylin, dab))
    blue *= 1 - _seams(rng, extent, mesh)
    brown = np.maximum(brown, _veils(rng, extent, mesh, stain))
    return Bodies(*(Raster(values, extent.fine_um, -extent.margin_um) for values in (cover, blue, brown)))


def _haze(rng: np.random.Generator, recipe: Recipe, extent: Extent, mesh: Mesh, rings: Rings) -> NDArray[np.float64]:
    """(C,) DAB over the whole cell, from membrane above and below it in the section; patchy."""
    patches = smooth_noise(rng, extent, 90.0, spacing_um=2.0).at(mesh.centre_um)
    strong = recipe.haze_od * rng.lognormal(0, 0.35) * np.exp(0.45 * patches + rng.normal(0, 0.3, len(patches)))
    faint = recipe.weak_haze_od * np.exp(0.3 * patches + rng.normal(0, 0.3, len(patches)))
    stained = np.where(rings.least >= INTENSE, np.minimum(strong, 0.5), faint)
    return np.where(rings.most > 0, stained, 0.0)


def _fill(extent: Extent, outlines: list[tuple[int, PointsUm]], amount: NDArray[np.float64]) -> Floats:
    values = np.zeros(extent.shape(extent.fine_um), np.float32)
    for cell, outline in outlines:
        corners = np.rint((outline + extent.margin_um) / extent.fine_um * 2**_SHIFT).astype(np.int32)
        cv2.fillPoly(values, [corners], float(amount[cell]), shift=_SHIFT)
    return np.asarray(cv2.GaussianBlur(values, (0, 0), 0.6 / extent.fine_um), np.float32)


def _outlines(mesh: Mesh) -> list[tuple[int, PointsUm]]:
    """Each tumour cell's outline: the samples of its edges in order of their direction from its middle."""
    cell = np.concatenate(mesh.sides)
    xy = np.concatenate([mesh.sample_um, mesh.sample_um])
    angle = np.arctan2(*(xy - mesh.centre_um[cell]).T[::-1])
    order = np.lexsort((angle, cell))
    order = order[mesh.tumour[cell[order]]]
    starts = np.flatnonzero(np.diff(cell[order])) + 1
    return [(int(cell[part[0]]), xy[part]) for part in np.split(order, starts) if len(part)]


def _seams(rng: np.random.Generator, extent: Extent, mesh: Mesh) -> Floats:
    """Share of cytoplasm missing between cells that have shrunk apart a little."""
    share = np.maximum(0, rng.normal(0.25, 0.3, len(mesh.edge_um)))[mesh.sample_edge]
    return np.minimum(_brushed(extent.map_window(extent.fine_um), mesh, share, 0.9), np.float32(0.9))


def _veils(rng: np.random.Generator, extent: Extent, mesh: Mesh, stain: Stain) -> Floats:
    """DAB beside membranes that lie aslant in the section: broad, and paler than the line."""
    share = rng.normal(0.08, 0.12, len(mesh.edge_um))
    share = np.where(share > _FAINTEST_VEIL, np.minimum(share, 0.35), 0.0)
    width = rng.uniform(3.0, 6.0, len(mesh.edge_um))[mesh.sample_edge]
    veils = _brushed(extent.map_window(_VEIL_SPACING_UM), mesh, stain.od * share[mesh.sample_edge], width)
    fine = extent.map_window(extent.fine_um)
    return Raster(veils, _VEIL_SPACING_UM, -extent.margin_um).over(fine)


def _brushed(window: Window, mesh: Mesh, od: NDArray[np.float64], width_um: NDArray[np.float64] | float) -> Floats:
    canvas = np.zeros(window.shape, np.float32)
    paint_lines(canvas, line_rows(mesh, od, np.broadcast_to(width_um, od.shape), window))
    return canvas
