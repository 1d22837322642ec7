"""Fields for numbers that read a decimal comma as a decimal point, in every locale."""

from __future__ import annotations

from PySide6.QtCore import QLocale
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QDoubleSpinBox, QWidget

from her2scope.app.parts import column, wrapped


class NumberBox(QDoubleSpinBox):
    """A field for a number: `1,9` is 1.9, never 19.

    Qt takes the comma for a separator of thousands where the locale writes a point, and the point for one where it
    writes a comma; a ratio typed in the other way would be ten times too large without a word.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Write numbers with a point and without separators."""
        super().__init__(parent)
        locale = QLocale.c()
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator | QLocale.NumberOption.RejectGroupSeparator)
        self.setLocale(locale)

    def validate(self, input: str, pos: int) -> tuple[QValidator.State, str, int]:  # noqa: A002 (the name is Qt's)
        """Judge what is typed, with points for commas."""
        state, text, at = super().validate(_pointed(input), pos)
        return state, text, at

    def valueFromText(self, text: str) -> float:  # noqa: N802
        """Value of what was typed."""
        return super().valueFromText(_pointed(text))


def _pointed(text: str) -> str:
    return text.replace(",", ".")


class NumberDialog(QDialog):
    """Asks for one number; OK waits until one is typed.

    Parameters
    ----------
    title, question
        In words.
    most
        The largest number that can be entered, with one decimal; the smallest is 0.1.
    parent
        Above which it opens.
    """

    def __init__(self, title: str, question: str, most: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.number = NumberBox()
        self.number.setDecimals(1)
        self.number.setRange(0.0, most)
        self.number.setSpecialValueText(" ")
        self.number.setAccessibleName(question)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = box.button(QDialogButtonBox.StandardButton.Ok)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.number.valueChanged.connect(self._on_changed)
        self._on_changed(self.number.value())
        self.setLayout(column(wrapped(question), self.number, box, margins=(14, 12, 14, 12)))
        self.number.selectAll()

    def _on_changed(self, value: float) -> None:
        self._ok.setEnabled(value > 0)


def ask_number(parent: QWidget, title: str, question: str, most: float) -> float | None:
    """Ask for a positive number of at most `most`, with one decimal; None where it is cancelled."""
    dialog = NumberDialog(title, question, most, parent)
    return dialog.number.value() if dialog.exec() else None
