"""What a view draws over the picture: lines and marks, regions, highlights, the scale bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPen, QPolygonF

from her2scope.app.marks import MarkSheet, visible
from her2scope.app.model.views.microscope import scale_bar
from her2scope.app.overlay_image import FieldOverlay
from her2scope.app.view_transform import ViewTransform
from her2scope.base.geometry import PointsPx

INCLUDE = QColor("#ffffff")
EXCLUDE = QColor("#ff9ec7")
_BAR_MOST = 170.0
_FULL_SIZE_SCALE = 0.4
"""View pixels per field pixel from which marks are drawn at full size: below it neighbours would touch."""


@dataclass(frozen=True)
class Outline:
    """A region as it is drawn: its ring in the field's pixels, and whether it takes cells in or out."""

    ring: PointsPx
    is_exclusion: bool = False
    is_chosen: bool = False


def draw_lines(painter: QPainter, overlay: FieldOverlay, transform: ViewTransform) -> None:
    """Lay the membranes over the picture."""
    if overlay.lines is None:
        return
    scale = transform.scale / overlay.scale
    size = overlay.lines.size()
    target = QRectF(transform.x, transform.y, size.width() * scale, size.height() * scale)
    painter.drawImage(target, overlay.lines, QRectF(overlay.lines.rect()))


def draw_cells(
    painter: QPainter, overlay: FieldOverlay, sheet: MarkSheet, transform: ViewTransform, size: tuple[int, int]
) -> None:
    """Stamp the cells that are in view; smaller where they do not count."""
    found, at = visible(overlay.cells.xy_px, transform, size)
    rows = np.where(overlay.cells.counted[found], 0, 1).astype(np.uint8)
    if overlay.corrected is not None:
        rows[overlay.corrected[found]] = 2
    classes = overlay.cells.classes[found]
    order = np.argsort(-classes.astype(np.int16), kind="stable")  # the strongest on top
    mark_size = float(np.clip(transform.scale / _FULL_SIZE_SCALE, 0.6, 1.0))
    sheet.draw(painter, at[order], np.column_stack([classes, rows])[order], mark_size)


def draw_outlines(painter: QPainter, outlines: Sequence[Outline], transform: ViewTransform) -> None:
    """Draw regions: inclusions solid and white, exclusions dashed and hatched."""
    for outline in outlines:
        colour = EXCLUDE if outline.is_exclusion else INCLUDE
        polygon = to_polygon(outline.ring, transform)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(polygon)
        pen = QPen(colour, 2.5 if outline.is_chosen else 1.6)
        if outline.is_exclusion:
            pen.setStyle(Qt.PenStyle.DashLine)
            hatch = QColor(colour)
            hatch.setAlpha(150)
            painter.setBrush(QBrush(hatch, Qt.BrushStyle.BDiagPattern))
        painter.setPen(pen)
        painter.drawPolygon(polygon)
        if outline.is_chosen:
            draw_handles(painter, polygon)


def draw_handles(painter: QPainter, polygon: QPolygonF) -> None:
    """Draw the corners that can be dragged."""
    painter.setPen(QPen(QColor(0, 0, 0), 1))
    painter.setBrush(QColor(255, 255, 255))
    for point in polygon.toList():
        painter.drawRect(QRectF(point.x() - 3.5, point.y() - 3.5, 7, 7))


def draw_draft(painter: QPainter, points: PointsPx, transform: ViewTransform) -> None:
    """Draw the outline that is being drawn."""
    polygon = to_polygon(points, transform)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 160), 4), (QColor(255, 255, 255), 1.6)):
        painter.setPen(QPen(colour, width))
        painter.drawPolyline(polygon)
    draw_handles(painter, QPolygonF(polygon.toList()[:1]))


def draw_ring(painter: QPainter, at: tuple[float, float], radius: float, colour: QColor) -> None:
    """Draw a ring round a cell that is pointed at or chosen."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in ((QColor(0, 0, 0, 150), 3.6), (colour, 1.8)):
        painter.setPen(QPen(ink, width))
        painter.drawEllipse(QPointF(*at), radius, radius)


def draw_scale_bar(painter: QPainter, pixel_um: float, zoom: float, size: tuple[int, int]) -> None:
    """Draw the scale bar into the lower right corner."""
    bar = scale_bar(pixel_um, zoom, _BAR_MOST)
    right, bottom = size[0] - 22.0, size[1] - 20.0
    box = QRectF(right - bar.length_px - 14, bottom - 32, bar.length_px + 28, 44)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(QPen(QColor(255, 255, 255), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLine(QPointF(right - bar.length_px, bottom), QPointF(right, bottom))
    font = QFont(painter.font())
    font.setPixelSize(13)
    painter.setFont(font)
    painter.drawText(QRectF(box.x(), box.y() + 4, box.width(), 20), Qt.AlignmentFlag.AlignCenter, bar.text)


def draw_caption(painter: QPainter, text: str) -> None:
    """Draw words into the upper left corner."""
    font = QFont(painter.font())
    font.setPixelSize(13)
    painter.setFont(font)
    box = QRectF(12, 12, painter.fontMetrics().horizontalAdvance(text) + 24, 28)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def to_polygon(points: PointsPx, transform: ViewTransform) -> QPolygonF:
    """The (N, 2) field points as a polygon of the view."""
    at = (points + 0.5) * transform.scale + np.array([transform.x, transform.y])
    return QPolygonF([QPointF(x, y) for x, y in at.tolist()])
