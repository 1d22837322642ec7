"""The two brushes, numba kernels: soft lines and nuclei."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def paint_lines(canvas, rows):  # type: ignore[no-untyped-def]  # numba
    """Raise a canvas to soft lines.

    Parameters
    ----------
    canvas
        (H, W) float32 optical density, changed in place; where lines cross, the denser one counts.
    rows
        (M, 8) float64, in pixels: x, y of either end, density at both ends, width at half density at both ends.
    """
    height, width = canvas.shape
    for k in range(len(rows)):
        x0, y0, x1, y1, od0, od1, w0, w1 = rows[k]
        reach, most = max(w0, w1) * 1.1 + 1, max(od0, od1)
        dx, dy = x1 - x0, y1 - y0
        square = dx * dx + dy * dy + 1e-9
        for i in range(max(0, int(min(y0, y1) - reach)), min(height, int(max(y0, y1) + reach) + 2)):
            for j in range(max(0, int(min(x0, x1) - reach)), min(width, int(max(x0, x1) + reach) + 2)):
                if canvas[i, j] >= most:
                    continue
                t = min(1.0, max(0.0, ((j - x0) * dx + (i - y0) * dy) / square))
                u, v = j - x0 - t * dx, i - y0 - t * dy
                if u * u + v * v < reach * reach:
                    share = 2 * np.sqrt(u * u + v * v) / (w0 + t * (w1 - w0))
                    value = (od0 + t * (od1 - od0)) * np.exp(-0.6931 * share * share * np.sqrt(share))
                    canvas[i, j] = max(canvas[i, j], value)


@numba.njit(cache=True, nogil=True)
def paint_nuclei(canvas, cover, rows, grain, step):  # type: ignore[no-untyped-def]  # numba
    """Raise a canvas to the nuclei's density, and `cover` to 1 where they lie.

    Parameters
    ----------
    canvas, cover
        (H, W) float32, changed in place.
    rows
        (N, len(nuclei.COLUMNS)) float64, lengths in pixels.
    grain
        (K, K) float32 chromatin texture that tiles.
    step
        Samples of the texture per pixel.
    """
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
    if u * u + v * v > 1.8 * max(1.0, row[14] / row[3]):
        return
    turn = np.arctan2(v, u)
    outline = 1 + row[6] * np.cos(2 * turn + row[7]) + row[8] * np.cos(3 * turn + row[9])
    q = np.hypot(u, v) / outline
    inside = min(1.0, max(0.0, (1 - q) * row[3] / row[14] + 0.5))
    if inside <= 0:
        return
    side = len(grain)
    at_y, at_x = i * step + row[16], j * step + row[15]
    fine = grain[int(at_y) % side, int(at_x) % side]
    coarse = grain[int(0.35 * at_y) % side, int(0.35 * at_x) % side]
    edge = (q - 0.88) / 0.1
    rim = row[12] * np.exp(-edge * edge) * (1 + 0.5 * coarse)
    value = row[10] * (1 - row[11] * (1 - q * q) + rim + row[13] * (0.7 * fine + 0.8 * coarse))
    canvas[i, j] = max(canvas[i, j], inside * max(0.0, value))
    cover[i, j] = max(cover[i, j], inside)
