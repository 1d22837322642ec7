"""The line at the foot: camera, pedal, detector, control, light and focus, the last analysis, research use only."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from her2scope.app.icons import tinted
from her2scope.app.model.views.status import StatusItem
from her2scope.app.model.views.tone import Tone
from her2scope.app.parts import label, restyle, row
from her2scope.app.theme import Theme
from her2scope.app.tones import TEXT_STYLES, tone_colour

_ANY_PX = 16777215
_CAMERA_PX = 110
"""Room that is left to the camera: its first letters and its frames per second."""
_ICONS = {
    "camera": "camera",
    "pedal": "pedal",
    "detector": "tumour",
    "control": "control",
    "focus": "focus",
    "light": "light",
    "case": "save",
}


class ElidedLabel(QLabel):
    """A line of text that ends in dots where there is no room."""

    def __init__(self, text: str, style: str) -> None:
        """Take the room that is left, down to a few letters."""
        super().__init__(text)
        self.mode = Qt.TextElideMode.ElideRight
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setObjectName(style)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        hint = super().minimumSizeHint()
        return QSize(min(48, hint.width()), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  # Qt gives it
        """Draw what fits."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), self.mode, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class StatusCell(QWidget):
    """An icon and a few words; its colour follows the state, and so do the words."""

    def __init__(self, picture: str, theme: Theme, parent: QWidget | None = None) -> None:
        """Start with a dash."""
        super().__init__(parent)
        self._picture, self._theme = picture, theme
        self._icon, self.words = QLabel(), ElidedLabel("—", "small")
        layout = row(self._icon, self.words, margins=(0, 0, 10, 0))
        layout.setSpacing(5)
        self.setLayout(layout)
        self._tone: Tone | None = None
        self.show_item(StatusItem("", "—", Tone.QUIET, ""))

    def show_item(self, item: StatusItem) -> None:
        """Show words in a tone."""
        self.words.setText(item.text)
        self.setToolTip(item.tip if item.tip.startswith(item.text) else f"{item.text}\n{item.tip}")
        if item.tone is self._tone:
            return
        self._tone = item.tone
        restyle(self.words, TEXT_STYLES[item.tone])
        ratio = self.devicePixelRatioF()
        pixmap = tinted(self._picture, tone_colour(item.tone, self._theme), round(16 * ratio))
        pixmap.setDevicePixelRatio(ratio)
        self._icon.setPixmap(pixmap)


class StatusLine(QFrame):
    """All states in a row."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Start with dashes."""
        super().__init__(parent)
        self.setObjectName("status")
        self.items = {name: StatusCell(picture, theme) for name, picture in _ICONS.items()}
        self._timing = ElidedLabel("", "small")
        research = label("Research use only", "research")
        self.setLayout(row(*self.items.values(), -1, self._timing, research, margins=(12, 4, 6, 4)))
        self.setFixedHeight(32)
        self._camera = self.items["camera"].words
        self._camera.mode = Qt.TextElideMode.ElideMiddle

    def show_item(self, item: StatusItem) -> None:
        """Show one of the items, by its key."""
        if item.key == "timing":
            self._timing.setText(item.text)
            self._timing.setToolTip(item.tip)
        else:
            self.items[item.key].show_item(item)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Where there is little, cut the camera's long name in its middle, and the other words only after it."""
        self._camera.setMaximumWidth(_ANY_PX)
        asked = self._camera.sizeHint().width()
        for widget in (*self.items.values(), self):  # they would notice the change of width only later
            if (layout := widget.layout()) is not None:
                layout.invalidate()
            widget.updateGeometry()
        missing = self.sizeHint().width() - self.width()
        self._camera.setMaximumWidth(max(min(asked, _CAMERA_PX), asked - max(missing, 0)))
