"""The overlay on screen: membranes as an image at the analysed resolution, cells as marks of a constant size.

`analysis.overlay` draws the overlay of exports, pixel by pixel at the field's size. On screen it must follow a slider:
lines are drawn at the analysed resolution (`analysis.screen_lines`), and marks are stamped from a sprite sheet when the
view is painted, so that they stay readable at any zoom. Colours, shapes and meaning are the same: complete is solid
and filled, incomplete dashed and a ring.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from her2scope.analysis.cells import Cells
from her2scope.analysis.membrane import Thresholds
from her2scope.analysis.overlay import OverlayStyle
from her2scope.analysis.screen_lines import line_pixels
from her2scope.app.model.counting import Counted


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
    """Draw a field's overlay for the screen; not in the GUI thread."""
    result, corrected = field.result, field.corrected.corrected
    if result.membranes is None:
        return FieldOverlay(None, None, 1.0, result.cells, corrected)
    pixels = line_pixels(result.membranes, style.colours)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    scale = result.pixel_um / result.membranes.images.pixel_um
    return FieldOverlay(image, pixels, scale, result.cells, corrected, result.membranes.thresholds)
