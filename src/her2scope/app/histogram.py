"""The histogram of a field's DAB optical density, with the thresholds in it."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from her2scope.app.model.views.thresholds import Histogram, Moved, ThresholdValues
from her2scope.app.theme import Theme

MOST_OD = 1.5
"""Right end of the axis."""
_FOOT = 16
_REACH = 8.0


_NAMES: dict[Moved, str] = {"t_weak": "weak", "t_moderate": "moderate", "t_intense": "intense"}


class HistogramView(QWidget):
    """Shows counts and thresholds; a threshold can be dragged."""

    dragged = Signal(str, float)
    released = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._theme = theme
        self._histogram: Histogram | None = None
        self._values: ThresholdValues | None = None
        self._held: Moved | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setToolTip("DAB optical density (base 10) of the field's pixels; drag a threshold")
        self.setAccessibleName("Histogram of DAB optical density")

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(420, 84)

    def show_histogram(self, histogram: Histogram | None) -> None:
        """Show a field's DAB; None shows nothing."""
        self._histogram = histogram
        self.update()

    def show_values(self, values: ThresholdValues) -> None:
        """Show thresholds."""
        self._values = values
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the nearest threshold."""
        self._held = self._near(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it."""
        if self._held is None:
            near = self._near(event.position().x())
            self.setCursor(Qt.CursorShape.ArrowCursor if near is None else Qt.CursorShape.SplitHCursor)
        else:
            self.dragged.emit(self._held, event.position().x() / self.width() * MOST_OD)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002  # Qt gives it
        """Let it go."""
        if self._held is not None:
            self._held = None
            self.released.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  # Qt gives it
        """Draw the curve, the axis and the thresholds."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        foot = float(self.height() - _FOOT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.ground))
        painter.drawRoundedRect(QRectF(0, 0, self.width(), foot), 4, 4)
        painter.setBrush(QColor(self._theme.muted))
        painter.setOpacity(0.65)
        if self._histogram is not None:
            painter.drawPolygon(self._curve(self._histogram, foot))
        painter.setOpacity(1.0)
        self._paint_axis(painter, foot)
        if self._values is not None:
            for key, od in _lines(self._values):
                self._paint_threshold(painter, key, self._x(od), foot)
        painter.end()

    def _curve(self, histogram: Histogram, foot: float) -> QPolygonF:
        bars = zip(histogram.od.tolist(), histogram.height.tolist(), strict=True)
        points = [QPointF(self._x(od), foot - (foot - 4) * height) for od, height in bars if od <= MOST_OD]
        return QPolygonF([QPointF(0, foot), *points, QPointF(self.width(), foot)])

    def _paint_axis(self, painter: QPainter, foot: float) -> None:
        font = QFont(painter.font())
        font.setPixelSize(10)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.muted))
        for tenths in range(0, 15, 2):
            x = self._x(tenths / 10)
            flags = Qt.AlignmentFlag.AlignHCenter if tenths else Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRectF(x - 20 if tenths else x + 2, foot + 2, 40, _FOOT), flags, f"{tenths / 10:g}")

    def _paint_threshold(self, painter: QPainter, key: Moved, x: float, foot: float) -> None:
        painter.setPen(QPen(QColor(self._theme.accent), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, foot))
        painter.setBrush(QColor(self._theme.accent))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(QPolygonF([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, 7)]))
        painter.setPen(QColor(self._theme.text))
        room = painter.fontMetrics().horizontalAdvance(_NAMES[key]) + 6
        painter.drawText(QPointF(x + 6 if x + room < self.width() else x - room, 12), _NAMES[key])

    def _x(self, od: float) -> float:
        return od / MOST_OD * self.width()

    def _near(self, x: float) -> Moved | None:
        if self._values is None:
            return None
        key, od = min(_lines(self._values), key=lambda line: abs(self._x(line[1]) - x))
        return key if abs(self._x(od) - x) <= _REACH else None


def _lines(values: ThresholdValues) -> tuple[tuple[Moved, float], ...]:
    middle: tuple[tuple[Moved, float], ...] = () if values.t_moderate is None else (("t_moderate", values.t_moderate),)
    return (("t_weak", values.t_weak), *middle, ("t_intense", values.t_intense))
