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
    """Draw a level over the weaker ones: first all of its lines as incomplete, then those round complete faces."""
    faces = level.faces
    _draw_dashed(pixels, level.skeleton, incomplete, DASH_PX)
    _draw_rings(pixels, level.skeleton, faces.start, faces.stop, faces.row, level.complete[faces.label], complete)


@numba.njit(cache=True, nogil=True)
def _dot(pixels, y, x, colour):  # type: ignore[no-untyped-def]  # numba
    """A square of two pixels, to the right and below."""
    for yy in range(y, min(y + 2, pixels.shape[0])):
        for xx in range(x, min(x + 2, pixels.shape[1])):
            pixels[yy, xx] = colour


@numba.njit(cache=True, nogil=True)
def _draw_dashed(pixels, skeleton, colour, dash):  # type: ignore[no-untyped-def]  # numba
    """All lines; every other square of a chequer stays empty, and hides what is weaker there."""
    nothing = np.uint32(0)
    for y in range(skeleton.shape[0]):
        for j in range(skeleton.shape[1]):
            word, x = skeleton[y, j], 64 * j
            while word != 0:
                if word & np.uint64(1):
                    for yy in range(y, min(y + 2, pixels.shape[0])):
                        for xx in range(x, min(x + 2, pixels.shape[1])):
                            pixels[yy, xx] = nothing if (yy // dash + xx // dash) % 2 else colour
                word >>= np.uint64(1)
                x += 1


@numba.njit(cache=True, nogil=True)
def _draw_rings(pixels, skeleton, start, stop, row, keep, colour):  # type: ignore[no-untyped-def]  # numba
    """The lines that touch a kept run of a face: in its row, the one above and the one below, corners too."""
    height, width = pixels.shape
    for y in range(height):
        for i in range(row[y], row[y + 1]):
            if not keep[i]:
                continue
            first, last = max(start[i] - 1, 0), min(stop[i], width - 1)
            for yy in range(max(y - 1, 0), min(y + 2, height)):
                _draw_run(pixels, skeleton, yy, first, last, colour)


@numba.njit(cache=True, nogil=True)
def _draw_run(pixels, skeleton, y, first, last, colour):  # type: ignore[no-untyped-def]  # numba
    """The line pixels of a row from column `first` to `last`."""
    for j in range(first >> 6, (last >> 6) + 1):
        word, x = skeleton[y, j], 64 * j
        while word != 0 and x <= last:
            if word & np.uint64(1) and x >= first:
                _dot(pixels, y, x, colour)
            word >>= np.uint64(1)
            x += 1
