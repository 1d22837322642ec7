"""The device set-up in the settings: which one, what it holds, and what is plugged in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFormLayout, QListWidget, QPushButton, QWidget

from her2scope.app.parts import column, explain, row, wrapped
from her2scope.base.errors import Her2ScopeError

_HINT = (
    "A set-up names camera, objectives with their pixel sizes, and pedals. Changes are used once the case is opened "
    "again with them; you are asked when you save."
)

_SPECIMENS = {
    "0": "0: no staining",
    "0+": "0+: faint staining in a few cells",
    "1+": "1+: faint, incomplete staining",
    "2+": "2+: weak complete staining",
    "3+": "3+: intense complete staining",
    "control": "Positive control",
}
"""Synthetic cases that a user chooses from (synth.cases has more, for a set-up written by hand)."""


@dataclass(frozen=True)
class Connected:
    """What lists the devices that are plugged in, one line each; each may raise Her2ScopeError."""

    cameras: Callable[[], Sequence[str]]
    ports: Callable[[], Sequence[str]]


class DevicePage(QWidget):
    """Chooses a set-up and lists what is connected; `chosen` carries the set-up's name."""

    chosen = Signal(str)

    def __init__(
        self,
        setups: Sequence[tuple[str, str]],
        chosen: str,
        about: Callable[[str], str],
        connected: Connected,
        parent: QWidget | None = None,
    ) -> None:
        """List the set-ups (name, title); `about` says in words what a set-up holds."""
        super().__init__(parent)
        self._about, self._connected = about, connected
        self.setup, self.about = QComboBox(), wrapped("", "small")
        for name, title in setups:
            self.setup.addItem(title, name)
        self.setup.setCurrentIndex(max(0, self.setup.findData(chosen)))
        self.setup.setAccessibleName("Device set-up")
        self.setup.setToolTip("Camera, objectives and pedals that belong together")
        self.setup.currentIndexChanged.connect(lambda _: self._follow())
        self.list = QListWidget()
        explain(self.list, "Connected devices", "Cameras and serial ports that are plugged in")
        self.look = QPushButton("Look for cameras")
        self.look.setToolTip("Look for cameras and serial ports that are plugged in now")
        self.look.clicked.connect(lambda _=False: self.look_now())
        self.specimen = QComboBox()
        explain(self.specimen, "Specimen", "The tissue on the simulated microscope's slide")
        form = self._form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(14)
        form.addRow("Set-up", self.setup)
        form.addRow("", self.about)
        form.addRow("Specimen", self.specimen)
        self.show_specimen(None)
        form.addRow("Connected", self.list)
        form.addRow("", row(self.look, -1))
        self.setLayout(column(form, wrapped(_HINT, "small"), -1, margins=(8, 12, 8, 4)))
        self._show_ports()
        self.about.setText(self._about(self.name))

    @property
    def name(self) -> str:
        """The set-up that is chosen."""
        return self.setup.currentData() or ""

    def show_specimen(self, case: str | None) -> None:
        """Offer the simulated slide's tissue, with the one on it chosen; None where the camera simulates none."""
        self.specimen.clear()
        known = _SPECIMENS if case in _SPECIMENS or case is None else {**_SPECIMENS, case: case}
        for name, text in known.items():
            self.specimen.addItem(text, name)
        self.specimen.setCurrentIndex(max(0, self.specimen.findData(case)))
        self._form.setRowVisible(self.specimen, case is not None)

    def look_now(self) -> None:
        """List cameras and ports."""
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            cameras = _lines(self._connected.cameras)
        finally:
            QGuiApplication.restoreOverrideCursor()
        self._show_ports()
        found = cameras or ["No camera is connected; the simulated microscope needs none."]
        self.list.insertItems(0, found)

    def _show_ports(self) -> None:
        self.list.clear()
        self.list.addItems(
            _lines(self._connected.ports) or ["No serial port is there; a pedal that types a key needs none."]
        )

    def _follow(self) -> None:
        self.about.setText(self._about(self.name))
        self.chosen.emit(self.name)


def _lines(find: Callable[[], Sequence[str]]) -> list[str]:
    try:
        return list(find())
    except Her2ScopeError as error:
        return [str(error)]
