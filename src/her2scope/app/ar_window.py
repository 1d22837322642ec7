"""The eyepiece's window: black where nothing is drawn, thin bright lines, few words."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QFont,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QScreen,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from her2scope.app.marks import MarkSheet
from her2scope.app.model.alignment import Alignment, affine
from her2scope.app.model.views.ar import ArView
from her2scope.app.overlay_image import FieldOverlay
from her2scope.app.view_layers import draw_cells, draw_lines
from her2scope.app.view_transform import ViewTransform

TITLE = "HER2Scope eyepiece: research use only"
_WINDOW = QSize(800, 600)
_MARGIN = 40


class ArWindow(QWidget):
    """Shows an overlay and a score, aligned with the camera's picture.

    Parameters
    ----------
    alignment
        Where the camera's picture lies on the display.
    """

    closed = Signal()

    def __init__(self, alignment: Alignment) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.alignment = alignment
        self._overlay: FieldOverlay | None = None
        self._content: ArView | None = None
        self._picture = (1, 1)
        self._sheet: MarkSheet | None = None
        self.resize(_WINDOW)

    def show_on(self, screen: QScreen | None, home: QScreen) -> None:
        """Fill a display; None: be a window in the corner of the main window's display, `home`."""
        self.showNormal()  # a full screen cannot move to another one
        if screen is None:
            self.setScreen(home)
            self.resize(_WINDOW)
            room = home.availableGeometry()
            right, bottom = (end - _MARGIN for end in (room.right() - self.width(), room.bottom() - self.height()))
            self.move(max(room.left(), right), max(room.top(), bottom))
            return
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()

    def show_content(self, content: ArView, overlay: FieldOverlay | None, picture: tuple[int, int]) -> None:
        """Show words and overlay for a picture of (width, height) pixels."""
        if self._content is None or content.style != self._content.style:
            self._sheet = None
        self._content, self._overlay, self._picture = content, overlay, picture
        self.update()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that it is gone."""
        self.closed.emit()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  # Qt gives it
        """Draw on black."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        if self._content is not None:
            if self._overlay is not None:
                self._paint_overlay(painter, self._content, self._overlay)
            self._paint_words(painter, self._content)
        painter.end()

    def _paint_overlay(self, painter: QPainter, content: ArView, overlay: FieldOverlay) -> None:
        a = affine(self.alignment, self._picture, (self.width(), self.height()))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setTransform(QTransform(a[0, 0], a[1, 0], a[0, 1], a[1, 1], a[0, 2], a[1, 2]))
        if content.shows_membranes:
            draw_lines(painter, overlay, ViewTransform(1.0, -0.5, -0.5))
        painter.restore()
        if content.shows_cells and self.alignment.rotation_deg == 0:
            self._paint_cells(painter, content, overlay, float(a[0, 0]))

    def _paint_cells(self, painter: QPainter, content: ArView, overlay: FieldOverlay, scale: float) -> None:
        if self._sheet is None:
            self._sheet = MarkSheet(content.style, self.devicePixelRatioF())
        a = affine(self.alignment, self._picture, (self.width(), self.height()))
        transform = ViewTransform(scale, float(a[0, 2]) - 0.5 * scale, float(a[1, 2]) - 0.5 * scale)
        draw_cells(painter, overlay, self._sheet, transform, (self.width(), self.height()))

    def _paint_words(self, painter: QPainter, content: ArView) -> None:
        painter.setPen(QColor(*content.text_colour))
        height = self.height()
        for text, top, size in (
            (content.score, 0.035, 0.075),
            ("" if content.reading == content.score else content.reading, 0.115, 0.026),
            (content.notice, 0.15, 0.022),
        ):
            font = QFont(painter.font())
            font.setPixelSize(max(10, round(height * size)))
            painter.setFont(font)
            box = QRectF(height * 0.03, height * top, self.width() - height * 0.06, height * size * 1.4)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        font = QFont(painter.font())
        font.setPixelSize(max(9, round(height * 0.018)))
        painter.setFont(font)
        foot = QRectF(height * 0.03, height * 0.965, self.width() - height * 0.06, height * 0.03)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, "research use only")
