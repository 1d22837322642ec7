"""Pixel size from a stage micrometer: two clicks and the length between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from her2scope.app.model.texts import say
from her2scope.base.errors import InputError
from her2scope.base.geometry import MAX_PIXEL_UM, MIN_PIXEL_UM

LEAST_PX = 100.0
"""Clicks nearer than this are refused: one that is 1 px wrong keeps the error within 2%."""
CLICK_ERROR_PX = 1.0
"""Of a click, in pixels of the frame or of the screen, whichever are the larger."""


@dataclass(frozen=True)
class MeasuredPixel:
    """A pixel size from two clicks.

    Parameters
    ----------
    pixel_um
        Side of a pixel in um.
    length_px
        Between the clicks.
    error
        Relative error for clicks that are each one pixel wrong, of the frame or of the screen, 0 to 1.
    text
        In words.
    """

    pixel_um: float
    length_px: float
    error: float
    text: str


def measure_pixel(
    first: tuple[float, float], second: tuple[float, float], length_um: float, screen_px: float = 1.0
) -> MeasuredPixel:
    """Pixel size from two clicks.

    Parameters
    ----------
    first, second
        x, y in the frame's own pixels (not the screen's).
    length_um
        Between them on the micrometer, in um.
    screen_px
        Side of a screen pixel in pixels of the frame: on a picture made small, a click tells no finer.

    Raises
    ------
    InputError
        When the clicks are too near, the length is no positive number, or the pixel size is out of range.
    """
    length_px = math.dist(first, second)
    if not (math.isfinite(length_um) and length_um > 0):
        raise InputError(say("micrometer.length"))
    if not (math.isfinite(length_px) and length_px >= LEAST_PX):
        raise InputError(say("micrometer.near", least=f"{LEAST_PX:g}"))
    pixel_um = length_um / length_px
    if not MIN_PIXEL_UM <= pixel_um <= MAX_PIXEL_UM:
        raise InputError(
            say("micrometer.range", pixel_um=f"{pixel_um:.3g}", least=f"{MIN_PIXEL_UM:g}", most=f"{MAX_PIXEL_UM:g}")
        )
    error = min(1.0, math.sqrt(2) * CLICK_ERROR_PX * max(1.0, screen_px) / length_px)
    text = say("micrometer.result", pixel_um=f"{pixel_um:.4f}", error=f"{100 * error:.1f}")
    return MeasuredPixel(pixel_um, length_px, error, text)
