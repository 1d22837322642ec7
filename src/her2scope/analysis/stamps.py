"""Small pictures stamped many times onto a large one: thousands of marks of cells in a few milliseconds.

One kernel without Python's lock, because the window's thread asks for it whenever an overlay changes.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint32]
"""0xAARRGGBB, colours multiplied by alpha."""


def stamp(canvas: Pixels, sheet: Pixels, side: int, at: NDArray[np.int32], columns_rows: NDArray[np.uint8]) -> None:
    """Lay stamps over a picture, one after another.

    Parameters
    ----------
    canvas
        (H, W) uint32, changed in place; what lies outside is cut off.
    sheet
        (R * side, C * side) uint32, the stamps.
    side
        Of a stamp in pixels.
    at
        (N, 2) int32, x and y of each stamp's top-left pixel.
    columns_rows
        (N, 2) uint8, which stamp of the sheet.
    """
    _stamp(canvas, sheet, side, at, columns_rows)


@numba.njit(cache=True, nogil=True)
def _stamp(canvas, sheet, side, at, columns_rows):  # type: ignore[no-untyped-def]  # numba
    height, width = canvas.shape
    for k in range(at.shape[0]):
        left, top = at[k, 0], at[k, 1]
        u, v = columns_rows[k, 0] * side - left, columns_rows[k, 1] * side - top
        for y in range(max(top, 0), min(top + side, height)):
            for x in range(max(left, 0), min(left + side, width)):
                ink = np.int64(sheet[v + y, u + x])
                alpha = ink >> 24
                if alpha == 255:
                    canvas[y, x] = np.uint32(ink)
                elif alpha:
                    canvas[y, x] = _over(ink, np.int64(canvas[y, x]), 255 - alpha)


@numba.njit(cache=True, nogil=True)
def _over(ink, below, share):  # type: ignore[no-untyped-def]  # numba
    """Ink over what lies below, of which share / 255 shows through; two channels at a time."""
    odd = (below & 0xFF00FF) * share
    even = ((below >> 8) & 0xFF00FF) * share
    odd = ((odd + ((odd >> 8) & 0xFF00FF) + 0x800080) >> 8) & 0xFF00FF
    even = ((even + ((even >> 8) & 0xFF00FF) + 0x800080) >> 8) & 0xFF00FF
    return np.uint32(ink + (odd | even << 8))
