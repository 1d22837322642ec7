"""Painting a field's optical density, strip by strip: one map of hematoxylin and one of DAB."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from her2scope.synth.bodies import Bodies
from her2scope.synth.grid import Floats, Raster, Window, tiled
from her2scope.synth.mesh import Mesh
from her2scope.synth.staining import Stain
from her2scope.synth.stroma import Stroma

_CHROMATIN_UM = 0.25
_GRAIN_UM = 0.35


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
        (512, 512) texture for chromatin and cytoplasm.
    """

    mesh: Mesh
    stain: Stain
    bodies: Bodies
    stroma: Stroma
    air: Raster
    nuclei: NDArray[np.float64]
    grain: Floats


def paint(scene: Scene, window: Window) -> tuple[Floats, Floats]:
    """Hematoxylin and DAB optical density (base 10) of a strip, each (rows, columns) float32."""
    blue, brown = _ground_coat(scene, window)
    nuclei, cover = np.zeros(window.shape, np.float32), np.zeros(window.shape, np.float32)
    rows = nuclei_rows(np.vstack([scene.stroma.nuclei, scene.nuclei]), window)
    paint_nuclei(nuclei, cover, rows, scene.grain, window.pixel_um / _CHROMATIN_UM)
    lines = np.zeros(window.shape, np.float32)
    paint_lines(lines, line_rows(scene.mesh, scene.stain, window))
    blue = blue * (1 - np.float32(0.6) * cover) + nuclei
    brown = brown * (1 - np.float32(0.45) * cover) + lines
    return blue, brown


def _ground_coat(scene: Scene, window: Window) -> tuple[Floats, Floats]:
    """Cytoplasm and stroma."""
    cover, air = scene.bodies.cover.over(window), scene.air.over(window)
    grain = tiled(scene.grain, _GRAIN_UM, window)
    stroma = np.maximum(0, 1 - cover - air)
    fibres = np.clip(1 + 0.45 * scene.stroma.fibres.over(window) + 0.08 * grain, 0.1, None).astype(np.float32)
    cells = 1 + np.float32(0.18) * grain
    blue = scene.bodies.hematoxylin.over(window) * cells + stroma * fibres * np.float32(0.055)
    brown = scene.bodies.dab.over(window) * cells + stroma * fibres * np.float32(0.02)
    return blue, brown


def nuclei_rows(nuclei: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """The nuclei that touch a window, lengths in its pixels."""
    rows = nuclei.copy()
    rows[:, :2] = window.to_px(nuclei[:, :2])
    rows[:, [2, 3, 14]] /= window.pixel_um
    rows[:, 14] = np.maximum(rows[:, 14], 1.0)
    reach = 1.4 * rows[:, 2] + rows[:, 14]
    return np.ascontiguousarray(rows[(rows[:, 1] > -reach) & (rows[:, 1] < window.height_px + reach)])


def line_rows(mesh: Mesh, stain: Stain, window: Window) -> NDArray[np.float64]:
    """(M, 8) stained pieces of edges that touch a window: both ends in its pixels, densities and widths at both."""
    piece = np.flatnonzero((np.diff(mesh.sample_edge) == 0) & (np.maximum(stain.od[1:], stain.od[:-1]) > 0))
    at = window.to_px(mesh.sample_um)
    near = (at[piece, 1] > -20 / window.pixel_um) & (at[piece, 1] < window.height_px + 20 / window.pixel_um)
    piece = piece[near]
    ends = [piece, piece + 1]
    width = np.hypot(stain.width_um / window.pixel_um, 0.6)  # a pixel's own width
    od = stain.od * stain.width_um / window.pixel_um / width
    return np.ascontiguousarray(
        np.column_stack([at[ends[0]], at[ends[1]], *(od[e] for e in ends), *(width[e] for e in ends)])
    )


@numba.njit(cache=True, nogil=True)
def paint_lines(canvas, rows):  # type: ignore[no-untyped-def]  # numba
    """Raise a canvas to lines of the given density and width, with soft edges."""
    height, width = canvas.shape
    for k in range(len(rows)):
        x0, y0, x1, y1, od0, od1, w0, w1 = rows[k]
        reach = max(w0, w1) * 1.1 + 1
        dx, dy = x1 - x0, y1 - y0
        square = dx * dx + dy * dy + 1e-9
        for i in range(max(0, int(min(y0, y1) - reach)), min(height, int(max(y0, y1) + reach) + 2)):
            for j in range(max(0, int(min(x0, x1) - reach)), min(width, int(max(x0, x1) + reach) + 2)):
                t = min(1.0, max(0.0, ((j - x0) * dx + (i - y0) * dy) / square))
                away = np.hypot(j - x0 - t * dx, i - y0 - t * dy)
                share = 2 * away / (w0 + t * (w1 - w0))
                value = (od0 + t * (od1 - od0)) * np.exp(-0.6931 * share * share * np.sqrt(share))
                if value > canvas[i, j]:
                    canvas[i, j] = value


@numba.njit(cache=True, nogil=True)
def paint_nuclei(canvas, cover, rows, grain, step):  # type: ignore[no-untyped-def]  # numba
    """Raise a canvas to the nuclei's density, and `cover` to 1 where they lie."""
    height, width = canvas.shape
    for k in range(len(rows)):
        x, y, a, b, c, s = rows[k, :6]
        reach = 1.25 * a + rows[k, 14] + 1
        for i in range(max(0, int(y - reach)), min(height, int(y + reach) + 2)):
            for j in range(max(0, int(x - reach)), min(width, int(x + reach) + 2)):
                u, v = (c * (j - x) + s * (i - y)) / a, (c * (i - y) - s * (j - x)) / b
                _paint_nucleus(canvas, cover, rows[k], grain, (i, j, u, v, step))


@numba.njit(cache=True, nogil=True)
def _paint_nucleus(canvas, cover, row, grain, place):  # type: ignore[no-untyped-def]  # numba
    i, j, u, v, step = place
    if u * u + v * v > 1.8:
        return
    turn = np.arctan2(v, u)
    outline = 1 + row[6] * np.cos(2 * turn + row[7]) + row[8] * np.cos(3 * turn + row[9])
    q = np.hypot(u, v) / outline
    inside = min(1.0, max(0.0, (1 - q) * row[3] / row[14] + 0.5))
    if inside <= 0:
        return
    side = len(grain)
    speck = grain[int(i * step + row[16]) % side, int(j * step + row[15]) % side]
    edge = (q - 0.86) / 0.12
    value = row[10] * (1 - row[11] * (1 - q * q) + row[12] * np.exp(-edge * edge) + row[13] * speck)
    canvas[i, j] = max(canvas[i, j], inside * max(0.0, value))
    cover[i, j] = max(cover[i, j], inside)
