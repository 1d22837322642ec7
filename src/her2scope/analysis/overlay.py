"""The picture that lies over a field: cells as points, membranes as lines.

Complete membranes are solid lines, incomplete ones dashed; complete cells are filled disks, incomplete ones rings,
unstained ones small crosses. Colours are Okabe & Ito's, safe for colour-blind readers, and never the only cue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.bits import unpack
from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import COMPLETE_CLASSES, CellClass
from her2scope.analysis.membrane import Membranes, StainLevel

Rgb = tuple[int, int, int]

_DASH_PX = 5
_POINT_UM = 1.9
_LINE_UM = 0.45


@dataclass(frozen=True)
class OverlayStyle:
    """Colours of the classes, and the strength of the whole.

    Parameters
    ----------
    colours
        RGB, 0 to 255, of every class; a membrane takes that of its class.
    alpha
        Opacity, 0 to 255.
    """

    colours: Mapping[CellClass, Rgb]
    alpha: int = 255


OKABE_ITO = OverlayStyle(
    MappingProxyType(
        {
            CellClass.INTENSE_COMPLETE: (213, 94, 0),
            CellClass.INTENSE_INCOMPLETE: (230, 159, 0),
            CellClass.MODERATE_COMPLETE: (204, 121, 167),
            CellClass.MODERATE_INCOMPLETE: (231, 181, 211),
            CellClass.WEAK_COMPLETE: (0, 114, 178),
            CellClass.WEAK_INCOMPLETE: (86, 180, 233),
            CellClass.UNSTAINED: (240, 228, 66),
        }
    )
)


def draw_overlay(
    shape: tuple[int, int],
    cells: Cells,
    membranes: Membranes,
    pixel_um: float,
    style: OverlayStyle = OKABE_ITO,
) -> NDArray[np.uint8]:
    """Draw a field's result.

    Parameters
    ----------
    shape
        (height, width) of the field in pixels.
    cells, membranes
        The field's cells and membranes.
    pixel_um
        The field's pixel size in um.
    style
        Colours and opacity.

    Returns
    -------
    ndarray
        (H, W, 4) uint8 RGBA, alpha 0 where nothing is drawn; straight (not premultiplied) alpha.
    """
    canvas = np.zeros((*shape, 4), dtype=np.uint8)
    _draw_lines(canvas, membranes, pixel_um, _palette(style))
    _draw_cells(canvas, cells, pixel_um, style)
    return canvas


def _palette(style: OverlayStyle) -> NDArray[np.uint8]:
    """(8, 4) RGBA: 0 is nothing, k + 1 is class k."""
    palette = np.zeros((len(CellClass) + 1, 4), dtype=np.uint8)
    for cell_class, colour in style.colours.items():
        palette[cell_class + 1] = (*colour, style.alpha)
    return palette


def composite(rgb: NDArray[np.uint8], overlay: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay an (H, W, 4) RGBA overlay over an (H, W, 3) picture; a new (H, W, 3) uint8 picture."""
    out = rgb.copy()
    y, x = np.nonzero(overlay[..., 3])
    alpha = overlay[y, x, 3:4].astype(np.uint16)
    out[y, x] = ((overlay[y, x, :3] * alpha + rgb[y, x] * (255 - alpha) + 127) // 255).astype(np.uint8)
    return out


def membrane_lines(membranes: Membranes) -> NDArray[np.uint8]:
    """Class of every skeleton pixel, undashed.

    Returns
    -------
    ndarray
        (h, w) uint8 at the analysed resolution: 0 off the skeleton, else 1 + CellClass of the membrane there.
    """
    lines = np.zeros(membranes.images.line.shape, dtype=np.uint8)
    _paint(lines, membranes.weak, CellClass.WEAK_COMPLETE, CellClass.WEAK_INCOMPLETE)
    if membranes.moderate is not None:
        _paint(lines, membranes.moderate, CellClass.MODERATE_COMPLETE, CellClass.MODERATE_INCOMPLETE)
    _paint(lines, membranes.intense, CellClass.INTENSE_COMPLETE, CellClass.INTENSE_INCOMPLETE)
    return lines


def _paint(lines: NDArray[np.uint8], level: StainLevel, complete: CellClass, incomplete: CellClass) -> None:
    skeleton = unpack(level.skeleton, lines.shape[1])
    ringed = cv2.dilate(level.faces.raster(level.complete, lines.shape[1]), np.ones((3, 3), np.uint8)) > 0
    lines[skeleton] = incomplete + 1
    lines[skeleton & ringed] = complete + 1


def _draw_lines(canvas: NDArray[np.uint8], membranes: Membranes, pixel_um: float, palette: NDArray[np.uint8]) -> None:
    """Draw every skeleton pixel as a square of a line's width; where lines meet, the stronger class wins."""
    scale = pixel_um / membranes.images.pixel_um
    lines = membrane_lines(membranes)
    solid = np.ones(len(palette), dtype=np.bool_)
    solid[[c + 1 for c in CellClass if c not in COMPLETE_CLASSES]] = False
    _dash(lines, solid[lines], max(2, round(_DASH_PX * max(scale, 1.0))))
    y, x = np.nonzero(lines)
    weakest_first = np.argsort(-lines[y, x].astype(np.int8), kind="stable")
    y, x = y[weakest_first], x[weakest_first]
    side = max(1, round(_LINE_UM / pixel_um), int(np.ceil(1 / scale)))
    _stamp(canvas, (y + 0.5) / scale - 0.5, (x + 0.5) / scale - 0.5, palette[lines[y, x]], side)


@numba.njit(cache=True, nogil=True)
def _stamp(canvas, y, x, colours, side):  # type: ignore[no-untyped-def]  # numba
    """Squares of `side` pixels around (y, x), one after another."""
    back = (side - 1) / 2.0
    for k in range(y.shape[0]):
        top, left = int(np.rint(y[k] - back)), int(np.rint(x[k] - back))
        for yy in range(max(0, top), min(canvas.shape[0], top + side)):
            for xx in range(max(0, left), min(canvas.shape[1], left + side)):
                canvas[yy, xx] = colours[k]


@numba.njit(cache=True, nogil=True)
def _dash(lines, solid, period):  # type: ignore[no-untyped-def]  # numba
    """Rub out every other `period` pixels along the lines that are not solid."""
    height, width = lines.shape
    seen = solid.copy()
    stack = np.empty((np.count_nonzero(seen == 0) + 1, 3), np.int64)
    for y in range(height):
        for x in range(width):
            if not seen[y, x]:
                _dash_line(lines, seen, period, stack, (y, x))


@numba.njit(cache=True, nogil=True)
def _dash_line(lines, seen, period, stack, start):  # type: ignore[no-untyped-def]  # numba
    """Walk one connected line from its first pixel, depth first; the stack holds (y, x, steps walked)."""
    height, width = lines.shape
    top = 0
    stack[0, 0], stack[0, 1], stack[0, 2] = start[0], start[1], 0
    seen[start] = True
    while top >= 0:
        y, x, walked = stack[top]
        top -= 1
        if (walked // period) % 2 == 1:
            lines[y, x] = 0
        for yy in range(max(0, y - 1), min(height, y + 2)):
            for xx in range(max(0, x - 1), min(width, x + 2)):
                if not seen[yy, xx]:
                    seen[yy, xx] = True
                    top += 1
                    stack[top, 0], stack[top, 1], stack[top, 2] = yy, xx, walked + 1


def _draw_cells(canvas: NDArray[np.uint8], cells: Cells, pixel_um: float, style: OverlayStyle) -> None:
    radius = int(np.clip(round(_POINT_UM / pixel_um), 3, 10))
    order = np.argsort(-cells.classes.astype(np.int16), kind="stable")  # strongest on top
    for k in order:
        cell_class = CellClass(int(cells.classes[k]))
        colour = (*style.colours[cell_class], style.alpha)
        centre = (round(float(cells.xy_px[k, 0])), round(float(cells.xy_px[k, 1])))
        _draw_cell(canvas, centre, radius if cells.counted[k] else max(2, radius // 2), cell_class, colour)


def _draw_cell(
    canvas: NDArray[np.uint8],
    centre: tuple[int, int],
    radius: int,
    cell_class: CellClass,
    colour: tuple[int, int, int, int],
) -> None:
    """Filled disk: complete; ring: incomplete; cross: unstained; on a dark rim where there is room for one."""
    rim = (0, 0, 0, colour[3]) if radius > 4 else None
    if cell_class is CellClass.UNSTAINED:
        arm = max(2, round(radius * 0.7))
        for ink, width in ((rim, 3), (colour, 1)):
            if ink is not None:
                cv2.line(canvas, (centre[0] - arm, centre[1]), (centre[0] + arm, centre[1]), ink, width)
                cv2.line(canvas, (centre[0], centre[1] - arm), (centre[0], centre[1] + arm), ink, width)
        return
    line = -1 if cell_class in COMPLETE_CLASSES else max(1, round(radius * 0.4))
    if rim is not None:
        cv2.circle(canvas, centre, radius + 1 if line < 0 else radius, rim, line if line < 0 else line + 2)
    cv2.circle(canvas, centre, radius, colour, line)
