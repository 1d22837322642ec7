"""The technician's bench: thresholds as sliders, numbers and lines in the histogram."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QPushButton, QSlider, QWidget

from her2scope.analysis.stain import LEAST_OD, OD_STEP
from her2scope.app.histogram import HistogramView
from her2scope.app.model.views.thresholds import (
    MOST_OD,
    Moved,
    ThresholdValues,
    guard,
    joined,
    od_decimals,
    split,
)
from her2scope.app.model.views.thresholds import ThresholdBar as BarState
from her2scope.app.number_box import NumberBox
from her2scope.app.parts import column, heading, label, row
from her2scope.app.status_bar import ElidedLabel
from her2scope.app.theme import Theme

_KEYS: tuple[Moved, ...] = ("t_weak", "t_moderate", "t_intense")
_TIPS: dict[Moved, str] = {
    "t_weak": "Weakest DAB that is membrane staining",
    "t_moderate": "Weakest DAB that is moderate staining",
    "t_intense": "Weakest DAB that is intense staining",
}
_STEPS = round(1 / OD_STEP)
"""Slider steps per OD."""


_OWN_KEYS = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Escape,
    }
)


class ThresholdRow(QWidget):
    """A name, a slider and a number for one threshold, in OD (base 10)."""

    moved = Signal(float)
    released = Signal()

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        """Lay the row out."""
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a drag the arrow keys still move the stage
        self.slider.setRange(round(LEAST_OD * _STEPS), round(MOST_OD * _STEPS))
        self.number = NumberBox()
        self.number.setRange(LEAST_OD, MOST_OD)
        self.number.setSingleStep(OD_STEP)
        self.number.setDecimals(2)
        self.number.setKeyboardTracking(False)
        self.number.setFixedWidth(62)
        self.number.lineEdit().returnPressed.connect(self.number.clearFocus)
        for widget in (self.slider, self.number):
            widget.installEventFilter(self)
        self._share = label("", "small")
        self._share.setFixedWidth(112)
        title = label(name)
        title.setFixedWidth(74)
        for widget in (self.slider, self.number):
            widget.setToolTip(f"{tip} (DAB optical density, base 10)")
            widget.setAccessibleName(name)
        self.setLayout(row(title, self.slider, self.number, self._share))
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(self.released)
        self.number.valueChanged.connect(self._typed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the keys that move a value from the window, whose stage they move; Escape gives all keys back to it."""
        if isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS:
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
                self.slider.clearFocus()
                self.number.clearFocus()
                return True
        return super().eventFilter(watched, event)

    def show_od(self, od: float) -> None:
        """Show a value without telling of it."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.slider.setValue(round(od * _STEPS))
            self.number.setDecimals(od_decimals(od))
            self.number.setValue(od)

    def show_share(self, text: str) -> None:
        """Show the share of the field's pixels at or above it."""
        self._share.setText(text)

    def _slid(self, steps: int) -> None:
        self.moved.emit(steps / _STEPS)
        if not self.slider.isSliderDown():  # a key or a click beside the handle
            self.released.emit()

    def _typed(self, od: float) -> None:
        self.moved.emit(od)
        self.released.emit()


class ThresholdBar(QFrame):
    """All thresholds. `moved` while they move, `released` once they are let go, both with ThresholdValues."""

    moved = Signal(object)
    released = Signal(object)
    reset_asked = Signal()
    save_asked = Signal()
    compare_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Start without values."""
        super().__init__(parent)
        self.setObjectName("thresholds")
        self.values = ThresholdValues(LEAST_OD, MOST_OD)
        self.histogram = HistogramView(theme)
        self.rows = {key: ThresholdRow(key, _TIPS[key]) for key in _KEYS}
        self.split = QCheckBox("Split moderate")
        self.split.setToolTip("Tell moderate from weak staining: seven classes; the score stays the same")
        self._profile, self._vectors = ElidedLabel("", "small"), label("", "small")
        self._vectors.setToolTip("The picture in view is read by stain vectors picked under its objective")
        self.reset = self._button("Reset", "Back to the stain profile's thresholds", self.reset_asked.emit)
        self.save = self._button("Save profile…", "Save as a stain profile of your own", self.save_asked.emit)
        self.compare = self._button("Compare…", "This field by two profiles, side by side", self.compare_asked.emit)
        self._connect()
        self._lay_out()

    def show_state(self, state: BarState) -> None:
        """Show thresholds, the field's histogram and the profile, without telling of it."""
        self._show_values(state.values)
        self.histogram.show_histogram(state.histogram)
        texts = {"t_weak": state.weak_text, "t_moderate": state.moderate_text, "t_intense": state.intense_text}
        for key in _KEYS:
            self.rows[key].show_share(texts[key])
        self._profile.setText(state.profile_text)
        self._profile.setToolTip(state.profile_text)
        self._vectors.setText(state.vectors_text)
        self.reset.setEnabled(state.can_reset)
        self.save.setEnabled(state.can_save)

    def _show_values(self, values: ThresholdValues) -> None:
        self.values = values
        self.rows["t_weak"].show_od(values.t_weak)
        self.rows["t_intense"].show_od(values.t_intense)
        if values.t_moderate is not None:
            self.rows["t_moderate"].show_od(values.t_moderate)
        self.rows["t_moderate"].setVisible(values.t_moderate is not None)
        with QSignalBlocker(self.split):
            self.split.setChecked(values.t_moderate is not None)
        self.histogram.show_values(values)

    @staticmethod
    def _button(text: str, tip: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda _=False: slot())
        return button

    def _connect(self) -> None:
        for key in _KEYS:
            self.rows[key].moved.connect(lambda od, key=key: self._move(key, od))
            self.rows[key].released.connect(self._release)
        self.histogram.dragged.connect(self._move)
        self.histogram.released.connect(self._release)
        self.split.clicked.connect(self._split)

    def _lay_out(self) -> None:
        top = row(heading("Thresholds"), self._profile, self._vectors, -1, self.split)
        sliders = column(top, *self.rows.values(), row(self.reset, self.save, self.compare, -1))
        sliders.setSpacing(3)
        layout = row(sliders, self.histogram, margins=(12, 8, 12, 8))
        layout.setStretch(0, 5)
        layout.setStretch(1, 6)
        self.setLayout(layout)
        self.setFixedHeight(152)

    def _move(self, key: Moved, od: float) -> None:
        self._show_values(guard(self.values, key, od))
        self.moved.emit(self.values)

    def _release(self) -> None:
        self.released.emit(self.values)

    def _split(self) -> None:
        self._show_values(split(self.values) if self.split.isChecked() else joined(self.values))
        self.moved.emit(self.values)
        self._release()
