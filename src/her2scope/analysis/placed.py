"""Cells with what places them on the slide."""

from __future__ import annotations

from dataclasses import dataclass

from her2scope.analysis.cells import Cells


@dataclass(frozen=True)
class PlacedCells:
    """The cells of a field, with what places them on the slide.

    Parameters
    ----------
    cells
        Cells in the field's own pixels.
    pixel_um
        Side of a pixel in um.
    origin_um
        Where the field's top-left pixel lies on the slide, x right and y down, in um; None where unknown.
    slide
        Tells the slide from others; origins mean something within one slide alone.
    """

    cells: Cells
    pixel_um: float
    origin_um: tuple[float, float] | None = None
    slide: str = ""
