"""The picture: live or still, with pan, zoom, overlay, regions, cells under the mouse, and a scale bar."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from her2scope.analysis.overlay import OKABE_ITO, OverlayStyle
from her2scope.app.marks import MarkSheet
from her2scope.app.overlay_image import FieldOverlay
from her2scope.app.panned_view import PannedView
from her2scope.app.pictures import Picture
from her2scope.app.view_layers import (
    Outline,
    draw_caption,
    draw_cells,
    draw_draft,
    draw_lines,
    draw_outlines,
    draw_ring,
    draw_scale_bar,
)
from her2scope.app.view_mouse import ViewMouse
from her2scope.app.view_tools import Draft, Tool


class LiveView(PannedView):
    """Shows one field, live or still, and tells what the mouse does to it.

    Signals carry the field's pixels: `stage_dragged` (dx, dy) while a live picture is dragged, `hovered` and `clicked`
    a point, `boxed` two corners, `outlined` a ring (N, 2) float64 and the tool that drew it. `painted` tells after a
    painting which picture and which overlay (None: none) are seen now.
    """

    stage_dragged = Signal(float, float)
    hovered = Signal(float, float)
    left = Signal()
    clicked = Signal(float, float)
    boxed = Signal(float, float, float, float)
    outlined = Signal(object, str)
    corner_moved = Signal(int, int, float, float)
    corner_dropped = Signal()
    painted = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty and dark."""
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 240)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Field of view")
        self.is_live = True
        self.pixel_um: float | None = None
        self.outlines: tuple[Outline, ...] = ()
        self.draft = Draft()
        self.box: tuple[QPointF, QPointF] | None = None
        self.caption = ""
        self._overlay: FieldOverlay | None = None
        self._patches: QImage | None = None
        self._opacity = 1.0
        self._style = OKABE_ITO
        self._sheet: MarkSheet | None = None
        self._marks: tuple[object, QPixmap] | None = None
        self._rings: tuple[tuple[float, float], ...] = ()
        self._pointed: tuple[float, float] | None = None
        self._mouse = ViewMouse(self)

    # What is shown.

    def show_picture(self, picture: Picture | None) -> None:
        """Show another field or frame; the zoom stays unless the size differs."""
        resized = picture is not None and (self._picture is None or picture.size != self._picture.size)
        self._picture = picture
        if resized and self._is_fitted:
            self.fit()
        self.update()

    def show_overlay(self, overlay: FieldOverlay | None) -> None:
        """Lay a result over the picture; None shows nothing."""
        self._overlay, self._marks = overlay, None
        self.update()

    def show_patches(self, patches: QImage | None) -> None:
        """Lay the patch reading, an image of the whole field, under the overlay; None shows none."""
        self._patches = patches
        self.update()

    def show_outlines(self, outlines: Sequence[Outline]) -> None:
        """Draw regions."""
        self.outlines = tuple(outlines)
        self.update()

    def show_rings(self, chosen: Sequence[tuple[float, float]], pointed: tuple[float, float] | None = None) -> None:
        """Ring the chosen cells, and the one that is pointed at; in the field's pixels."""
        rings = tuple(chosen)
        if (rings, pointed) != (self._rings, self._pointed):
            self._rings, self._pointed = rings, pointed
            self.update()

    def set_opacity(self, opacity: float) -> None:
        """Fade the overlay: 0 to 1."""
        self._opacity = opacity
        self.update()

    def set_style(self, style: OverlayStyle) -> None:
        """Colour the cells; the lines come coloured."""
        self._style, self._sheet, self._marks = style, None, None
        self.update()

    def set_tool(self, tool: Tool) -> None:
        """Choose what the left button does; an outline in the making is dropped."""
        self._mouse.tool = tool
        self.draft = Draft()
        self._mouse.show_cursor()
        self.update()

    def drop_draft(self) -> bool:
        """Give up the outline in the making; whether there was one."""
        was_drawing, self.draft = bool(self.draft.points), Draft()
        self.update()
        return was_drawing

    @property
    def tool(self) -> Tool:
        """The tool in hand."""
        return self._mouse.tool

    # Events.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin what the tool does."""
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it, or point at a cell."""
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Close an outline; else the whole field."""
        if self._mouse.tool.draws_outline:
            self._mouse.finish_outline()
        elif event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the tool's cursor."""
        super().enterEvent(event)
        self._mouse.show_cursor()

    def leaveEvent(self, event: QPoint) -> None:  # type: ignore[override]  # QEvent in the stubs
        """Point at nothing."""
        super().leaveEvent(event)  # type: ignore[arg-type]
        self.left.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture, overlay, regions and scale bar."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.palette().base())
        if self._picture is not None:
            self._paint_picture(painter, self._picture)
            self._paint_overlay(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_tools(painter)
        painter.end()
        self.painted.emit(self._picture, self._overlay if self._opacity > 0 else None)

    def _paint_picture(self, painter: QPainter, picture: Picture) -> None:
        image, t = picture.at(self.shrink), self.transform_
        width, height = picture.size
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, t.scale * self.devicePixelRatioF() < 4)
        painter.drawImage(QRectF(t.x, t.y, width * t.scale, height * t.scale), image, QRectF(image.rect()))

    def _paint_overlay(self, painter: QPainter) -> None:
        overlay, size = self._overlay, self.field_size
        if overlay is None or size is None or self._opacity <= 0:
            return
        painter.setOpacity(self._opacity)
        if self._patches is not None:
            t = self.transform_
            painter.drawImage(
                QRectF(t.x, t.y, size[0] * t.scale, size[1] * t.scale), self._patches, QRectF(self._patches.rect())
            )
        draw_lines(painter, overlay, self.transform_)
        painter.drawPixmap(0, 0, self._marks_layer(overlay))
        painter.setOpacity(1.0)

    def _marks_layer(self, overlay: FieldOverlay) -> QPixmap:
        """All marks as one picture, stamped again only when the view or the cells changed: 3000 take 17 ms."""
        key = (self.transform_, self.size().toTuple(), self.devicePixelRatioF())
        if self._marks is None or self._marks[0] != key:
            ratio = self.devicePixelRatioF()
            if self._sheet is None or self._sheet.pixel_ratio != ratio:
                self._sheet = MarkSheet(self._style, ratio)
            layer = QPixmap(self.size() * ratio)
            layer.setDevicePixelRatio(ratio)
            layer.fill(Qt.GlobalColor.transparent)
            painter = QPainter(layer)
            draw_cells(painter, overlay, self._sheet, self.transform_, self._view())
            painter.end()
            self._marks = key, layer
        return self._marks[1]

    def _paint_tools(self, painter: QPainter) -> None:
        draw_outlines(painter, self.outlines, self.transform_)
        if self.draft.points:
            draw_draft(painter, self._mouse.draft_points(), self.transform_)
        for at in self._rings:
            draw_ring(painter, self.transform_.to_view(*at), 10.0, QColor(255, 255, 255))
        if self._pointed is not None:
            draw_ring(painter, self.transform_.to_view(*self._pointed), 12.0, self.palette().highlight().color())
        if self.box is not None:
            painter.setPen(QPen(self.palette().highlight().color(), 1.5, Qt.PenStyle.DashLine))
            painter.drawRect(QRectF(*self.box).normalized())
        if self.caption:
            draw_caption(painter, self.caption)
        if self.pixel_um is not None:
            draw_scale_bar(painter, self.pixel_um, self.transform_.scale, self._view())
