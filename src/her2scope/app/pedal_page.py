"""The pedals in the settings: keys recorded by pressing them, serial ports from a list, what each press does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from her2scope.app.actions import ACTIONS
from her2scope.app.model.pedal_edit import check_pedals, new_keyboard, new_serial
from her2scope.app.parts import column, label, row, wrapped
from her2scope.app.pedal_editors import KeyboardEditor, PedalEditor, PressedEditor, SerialEditor
from her2scope.base.errors import Her2ScopeError
from her2scope.devices.setup import KeyboardSetup, PedalSetup, SerialSetup

_HINT = "A long press is one that lasts; without one, a short press acts the moment the foot goes down."


class PedalPage(QWidget):
    """Edits the pedals of one device set-up.

    Parameters
    ----------
    list_ports
        Serial ports as (name in a set-up, text for people); may raise Her2ScopeError.
    """

    def __init__(self, list_ports: Callable[[], Sequence[tuple[str, str]]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list_ports = list_ports
        self.editors: list[PedalEditor] = []
        self._cards = QVBoxLayout()
        self._cards.setSpacing(8)
        self._fault = wrapped("", "bad")
        self._none = label("This set-up has no pedal: the button on the screen is one.", "muted")
        inside = QWidget()
        inside.setLayout(column(self._none, self._cards, -1, margins=(0, 0, 8, 0)))
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self.add_keyboard, self.add_serial = QPushButton("Add a key"), QPushButton("Add a serial pedal")
        self.add_keyboard.setToolTip("A key, or a foot pedal that types one")
        self.add_serial.setToolTip("A foot pedal on a serial port")
        self.add_keyboard.clicked.connect(lambda _=False: self._add(new_keyboard(self._named())))
        self.add_serial.clicked.connect(lambda _=False: self._add_serial())
        buttons = row(self.add_keyboard, self.add_serial, -1)
        self.setLayout(column(area, self._fault, buttons, wrapped(_HINT, "small"), margins=(4, 12, 4, 4)))
        self._fault.hide()

    @property
    def pedals(self) -> tuple[PedalSetup, ...]:
        """As they are edited now; ConfigError with a sentence when they cannot be."""
        edited = tuple(editor.pedal for editor in self.editors)
        check_pedals(edited)
        return edited

    def show_pedals(self, pedals: Sequence[PedalSetup]) -> None:
        """Edit these pedals."""
        for editor in tuple(self.editors):
            self._remove(editor)
        for pedal in pedals:
            self._add(pedal)

    def show_fault(self, sentence: str) -> None:
        """Say why they cannot be saved; empty: they can."""
        self._fault.setText(sentence)
        self._fault.setVisible(bool(sentence))

    def _named(self) -> tuple[PedalSetup, ...]:
        """The pedals as they were loaded or last valid, for names and keys that are taken."""
        return tuple(editor.last for editor in self.editors)

    def _add(self, pedal: PedalSetup) -> None:
        editor = self._editor(pedal)
        editor.removed.connect(lambda: self._remove(editor))
        self.editors.append(editor)
        self._cards.addWidget(editor)
        self._none.hide()

    def _editor(self, pedal: PedalSetup) -> PedalEditor:
        if isinstance(pedal, KeyboardSetup):
            return KeyboardEditor(pedal, _shortcuts())
        if isinstance(pedal, SerialSetup):
            return SerialEditor(pedal, self._ports())
        return PressedEditor(pedal)

    def _add_serial(self) -> None:
        ports = self._ports()
        self._add(new_serial(self._named(), ports[0][0] if ports else "/dev/ttyUSB0"))

    def _ports(self) -> Sequence[tuple[str, str]]:
        try:
            return self._list_ports()
        except Her2ScopeError as error:
            self.show_fault(str(error))
            return ()

    def _remove(self, editor: PedalEditor) -> None:
        self.editors.remove(editor)
        self._cards.removeWidget(editor)
        editor.deleteLater()
        self._none.setVisible(not self.editors)


def _shortcuts() -> Mapping[str, str]:
    return {key: spec.text for spec in ACTIONS for key in spec.keys}
