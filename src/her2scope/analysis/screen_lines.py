"""Membrane lines for the screen: straight from the packed skeletons to coloured pixels, in one pass.

`analysis.overlay` draws the lines of exports. On the screen they must follow a slider, and nothing may hold Python's
lock meanwhile, or the window stops; so this is one kernel without it, 2 ms at 1504 x 1504 where arrays took 14.
"""

from __future__ import annotations

from collections.abc import Mapping

import numba
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.classes import CellClass
from her2scope.analysis.membrane import Membranes, StainLevel
from her2scope.analysis.regions import trailing_zeros

DASH_PX = 5

Colours = Mapping[CellClass, tuple[int, int, int]]


def line_pixels(membranes: Membranes, colours: Colours) -> NDArray[np.uint32]:
    """Membrane lines, two pixels thick, as 0xAARRGGBB; 0 where there is no line.

    Parameters
    ----------
    membranes
        The field's membranes.
    colours
        RGB, 0 to 255, of every class; a membrane takes that of its class, and where lines meet the strongest wins.

    Returns
    -------
    ndarray
        (h, w) uint32 at the analysed resolution; incomplete lines are broken by a chequer of DASH_PX.
    """
    pixels = np.zeros(membranes.images.line.shape, dtype=np.uint32)
    argb = {cell_class: _argb(colour) for cell_class, colour in colours.items()}
    _draw(pixels, membranes.weak, argb[CellClass.WEAK_COMPLETE], argb[CellClass.WEAK_INCOMPLETE])
    if membranes.moderate is not None:
        complete, incomplete = argb[CellClass.MODERATE_COMPLETE], argb[CellClass.MODERATE_INCOMPLETE]
        _draw(pixels, membranes.moderate, complete, incomplete)
    _draw(pixels, membranes.intense, argb[CellClass.INTENSE_COMPLETE], argb[CellClass.INTENSE_INCOMPLETE])
    return pixels


def _argb(colour: tuple[int, int, int]) -> np.uint32:
    red, green, blue = colour
    return np.uint32(0xFF000000 | red << 16 | green << 8 | blue)


def _draw(pixels: NDArray[np.uint32], level: StainLevel, complete: np.uint32, incomplete: np.uint32) -> None:
    """Draw a level over the weaker ones: its incomplete lines, and over them those round complete faces."""
    faces, width = level.faces, pixels.shape[1]
    rings = _beside_runs((faces.start, faces.stop, faces.row), level.complete[faces.label], width) & level.skeleton
    _draw_lines(pixels, level.skeleton ^ rings, incomplete, DASH_PX)
    _draw_lines(pixels, rings, complete, 0)


@numba.njit(cache=True, nogil=True)
def _beside_runs(runs, keep, width):  # type: ignore[no-untyped-def]  # numba
    """Packed pixels in the kept runs or next to them, corners too."""
    start, stop, row = runs
    height = row.shape[0] - 1
    near = np.zeros((height, (width + 63) >> 6), np.uint64)
    ones = ~np.uint64(0)
    for y in range(height):
        for i in range(row[y], row[y + 1]):
            if not keep[i]:
                continue
            first, last = max(start[i] - 1, 0), min(stop[i], width - 1)
            for j in range(first >> 6, (last >> 6) + 1):
                word = ones
                if j == first >> 6:
                    word &= ones << np.uint64(first & 63)
                if j == last >> 6:
                    word &= ones >> np.uint64(63 - (last & 63))
                for yy in range(max(y - 1, 0), min(y + 2, height)):
                    near[yy, j] |= word
    return near


@numba.njit(cache=True, nogil=True)
def _draw_lines(pixels, lines, colour, dash):  # type: ignore[no-untyped-def]  # numba
    """Packed lines, two pixels thick to the right and below.

    Where `dash` is not 0, every other square of a chequer stays empty, and hides what is weaker there.
    """
    nothing, one = np.uint32(0), np.uint64(1)
    height, width = pixels.shape
    for y in range(height):
        for j in range(lines.shape[1]):
            word = lines[y, j]
            while word != 0:
                x = 64 * j + trailing_zeros(word)
                word &= word - one
                for yy in range(y, min(y + 2, height)):
                    for xx in range(x, min(x + 2, width)):
                        is_gap = dash != 0 and (yy // dash + xx // dash) & 1
                        pixels[yy, xx] = nothing if is_gap else colour
