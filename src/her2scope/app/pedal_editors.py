"""Editors of one pedal: a key, a serial port with its contacts, a button on the screen."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from her2scope.app.model.pedal_edit import action_names, bytes_of, bytes_text, key_note, new_treadle
from her2scope.app.number_box import NumberBox
from her2scope.app.parts import column, explain, label, row, wrapped
from her2scope.app.pedal_keys import WANTS_KEYS
from her2scope.devices.pedal import PedalAction
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import ButtonSetup, KeyboardSetup, Line, PedalSetup, SerialSetup, Treadle

_NOT_FOR_PEDALS = {
    Qt.Key.Key_Tab,
    Qt.Key.Key_Backtab,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_unknown,
}
_BYTES = "bytes"


class KeyRecorder(QLineEdit):
    """Shows a key's name, and takes the next key that is pressed while it has the focus."""

    def __init__(self, key: str) -> None:
        """Show a key."""
        super().__init__(key)
        self.setProperty(WANTS_KEYS, True)
        self.setReadOnly(True)
        self.setToolTip("Click here, then press the key or the pedal")
        self.setPlaceholderText("Press the key or the pedal")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the key, unless it moves the focus or closes the window."""
        key = Qt.Key(event.key())
        if key in _NOT_FOR_PEDALS:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.setText(key.name.removeprefix("Key_"))


class PressEditor(QWidget):
    """What a short and a long press do, and how long a long one lasts."""

    def __init__(self, rule: PressRule) -> None:
        """Show a rule."""
        super().__init__()
        self.short, self.long = _actions(rule.short), _actions(rule.long)
        self.long_s = NumberBox()
        self.long_s.setRange(0.3, 5.0)
        self.long_s.setSingleStep(0.1)
        self.long_s.setDecimals(1)
        self.long_s.setSuffix(" s")
        self.long_s.setValue(rule.long_s)
        self.long_s.setFixedWidth(70)
        for widget, name, tip in (
            (self.short, "Short press", "What a short press does"),
            (self.long, "Long press", "What a long press does"),
            (self.long_s, "Lasts at least", "A press that lasts at least this long is a long one"),
        ):
            explain(widget, name, tip)
        self.long.currentIndexChanged.connect(lambda _: self._follow())
        layout = row(label("short", "muted"), self.short, label("long", "muted"), self.long, self.long_s)
        layout.setStretch(1, 1)
        layout.setStretch(3, 1)
        self.setLayout(layout)
        self._follow()

    @property
    def values(self) -> dict[str, PedalAction | float]:
        """As a PressRule has them."""
        return {
            "short": PedalAction(self.short.currentData()),
            "long": PedalAction(self.long.currentData()),
            "long_s": round(self.long_s.value(), 1),
        }

    def _follow(self) -> None:
        self.long_s.setEnabled(self.long.currentData() is not PedalAction.NOTHING)


class PedalEditor(QFrame):
    """One pedal; `removed` asks to take it away.

    Parameters
    ----------
    pedal
        As it was set up.
    kind
        What to call its sort.
    edit
        The pedal with the name given, and all else as edited; ConfigError when it cannot be.
    """

    removed = Signal()

    def __init__(self, pedal: PedalSetup, kind: str, edit: Callable[[str], PedalSetup]) -> None:
        super().__init__()
        self._edit = edit
        self.setObjectName("card")
        self.last: PedalSetup = pedal
        self.name = QLineEdit(pedal.name)
        self.name.setAccessibleName("Name of the pedal")
        self.name.setToolTip("What this pedal is called in messages")
        remove = QPushButton("Remove")
        remove.setToolTip("Take this pedal out of the set-up")
        remove.clicked.connect(self.removed)
        self.form = QFormLayout()
        self.form.setVerticalSpacing(6)
        self.form.setHorizontalSpacing(12)
        self.body: QVBoxLayout = column(row(label(kind, "muted"), self.name, remove), self.form, margins=(12, 8, 12, 8))
        self.setLayout(self.body)

    @property
    def pedal(self) -> PedalSetup:
        """As edited; ConfigError when it cannot be."""
        self.last = self._edit(self.shown_name)
        return self.last

    @property
    def shown_name(self) -> str:
        """The name given, or the one before where the field is empty."""
        return self.name.text().strip() or self.last.name


class PressedEditor(PedalEditor):
    """A button on the screen."""

    def __init__(self, pedal: KeyboardSetup | ButtonSetup, kind: str = "Button") -> None:
        """Show it."""
        super().__init__(pedal, kind, self._edited)
        self._before = pedal
        self.presses = PressEditor(pedal.presses)
        self.form.addRow("Presses", self.presses)

    def _edited(self, name: str) -> PedalSetup:
        presses = msgspec.structs.replace(self._before.presses, **self.presses.values)
        return msgspec.structs.replace(self._before, name=name, presses=presses)


class KeyboardEditor(PressedEditor):
    """A key, or a pedal that types one."""

    def __init__(self, pedal: KeyboardSetup, shortcuts: Mapping[str, str]) -> None:
        """Show it; `shortcuts` are the window's own keys with what they do."""
        super().__init__(pedal, "Key")
        self._shortcuts = shortcuts
        self.key = KeyRecorder(pedal.key)
        self.key.setAccessibleName("Key of the pedal: press it to record it")
        self.note = wrapped("", "caution")
        self.form.insertRow(0, "Key", self.key)
        self.body.addWidget(self.note)
        self.key.textChanged.connect(lambda _: self._follow())
        self._follow()

    def _edited(self, name: str) -> PedalSetup:
        return msgspec.structs.replace(super()._edited(name), key=self.key.text())

    def _follow(self) -> None:
        self.note.setText(key_note(self.key.text(), self._shortcuts))
        self.note.setVisible(bool(self.note.text()))


