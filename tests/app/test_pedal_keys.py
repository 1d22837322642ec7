"""A pedal that types a key: no press is swallowed, whatever had the focus when it came up."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QLineEdit

from her2scope.app.pedal_editors import KeyRecorder
from her2scope.app.pedal_keys import PedalKeys

SPACE, F9, SHIFT = Qt.Key.Key_Space, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier


class Pedal:
    """Writes down what the window does with it."""

    def __init__(self):
        self.steps = []

    def press(self):
        self.steps.append("down")

    def release(self):
        self.steps.append("up")


@pytest.fixture
def pedal(qapp):
    pedal = Pedal()
    keys = PedalKeys({"Space": pedal, "F9": pedal}, qapp)
    keys.install(qapp)
    yield pedal
    qapp.removeEventFilter(keys)
    keys.deleteLater()


@pytest.fixture
def focus(qapp, wait):
    """`focus(widget)` shows a widget and gives it the focus."""
    shown = []

    def give(widget):
        shown.append(widget)
        widget.show()
        widget.activateWindow()
        widget.setFocus()
        assert wait(lambda: qapp.focusWidget() is widget)
        return widget

    yield give
    for widget in shown:
        widget.deleteLater()


def test_a_key_that_comes_up_in_a_text_is_let_go(pedal, focus):
    number = focus(QDoubleSpinBox())
    QTest.keyPress(number, SPACE)
    text = focus(QLineEdit())
    QTest.keyRelease(text, SPACE)
    assert pedal.steps == ["down", "up"]
    QTest.keyClick(text, SPACE)
    assert (pedal.steps, text.text()) == (["down", "up"], " ")


def test_a_key_that_comes_up_with_a_modifier_is_let_go(pedal, focus):
    number = focus(QDoubleSpinBox())
    QTest.keyPress(number, SPACE)
    QTest.keyRelease(number, SPACE, SHIFT)
    assert pedal.steps == ["down", "up"]
    QTest.keyClick(number, SPACE, SHIFT)
    assert pedal.steps == ["down", "up"], "with a modifier from the start it is no pedal"


def test_a_key_that_comes_up_in_another_program_is_let_go(pedal, focus):
    number = focus(QDoubleSpinBox())
    QTest.keyPress(number, SPACE)
    QApplication.sendEvent(QApplication.instance(), QEvent(QEvent.Type.ApplicationDeactivate))
    assert pedal.steps == ["down", "up"]
    QTest.keyClick(number, SPACE)
    assert pedal.steps == ["down", "up"] * 2


def test_a_key_that_goes_down_twice_is_two_presses(pedal, focus):
    number = focus(QDoubleSpinBox())
    QTest.keyPress(number, SPACE)
    QTest.keyClick(number, SPACE)
    assert pedal.steps == ["down", "up"] * 2


def test_a_space_in_a_number_field_and_a_silent_key_in_a_text_are_the_pedals(pedal, focus):
    QTest.keyClick(focus(QDoubleSpinBox()), SPACE)
    QTest.keyClick(focus(QLineEdit()), F9)
    assert pedal.steps == ["down", "up"] * 2


def test_a_key_field_records_the_pedals_own_silent_key(pedal, focus):
    recorder = focus(KeyRecorder("Space"))
    QTest.keyClick(recorder, F9)
    assert (recorder.text(), pedal.steps) == ("F9", [])
