"""The cell under the mouse, enlarged, with its evidence, and the classes it can be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QWidget

from her2scope.analysis.classes import CellClass
from her2scope.app.marks import Mark, draw_mark
from her2scope.app.model.views.cell_card import CellCard
from her2scope.app.parts import column, heading, label, row, wrapped

_PICTURE = 108


class CellPanel(QFrame):
    """Evidence of one cell; `class_chosen` gives the chosen cells another class, -1 removes them."""

    class_chosen = Signal(int)

    def __init__(
        self,
        names: Mapping[CellClass, str],
        colours: Mapping[CellClass, tuple[int, int, int]],
        parent: QWidget | None = None,
    ) -> None:
        """Start empty; `names` are the classes that can be given."""
        super().__init__(parent)
        self.setObjectName("card")
        self._picture = QLabel()
        self._picture.setFixedSize(_PICTURE, _PICTURE)
        self._title = wrapped("", "reading")
        self._lines = wrapped("", "small")
        words = column(self._title, self._lines, -1)
        self._choice = label("", "small")
        self._buttons = QWidget()
        self._buttons.setLayout(self._classes(names, colours))
        evidence = row(self._picture, words)
        evidence.setStretch(1, 1)
        top = row(heading("Cell"), -1, self._choice)
        body = column(top, evidence, self._buttons, margins=(14, 10, 14, 10))
        self.setLayout(body)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Say how to see a cell; the panel keeps its size, so that nothing jumps."""
        self._title.setText("Point at a cell")
        self._lines.setText("Its class and the evidence for it appear here.")
        self._picture.setPixmap(_blank())
        self._buttons.setEnabled(False)

    def show_cell(self, card: CellCard, picture: NDArray[np.uint8]) -> None:
        """Show a cell's evidence, and the cell enlarged, (h, w, 3) uint8."""
        self._title.setText(card.title)
        self._lines.setText("\n".join(card.lines))
        self._picture.setPixmap(_enlarged(picture))

    def show_several(self, title: str, lines: Sequence[str]) -> None:
        """Say what several chosen cells are."""
        self._title.setText(title)
        self._lines.setText("\n".join(lines))
        self._picture.setPixmap(_blank())

    def show_choice(self, text: str, *, can_correct: bool) -> None:
        """Say how many cells are chosen, and offer their classes."""
        self._choice.setText(text)
        self._buttons.setEnabled(can_correct)

    def _classes(
        self, names: Mapping[CellClass, str], colours: Mapping[CellClass, tuple[int, int, int]]
    ) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setSpacing(5)
        for place, (cell_class, name) in enumerate(names.items()):
            button = QPushButton(name)
            button.setObjectName("compact")
            button.setIcon(mark_pixmap(Mark(cell_class, QColor(*colours[cell_class]))))
            button.setToolTip(f"Make the chosen cells {name.lower()}")
            button.clicked.connect(lambda _=False, k=int(cell_class): self.class_chosen.emit(k))
            grid.addWidget(button, place // 2, place % 2)
        remove = QPushButton("No tumour cell")
        remove.setObjectName("compact")
        remove.setToolTip("Remove the chosen cells from the count")
        remove.clicked.connect(lambda: self.class_chosen.emit(-1))
        grid.addWidget(remove, len(names) // 2, len(names) % 2)
        return grid


def mark_pixmap(mark: Mark, side: int = 16) -> QPixmap:
    """A class's mark as an icon."""
    pixmap = QPixmap(side * 2, side * 2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_mark(painter, pixmap.rect().toRectF().center(), side * 0.7, mark)
    painter.end()
    pixmap.setDevicePixelRatio(2)
    return pixmap


def _enlarged(rgb: NDArray[np.uint8]) -> QPixmap:
    data = np.ascontiguousarray(rgb)
    image = QImage(data.data, data.shape[1], data.shape[0], 3 * data.shape[1], QImage.Format.Format_RGB888)
    mode = Qt.TransformationMode.SmoothTransformation
    pixmap = QPixmap.fromImage(image).scaled(2 * _PICTURE, 2 * _PICTURE, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
    pixmap.setDevicePixelRatio(2)
    return pixmap


def _blank() -> QPixmap:
    pixmap = QPixmap(_PICTURE, _PICTURE)
    pixmap.fill(QColor(0, 0, 0, 60))
    return pixmap
