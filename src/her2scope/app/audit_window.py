"""Every change of the case: who, when, what and why; can be narrowed, copied and written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from her2scope.app.dialogs import RESEARCH
from her2scope.app.model.history import AuditEntry
from her2scope.app.model.texts import say
from her2scope.app.model.views.audit import AuditRow, audit_csv, audit_rows, audit_text, audit_topics
from her2scope.app.parts import column, explain, label, row, wrapped
from her2scope.base.errors import Her2ScopeError
from her2scope.report.files import write_whole

_COLUMNS = ("When", "Who", "What", "Why")


class AuditWindow(QDialog):
    """The list; stays open beside the main window and follows the case."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.setWindowTitle("Changes of the case: research use only")
        self._audit: tuple[AuditEntry, ...] = ()
        self._rows: tuple[AuditRow, ...] = ()
        self.topic, self.words, self.count = QComboBox(), QLineEdit(), QLabel()
        for key, name in audit_topics():
            self.topic.addItem(name, key)
        self.topic.setAccessibleName("Kind of change")
        self.topic.setToolTip("Show changes of one kind")
        self.words.setPlaceholderText("Words to look for")
        explain(self.words, "Words to look for", "Show changes that hold each of these words")
        self.words.setClearButtonEnabled(True)
        self.count.setObjectName("small")
        self.table = _table()
        self.copy, self.export = QPushButton("Copy"), QPushButton("Save as…")
        self.copy.setToolTip("Copy the rows chosen, or all rows shown  (Ctrl+C)")
        self.export.setToolTip("Write the rows shown to a CSV or text file")
        top = row(label("Show"), self.topic, self.words)
        top.setStretch(2, 1)
        foot = row(self.count, -1, self.copy, self.export)
        self.setLayout(column(top, self.table, wrapped(RESEARCH, "small"), foot, margins=(14, 12, 14, 12)))
        self.resize(1060, 500)
        self.topic.currentIndexChanged.connect(lambda _: self._fill())
        self.words.textChanged.connect(lambda _: self._fill())
        self.copy.clicked.connect(self.copy_rows)
        self.export.clicked.connect(self._ask_file)
        QShortcut(QKeySequence.StandardKey.Copy, self.table, self.copy_rows, context=Qt.ShortcutContext.WidgetShortcut)

    def show_audit(self, audit: Sequence[AuditEntry]) -> None:
        """Show these changes."""
        if len(audit) != len(self._audit) or not self._rows:
            self._audit = tuple(audit)
            self._fill()

    @Slot()
    def copy_rows(self) -> None:
        """Put the chosen rows, or all that are shown, on the clipboard as text."""
        chosen = sorted({index.row() for index in self.table.selectedIndexes()})
        QGuiApplication.clipboard().setText(audit_text([self._rows[k] for k in chosen] if chosen else self._rows))

    def write(self, path: Path) -> None:
        """Write the rows shown: as text to a .txt file, else as CSV; OutputError when it cannot be written."""
        is_text = path.suffix.lower() == ".txt"
        write_whole(path, audit_text(self._rows).encode() if is_text else audit_csv(self._rows))

    def _fill(self) -> None:
        self._rows = audit_rows(self._audit, self.topic.currentData() or "", self.words.text())
        self.table.setRowCount(len(self._rows))
        for place, entry in enumerate(self._rows):
            for k, text in enumerate((entry.when, entry.who, entry.what, entry.why)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(place, k, item)
        self.count.setText(say("audit.count", n=len(self._rows), of=len(self._audit)))
        for button in (self.copy, self.export):
            button.setEnabled(bool(self._rows))

    @Slot()
    def _ask_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the list", "changes.csv", "CSV (*.csv);;Text (*.txt)")
        if not name:
            return
        try:
            self.write(Path(name))
        except Her2ScopeError as error:
            QMessageBox.warning(self, "Save the list", str(error))


def _table() -> QTableWidget:
    table = QTableWidget(0, len(_COLUMNS))
    table.setHorizontalHeaderLabels(_COLUMNS)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setWordWrap(False)  # a line each, so that rows are of one height; what is cut off stands in the tip
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 12)
    table.setAlternatingRowColors(True)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    explain(table, "Changes, the newest first", "Every change of the case, the newest first")
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
    for k, width in ((0, 176), (1, 130), (3, 300)):
        table.setColumnWidth(k, width)
    return table
