"""The overlay on screen: membranes as an image at the analysed resolution, cells as marks of a constant size.

`analysis.overlay` draws the overlay of exports, pixel by pixel at the field's size (150 ms and more at 3008 x 3008).
On screen it must follow a slider: lines are coloured by one table look-up at the analysed resolution (about 15 ms at
1504 x 1504), and marks are stamped from a sprite sheet when the view is painted, so that they stay readable at any
zoom. Colours, shapes and meaning are the same: complete is solid and filled, incomplete dashed and a ring.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import COMPLETE_CLASSES, CellClass
from her2scope.analysis.membrane import Membranes, Thresholds
from her2scope.analysis.overlay import OverlayStyle, membrane_lines
from her2scope.app.model.counting import Counted

_DASH_PX = 5
_GAP = 16
"""Added to a line's number where a dash leaves a gap."""


@dataclass(frozen=True)
class FieldOverlay:
    """What a view draws over a field.

    Parameters
    ----------
    lines
        ARGB32 premultiplied image of the membranes over the whole field; None where there are none.
    pixels
        The (h, w) uint32 array that the image looks into.
    scale
        Its pixels per pixel of the field.
    cells
        The cells, to be marked.
    corrected
        (N,) bool, cells that a person corrected; None where none was.
    thresholds
        That the membranes were traced at; None where there are none.
    """

    lines: QImage | None
    pixels: NDArray[np.uint32] | None
    scale: float
    cells: Cells
    corrected: NDArray[np.bool_] | None = None
    thresholds: Thresholds | None = None


def field_overlay(field: Counted, style: OverlayStyle) -> FieldOverlay:
    """Draw a field's overlay for the screen; 15 ms at 3008 x 3008 (40x), so not in the GUI thread."""
    result, corrected = field.result, field.corrected.corrected
    if result.membranes is None:
        return FieldOverlay(None, None, 1.0, result.cells, corrected)
    pixels = line_pixels(result.membranes, style)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    scale = result.pixel_um / result.membranes.images.pixel_um
    return FieldOverlay(image, pixels, scale, result.cells, corrected, result.membranes.thresholds)


def line_pixels(membranes: Membranes, style: OverlayStyle, thickness_px: int = 2) -> NDArray[np.uint32]:
    """Membrane lines as 0xAARRGGBB, 0 where there is no line.

    Parameters
    ----------
    membranes
        The field's membranes.
    style
        Colours of the classes.
    thickness_px
        Of the lines, in analysed pixels.

    Returns
    -------
    ndarray
        (h, w) uint32 at the analysed resolution; incomplete lines are broken by a chequer of _DASH_PX.
    """
    upside_down = cv2.LUT(membrane_lines(membranes), _INVERTED)  # the strongest class is the largest number
    thick = cv2.dilate(upside_down, np.ones((thickness_px, thickness_px), np.uint8))
    return np.asarray(_palette(style)[thick + _chequer((thick.shape[0], thick.shape[1]))], dtype=np.uint32)


_INVERTED = np.array([0, *(len(CellClass) + 1 - k for k in range(1, len(CellClass) + 1)), *([0] * 248)], dtype=np.uint8)


@lru_cache(maxsize=4)
def _chequer(shape: tuple[int, int]) -> NDArray[np.uint8]:
    y, x = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((y // _DASH_PX + x // _DASH_PX) % 2 * _GAP, dtype=np.uint8)


def _palette(style: OverlayStyle) -> NDArray[np.uint32]:
    """(32,) uint32: entry k for the inverted class number, entry _GAP + k where a dash leaves a gap."""
    palette = np.zeros(2 * _GAP, dtype=np.uint32)
    for cell_class, (red, green, blue) in style.colours.items():
        colour = 0xFF000000 | red << 16 | green << 8 | blue
        number = len(CellClass) - cell_class
        palette[number] = colour
        palette[_GAP + number] = colour if cell_class in COMPLETE_CLASSES else 0
    return palette
