"""The case: proposed score, reading, proportions with interval and 10% line, flags, what would settle it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from her2scope.app.bar_chart import BarChart
from her2scope.app.model.texts import say_number
from her2scope.app.model.views.chart import Chart
from her2scope.app.model.views.ish import IshView
from her2scope.app.model.views.legend import Legend
from her2scope.app.model.views.score import ScoreHeader
from her2scope.app.parts import column, heading, label, restyle, row, wrapped


class ScoreCard(QFrame):
    """A heading, a large score with its reading, a bar chart, and sentences below."""

    def __init__(self, title: str, score_style: str = "score", parent: QWidget | None = None) -> None:
        """Start with a dash."""
        super().__init__(parent)
        self.setObjectName("card")
        self._title = heading(title)
        self._count = label("", "small")
        self._score = label("—", score_style)
        self._reading = wrapped("", "reading")
        self._meaning = wrapped("", "small")
        self.chart = BarChart()
        self._notes = wrapped("", "small")
        self._cautions = wrapped("", "caution")
        words = column(self._reading, self._meaning)
        words.setSpacing(1)
        top = row(self._score, 4, words)
        top.setStretch(2, 1)
        self.body = column(
            row(self._title, -1, self._count),
            top,
            self.chart,
            self._cautions,
            self._notes,
            margins=(14, 10, 14, 10),
        )
        self.setLayout(self.body)

    def show_header(self, header: ScoreHeader) -> None:
        """Show a score with its reading, count, flags, and what would settle it."""
        self._score.setText(header.score)
        says_more = header.reading != header.score
        self._reading.setText(header.reading if says_more else "")
        restyle(self._meaning, "small" if says_more else "meaning")
        self._meaning.setText(header.clinical)
        self._count.setText(header.count_text)
        self._count.setToolTip(header.guideline)
        near = (header.borderline.text,) if header.borderline else ()
        self._show_sentences(self._cautions, (*header.reasons, *header.cautions, *near))
        self._show_sentences(self._notes, [flag for flag in header.flags if flag not in header.cautions])
        self.setAccessibleName(f"{self._title.text()}: {header.score}, {header.reading}, {header.clinical}")

    @staticmethod
    def _show_sentences(widget: QLabel, sentences: Sequence[str]) -> None:
        widget.setText("\n".join(f"• {sentence}" for sentence in sentences))
        widget.setVisible(bool(sentences))

    def show_chart(self, chart: Chart, legend: Legend) -> None:
        """Show proportions and counts."""
        self.chart.show_chart(chart, legend)


class CasePanel(ScoreCard):
    """The case's card, with its sign-off."""

    MOST_FOLDED = 2
    sign_asked = Signal()
    ish_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with no fields."""
        super().__init__("Case · proposed score", parent=parent)
        self.folded = 0
        self._flags: tuple[str, ...] = ()
        self.sign = QPushButton("Sign off…")
        self.sign.setToolTip("Enter your own score; nothing is filled in for you")
        self.sign.clicked.connect(self.sign_asked)
        self._signed = wrapped("", "small")
        self.ish = QPushButton("ISH result…")
        self.ish.setToolTip("Enter the reflex ISH result of a 2+  (Ctrl+I)")
        self.ish.clicked.connect(self.ish_asked)
        self._ish = wrapped("", "small")
        for line in (row(self._ish, self.ish), row(self._signed, self.sign)):
            line.setStretch(0, 1)
            self.body.addLayout(line)
        for widget in (self.ish, self._ish):
            widget.hide()

    def fold(self, level: int) -> None:
        """Take less room: 0 shows all, 1 no chart, 2 only the number of flags (the tool tip says them)."""
        self.folded = level
        self.chart.setVisible(level < 1)
        self._show_flags()

    def _show_flags(self) -> None:
        is_short = self.folded >= self.MOST_FOLDED and len(self._flags) > 1
        self._show_sentences(self._notes, (say_number("flags", len(self._flags)),) if is_short else self._flags)
        self._notes.setToolTip("\n".join(self._flags) if is_short else "")

    def show_ish(self, view: IshView) -> None:
        """Show the ISH result that was entered, and the button where one can be."""
        has_effect = view.can_enter or not view.entered
        self._ish.setText(view.entered or "ISH not entered" if has_effect else f"{view.entered}. {view.hint}")
        restyle(self._ish, "small" if has_effect else "caution")
        for widget in (self.ish, self._ish):
            widget.setVisible(view.can_enter or bool(view.entered))

    def show_header(self, header: ScoreHeader) -> None:
        """As a score card; and who signed what, which is never filled in from the proposal."""
        super().show_header(header)
        self._flags = tuple(flag for flag in header.flags if flag not in header.cautions)
        self._show_flags()
        self._signed.setText(header.signed or "Not signed")
        restyle(self._signed, "caution" if header.signed_before or header.signed_differs else "small")
