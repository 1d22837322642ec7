"""Marks of cells: filled disk complete, ring incomplete, cross unstained; a square round a corrected one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from her2scope.analysis.classes import COMPLETE_CLASSES, CellClass
from her2scope.analysis.overlay import OverlayStyle
from her2scope.analysis.stamps import stamp
from her2scope.app.view_transform import ViewTransform
from her2scope.base.geometry import PointsPx

_CELL = 24.0
"""Side of one sprite in device-independent pixels; marks are drawn smaller than that."""
_SIZE_STEP = 0.05
"""Marks grow in steps while one zooms, so that sprites are not drawn anew for every step of the wheel."""


@dataclass(frozen=True)
class Mark:
    """How one class is drawn: colour, and whether filled, ring or cross."""

    cell_class: CellClass
    colour: QColor


class MarkSheet:
    """Sprites of every class, counted (row 0), not counted (row 1), and corrected (row 2)."""

    def __init__(self, style: OverlayStyle, pixel_ratio: float) -> None:
        """For a style and a screen's pixel ratio; sprites of a size are drawn when it is first asked for."""
        self.pixel_ratio = pixel_ratio
        self._style = style
        self._sheets: dict[float, _Sheet] = {}

    def draw(self, painter: QPainter, points: PointsPx, columns_rows: NDArray[np.uint8], size: float = 1.0) -> None:
        """Stamp marks.

        Parameters
        ----------
        painter
            In device-independent pixels of the view.
        points
            (N, 2) float64 centres in the view.
        columns_rows
            (N, 2) uint8: CellClass, and the sheet's row.
        size
            Of the marks, 1 for their full size.
        """
        if not len(points):
            return
        sheet = self._sheet(round(size / _SIZE_STEP) * _SIZE_STEP)
        at = np.rint(points * self.pixel_ratio - sheet.side / 2).astype(np.int32)
        corner = at.min(axis=0)
        width, height = (int(side) for side in at.max(axis=0) - corner + sheet.side)
        layer = np.zeros((height, width), np.uint32)
        stamp(layer, sheet.pixels, sheet.side, at - corner, columns_rows)
        image = QImage(layer.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(self.pixel_ratio)
        painter.drawImage(QPointF(*(float(v) for v in corner / self.pixel_ratio)), image)

    def _sheet(self, size: float) -> _Sheet:
        if size not in self._sheets:
            self._sheets = {size: _drawn(self._style, size * self.pixel_ratio)}
        return self._sheets[size]


@dataclass(frozen=True)
class _Sheet:
    """(3 * side, 7 * side) uint32 sprites of `side` screen pixels."""

    pixels: NDArray[np.uint32]
    side: int


def _drawn(style: OverlayStyle, scale: float) -> _Sheet:
    side = int(np.ceil(_CELL * scale))
    pixels = np.zeros((3 * side, len(CellClass) * side), np.uint32)
    image = QImage(
        pixels.data, pixels.shape[1], pixels.shape[0], 4 * pixels.shape[1], QImage.Format.Format_ARGB32_Premultiplied
    )
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for cell_class in CellClass:
        mark = Mark(cell_class, QColor(*style.colours.get(cell_class, (200, 200, 200))))
        for row, radius in enumerate((5.5, 3.0, 5.5)):
            centre = QPointF((cell_class + 0.5) * side, (row + 0.5) * side)
            draw_mark(painter, centre, radius * scale, mark)
            if row == 2:
                _frame(painter, centre, 9.0 * scale)
    painter.end()
    return _Sheet(pixels, side)


def visible(points_px: PointsPx, transform: ViewTransform, size: tuple[int, int]) -> tuple[NDArray[np.intp], PointsPx]:
    """Which points fall into a view of (width, height), and where: indices (K,) and (K, 2) view points."""
    at = (points_px + 0.5) * transform.scale + np.array([transform.x, transform.y])
    inside = (at > -_CELL).all(axis=1) & (at[:, 0] < size[0] + _CELL) & (at[:, 1] < size[1] + _CELL)
    found = np.flatnonzero(inside)
    return found, at[found]


def draw_mark(painter: QPainter, centre: QPointF, radius: float, mark: Mark) -> None:
    """One mark on a dark rim, so that it stands out on any tissue."""
    rim = QColor(0, 0, 0, 190)
    if mark.cell_class is CellClass.UNSTAINED:
        _cross(painter, centre, radius * 0.8, QPen(rim, radius * 0.7))
        _cross(painter, centre, radius * 0.8, QPen(mark.colour, radius * 0.32))
    elif mark.cell_class in COMPLETE_CLASSES:
        painter.setPen(QPen(rim, radius * 0.25))
        painter.setBrush(mark.colour)
        painter.drawEllipse(centre, radius, radius)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((rim, 0.75), (mark.colour, 0.42)):
            painter.setPen(QPen(colour, radius * width))
            painter.drawEllipse(centre, radius * 0.85, radius * 0.85)


def _cross(painter: QPainter, centre: QPointF, arm: float, pen: QPen) -> None:
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
    painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))


def _frame(painter: QPainter, centre: QPointF, half: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(255, 255, 255), half * 0.16))
    painter.drawRect(QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half))
