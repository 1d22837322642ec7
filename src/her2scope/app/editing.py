"""Cells under the mouse, and what a hand changes in a field: regions, classes, cells added and removed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from her2scope.analysis.classes import CellClass
from her2scope.app.model.counting import Counted
from her2scope.app.model.views.cell_card import cell_at, cell_card, cell_picture, cells_in, selection_text
from her2scope.app.regions import Regions, outlines, region_at
from her2scope.app.view_tools import Tool
from her2scope.app.workbench import Workbench

_EDITING = ("tool_select", "tool_include", "tool_exclude", "tool_add_cell", "tool_pan")


class Editing(QObject):
    """Binds the view's tools to the case.

    Parameters
    ----------
    desk
        Whose view and case.
    """

    def __init__(self, desk: Workbench) -> None:
        super().__init__(desk)
        self._desk = desk
        self._chosen: tuple[tuple[float, float], ...] = ()
        self._regions = Regions(desk)
        self._pointed: tuple[float, float] | None = None
        self.added_class = CellClass.UNSTAINED
        self._bind()

    def _bind(self) -> None:
        view, window = self._desk.window.view, self._desk.window
        view.hovered.connect(self._hover)
        view.left.connect(self._leave)
        view.clicked.connect(self._click)
        view.boxed.connect(self._box)
        window.cell_card.class_chosen.connect(self._give_class)
        window.actions_["delete"].triggered.connect(self._delete)
        for name in _EDITING:
            tool = Tool(name.removeprefix("tool_"))
            window.actions_[name].triggered.connect(lambda _=False, tool=tool: self._take_tool(tool))
        self._desk.changed.connect(self.show_all)

    def _take_tool(self, tool: Tool) -> None:
        """Take a tool; those for cells need the cell's card, so the case's chart makes room where there is little."""
        window = self._desk.window
        window.view.set_tool(tool)
        window.side.make_room_for_cells(wanted=tool in {Tool.SELECT, Tool.ADD_CELL})

    @property
    def _field(self) -> Counted | None:
        return self._desk.shown

    def _rows(self, field: Counted) -> tuple[int, ...]:
        """The chosen cells in the field as it is now; they are remembered by their place."""
        found = (cell_at(field, at) for at in self._chosen)
        return tuple(dict.fromkeys(row for row in found if row is not None))

    @Slot()
    def show_all(self) -> None:
        """Show regions and chosen cells of the field in view."""
        field, window = self._field, self._desk.window
        if field is None:
            self._chosen, self._regions.chosen, self._pointed = (), None, None
            window.view.show_outlines(())
            window.view.show_rings(())
            window.cell_card.show_nothing()
            window.cell_card.show_choice("", can_correct=False)
            return
        window.view.show_outlines(outlines(field.taken.roi, self._regions.chosen))
        self._show_cells(field)

    def _show_cells(self, field: Counted) -> None:
        rows, window = self._rows(field), self._desk.window
        at = field.corrected.cells.xy_px
        window.view.show_rings([(float(at[k, 0]), float(at[k, 1])) for k in rows], self._pointed)
        text = selection_text(field, rows) if rows else ""
        window.cell_card.show_choice(text, can_correct=bool(rows))

    # Cells.

    @Slot(float, float)
    def _hover(self, x: float, y: float) -> None:
        field = self._field
        row = None if field is None else cell_at(field, (x, y))
        if field is None or row is None:
            self._leave()
            return
        place = field.corrected.cells.xy_px[row]
        at = (float(place[0]), float(place[1]))
        if at != self._pointed:
            self._pointed = at
            self._show_card(field, row)
            self._show_cells(field)

    def _show_card(self, field: Counted, row: int) -> None:
        frame = self._desk.frame
        if frame is not None and self._pointed is not None:
            picture = cell_picture(frame, self._pointed)
            self._desk.window.cell_card.show_cell(cell_card(field, row, self._desk.style), picture)

    @Slot()
    def _leave(self) -> None:
        if self._pointed is not None and self._field is not None:
            self._pointed = None
            self._show_cells(self._field)

    @Slot(float, float)
    def _click(self, x: float, y: float) -> None:
        field, tool = self._field, self._desk.window.view.tool
        if field is None:
            return
        if tool is Tool.ADD_CELL:
            self._add((x, y))
        elif tool is Tool.SELECT:
            self._choose(field, (x, y))

    def _choose(self, field: Counted, at: tuple[float, float]) -> None:
        row = cell_at(field, at)
        if row is None:
            self._chosen, self._regions.chosen = (), region_at(field.taken.roi, at)
        else:
            place = field.corrected.cells.xy_px[row]
            self._chosen, self._regions.chosen = ((float(place[0]), float(place[1])),), None
            self._pointed = self._chosen[0]
            self._show_card(field, row)
        self.show_all()

    @Slot(float, float, float, float)
    def _box(self, x0: float, y0: float, x1: float, y1: float) -> None:
        field = self._field
        if field is not None:
            places = field.corrected.cells.xy_px
            self._chosen = tuple(
                (float(places[row, 0]), float(places[row, 1])) for row in cells_in(field, (x0, y0), (x1, y1))
            )
            self.show_all()

    def _add(self, at: tuple[float, float]) -> None:
        def deed() -> None:
            field_id = self._desk.ensure_kept()
            if field_id is not None:
                self._desk.session.fields.add_cell(field_id, at, self.added_class)

        self._desk.act(deed)
        self._chosen = (at,)
        self.show_all()

    @Slot(int)
    def _give_class(self, number: int) -> None:
        """Give the chosen cells a class; -1 removes them."""

        def deed() -> None:
            field_id = self._desk.ensure_kept()
            if field_id is None:
                return
            shown = self._desk.session.counted(field_id)
            rows, fields = self._rows(shown), self._desk.session.fields
            if number < 0:
                fields.remove_cells(field_id, shown.corrected, rows)
            else:
                fields.change_class(field_id, shown.corrected, rows, CellClass(number))

        if self._field is not None and self._rows(self._field):
            self._desk.act(deed)
            if number < 0:
                self._chosen = ()
                self.show_all()

    @Slot()
    def _delete(self) -> None:
        """Remove the chosen region, else the chosen cells."""
        if not self._regions.remove_chosen():
            self._give_class(-1)
