"""The mouse over a view: one press, drag and release at a time, by the tool in hand."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, Qt, SignalInstance
from PySide6.QtGui import QMouseEvent

from her2scope.app.view_layers import Outline
from her2scope.app.view_tools import Draft, Tool, nearest
from her2scope.app.view_transform import ViewTransform
from her2scope.base.geometry import PointsPx

_CLICK_VIEW_PX = 4.0
_HANDLE_VIEW_PX = 8.0
_LINE_POINTS = 4
"""A hand that shakes over a corner draws fewer freehand points."""


class MouseTarget(Protocol):
    """What the mouse needs of a view; see LiveView."""

    draft: Draft
    box: tuple[QPointF, QPointF] | None
    outlines: tuple[Outline, ...]
    transform_: ViewTransform
    is_live: bool

    @property
    def hovered(self) -> SignalInstance:
        """A point."""

    @property
    def clicked(self) -> SignalInstance:
        """A point."""

    @property
    def boxed(self) -> SignalInstance:
        """Two corners."""

    @property
    def outlined(self) -> SignalInstance:
        """A ring, and the tool that drew it."""

    @property
    def corner_moved(self) -> SignalInstance:
        """Region, corner and where to."""

    @property
    def corner_dropped(self) -> SignalInstance:
        """That it was let go."""

    @property
    def stage_dragged(self) -> SignalInstance:
        """By how much."""

    def to_field(self, point: QPointF) -> tuple[float, float]:
        """The field's pixel under a point of the view."""

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the picture."""

    def setCursor(self, shape: Qt.CursorShape) -> None:  # noqa: N802  # Qt's name
        """Show a cursor."""

    def update(self) -> None:
        """Paint again."""


class ViewMouse:
    """Turns mouse events into the view's signals."""

    def __init__(self, view: MouseTarget) -> None:
        """Begin with panning."""
        self.tool = Tool.PAN
        self._view = view
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._button = Qt.MouseButton.NoButton
        self._handle: tuple[int, int] | None = None
        self._corners = 0  # of the outline when the button went down
        self._at: tuple[float, float] = (0.0, 0.0)

    def press(self, event: QMouseEvent) -> None:
        """Begin."""
        self._pressed, self._last, self._button = event.position(), event.position(), event.button()
        at = self._view.to_field(event.position())
        if event.button() == Qt.MouseButton.RightButton and self._view.draft.points:
            self.finish_outline()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self.tool.draws_outline:
            self._press_outline(at)
            self._corners = len(self._view.draft.points)
        elif self.tool is Tool.SELECT:
            self._handle = self._handle_at(at)
        self.show_cursor()

    def move(self, event: QMouseEvent) -> None:
        """Drag, or point."""
        view, position = self._view, event.position()
        self._at = view.to_field(position)
        delta, self._last = position - self._last, position
        if self._pressed is None:
            view.hovered.emit(*self._at)
            if view.draft.points:
                view.update()
        elif self._pans():
            self._pan(delta)
        elif self.tool.draws_outline:
            view.draft = view.draft.dragged(self._at, view.transform_.scale)
            view.update()
        elif self._handle is not None:
            view.corner_moved.emit(*self._handle, *self._at)
        elif self.tool is Tool.SELECT and self._is_drag(position):
            view.box = (self._pressed, position)
            view.update()

    def release(self, event: QMouseEvent) -> None:
        """End; a press that did not move is a click."""
        view, pressed = self._view, self._pressed
        self._pressed = None
        if pressed is not None and self._button == Qt.MouseButton.LeftButton:
            at = view.to_field(event.position())
            if self._handle is not None:
                view.corner_dropped.emit()
            elif view.box is not None:
                view.box = None
                view.boxed.emit(*view.to_field(pressed), *at)
            elif self.tool.draws_outline and self._is_freehand(pressed, event.position()):
                self.finish_outline()
            elif not self.tool.draws_outline and not self._was_drag(pressed, event.position()):
                view.clicked.emit(*at)
        self._handle, self._button = None, Qt.MouseButton.NoButton
        self.show_cursor()
        view.update()

    def _is_freehand(self, pressed: QPointF, released: QPointF) -> bool:
        """Whether the button drew a line, which may well end where it began, and not a corner."""
        drawn = len(self._view.draft.points) - self._corners
        return drawn >= _LINE_POINTS or (released - pressed).manhattanLength() > 6 * _CLICK_VIEW_PX

    def finish_outline(self) -> None:
        """Close the outline in the making, if it has three corners."""
        view = self._view
        ring, view.draft = view.draft.ring(), Draft()
        if ring is not None:
            view.outlined.emit(ring, self.tool.value)
        view.update()

    def draft_points(self) -> PointsPx:
        """The outline in the making, up to the mouse."""
        return np.array([*self._view.draft.points, self._at], dtype=np.float64)

    def show_cursor(self) -> None:
        """Show what the left button would do."""
        if self._pressed is not None and self._pans():
            shape = Qt.CursorShape.ClosedHandCursor
        elif self.tool is Tool.PAN:
            shape = Qt.CursorShape.OpenHandCursor
        elif self.tool is Tool.SELECT:
            shape = Qt.CursorShape.ArrowCursor
        else:
            shape = Qt.CursorShape.CrossCursor
        self._view.setCursor(shape)

    def _press_outline(self, at: tuple[float, float]) -> None:
        view = self._view
        if view.draft.closes(at, view.transform_.scale):
            self.finish_outline()
        else:
            view.draft = view.draft.pressed(at)
            view.update()

    def _handle_at(self, at: tuple[float, float]) -> tuple[int, int] | None:
        """Region and corner under the mouse, of a region that is chosen."""
        reach = _HANDLE_VIEW_PX / self._view.transform_.scale
        for index, outline in enumerate(self._view.outlines):
            corner = nearest(outline.ring, at, reach) if outline.is_chosen else None
            if corner is not None:
                return index, corner
        return None

    def _pans(self) -> bool:
        return self._button == Qt.MouseButton.MiddleButton or (
            self.tool is Tool.PAN and self._button == Qt.MouseButton.LeftButton
        )

    def _pan(self, delta: QPointF) -> None:
        view = self._view
        if view.is_live and self._button == Qt.MouseButton.LeftButton:
            scale = view.transform_.scale
            view.stage_dragged.emit(delta.x() / scale, delta.y() / scale)
        else:
            view.pan_by(delta.x(), delta.y())

    def _is_drag(self, position: QPointF) -> bool:
        return self._pressed is not None and self._was_drag(self._pressed, position)

    @staticmethod
    def _was_drag(pressed: QPointF, position: QPointF) -> bool:
        return (position - pressed).manhattanLength() > _CLICK_VIEW_PX
