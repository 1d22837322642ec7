"""Cell bodies: what the cytoplasm holds of either stain, as maps."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.synth.cases import Recipe
from her2scope.synth.grid import Extent, PointsUm, Raster, smooth_noise
from her2scope.synth.mesh import Mesh
from her2scope.synth.staining import INTENSE
from her2scope.synth.truth import Rings

_SPACING_UM = 1.0
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


def fill_bodies(rng: np.random.Generator, recipe: Recipe, extent: Extent, mesh: Mesh, rings: Rings) -> Bodies:
    """Fill the tumour cells' outlines with their cytoplasm."""
    hematoxylin = rng.uniform(0.04, 0.09) * rng.lognormal(0, 0.2, len(mesh.tumour))
    dab = rng.uniform(0.01, 0.045) * rng.lognormal(0, 0.2, len(mesh.tumour))
    patches = smooth_noise(rng, extent, 90.0, spacing_um=2.0).at(mesh.centre_um)
    haze = recipe.haze_od * np.exp(0.4 * patches + rng.normal(0, 0.25, len(mesh.tumour)))
    dab += np.where(rings.least >= INTENSE, np.minimum(haze, 0.5), 0.0)
    dab += np.where((rings.least < INTENSE) & (rings.most > 0), 0.02, 0.0)
    amounts = np.stack([mesh.tumour * 1.0, hematoxylin, dab], axis=1)
    cover, blue, brown = (_fill(extent, mesh, amounts[:, k]) for k in range(3))
    return Bodies(cover, blue, brown)


def _fill(extent: Extent, mesh: Mesh, amount: NDArray[np.float64]) -> Raster:
    values = np.zeros(extent.shape(_SPACING_UM), np.float32)
    for cell, outline in _outlines(mesh):
        corners = np.rint((outline + extent.margin_um) / _SPACING_UM * 2**_SHIFT).astype(np.int32)
        cv2.fillPoly(values, [corners], float(amount[cell]), shift=_SHIFT)
    return Raster(np.asarray(cv2.GaussianBlur(values, (0, 0), 0.6), np.float32), _SPACING_UM, -extent.margin_um)


def _outlines(mesh: Mesh) -> list[tuple[int, PointsUm]]:
    """Each tumour cell's outline: the samples of its edges in order of their direction from its middle."""
    cell = np.concatenate(mesh.sides)
    xy = np.concatenate([mesh.sample_um, mesh.sample_um])
    angle = np.arctan2(*(xy - mesh.centre_um[cell]).T[::-1])
    order = np.lexsort((angle, cell))
    order = order[mesh.tumour[cell[order]]]
    starts = np.flatnonzero(np.diff(cell[order])) + 1
    return [(int(cell[part[0]]), xy[part]) for part in np.split(order, starts) if len(part)]
