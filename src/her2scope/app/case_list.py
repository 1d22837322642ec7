"""The kept cases to choose from: name, date, fields, score, and whether they are signed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from her2scope.app.dialogs import RESEARCH
from her2scope.app.model.kept_cases import KeptCase
from her2scope.app.parts import column, explain, row, wrapped

_COLUMNS = ("Name", "Kept last", "Fields", "Proposed", "Signed")
_SCORE = 3
_UNREAD = "cannot be read"


class CaseList(QDialog):
    """Chooses a case; `folder` is its folder once the dialog was accepted.

    Parameters
    ----------
    cases
        To choose from.
    place
        Where other folders are looked for.
    """

    def __init__(self, cases: Sequence[KeptCase], place: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open a case: research use only")
        self.folder: Path | None = None
        self._cases, self._place = tuple(cases), place
        self.table = _table()
        self.go_on, choose, cancel = QPushButton("Open"), QPushButton("Choose a folder…"), QPushButton("Cancel")
        self.go_on.setObjectName("primary")
        self.go_on.setDefault(True)
        choose.setAutoDefault(False)
        self.go_on.setToolTip("Go on with the chosen case; this one is kept")
        choose.setToolTip("Go on with a case that is kept in another place")
        cancel.setToolTip("Stay with this case")
        self.go_on.clicked.connect(self._take)
        choose.clicked.connect(self.choose_folder)
        cancel.clicked.connect(self.reject)
        self.table.itemSelectionChanged.connect(self._check)
        self.table.itemDoubleClicked.connect(lambda _: self._take())
        none = wrapped(f"No other case is kept in {place}; choose a folder.")
        none.setVisible(not cases)
        self.table.setVisible(bool(cases))
        self.setLayout(
            column(
                none,
                self.table,
                wrapped(RESEARCH, "small"),
                row(choose, -1, self.go_on, cancel),
                margins=(16, 14, 16, 12),
            )
        )
        self.resize(820, 420 if cases else 150)
        self._fill()

    def show_score(self, folder: Path, score: str, tip: str = "") -> None:
        """Show the score that the program proposes for a case."""
        for place, case in enumerate(self._cases):
            if case.folder == folder:
                self.table.setItem(place, _SCORE, _item(score, tip or score))

    @Slot()
    def choose_folder(self) -> None:
        """Ask for any folder."""
        folder = QFileDialog.getExistingDirectory(self, "Open the folder of a case", str(self._place))
        if folder:
            self.folder = Path(folder)
            self.accept()

    def _fill(self) -> None:
        self.table.setRowCount(len(self._cases))
        for place, case in enumerate(self._cases):
            can_read = case.fields is not None
            score, signed = ("…", case.signed or "no") if can_read else (_UNREAD, "")
            texts = (case.name, case.changed, str(case.fields) if can_read else "", score, signed)
            for k, text in enumerate(texts):
                self.table.setItem(place, k, _item(text, str(case.folder)))
        if self._cases:
            self.table.selectRow(0)
        self._check()

    @Slot()
    def _check(self) -> None:
        self.go_on.setEnabled(bool(self.table.selectedItems()))

    @Slot()
    def _take(self) -> None:
        if self.table.selectedItems():
            self.folder = self._cases[self.table.currentRow()].folder
            self.accept()


def _item(text: str, tip: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setToolTip(tip)
    return item


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_COLUMNS))
    table.setHorizontalHeaderLabels(_COLUMNS)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    explain(table, "Kept cases, the newest first", "Cases that are kept, the newest first")
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for k, width in ((1, 140), (2, 60), (3, 130), (4, 220)):
        table.setColumnWidth(k, width)
    return table
