"""The evidence for one cell, on hover or click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.classes import CellClass
from her2scope.analysis.overlay import OKABE_ITO, OverlayStyle, Rgb
from her2scope.app.model.corrections import SAME_CELL_UM
from her2scope.app.model.counting import Counted
from her2scope.app.model.texts import say, say_number
from her2scope.app.model.views.legend import NOT_MEASURED, class_label
from her2scope.base.frame import Frame
from her2scope.base.geometry import Um, to_px

PICK_UM = Um(8.0)
"""A click this near a cell's centre means the cell: about a tumour cell's radius."""
CROP_UM = Um(32.0)
"""Side of the enlarged picture: a cell with its neighbours."""


@dataclass(frozen=True)
class CellCard:
    """A cell's evidence in words.

    Parameters
    ----------
    row
        The cell's row in the corrected cells.
    title, colour
        Class, and its RGB colour.
    completeness, membrane_od, membrane_width
        In words with units; a dash where not measured.
    counted
        Whether it counts, or why not.
    origin
        By whom the class was set.
    is_corrected
        Whether by hand.
    """

    row: int
    title: str
    colour: Rgb
    completeness: str
    membrane_od: str
    membrane_width: str
    counted: str
    origin: str
    is_corrected: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it below the title, line by line; one line says so where nothing was measured."""
        measured = (self.completeness, self.membrane_od, self.membrane_width)
        nothing = all(text == NOT_MEASURED for text in measured)
        return (*((say("card.unmeasured"),) if nothing else measured), self.counted, self.origin)


def cell_at(field: Counted, xy_px: tuple[float, float]) -> int | None:
    """Row of the cell nearest to a place within 8 um; None when there is none."""
    return _nearest(field, xy_px, PICK_UM)


def cell_there(field: Counted, xy_px: tuple[float, float]) -> int | None:
    """Row of the cell that a place belongs to, so near that two cells cannot be: adding one would count it twice."""
    return _nearest(field, xy_px, SAME_CELL_UM)


def _nearest(field: Counted, xy_px: tuple[float, float], within_um: Um) -> int | None:
    cells = field.corrected.cells.xy_px
    if not len(cells):
        return None
    distance = np.hypot(*(cells - np.asarray(xy_px)).T)
    nearest = int(distance.argmin())
    return nearest if distance[nearest] <= to_px(within_um, field.result.pixel_um) else None


def cell_of(field: Counted, xy_px: tuple[float, float]) -> int | None:
    """Row of the cell that lies at this very place; None where there is none any more."""
    found = np.flatnonzero((field.corrected.cells.xy_px == np.asarray(xy_px)).all(axis=1))
    return int(found[0]) if len(found) else None


def cells_in(field: Counted, corner: tuple[float, float], opposite: tuple[float, float]) -> tuple[int, ...]:
    """Rows of the cells in a box between two corners (x, y in pixels)."""
    low, high = np.minimum(corner, opposite), np.maximum(corner, opposite)
    xy = field.corrected.cells.xy_px
    return tuple(int(row) for row in np.flatnonzero(((xy >= low) & (xy <= high)).all(axis=1)))


def cell_card(field: Counted, row: int, style: OverlayStyle = OKABE_ITO) -> CellCard:
    """The evidence for the cell in `row` of the field's corrected cells."""
    cells, corrected = field.result.cells, field.corrected
    cell_class = CellClass(int(cells.classes[row]))
    by_hand = bool(corrected.corrected[row])
    added = int(corrected.source[row]) < 0
    return CellCard(
        row=row,
        title=class_label(cell_class),
        colour=style.colours[cell_class],
        completeness=_number(100 * cells.completeness[row], "card.completeness", ".0f"),
        membrane_od=_number(cells.membrane_od[row], "card.od", ".2f"),
        membrane_width=_number(cells.membrane_width_um[row], "card.width", ".1f"),
        counted=_counted(field, row),
        origin=say("card.added" if added else "card.changed" if by_hand else "card.machine"),
        is_corrected=by_hand,
    )


def _number(value: float, key: str, form: str) -> str:
    return say(key, value=format(float(value), form)) if np.isfinite(value) else NOT_MEASURED


def _counted(field: Counted, row: int) -> str:
    if field.taken.excluded:
        return say("card.excluded_field")
    if field.result.cells.counted[row]:
        return say("card.counted")
    return say("card.outside" if field.result.uncut[row] else "card.border")


def selection_text(field: Counted, rows: Sequence[int]) -> str:
    """What is selected, in words."""
    return say("card.selected", n=len(rows), of=len(field.corrected.cells.classes))


def selection_card(field: Counted, rows: Sequence[int]) -> tuple[str, tuple[str, ...]]:
    """A title for several chosen cells, and how many there are of each class, the strongest first."""
    classes, counts = np.unique(field.result.cells.classes[list(rows)], return_counts=True)
    by_class = dict(zip(classes.tolist(), counts.tolist(), strict=True))
    lines = tuple(f"{by_class[c]} {class_label(c).lower()}" for c in CellClass if c in by_class)
    return say_number("cells", len(rows)), lines


def cell_picture(frame: Frame, xy_px: tuple[float, float], side_px: int = 192) -> NDArray[np.uint8]:
    """The cell enlarged: 32 um around it, (side_px, side_px, 3) uint8 RGB, black where the field ends.

    Nothing is made up there: a mirrored border would show cells that are not.
    """
    half = max(4, round(to_px(CROP_UM, frame.pixel_um) / 2))
    height, width = frame.rgb.shape[:2]
    x, y = (round(min(max(v, 0), last - 1)) for v, last in zip(xy_px, (width, height), strict=True))
    left, top, right, bottom = x - half, y - half, x + half + 1, y + half + 1
    crop = frame.rgb[max(0, top) : bottom, max(0, left) : right]
    pads = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
    whole = cv2.copyMakeBorder(crop, *pads, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    return np.asarray(cv2.resize(whole, (side_px, side_px), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
