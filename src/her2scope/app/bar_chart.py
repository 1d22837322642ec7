"""A horizontal bar chart of class proportions, with intervals and the 10% line."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from her2scope.analysis.classes import CellClass
from her2scope.app.marks import Mark, draw_mark
from her2scope.app.model.views.chart import Bar, Chart
from her2scope.app.model.views.legend import Legend

_ROW = 21.0
_NAME = 22.0
_GAP = 10.0
_TOP = 18.0
_WIDEST_VALUE = "100.0%"
_USUAL_COUNT = "88888"
_ROOM = 2.0
_LEAST_BAR = 40.0


class BarChart(QWidget):
    """Bars of equal height, one a class; its height never changes with the numbers, so nothing jumps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with no bars."""
        super().__init__(parent)
        self._bars: tuple[Bar, ...] = ()
        self._counts: dict[CellClass, str] = {}
        self._cutoff: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_chart(self, chart: Chart, legend: Legend) -> None:
        """Show other bars with their counts, and the cut-off's line."""
        self._counts = {row.cell_class: row.count_text for row in legend.rows}
        grown = len(chart.bars) != len(self._bars)
        self._bars, self._cutoff = chart.bars, chart.cutoff
        self.setAccessibleDescription("; ".join(f"{bar.name} {bar.value}" for bar in chart.bars))
        self.setToolTip("\n".join((*(bar.tip for bar in chart.bars), *(row.text for row in chart.deciding))))
        if grown:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the bars there are."""
        width = self._left() + _LEAST_BAR + sum(self.columns()) + 2 * _GAP
        return QSize(max(300, math.ceil(width)), round(_TOP + _ROW * max(1, len(self._bars)) + 4))

    def minimumSizeHint(self) -> QSize:
        """As the hint."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  # Qt gives it
        """Draw the bars, then the cut-off's line over them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = self._left()
        numbers = sum(self.columns()) + 2 * _GAP
        plot = QRectF(left, _TOP, max(_LEAST_BAR, self.width() - left - numbers), _ROW * len(self._bars))
        for row, bar in enumerate(self._bars):
            self._paint_bar(painter, bar, QRectF(plot.x(), _TOP + row * _ROW, plot.width(), _ROW))
        if self._cutoff is not None:
            self._paint_cutoff(painter, plot, self._cutoff)
        painter.end()

    def columns(self) -> tuple[float, float]:
        """Widths of the proportions and of the counts, in pixels: whatever they are, no digit is cut."""
        plain, strong = QFontMetricsF(self.font()), QFontMetricsF(_strong(self.font()))
        counts = (_USUAL_COUNT, *self._counts.values())
        widest = max(plain.horizontalAdvance(text) for text in counts)
        return strong.horizontalAdvance(_WIDEST_VALUE) + _ROOM, widest + _ROOM

    def _left(self) -> float:
        """Where the bars begin: right of the longest name."""
        return _NAME + max((self.fontMetrics().horizontalAdvance(bar.name) for bar in self._bars), default=0) + _GAP

    def _paint_bar(self, painter: QPainter, bar: Bar, row: QRectF) -> None:
        palette, colour, middle = self.palette(), QColor(*bar.colour), row.center().y()
        draw_mark(painter, QPointF(9, middle), 5.5, Mark(bar.cell_class, colour))
        painter.setPen(palette.text().color())
        painter.drawText(QRectF(_NAME, row.y(), row.x() - _NAME, _ROW), Qt.AlignmentFlag.AlignVCenter, bar.name)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        value, count = self.columns()
        painter.setFont(_strong(self.font()))
        painter.drawText(QRectF(row.right() + _GAP, row.y(), value, _ROW), right, bar.value)
        painter.setFont(self.font())
        painter.setPen(palette.placeholderText().color())
        end = row.right() + 2 * _GAP + value
        painter.drawText(QRectF(end, row.y(), count, _ROW), right, self._counts.get(bar.cell_class, ""))
        track = QRectF(row.x(), middle - 5, row.width(), 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.base())
        painter.drawRoundedRect(track, 3, 3)
        if bar.share is not None:
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(track.x(), track.y(), track.width() * bar.share, track.height()), 3, 3)
        if bar.low is not None and bar.high is not None:
            self._paint_interval(painter, track, bar.low, bar.high)

    def _paint_interval(self, painter: QPainter, track: QRectF, low: float, high: float) -> None:
        left, right = (track.x() + track.width() * share for share in (low, high))
        middle = track.center().y()
        for colour, width in ((self.palette().window().color(), 4.0), (self.palette().text().color(), 1.5)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(left, middle), QPointF(right, middle))
            for x in (left, right):
                painter.drawLine(QPointF(x, middle - 4), QPointF(x, middle + 4))

    def _paint_cutoff(self, painter: QPainter, plot: QRectF, cutoff: float) -> None:
        x = plot.x() + plot.width() * cutoff
        painter.setPen(QPen(self.palette().placeholderText().color(), 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, plot.y() - 2), QPointF(x, plot.bottom()))
        font = QFont(painter.font())
        font.setPixelSize(11)
        painter.setFont(font)
        label = QRectF(x - 30, 0, 60, _TOP - 3)
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, f"{100 * cutoff:g}%")


def _strong(font: QFont) -> QFont:
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    return strong
