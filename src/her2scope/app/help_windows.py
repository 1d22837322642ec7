"""Help with every shortcut, and About."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version

import PySide6
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLayout, QWidget

from her2scope.app.actions import ACTIONS
from her2scope.app.dialogs import RESEARCH
from her2scope.app.parts import column, heading, label, wrapped

_COLUMNS = 3
_STEPS = (
    "1.  Move the slide: drag the picture, or use the arrow keys. N turns to the next objective.",
    "2.  Stop at invasive tumour and press the pedal (its key is below): the field's cells and score appear.",
    "3.  Keep the field with Return, or by the pedal as it is set up below. Esc goes back to the live picture.",
    "4.  Five fields or more make a case. Its proposed score stands at the right, with what would settle a borderline.",
    "5.  Exclude regions (X), choose and correct cells (S, A, Del), move thresholds (T). Ctrl+Z takes anything back.",
    "6.  Sign off with your own score: the program never fills it in.",
)


class HelpWindow(QDialog):
    """How to work, and every key."""

    def __init__(self, pedals: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        """Lay it out from the table of actions, and from the pedals as (key or name, what its presses do)."""
        super().__init__(parent)
        self.setWindowTitle("Help: research use only")
        steps = [wrapped(step) for step in _STEPS]
        keys = [(spec.keys[0], spec.text.rstrip("…")) for spec in ACTIONS if spec.keys]
        parts: list[QWidget | QLayout | int] = [heading("How to work"), *steps, 6]
        if pedals:
            parts += [heading("Pedals"), _table(pedals, 1), 6]
        parts += [heading("Keys"), _table(keys, _COLUMNS), 8, wrapped(RESEARCH, "small")]
        body = column(*parts, margins=(20, 18, 20, 16))
        body.addWidget(_close_box(self))
        self.setLayout(body)
        self.setMinimumWidth(760)


def _table(lines: Sequence[tuple[str, str]], columns: int) -> QHBoxLayout:
    """Keys with what they do, down the columns; a text is as wide as it is."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    rows = -(-len(lines) // columns)
    for place, (key, text) in enumerate(lines):
        for shift, part in enumerate((label(key, "reading"), label(text))):
            part.setMinimumWidth(part.sizeHint().width())
            grid.addWidget(part, place % rows, 2 * (place // rows) + shift)
    table = QHBoxLayout()
    table.addLayout(grid)
    table.addStretch()
    return table


class AboutWindow(QDialog):
    """What this is, in which version, and what it is not for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Lay it out."""
        super().__init__(parent)
        self.setWindowTitle("About HER2Scope")
        versions = (
            f"HER2Scope {version('her2scope')}, Python {platform.python_version()}, Qt {PySide6.__version__}, "
            f"numpy {version('numpy')}, OpenCV {version('opencv-python-headless')}, torch {version('torch')}, "
            f"OpenVINO {version('openvino')}"
        )
        parts = (
            label("HER2Scope", "score_small"),
            wrapped("HER2 immunohistochemistry scored field by field at the microscope."),
            wrapped("Research use only. Not a medical device; not for diagnosis.", "caution"),
            wrapped(versions, "small"),
            wrapped("Licence: Apache 2.0.", "small"),
        )
        self.setLayout(column(*parts, _close_box(self), margins=(22, 18, 22, 16)))
        self.setFixedWidth(440)


def _close_box(dialog: QDialog) -> QDialogButtonBox:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    box.rejected.connect(dialog.reject)
    return box
