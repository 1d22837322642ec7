"""The banner over the picture: what happened, and what to do; it never takes the focus."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLabel, QToolButton, QWidget

from her2scope.app.icons import icon, tinted
from her2scope.app.parts import label, restyle, row
from her2scope.app.theme import Theme

_BRIEF_MS = 6000


class Banner(QFrame):
    """One sentence at a time; a newer one replaces it. `closed` carries what a hand closed."""

    closed = Signal(str)
    expired = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self._theme = theme
        self._icon = QLabel()
        self._text = label("")
        self._text.setWordWrap(True)
        close = QToolButton()
        close.setIcon(icon("close", theme))
        close.setIconSize(QSize(16, 16))
        close.setToolTip("Close this message")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(self._close)
        layout = row(self._icon, self._text, close, margins=(12, 6, 6, 6))
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._expire)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty when hidden."""
        return self._text.text() if not self.isHidden() else ""

    def say_fault(self, sentence: str) -> None:
        """Say what went wrong; stays until it is closed."""
        self._say(sentence, "banner_bad", "warning", self._theme.bad)
        self._timer.stop()

    def say_caution(self, sentence: str) -> None:
        """Say what to mind; stays until it is closed."""
        self._say(sentence, "banner", "warning", self._theme.caution)
        self._timer.stop()

    def say_hint(self, sentence: str) -> None:
        """Say something that goes away by itself."""
        self._say(sentence, "banner_info", "info", self._theme.accent)
        self._timer.start(_BRIEF_MS)

    def dismiss(self) -> None:
        """Hide."""
        self._timer.stop()
        self.hide()

    def _close(self) -> None:
        """Hide, and tell what was closed by hand."""
        said = self.text
        self.dismiss()
        self.closed.emit(said)

    def _expire(self) -> None:
        self.dismiss()
        self.expired.emit()

    def _say(self, sentence: str, style: str, picture: str, colour: str) -> None:
        restyle(self, style)
        ratio = self.devicePixelRatioF()
        pixmap = tinted(picture, colour, round(20 * ratio))
        pixmap.setDevicePixelRatio(ratio)
        self._icon.setPixmap(pixmap)
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self.show()
        self.raise_()
