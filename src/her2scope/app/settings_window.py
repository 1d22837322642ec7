"""Settings: devices, scoring, windows, eyepiece."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTabWidget,
    QWidget,
)

from her2scope.app.colour_sets import COLOUR_SETS
from her2scope.app.dialogs import RESEARCH
from her2scope.app.model.views.ar import ArMode, ar_mode_text
from her2scope.app.parts import column, row, wrapped
from her2scope.app.preferences import Preferences
from her2scope.app.theme import THEMES
from her2scope.base.errors import Her2ScopeError

Named = Sequence[tuple[str, str]]
"""Choices as (name in files, name for people)."""


class SettingsWindow(QDialog):
    """Shows preferences and gives changed ones.

    Parameters
    ----------
    preferences
        As they are.
    devices, guidelines
        What can be chosen.
    find_cameras
        Lists what is plugged in, one line each; may raise Her2ScopeError.
    """

    def __init__(
        self,
        preferences: Preferences,
        devices: Named,
        guidelines: Named,
        find_cameras: Callable[[], Sequence[str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings: research use only")
        self._before, self._find_cameras = preferences, find_cameras
        p = preferences
        self._devices, self._guideline = _choice(devices, p.devices), _choice(guidelines, p.guideline)
        self._theme = _choice([(name, name.capitalize()) for name in THEMES], p.theme)
        self._colours = _choice([(name, name) for name in COLOUR_SETS], p.colours)
        self._user, self._folder = QLineEdit(p.user), QLineEdit(p.cases_dir)
        self._cameras = QListWidget()
        self._mode = _choice([(mode.value, ar_mode_text(mode)) for mode in ArMode], p.ar_mode)
        self._brightness = _number(0.1, 1.0, p.ar_brightness, 0.05)
        self._scale = _number(0.05, 20.0, p.ar_scale, 0.01)
        self._right, self._down = (_number(-4000, 4000, shift, 1) for shift in p.ar_shift_px)
        self._turn = _number(-180, 180, p.ar_rotation_deg, 0.1)
        self._lay_out()

    @property
    def preferences(self) -> Preferences:
        """As they are chosen now."""
        return msgspec.structs.replace(
            self._before,
            devices=self._devices.currentData(),
            guideline=self._guideline.currentData(),
            theme=self._theme.currentData(),
            colours=self._colours.currentData(),
            user=self._user.text().strip(),
            cases_dir=self._folder.text().strip(),
            ar_mode=self._mode.currentData(),
            ar_brightness=self._brightness.value(),
            ar_scale=self._scale.value(),
            ar_shift_px=(self._right.value(), self._down.value()),
            ar_rotation_deg=self._turn.value(),
        )

    def _lay_out(self) -> None:
        tabs = QTabWidget()
        tabs.addTab(self._devices_tab(), "Devices")
        tabs.addTab(self._scoring_tab(), "Scoring")
        tabs.addTab(self._view_tab(), "View")
        tabs.addTab(self._eyepiece_tab(), "Eyepiece")
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        box.button(QDialogButtonBox.StandardButton.Save).setObjectName("primary")
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.setLayout(column(tabs, wrapped(RESEARCH, "small"), box, margins=(14, 10, 14, 12)))
        self.resize(560, 440)

    def _devices_tab(self) -> QWidget:
        look = QPushButton("Look for cameras")
        look.clicked.connect(lambda _=False: self._list_cameras())
        hint = wrapped(
            "A set-up names camera, objectives with their pixel sizes, and pedals with what a short and a long press "
            "do. Another set-up is used from the next start on.",
            "small",
        )
        form = _form(("Set-up", self._devices), ("Connected", self._cameras), ("", look))
        return _page(form, hint)

    def _scoring_tab(self) -> QWidget:
        hint = wrapped("Another guideline scores the case in hand again; the change is recorded.", "small")
        return _page(_form(("Guideline", self._guideline), ("Who works", self._user)), hint)

    def _view_tab(self) -> QWidget:
        choose = QPushButton("Choose…")
        choose.clicked.connect(lambda _=False: self._choose_folder())
        self._folder.setPlaceholderText("The usual place")
        folder = QWidget()
        folder.setLayout(row(self._folder, choose))
        hint = wrapped("Theme and folder are used from the next start on.", "small")
        return _page(_form(("Windows", self._theme), ("Class colours", self._colours), ("Cases", folder)), hint)

    def _eyepiece_tab(self) -> QWidget:
        shift = QWidget()
        shift.setLayout(row(self._right, self._down))
        hint = wrapped("Move the eyepiece's picture until it lies on the tissue: scale, shift, rotation.", "small")
        return _page(
            _form(
                ("Shows", self._mode),
                ("Brightness", self._brightness),
                ("Scale", self._scale),
                ("Shift right, down (px)", shift),
                ("Rotation (degrees)", self._turn),
            ),
            hint,
        )

    def _list_cameras(self) -> None:
        self._cameras.clear()
        try:
            found = list(self._find_cameras())
        except Her2ScopeError as error:
            found = [str(error)]
        self._cameras.addItems(found or ["No camera is connected; the simulated microscope needs none."])

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of the cases", self._folder.text())
        if folder:
            self._folder.setText(folder)


def _choice(choices: Named, chosen: str) -> QComboBox:
    box = QComboBox()
    for name, text in choices:
        box.addItem(text, name)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    return box


def _number(low: float, high: float, value: float, step: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setDecimals(0 if step >= 1 else 2)
    box.setValue(value)
    return box


def _form(*lines: tuple[str, QWidget]) -> QWidget:
    form = QFormLayout()
    form.setVerticalSpacing(10)
    form.setHorizontalSpacing(14)
    for name, widget in lines:
        form.addRow(name, widget)
    holder = QWidget()
    holder.setLayout(form)
    return holder


def _page(form: QWidget, hint: QWidget) -> QWidget:
    page = QWidget()
    page.setLayout(column(form, hint, -1, margins=(4, 12, 4, 4)))
    return page
