"""Cells under the mouse, and what a hand changes in a field: regions, classes, cells added and removed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from her2scope.analysis.classes import CellClass
from her2scope.app.cell_evidence import CellEvidence, place_of
from her2scope.app.model.counting import Counted
from her2scope.app.model.texts import say
from her2scope.app.model.views.cell_card import cell_at, cell_of, cell_there, cells_in, selection_text
from her2scope.app.regions import Regions, outlines, region_at, region_edge_at
from her2scope.app.view_tools import Tool
from her2scope.app.workbench import Workbench

_EDGE_VIEW_PX = 5.0
"""A click this near to an outline means the region, also where a cell lies there: tumour leaves no place between."""
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
        self._evidence = CellEvidence(desk)
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
        found = (cell_of(field, at) for at in self._chosen)
        return tuple(dict.fromkeys(row for row in found if row is not None))

    @Slot()
    def show_all(self) -> None:
        """Show regions and chosen cells of the field in view."""
        field, window = self._field, self._desk.window
        if field is None:
            self._chosen, self._regions.chosen = (), None
            window.view.show_outlines(())
            window.view.show_rings(())
            self._evidence.forget()
            window.cell_card.show_choice("", can_correct=False)
            return
        window.view.show_outlines(outlines(field.taken.roi, self._regions.chosen))
        self._show_cells(field)

    def _show_cells(self, field: Counted) -> None:
        rows, window = self._rows(field), self._desk.window
        self._evidence.show(field, rows)
        window.view.show_rings([place_of(field, row) for row in rows], self._evidence.pointed)
        text = selection_text(field, rows) if rows else ""
        window.cell_card.show_choice(text, can_correct=bool(rows))

    # Cells.

    @Slot(float, float)
    def _hover(self, x: float, y: float) -> None:
        field = self._field
        if field is not None and self._evidence.point_at(field, (x, y)):
            self._show_cells(field)

    @Slot()
    def _leave(self) -> None:
        if self._evidence.pointed is not None and self._field is not None:
            self._evidence.pointed = None
            self._show_cells(self._field)

    @Slot(float, float)
    def _click(self, x: float, y: float) -> None:
        field, tool = self._field, self._desk.window.view.tool
        if field is None:
            return
        if tool is Tool.ADD_CELL:
            self._add(field, (x, y))
        elif tool is Tool.SELECT:
            self._choose(field, (x, y))

    def _choose(self, field: Counted, at: tuple[float, float]) -> None:
        row, reach_px = cell_at(field, at), _EDGE_VIEW_PX / self._desk.window.view.transform_.scale
        edge = region_edge_at(field.taken.roi, at, reach_px)
        if edge is not None or row is None:
            region = region_at(field.taken.roi, at) if edge is None else edge
            self._chosen, self._regions.chosen = (), region
        else:
            self._chosen, self._regions.chosen = (place_of(field, row),), None
            self._evidence.pointed = self._chosen[0]
        self.show_all()

    @Slot(float, float, float, float)
    def _box(self, x0: float, y0: float, x1: float, y1: float) -> None:
        field = self._field
        if field is not None:
            self._chosen = tuple(place_of(field, row) for row in cells_in(field, (x0, y0), (x1, y1)))
            self._regions.chosen = None  # or the Delete key would take the region and leave the cells
            self._evidence.pointed = None
            self.show_all()

    def _add(self, field: Counted, at: tuple[float, float]) -> None:
        """Add a cell, and choose it, so that it can be given its class; one that is there is chosen instead."""
        row = cell_there(field, at)
        if row is not None:
            self._desk.hint(say("card.is_there"))
            self._chosen = (place_of(field, row),)
            self.show_all()
            return

        def deed() -> None:
            field_id = self._desk.ensure_kept()
            if field_id is not None:
                self._desk.session.fields.add_cell(field_id, at, self.added_class)

        self._desk.act(deed)
        self._chosen, self._regions.chosen = (at,), None
        self._evidence.pointed = None
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
