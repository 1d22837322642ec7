"""Settings: devices, scoring, windows, eyepiece."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QWidget,
)

from her2scope.app.colour_sets import COLOUR_SETS
from her2scope.app.dialogs import RESEARCH
from her2scope.app.model.views.ar import ArMode, ar_mode_text
from her2scope.app.number_box import NumberBox
from her2scope.app.parts import column, explain, row, wrapped
from her2scope.app.preferences import Preferences
from her2scope.app.theme import THEMES

Named = Sequence[tuple[str, str]]
"""Choices as (name in files, name for people)."""


class SettingsWindow(QDialog):
    """Shows preferences and gives changed ones.

    Parameters
    ----------
    preferences
        As they are.
    guidelines, stains
        What can be chosen.
    pages
        Further pages, shown first, by their title.
    """

    def __init__(
        self,
        preferences: Preferences,
        guidelines: Named,
        stains: Named,
        pages: Sequence[tuple[str, QWidget]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings: research use only")
        self._before, self._pages = preferences, pages
        self.may_save: Callable[[], str] = str
        p = preferences
        self._guideline = _choice(guidelines, p.guideline)
        self._stain = _choice(stains, p.stain)
        self._theme = _choice([(name, name.capitalize()) for name in THEMES], p.theme)
        self._colours = _choice([(name, name) for name in COLOUR_SETS], p.colours)
        self._user, self._folder = QLineEdit(p.user), QLineEdit(p.cases_dir)
        self._fault = wrapped("", "bad")
        self._new_cases = QCheckBox()
        self._new_cases.hide()
        self._fault.hide()
        self._display = _choice(_displays(p.ar_display), p.ar_display)
        self._mode = _choice([(mode.value, ar_mode_text(mode)) for mode in ArMode], p.ar_mode)
        self._brightness = _number(0.1, 1.0, p.ar_brightness, 0.05)
        self._scale = _number(0.05, 20.0, p.ar_scale, 0.01)
        self._right, self._down = (_number(-4000, 4000, shift, 1) for shift in p.ar_shift_px)
        self._turn = _number(-180, 180, p.ar_rotation_deg, 0.1)
        self._explain()
        self._lay_out()

    @property
    def preferences(self) -> Preferences:
        """As they are chosen now."""
        return msgspec.structs.replace(
            self._before,
            guideline=self._guideline.currentData(),
            stain=self._stain.currentData(),
            theme=self._theme.currentData(),
            colours=self._colours.currentData(),
            user=self._user.text().strip(),
            cases_dir=self._folder.text().strip(),
            ar_display=self._display.currentData(),
            ar_mode=self._mode.currentData(),
            ar_brightness=self._brightness.value(),
            ar_scale=self._scale.value(),
            ar_shift_px=(self._right.value(), self._down.value()),
            ar_rotation_deg=self._turn.value(),
        )

    @property
    def is_for_new_cases(self) -> bool:
        """Whether guideline and stain profile shall be those of new cases too, where they are not."""
        return self._new_cases.isChecked()

    def tell_new_cases(self, what: str) -> None:
        """Say what new cases begin with, where it is not what the case in hand is read by, and offer to change it."""
        self._new_cases.setText(f"New cases begin with {what}: use the ones above for them too")
        self._new_cases.show()

    def _explain(self) -> None:
        for widget, name, tip in (
            (self._guideline, "Guideline", "The rules by which the case is scored"),
            (self._stain, "Stain profile", "Stain vectors and thresholds of an antibody, camera and laboratory"),
            (self._new_cases, "For new cases too", "New cases begin with guideline and stain profile of this one"),
            (self._user, "Who works", "Goes into the record of every change"),
            (self._theme, "Windows", "Dark for a dim room, light for a bright one"),
            (self._colours, "Class colours", "Each set can be told apart without red and green"),
            (self._folder, "Cases", "Folder in which new cases are kept"),
            (self._display, "Display", "The display in the eyepiece; its picture is never put over the main window"),
            (self._mode, "Shows", "How much the eyepiece shows"),
            (self._brightness, "Brightness", "Of the eyepiece's picture: 1 is the display's full brightness"),
            (self._scale, "Scale", "Size of the picture on the display; 1 fills it"),
            (self._right, "Shift right in px", "Moves the picture to the right on the display"),
            (self._down, "Shift down in px", "Moves the picture down on the display"),
            (self._turn, "Rotation in degrees", "Turns the picture clockwise"),
        ):
            explain(widget, name, tip)

    def _lay_out(self) -> None:
        tabs = QTabWidget()
        for title, page in self._pages:
            tabs.addTab(page, title)
        tabs.addTab(self._scoring_tab(), "Scoring")
        tabs.addTab(self._view_tab(), "View")
        tabs.addTab(self._eyepiece_tab(), "Eyepiece")
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        box.button(QDialogButtonBox.StandardButton.Save).setObjectName("primary")
        box.accepted.connect(self._save)
        box.rejected.connect(self.reject)
        self.setLayout(column(tabs, self._fault, wrapped(RESEARCH, "small"), box, margins=(14, 10, 14, 12)))
        self.resize(680, 560)

    def _save(self) -> None:
        """Close, unless something cannot be saved as it is; `may_save` says why."""
        fault = self.may_save()
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        if not fault:
            self.accept()

    def _scoring_tab(self) -> QWidget:
        hint = wrapped(
            "Another guideline or stain profile reads the case in hand again, and is that of new cases; the change is "
            "recorded.",
            "small",
        )
        form = _form(("Guideline", self._guideline), ("Stain profile", self._stain), ("Who works", self._user))
        return _page(form, self._new_cases, hint)

    def _view_tab(self) -> QWidget:
        choose = QPushButton("Choose…")
        explain(choose, "Choose the folder of the cases", "Choose the folder of the cases")
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
                ("Display", self._display),
                ("Shows", self._mode),
                ("Brightness", self._brightness),
                ("Scale", self._scale),
                ("Shift right, down (px)", shift),
                ("Rotation (degrees)", self._turn),
            ),
            hint,
        )

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of the cases", self._folder.text())
        if folder:
            self._folder.setText(folder)


def _displays(chosen: str) -> list[tuple[str, str]]:
    """The displays that are connected, the one chosen among them even when it is not."""
    found = [("", "The one that the main window is not on")]
    for screen in QGuiApplication.screens():
        size = screen.size() * screen.devicePixelRatio()
        found.append((screen.name(), f"{screen.name()} ({size.width()} x {size.height()})"))
    return found if chosen in dict(found) else [*found, (chosen, f"{chosen} (not connected)")]


def _choice(choices: Named, chosen: str) -> QComboBox:
    box = QComboBox()
    for name, text in choices:
        box.addItem(text, name)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    return box


def _number(low: float, high: float, value: float, step: float) -> NumberBox:
    box = NumberBox()
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


def _page(*parts: QWidget) -> QWidget:
    page = QWidget()
    page.setLayout(column(*parts, -1, margins=(4, 12, 4, 4)))
    return page
