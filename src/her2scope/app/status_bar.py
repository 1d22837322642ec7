"""The line at the foot: camera, pedal, detector, control, light and focus, the last analysis, research use only."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QWidget

from her2scope.app.icons import tinted
from her2scope.app.model.views.status import StatusItem
from her2scope.app.model.views.tone import Tone
from her2scope.app.parts import label, restyle, row
from her2scope.app.theme import Theme
from her2scope.app.tones import TEXT_STYLES, tone_colour

_ICONS = {
    "camera": "camera",
    "pedal": "pedal",
    "detector": "tumour",
    "control": "control",
    "focus": "focus",
    "light": "light",
}


class StatusCell(QWidget):
    """An icon and a few words; its colour follows the state, and so do the words."""

    def __init__(self, picture: str, theme: Theme, parent: QWidget | None = None) -> None:
        """Start with a dash."""
        super().__init__(parent)
        self._picture, self._theme = picture, theme
        self._icon, self._text = QLabel(), label("—", "small")
        layout = row(self._icon, self._text, margins=(0, 0, 10, 0))
        layout.setSpacing(5)
        self.setLayout(layout)
        self._tone: Tone | None = None
        self.show_item(StatusItem("", "—", Tone.QUIET, ""))

    def show_item(self, item: StatusItem) -> None:
        """Show words in a tone."""
        self._text.setText(item.text)
        self.setToolTip(item.tip)
        if item.tone is self._tone:
            return
        self._tone = item.tone
        restyle(self._text, TEXT_STYLES[item.tone])
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
        self._timing = label("", "small")
        self._timing.setMinimumWidth(60)
        research = label("Research use only", "research")
        self.setLayout(row(*self.items.values(), -1, self._timing, research, margins=(12, 4, 6, 4)))
        self.setFixedHeight(32)

    def show_item(self, item: StatusItem) -> None:
        """Show one of the items, by its key."""
        if item.key == "timing":
            self._timing.setText(item.text)
            self._timing.setToolTip(item.tip)
        else:
            self.items[item.key].show_item(item)
