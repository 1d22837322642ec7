"""The reflex ISH result of a 2+ case, entered by hand: a group, or a count that gives it."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from her2scope.analysis.guideline import Guideline
from her2scope.app.dialogs import RESEARCH
from her2scope.app.model.state import IshEntry
from her2scope.app.model.views.ish import IshView, group_counted
from her2scope.app.number_box import NumberBox
from her2scope.app.parts import column, explain, heading, restyle, wrapped

_NOT_GIVEN = "not given"
_MOST_RATIO, _MOST_COPIES = 30.0, 99.0


class IshDialog(QDialog):
    """Asks for a group; ratio and copies, where both are given, choose it."""

    def __init__(
        self, view: IshView, guideline: Guideline, entered: IshEntry | None, parent: QWidget | None = None
    ) -> None:
        """Ask, with what was entered before."""
        super().__init__(parent)
        self.setWindowTitle("ISH result: research use only")
        self._view, self._guideline = view, guideline
        self.takes_back = False
        self._ratio = _count(_MOST_RATIO, 2, None if entered is None else entered.ratio)
        self._copies = _count(_MOST_COPIES, 1, None if entered is None else entered.copies)
        explain(self._ratio, "HER2/CEP17 ratio", "With the signals per cell it chooses the group")
        explain(self._copies, "HER2 signals per cell", "Mean of the cells counted; with the ratio it chooses the group")
        self._groups = QButtonGroup(self)
        self._recounted = QCheckBox("A second observer, blinded to the first count, has counted")
        self._recounted.setToolTip("Groups 2, 3 and 4 stay equivocal until then, where the guideline asks for it")
        self._recounted.setChecked(entered is not None and entered.recounted)
        self._why, self._meaning = QLineEdit(), wrapped("", "reading")
        explain(self._why, "Where the result comes from", "Recorded with the result")
        self._why.setPlaceholderText("Laboratory, report number (optional; it is recorded)")
        self._buttons = QDialogButtonBox()
        self.ok = self._buttons.addButton("Enter", QDialogButtonBox.ButtonRole.AcceptRole)
        self.ok.setObjectName("primary")
        self.back = self._buttons.addButton("Take the result back", QDialogButtonBox.ButtonRole.DestructiveRole)
        self.back.setVisible(entered is not None)
        self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._lay_out(entered)
        self._bind()
        self._follow_count()
        self._check()
        self._ratio.setFocus()
        self._ratio.selectAll()  # else what is typed goes into "not given", and is refused

    @property
    def entry(self) -> IshEntry | None:
        """What is entered; None while no group is chosen."""
        group = self._groups.checkedId()
        ratio, copies = _value(self._ratio), _value(self._copies)
        if group < 0:
            return None
        return IshEntry(group, self._recounted.isEnabled() and self._recounted.isChecked(), ratio, copies)

    @property
    def why(self) -> str:
        """Where it comes from."""
        return self._why.text().strip()

    def _lay_out(self, entered: IshEntry | None) -> None:
        count = QFormLayout()
        count.setHorizontalSpacing(14)
        count.addRow("HER2/CEP17 ratio", self._ratio)
        count.addRow("HER2 signals per cell", self._copies)
        choices = QVBoxLayout()
        for choice in self._view.choices:
            button = QRadioButton(choice.text)
            button.setToolTip(choice.meaning)
            button.setChecked(entered is not None and entered.group == choice.group)
            self._groups.addButton(button, choice.group)
            choices.addWidget(button)
        how = wrapped("Enter the count, and the group follows; or choose the group if only that was reported.", "small")
        self.setLayout(
            column(
                how,
                heading("Count"),
                count,
                heading("Group"),
                choices,
                self._recounted,
                heading("What it makes of a 2+"),
                self._meaning,
                self._why,
                wrapped(RESEARCH, "small"),
                self._buttons,
                margins=(18, 16, 18, 14),
            )
        )
        self.setMinimumWidth(580)

    def _bind(self) -> None:
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.back.clicked.connect(self._take_back)
        for box in (self._ratio, self._copies):
            box.valueChanged.connect(lambda _: self._follow_count())
        self._groups.idToggled.connect(lambda *_: self._check())
        self._recounted.toggled.connect(lambda _: self._check())

    def _follow_count(self) -> None:
        """Choose the group of a whole count, and hold it there."""
        group = group_counted(self._guideline, _value(self._ratio), _value(self._copies))
        for button in self._groups.buttons():
            button.setEnabled(group is None)
        if group is not None:
            self._groups.button(group).setChecked(True)
        self._check()

    def _check(self) -> None:
        chosen = next((c for c in self._view.choices if c.group == self._groups.checkedId()), None)
        half = (_value(self._ratio) is None) is not (_value(self._copies) is None)
        self._recounted.setEnabled(chosen is not None and chosen.needs_recount)
        self.ok.setEnabled(chosen is not None and not half)
        if half:
            text, style = "Enter both numbers, or neither.", "caution"
        elif chosen is None:
            text, style = "No group is chosen yet.", "muted"
        else:
            waits = chosen.needs_recount and not self._recounted.isChecked()
            text, style = (chosen.meaning_before, "caution") if waits else (chosen.meaning, "reading")
        self._meaning.setText(text)
        restyle(self._meaning, style)

    def _take_back(self) -> None:
        self.takes_back = True
        self.accept()


def _count(most: float, decimals: int, value: float | None) -> NumberBox:
    """A number field whose lowest value means that nothing is given."""
    box = NumberBox()
    step = 10.0**-decimals
    box.setDecimals(decimals)
    box.setRange(-step, most)
    box.setSingleStep(0.1)
    box.setSpecialValueText(_NOT_GIVEN)
    box.setValue(-step if value is None else value)
    return box


def _value(box: NumberBox) -> float | None:
    return None if box.value() <= box.minimum() else box.value()
