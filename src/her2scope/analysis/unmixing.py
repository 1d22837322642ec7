"""Unmixing by table look-up: a whole field in one pass, at its own resolution or averaged 2 x 2.

Both kernels take (H, W, 3) uint8 RGB and the (3, 256, 2) int32 tables of `stain.unmix_tables`, and give hematoxylin
and DAB as uint8, rounded to the nearest step of OD and clipped to 0 .. 255.
"""

from __future__ import annotations

import numba
import numpy as np

TABLE_BITS = 16
"""Bits of the tables behind the point."""


@numba.njit(cache=True, nogil=True, boundscheck=False)
def unmix_full(rgb, tables):  # type: ignore[no-untyped-def]  # numba
    """(H, W) hematoxylin and DAB."""
    height, width = rgb.shape[:2]
    hematoxylin = np.empty((height, width), np.uint8)
    dab = np.empty((height, width), np.uint8)
    red, green, blue = tables[0], tables[1], tables[2]
    half = np.int32(1 << (TABLE_BITS - 1))
    for y in range(height):
        for x in range(width):
            r, g, b = rgb[y, x, 0], rgb[y, x, 1], rgb[y, x, 2]
            h = half + red[r, 0] + green[g, 0] + blue[b, 0]
            d = half + red[r, 1] + green[g, 1] + blue[b, 1]
            hematoxylin[y, x] = min(max(h >> TABLE_BITS, 0), 255)
            dab[y, x] = min(max(d >> TABLE_BITS, 0), 255)
    return hematoxylin, dab


@numba.njit(cache=True, nogil=True, boundscheck=False)
def unmix_half(rgb, tables):  # type: ignore[no-untyped-def]  # numba
    """(H // 2, W // 2) hematoxylin and DAB, means of OD over 2 x 2 pixels."""
    height, width = rgb.shape[0] // 2, rgb.shape[1] // 2
    hematoxylin = np.empty((height, width), np.uint8)
    dab = np.empty((height, width), np.uint8)
    red, green, blue = tables[0], tables[1], tables[2]
    for y in range(height):
        for x in range(width):
            h = np.int32(1 << (TABLE_BITS + 1))
            d = np.int32(1 << (TABLE_BITS + 1))
            for k in range(4):
                yy, xx = 2 * y + (k >> 1), 2 * x + (k & 1)
                r, g, b = rgb[yy, xx, 0], rgb[yy, xx, 1], rgb[yy, xx, 2]
                h += red[r, 0] + green[g, 0] + blue[b, 0]
                d += red[r, 1] + green[g, 1] + blue[b, 1]
            hematoxylin[y, x] = min(max(h >> (TABLE_BITS + 2), 0), 255)
            dab[y, x] = min(max(d >> (TABLE_BITS + 2), 0), 255)
    return hematoxylin, dab
