"""The banners over the picture: what happened, and what to do; they never take the focus."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLabel, QToolButton, QWidget

from her2scope.app.icons import icon, tinted
from her2scope.app.parts import column, label, row
from her2scope.app.theme import Theme

LINES = 3
"""Sentences that are shown at once; more would hide the picture."""
_BRIEF_MS = 6000
_LINE_PX = 44
_GAP_PX = 6


class _Line(QFrame):
    """One sentence, and a button that closes it."""

    close_asked = Signal(str)

    def __init__(self, sentence: str, kind: tuple[str, str, str], theme: Theme) -> None:
        """Show a sentence; `kind` is its style, picture and the picture's colour."""
        super().__init__()
        style, picture, colour = kind
        self.setObjectName(style)
        mark, text = QLabel(), label(sentence)
        ratio = self.devicePixelRatioF()
        pixmap = tinted(picture, colour, round(20 * ratio))
        pixmap.setDevicePixelRatio(ratio)
        mark.setPixmap(pixmap)
        text.setWordWrap(True)
        self.more = label("", "muted")
        self.more.setToolTip("Earlier messages wait; close these to see them")
        close = QToolButton()
        close.setIcon(icon("close", theme))
        close.setIconSize(QSize(16, 16))
        close.setToolTip("Close this message")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(lambda: self.close_asked.emit(sentence))
        layout = row(mark, text, self.more, close, margins=(12, 6, 6, 6))
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.setMinimumHeight(_LINE_PX)
        self.setAccessibleName(sentence)


class Banner(QWidget):
    """A few sentences, the newest last; a fault stays until it is closed, a hint goes away by itself.

    Faults that find no room wait until newer ones are closed. `closed` carries what a hand closed, `changed` tells
    that there is more or less to show.
    """

    closed = Signal(str)
    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self._theme = theme
        self._faults: list[str] = []
        self._notices: set[str] = set()
        self._hint = ""
        self._lines = column()
        self._lines.setSpacing(_GAP_PX)
        self.setLayout(self._lines)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.expire)
        self.hide()

    @property
    def shown(self) -> tuple[str, ...]:
        """The sentences that are seen now, from top to bottom."""
        hint = (self._hint,) if self._hint else ()
        return (*self._faults[-(LINES - len(hint)) :], *hint)

    @property
    def text(self) -> str:
        """What is seen, a sentence a line; empty when hidden."""
        return "\n".join(self.shown)

    def say_notice(self, sentence: str) -> None:
        """Say what is no fault, but has to be read; stays as a fault does."""
        self._notices.add(sentence)
        self.say_fault(sentence)

    def say_fault(self, sentence: str) -> None:
        """Say what went wrong; stays until it is closed or taken back. Said again, it becomes the newest."""
        self._faults = [*(fault for fault in self._faults if fault != sentence), sentence]
        self._show()

    def say_hint(self, sentence: str) -> None:
        """Say something that goes away by itself, or when there is another."""
        self._hint = sentence
        self._timer.start(_BRIEF_MS)
        self._show()

    def take_back(self, sentence: str) -> None:
        """Say a sentence no longer."""
        self._faults = [fault for fault in self._faults if fault != sentence]
        if self._hint == sentence:
            self._hint = ""
        self._show()

    def dismiss(self) -> None:
        """Hide all."""
        self._faults, self._hint = [], ""
        self._show()

    def close_line(self, sentence: str) -> None:
        """Take a sentence back, and tell that a hand closed it."""
        self.take_back(sentence)
        self.closed.emit(sentence)

    def expire(self) -> None:
        """End the hint."""
        self._hint = ""
        self._show()

    def _show(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for place, sentence in enumerate(self.shown):
            line = self._line(sentence, is_first=place == 0)
            self._lines.addWidget(line)
            line.show()  # the layout would do so later, and had no height for it until then
        self.setAccessibleName(self.text)
        self.setVisible(bool(self.shown))
        self.raise_()
        self.changed.emit()

    def _line(self, sentence: str, *, is_first: bool) -> _Line:
        bad, info = ("banner_bad", "warning", self._theme.bad), ("banner_info", "info", self._theme.accent)
        is_bad = sentence in self._faults and sentence not in self._notices
        line = _Line(sentence, bad if is_bad else info, self._theme)
        waiting = len(self._faults) + bool(self._hint) - len(self.shown)
        line.more.setText(f"+{waiting} more" if is_first and waiting else "")
        line.more.setVisible(bool(line.more.text()))
        line.close_asked.connect(self.close_line, Qt.ConnectionType.QueuedConnection)
        return line
