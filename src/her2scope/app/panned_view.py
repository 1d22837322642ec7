"""A picture that can be panned and zoomed."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from her2scope.app.pictures import Picture, shrink_for
from her2scope.app.view_transform import ViewTransform, fitted, held

_WHEEL_STEP = 1.0015


class PannedView(QWidget):
    """Knows where a field lies in the widget; `zoomed` tells that this has changed."""

    zoomed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without a picture."""
        super().__init__(parent)
        self.transform_ = ViewTransform()
        self._picture: Picture | None = None
        self._is_fitted = True

    @property
    def field_size(self) -> tuple[int, int] | None:
        """(width, height) of the field in its own pixels; None without a picture."""
        return None if self._picture is None else self._picture.size

    @property
    def shrink(self) -> int:
        """Field pixels per picture pixel that the present zoom needs."""
        return shrink_for(self.transform_.scale * self.devicePixelRatioF())

    def fit(self) -> None:
        """Show the whole field."""
        self._is_fitted = True
        if self._picture is not None:
            self._set_transform(fitted(self._picture.size, self._view()))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a point of the view, or about its middle."""
        if self._picture is None:
            return
        point = (self.width() / 2, self.height() / 2) if at is None else (at.x(), at.y())
        least = fitted(self._picture.size, self._view()).scale
        transform = self.transform_.zoomed(factor, point, least)
        self._is_fitted = transform.scale <= least * 1.001
        self._set_transform(held(transform, self._picture.size, self._view()))

    def set_scale(self, scale: float) -> None:
        """Show so many device-independent pixels per pixel of the field, about the middle."""
        if scale != self.transform_.scale:
            self.zoom_by(scale / self.transform_.scale)

    def follow(self, other: PannedView) -> None:
        """Show the same part as another view of the same size."""
        self._is_fitted = False
        self._set_transform(other.transform_)

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the picture by device-independent pixels."""
        if self._picture is not None:
            self._set_transform(held(self.transform_.moved(dx, dy), self._picture.size, self._view()))

    def to_field(self, point: QPointF) -> tuple[float, float]:
        """The field's pixel under a point of the view."""
        return self.transform_.to_field(point.x(), point.y())

    def _view(self) -> tuple[int, int]:
        return max(1, self.width()), max(1, self.height())

    def _set_transform(self, transform: ViewTransform) -> None:
        if transform != self.transform_:
            self.transform_ = transform
            self.zoomed.emit()
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep a whole field whole."""
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()
        else:
            self.pan_by(0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse."""
        self.zoom_by(_WHEEL_STEP ** event.angleDelta().y(), event.position())
        event.accept()
