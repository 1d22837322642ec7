"""Small parts that every panel is built of: labels by style name, headings, wrapped text, spacers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QSizePolicy, QVBoxLayout, QWidget


def label(text: str, style: str = "", parent: QWidget | None = None) -> QLabel:
    """A plain-text label; `style` is an object name of the style sheet."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setObjectName(style)
    return made


def wrapped(text: str, style: str = "") -> QLabel:
    """A label that breaks its lines, and can be selected with the mouse."""
    made = label(text, style)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    return made


def explain(widget: QWidget, name: str, tip: str) -> None:
    """Give an input its name for screen readers, and its tool tip."""
    widget.setAccessibleName(name)
    widget.setToolTip(tip)


def heading(text: str) -> QLabel:
    """The small title of a panel."""
    return label(text.upper(), "heading")


def restyle(widget: QWidget, style: str) -> None:
    """Give a widget another object name of the style sheet, and have it drawn so."""
    if widget.objectName() != style:
        widget.setObjectName(style)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def column(*items: QWidget | QLayout | int, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    """A column; a number is a space of so many pixels, and -1 takes what is left."""
    layout = QVBoxLayout()
    layout.setContentsMargins(*margins)
    layout.setSpacing(6)
    _fill(layout, items)
    return layout


def row(*items: QWidget | QLayout | int, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """A row; a number is a space of so many pixels, and -1 takes what is left."""
    layout = QHBoxLayout()
    layout.setContentsMargins(*margins)
    layout.setSpacing(8)
    _fill(layout, items)
    return layout


def _fill(layout: QVBoxLayout | QHBoxLayout, items: tuple[QWidget | QLayout | int, ...]) -> None:
    for item in items:
        if isinstance(item, QWidget):
            layout.addWidget(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        elif item < 0:
            layout.addStretch(1)
        else:
            layout.addSpacing(item)


def rule() -> QFrame:
    """A thin line across."""
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFixedHeight(1)
    line.setStyleSheet("background: palette(midlight); border: 0;")
    return line