class TreadleEditor(QWidget):
    """One contact of a serial pedal: a line of the port, or bytes."""

    def __init__(self, treadle: Treadle) -> None:
        """Show it."""
        super().__init__()
        self._before = treadle
        self.signal = QComboBox()
        for line in get_args(Line):
            self.signal.addItem(f"Line {line.upper()}", line)
        self.signal.addItem("Sends bytes", _BYTES)
        self.signal.setCurrentIndex(self.signal.findData(treadle.line or _BYTES))
        explain(self.signal, "Signal", "How the contact reaches the computer")
        self.active = QComboBox()
        for level in ("high", "low"):
            self.active.addItem(f"{level} when down", level)
        self.active.setCurrentIndex(self.active.findData(treadle.active))
        explain(self.active, "Level", "Level of the line while the foot is down")
        self.press, self.release = (
            QLineEdit(bytes_text(treadle.press or "")),
            QLineEdit(bytes_text(treadle.release or "")),
        )
        for box, words in ((self.press, "sent when down"), (self.release, "sent when up (optional)")):
            box.setPlaceholderText(words)
            explain(box, words, "Text as the pedal sends it; \\r and \\n for line ends, \\x01 for a byte")
        self.presses = PressEditor(treadle)
        self.signal.currentIndexChanged.connect(lambda _: self._follow())
        self.setLayout(column(row(self.signal, self.active, self.press, self.release), self.presses))
        self._follow()

    @property
    def treadle(self) -> Treadle:
        """As edited; ConfigError when it cannot be."""
        is_line = self.signal.currentData() != _BYTES
        return msgspec.structs.replace(
            self._before,
            **self.presses.values,
            line=self.signal.currentData() if is_line else None,
            active=self.active.currentData(),
            press=None if is_line else bytes_of(self.press.text()) or None,
            release=None if is_line else bytes_of(self.release.text()) or None,
        )

    def _follow(self) -> None:
        is_line = self.signal.currentData() != _BYTES
        self.active.setVisible(is_line)
        self.press.setVisible(not is_line)
        self.release.setVisible(not is_line)


class SerialEditor(PedalEditor):
    """A pedal on a serial port, with one contact or more."""

    def __init__(self, pedal: SerialSetup, ports: Sequence[tuple[str, str]]) -> None:
        """Show it; `ports` are (name in a set-up, text for people)."""
        super().__init__(pedal, "Serial", self._edited)
        self._before = pedal
        self.port = QComboBox()
        self.port.setAccessibleName("Serial port")
        self.port.setToolTip("The port that the pedal is plugged into")
        for name, text in ports:
            self.port.addItem(text, name)
        if self.port.findData(pedal.port) < 0:
            self.port.insertItem(0, f"{pedal.port} (not connected)", pedal.port)
        self.port.setCurrentIndex(self.port.findData(pedal.port))
        self.treadles = [TreadleEditor(treadle) for treadle in pedal.treadles]
        self.form.addRow("Port", self.port)
        for treadle in self.treadles:
            self.form.addRow("Contact", treadle)
        self.more = QPushButton("Add a second contact")
        self.more.setToolTip("For a double pedal: a second contact with presses of its own")
        self.more.clicked.connect(lambda _=False: self._add())
        self.body.addLayout(row(self.more, -1))
        self.more.setVisible(len(self.treadles) < 2)

    def _edited(self, name: str) -> PedalSetup:
        treadles = tuple(editor.treadle for editor in self.treadles)
        return msgspec.structs.replace(self._before, name=name, port=self.port.currentData(), treadles=treadles)

    def _add(self) -> None:
        editor = TreadleEditor(new_treadle([t.treadle for t in self.treadles], self.shown_name))
        self.treadles.append(editor)
        self.form.addRow("Contact", editor)
        self.more.hide()


def _actions(chosen: PedalAction) -> QComboBox:
    box = QComboBox()
    for action, text in action_names():
        box.addItem(text, action)
    box.setCurrentIndex(box.findData(chosen))
    return box
