"""The objectives in the settings: what is in force, where it comes from, and how to forget a measurement."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from her2scope.app.model.lens_book import LensRow
from her2scope.app.model.texts import say
from her2scope.app.parts import column, heading, label, wrapped

_HINT = (
    "Pixel size: Tools, Pixel size, on a stage micrometer. White: Tools, White balance, on empty glass. Stain: Tools, "
    "Pick stain vectors, in two regions. All are measured under each objective and kept for this device set-up. A "
    "field keeps its pixel size and white, a case its stain vectors."
)


class LensPage(QWidget):
    """One block for each objective, with a box on each measurement that ticks it to be forgotten."""

    def __init__(self, rows: Sequence[LensRow], parent: QWidget | None = None) -> None:
        """Lay the rows out."""
        super().__init__(parent)
        self._pixels: dict[str, QCheckBox] = {}
        self._whites: dict[str, QCheckBox] = {}
        self._stains: dict[tuple[str, str], QCheckBox] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for lens in rows:
            grid.addWidget(label(lens.name, "reading"), grid.rowCount(), 0)
            self._add_rows(grid, lens)
            grid.setRowMinimumHeight(grid.rowCount(), 10)
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

    @property
    def forgotten_stains(self) -> tuple[tuple[str, str], ...]:
        """Objectives and profiles whose picked stain vectors are to be forgotten."""
        return tuple(key for key, box in self._stains.items() if box.isChecked())

    def _add_rows(self, grid: QGridLayout, lens: LensRow) -> None:
        """The measurements of one objective, the first beside its name."""
        at, name = grid.rowCount() - 1, lens.name
        pixel = _add(grid, at, lens.pixel, name if lens.has_pixel else None)
        white = _add(grid, at + 1, lens.white, name if lens.has_white else None)
        stains = [(kept.profile, _add(grid, at + 2 + k, kept.text, name)) for k, kept in enumerate(lens.stains)]
        if not stains:
            _add(grid, at + 2, say("lens.stain_own"), None)
        self._pixels |= {} if pixel is None else {name: pixel}
        self._whites |= {} if white is None else {name: white}
        self._stains |= {(name, profile): box for profile, box in stains if box is not None}


def _add(grid: QGridLayout, at: int, text: str, name: str | None) -> QCheckBox | None:
    """A row, with a box where `name` is that of an objective under which it can be forgotten."""
    grid.addWidget(wrapped(text, "muted" if name is None else ""), at, 1)
    if name is None:
        return None
    box = QCheckBox("Forget")
    box.setToolTip(f"Forget this measurement under {name} when the settings are saved")
    box.setAccessibleName(f"Forget under {name}: {text}")
    grid.addWidget(box, at, 2)
    return box
