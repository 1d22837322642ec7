"""Pedals that type a key: heard while any of the program's windows has the focus."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QCheckBox, QLineEdit, QPlainTextEdit

from her2scope.base.errors import ConfigError
from her2scope.devices.manual_pedal import ManualPedal

WANTS_KEYS = "wants_keys"
"""Property of a widget that every key belongs to while it has the focus."""

_KINDS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)


class PedalKeys(QObject):
    """Takes the pedals' keys out of the stream of key events, wherever they are typed.

    A key that went down is let go even where its coming up is not ours to see: with a modifier held by then, in a
    text that got the focus meanwhile, or in another program's window. A pedal that stayed down would miss a press.

    Parameters
    ----------
    pedals
        By the key's name, such as "Space".
    parent
        Owner; the filter ends with it.
    """

    def __init__(self, pedals: Mapping[str, ManualPedal], parent: QObject) -> None:
        super().__init__(parent)
        self._pedals = {check_key(name): pedal for name, pedal in pedals.items()}
        self._down: set[int] = set()

    def install(self, app: QApplication) -> None:
        """Listen."""
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Press and release the pedal; True takes the key away from everybody else."""
        if event.type() is QEvent.Type.ApplicationDeactivate:
            self._let_go(*self._down)
        if isinstance(event, QKeyEvent) and event.type() in _KINDS and self._is_pedal(event):
            self._take(event)
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _is_pedal(self, event: QKeyEvent) -> bool:
        """Whether the key is a pedal here; one that is down stays so until it comes up."""
        key = event.key()
        return key in self._down or (key in self._pedals and not event.modifiers() and not _is_typing(event))

    def _take(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat() or event.type() is QEvent.Type.ShortcutOverride:
            return
        self._let_go(event.key())
        if event.type() is QEvent.Type.KeyPress:
            self._down.add(event.key())
            self._pedals[event.key()].press()

    def _let_go(self, *keys: int) -> None:
        for key in self._down.intersection(keys):
            self._down.discard(key)
            self._pedals[key].release()


def check_key(name: str) -> int:
    """The window system's number of a key by its name, such as "Space"; ConfigError when there is none."""
    known: dict[str, int] = {key.name.removeprefix("Key_").lower(): key.value for key in Qt.Key}
    if name.lower() not in known:
        raise ConfigError(f"There is no key {name!r} for a pedal; write its name, such as Space or F9.")
    return known[name.lower()]


def _is_typing(event: QKeyEvent) -> bool:
    """Whether the key belongs to the widget with the focus: text, or a box of a dialog that only Space can tick.

    A key that types nothing, such as F9, is nobody's text; nor is a space in a number field.
    """
    focus = QApplication.focusWidget()
    if focus is not None and focus.property(WANTS_KEYS):
        return True
    if isinstance(focus, QCheckBox):
        return QApplication.activeModalWidget() is not None
    if isinstance(focus, QAbstractSpinBox):
        return bool(event.text().strip())
    return bool(event.text()) and isinstance(focus, QLineEdit | QPlainTextEdit)
