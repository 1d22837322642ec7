"""The objectives in the settings: what is in force, where it comes from, and how to forget a measurement."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from her2scope.app.model.lens_book import LensRow
from her2scope.app.parts import column, heading, label, wrapped

_HINT = (
    "Pixel size: Tools, Pixel size, on a stage micrometer. White: Tools, White balance, on empty glass. Both are "
    "measured under each objective and kept for this device set-up. A field keeps what it was taken with."
)


class LensPage(QWidget):
    """One block for each objective; `forgotten_pixels` and `forgotten_whites` are names ticked to be forgotten."""

    def __init__(self, rows: Sequence[LensRow], parent: QWidget | None = None) -> None:
        """Lay the rows out."""
        super().__init__(parent)
        self._pixels: dict[str, QCheckBox] = {}
        self._whites: dict[str, QCheckBox] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for k, lens in enumerate(rows):
            grid.addWidget(label(lens.name, "reading"), 3 * k, 0)
            self._add(grid, 3 * k, lens.pixel, self._pixels if lens.has_pixel else None, lens.name)
            self._add(grid, 3 * k + 1, lens.white, self._whites if lens.has_white else None, lens.name)
            grid.setRowMinimumHeight(3 * k + 2, 10)
        self.setLayout(
            column(heading("Objectives of this set-up"), grid, wrapped(_HINT, "small"), -1, margins=(8, 12, 8, 4))
        )

    @property
    def forgotten_pixels(self) -> tuple[str, ...]:
        """Objectives whose measured pixel size is to be forgotten."""
        return tuple(name for name, box in self._pixels.items() if box.isChecked())

    @property
    def forgotten_whites(self) -> tuple[str, ...]:
        """Objectives whose measured white is to be forgotten."""
        return tuple(name for name, box in self._whites.items() if box.isChecked())

    def _add(self, grid: QGridLayout, at: int, text: str, boxes: dict[str, QCheckBox] | None, name: str) -> None:
        grid.addWidget(wrapped(text, "" if boxes is not None else "muted"), at, 1)
        if boxes is not None:
            box = boxes[name] = QCheckBox("Forget")
            box.setToolTip(f"Forget this measurement under {name} when the settings are saved")
            box.setAccessibleName(f"Forget under {name}: {text}")
            grid.addWidget(box, at, 2)
