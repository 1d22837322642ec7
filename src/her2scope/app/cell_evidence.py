"""The cell's card: of the cell pointed at, else of what is chosen, and always as the field counts now."""

from __future__ import annotations

from collections.abc import Sequence

from her2scope.app.model.counting import Counted
from her2scope.app.model.views.cell_card import cell_at, cell_card, cell_of, cell_picture, selection_card
from her2scope.app.workbench import Workbench


class CellEvidence:
    """Fills the cell's card.

    Parameters
    ----------
    desk
        Whose field and card.

    Attributes
    ----------
    pointed
        Place of the cell under the mouse (x, y in pixels); None where there is none.
    """

    def __init__(self, desk: Workbench) -> None:
        self._desk = desk
        self.pointed: tuple[float, float] | None = None
        self._last: tuple[float, float] | None = None

    def point_at(self, field: Counted, at: tuple[float, float]) -> bool:
        """Point at the cell near a place; whether that is another one than before."""
        row, before = cell_at(field, at), self.pointed
        self.pointed = None if row is None else place_of(field, row)
        return self.pointed != before

    def forget(self) -> None:
        """There is no field in view."""
        self.pointed = self._last = None
        self._desk.window.cell_card.show_nothing()

    def show(self, field: Counted, chosen: Sequence[int]) -> None:
        """Show the cell pointed at, else the chosen ones, else the cell shown last, as long as it is there."""
        row = self._row(field)
        if row is None:
            self.pointed = None
            row = chosen[0] if len(chosen) == 1 else None
        if row is None and chosen:
            self._desk.window.cell_card.show_several(*selection_card(field, chosen))
        elif row is None and self._last is not None:
            row = cell_of(field, self._last)
            if row is None:
                self._last = None
                self._desk.window.cell_card.show_nothing()
        if row is not None:
            self._show_cell(field, row)

    def _row(self, field: Counted) -> int | None:
        return None if self.pointed is None else cell_of(field, self.pointed)

    def _show_cell(self, field: Counted, row: int) -> None:
        frame, desk = self._desk.frame, self._desk
        if frame is not None:
            self._last = place_of(field, row)
            desk.window.cell_card.show_cell(cell_card(field, row, desk.style), cell_picture(frame, self._last))


def place_of(field: Counted, row: int) -> tuple[float, float]:
    """Where a cell lies (x, y in pixels)."""
    x, y = field.corrected.cells.xy_px[row].tolist()
    return x, y
