"""The strip of the case's fields: small picture, score, state; open, exclude, delete."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QFont, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QWidget

from her2scope.app.icons import icon
from her2scope.app.model.views.strip import StripItem
from her2scope.app.parts import label
from her2scope.app.theme import Theme

CARD = QSize(124, 104)
_PICTURE = 76


class CardWidget(QWidget):
    """One card; a click opens the field, the context menu or a key does the rest."""

    chosen = Signal(int, str)

    def __init__(self, card: StripItem, theme: Theme, parent: QWidget | None = None) -> None:
        """Show a card."""
        super().__init__(parent)
        self._theme = theme
        self.setFixedSize(CARD)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.card = card
        self._image = QImage()
        self.set_card(card)

    def set_card(self, card: StripItem) -> None:
        """Show another state of the field."""
        if self._image.isNull() or card.thumbnail is not self.card.thumbnail:
            rgb = np.ascontiguousarray(card.thumbnail)
            self._image = QImage(
                rgb.data, rgb.shape[1], rgb.shape[0], 3 * rgb.shape[1], QImage.Format.Format_RGB888
            ).copy()
        self.card = card
        self.setToolTip(card.tip)
        self.setAccessibleName(f"{card.title}, {card.score}, {card.state_text}")
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the field."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.card.id, "open")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with it."""
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """What can be done with the field."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        again, control = self.card.can_reopen, self.card.is_control
        choices = (
            ("open", "Open", "reopen"),
            ("reopen" if again else "exclude", "Count it again" if again else "Leave it out…", "skip"),
            ("as_case", "Put to the case", "keep") if control else ("as_control", "Use as control", "control"),
            ("delete", "Delete", "trash"),
        )
        for what, text, picture in choices:
            action = QAction(icon(picture, self._theme), text, menu)
            action.setData(what)
            menu.addAction(action)
        menu.triggered.connect(lambda action: self.chosen.emit(self.card.id, str(action.data())))
        return menu

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002  # Qt gives it
        """Draw picture, score and state."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(self._edge())
        painter.setBrush(QColor(self._theme.raised))
        painter.drawRoundedRect(frame, 6, 6)
        picture = QRectF(frame.x() + 4, frame.y() + 4, frame.width() - 8, _PICTURE - 8)
        if self.card.state == "excluded":
            painter.setOpacity(0.3)
        painter.drawImage(picture, self._image, _middle(self._image, picture.width() / picture.height()))
        painter.setOpacity(1.0)
        self._paint_words(painter, frame)
        painter.end()

    def _edge(self) -> QPen:
        if self.card.is_open or self.hasFocus():
            return QPen(QColor(self._theme.accent), 2)
        return QPen(QColor(self._theme.line), 1)

    def _paint_words(self, painter: QPainter, frame: QRectF) -> None:
        foot = QRectF(frame.x() + 8, frame.y() + _PICTURE, frame.width() - 16, frame.height() - _PICTURE - 2)
        painter.setPen(QColor(self._theme.muted))
        font = QFont(painter.font())
        font.setPixelSize(11)
        painter.setFont(font)
        room = foot.adjusted(0, 0, -34, 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, flags, painter.fontMetrics().elidedText(self._foot(), Qt.TextElideMode.ElideRight, 70))
        font.setPixelSize(17)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text if self.card.state in {"ok", "caution"} else self._theme.muted))
        painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.card.score)

    def _foot(self) -> str:
        marks = {"ok": "", "caution": "! ", "blocked": "✕ ", "excluded": "∅ ", "pending": "… "}
        return f"{marks[self.card.state]}{self.card.title}{' ✎' if self.card.is_corrected else ''}"


def _middle(image: QImage, ratio: float) -> QRectF:
    """The largest part in the middle of an image with that ratio of width to height."""
    width, height = image.width(), image.height()
    if width / height > ratio:
        return QRectF((width - height * ratio) / 2, 0, height * ratio, height)
    return QRectF(0, (height - width / ratio) / 2, width, width / ratio)


class FieldStrip(QFrame):
    """The case's fields from left to right; `chosen` carries a field's number and what to do with it."""

    chosen = Signal(int, str)
    exclusion_asked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Start empty, with a hint."""
        super().__init__(parent)
        self.setObjectName("strip")
        self._theme = theme
        self._cards: dict[int, CardWidget] = {}
        self._inside = QWidget()
        self._row = QHBoxLayout(self._inside)
        self._row.setContentsMargins(10, 8, 10, 8)
        self._row.setSpacing(8)
        self._hint = label("Kept fields appear here. Five or more fields of invasive tumour make a case.", "muted")
        self._row.addWidget(self._hint)
        self._row.addStretch(1)
        area = QScrollArea()
        area.setWidget(self._inside)
        area.setWidgetResizable(True)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self._area = area
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self.setFixedHeight(CARD.height() + 26)

    def show_cards(self, cards: Sequence[StripItem]) -> None:
        """Show the fields; cards that stay are changed in place, so that nothing flickers."""
        wanted = {card.id for card in cards}
        for gone in set(self._cards) - wanted:
            widget = self._cards.pop(gone)
            self._row.removeWidget(widget)
            widget.deleteLater()
        for place, card in enumerate(cards):
            if card.id in self._cards:
                self._cards[card.id].set_card(card)
            else:
                self._add(card, place)
        self._hint.setVisible(not cards)

    def _add(self, card: StripItem, place: int) -> None:
        widget = CardWidget(card, self._theme)
        widget.chosen.connect(self._choose)
        self._cards[card.id] = widget
        self._row.insertWidget(place, widget)
        widget.show()
        self._inside.adjustSize()
        self._area.ensureWidgetVisible(widget)

    def _choose(self, field_id: int, what: str) -> None:
        if what == "exclude":
            self.exclusion_asked.emit(field_id)
        else:
            self.chosen.emit(field_id, what)
