"""Painting a field's optical density, strip by strip: one map of hematoxylin and one of DAB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.synth.bodies import Bodies
from her2scope.synth.grid import Floats, Raster, Window, tiled
from her2scope.synth.lines import line_rows
from her2scope.synth.mesh import Mesh
from her2scope.synth.staining import Stain
from her2scope.synth.strokes import paint_lines, paint_nuclei
from her2scope.synth.stroma import Stroma

_CHROMATIN_UM = 0.25
_GRAIN_UM = 0.35
_LINE_GRAIN = 0.08


@dataclass(frozen=True)
class Scene:
    """A field ready to be painted, all in um.

    Parameters
    ----------
    mesh, stain
        The edges and their staining.
    bodies, stroma, air
        What lies between the edges.
    nuclei
        (N, len(COLUMNS)) nuclei of tumour cells.
    grain
        (512, 512) texture for chromatin, cytoplasm and membranes.
    counterstain
        Factor of all hematoxylin.
    nucleus_clears
        Share of the cytoplasm's DAB that is missing where the nucleus lies.
    """

    mesh: Mesh
    stain: Stain
    bodies: Bodies
    stroma: Stroma
    air: Raster
    nuclei: NDArray[np.float64]
    grain: Floats
    counterstain: float
    nucleus_clears: float


def paint(scene: Scene, window: Window) -> tuple[Floats, Floats]:
    """Hematoxylin and DAB optical density (base 10) of a strip, each (rows, columns) float32."""
    grain = tiled(scene.grain, _GRAIN_UM, window)
    blue, brown = _ground_coat(scene, window, grain)
    nuclei, cover = np.zeros(window.shape, np.float32), np.zeros(window.shape, np.float32)
    rows = nuclei_rows(np.vstack([scene.stroma.nuclei, scene.nuclei]), window)
    paint_nuclei(nuclei, cover, rows, scene.grain, window.pixel_um / _CHROMATIN_UM)
    lines = np.zeros(window.shape, np.float32)
    paint_lines(lines, line_rows(scene.mesh, scene.stain.od, scene.stain.width_um, window))
    blue = (blue * (1 - np.float32(0.6) * cover) + nuclei) * np.float32(scene.counterstain)
    brown = brown * (1 - np.float32(scene.nucleus_clears) * cover) + lines * (1 + np.float32(_LINE_GRAIN) * grain)
    return blue, np.maximum(brown, 0)


def _ground_coat(scene: Scene, window: Window, grain: Floats) -> tuple[Floats, Floats]:
    """Cytoplasm and stroma."""
    stroma = np.maximum(0, 1 - scene.bodies.cover.over(window) - scene.air.over(window))
    stroma *= np.maximum(0, scene.stroma.collagen.over(window) + np.float32(0.08) * grain)
    cells = 1 + np.float32(0.2) * grain
    blue = scene.bodies.hematoxylin.over(window) * cells + stroma * np.float32(scene.stroma.hematoxylin)
    brown = scene.bodies.dab.over(window) * cells + stroma * np.float32(scene.stroma.dab)
    return blue, brown


def nuclei_rows(nuclei: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """The nuclei that touch a window, lengths in its pixels."""
    rows = nuclei.copy()
    rows[:, :2] = window.to_px(nuclei[:, :2])
    rows[:, [2, 3, 14]] /= window.pixel_um
    rows[:, 14] = np.maximum(rows[:, 14], 1.0)
    rows[:, 16] += window.top_px * window.pixel_um / _CHROMATIN_UM  # the texture does not start anew in each strip
    reach = 1.4 * rows[:, 2] + rows[:, 14]
    return np.ascontiguousarray(rows[(rows[:, 1] > -reach) & (rows[:, 1] < window.height_px + reach)])
