"""Pedals that type a key: heard while any of the program's windows has the focus."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QCheckBox, QLineEdit, QPlainTextEdit

from her2scope.base.errors import ConfigError
from her2scope.devices.manual_pedal import ManualPedal


class PedalKeys(QObject):
    """Takes the pedals' keys out of the stream of key events, wherever they are typed.

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

    def install(self, app: QApplication) -> None:
        """Listen."""
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Press and release the pedal; True takes the key away from everybody else."""
        kinds = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)
        if event.type() not in kinds or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        pedal = self._pedals.get(event.key())
        if pedal is None or event.modifiers() or _is_typing():
            return super().eventFilter(watched, event)
        if event.type() is QEvent.Type.KeyPress and not event.isAutoRepeat():
            pedal.press()
        elif event.type() is QEvent.Type.KeyRelease and not event.isAutoRepeat():
            pedal.release()
        event.accept()
        return True


def check_key(name: str) -> int:
    """The window system's number of a key by its name, such as "Space"; ConfigError when there is none."""
    known: dict[str, int] = {key.name.removeprefix("Key_").lower(): key.value for key in Qt.Key}
    if name.lower() not in known:
        raise ConfigError(f"There is no key {name!r} for a pedal; write its name, such as Space or F9.")
    return known[name.lower()]


def _is_typing() -> bool:
    """Whether the key belongs to the widget with the focus: text, or a box of a dialog that only Space can tick."""
    focus = QApplication.focusWidget()
    if isinstance(focus, QCheckBox):
        return QApplication.activeModalWidget() is not None
    return isinstance(focus, QLineEdit | QPlainTextEdit | QAbstractSpinBox)
