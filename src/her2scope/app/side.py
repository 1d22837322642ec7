"""The column of cards at the picture's right; while cells are corrected it makes room for what they change."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from her2scope.app.case_panel import CasePanel
from her2scope.app.parts import column

WIDTH = 388
_MARGIN = 10


class Side(QScrollArea):
    """Case, field and cell.

    Parameters
    ----------
    case, field, cell
        Their cards, from top to bottom.
    """

    def __init__(self, case: CasePanel, field: QWidget, cell: QWidget) -> None:
        super().__init__()
        self._case, self._cell, self._wants_cells = case, cell, False
        self._inside = QWidget()
        self._cards = column(case, field, cell, -1, margins=(_MARGIN, _MARGIN, _MARGIN, _MARGIN))
        self._cards.setSpacing(_MARGIN)
        self._inside.setLayout(self._cards)
        self._inside.installEventFilter(self)
        self.setObjectName("side")
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFixedWidth(WIDTH)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def make_room_for_cells(self, *, wanted: bool) -> None:
        """Fold the case's card while cells are corrected, if not all finds room: the field's is what they change."""
        self._wants_cells = wanted
        self._case.fold(0)
        self._fold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold or unfold in another height."""
        super().resizeEvent(event)
        self.make_room_for_cells(wanted=self._wants_cells)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fold when the cards have grown; they do not unfold by themselves, or they would jump."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._fold()
        return super().eventFilter(watched, event)

    def _fold(self) -> None:
        """Fold as far as is needed; the flags of a folded card are in its tool tip."""
        while self._wants_cells and self._case.folded < self._case.MOST_FOLDED and self._is_short():
            self._case.fold(self._case.folded + 1)
            self._cards.activate()
        if self._wants_cells:
            self.ensureWidgetVisible(self._cell, 0, _MARGIN)

    def _is_short(self) -> bool:
        return self._cards.totalHeightForWidth(self.viewport().width()) > self.viewport().height()
