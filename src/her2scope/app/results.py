"""Puts what the view models say into the window's panels; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping

from her2scope.analysis.classes import Counts
from her2scope.analysis.overlay import OKABE_ITO
from her2scope.app.main_window import MainWindow
from her2scope.app.model.counting import Counted
from her2scope.app.model.session import CaseSession
from her2scope.app.model.views.audit import undo_view
from her2scope.app.model.views.chart import chart
from her2scope.app.model.views.control import control_view
from her2scope.app.model.views.legend import legend
from her2scope.app.model.views.repeats import repeat_texts
from her2scope.app.model.views.score import ScoreHeader, case_header, field_header
from her2scope.app.model.views.status import control_item, detector_item, timing_item
from her2scope.app.model.views.strip import strip_items
from her2scope.pipeline.case import reference_score


class Results:
    """Fills panels, strip and status.

    Parameters
    ----------
    window
        Whose panels.
    session
        The case.
    """

    def __init__(self, window: MainWindow, session: CaseSession) -> None:
        self._window, self._session = window, session
        self.header: ScoreHeader | None = None
        self.style = OKABE_ITO

    def show(self, field: Counted | None, *, is_kept: bool) -> None:
        """Show the case, and the field in view (None: the live picture)."""
        self.show_case()
        self.show_field(field)
        self._show_actions(field, is_kept=is_kept)

    def show_case(self) -> None:
        """Show the case's score, proportions, fields and control."""
        state, tally = self._session.state, self._session.tally()
        split = state.stain.t_moderate is not None
        counts = Counts() if tally.score is None else tally.score.counts
        panel = self._window.case_panel
        panel.show_header(case_header(state, tally, self._session.ledger.history.audit))
        panel.show_chart(
            chart(tally.score, state.guideline, split=split, style=self.style), legend(counts, split=split)
        )
        self._window.strip.show_cards(strip_items(self._session))
        self._window.status.show_item(control_item(control_view(state, tally)))
        self._window.status.show_item(detector_item(self._session.settings.detector.name))

    def show_field(self, field: Counted | None) -> None:
        """Show a field's own score and proportions."""
        state = self._session.state
        score = None if field is None else reference_score(field.result, state.guideline)
        split = state.stain.t_moderate is not None
        counts = Counts() if field is None else field.result.cells.counts()
        card = self._window.field_card
        repeats = "" if field is None else repeat_texts(state, self._session.tally()).get(field.taken.id, "")
        self.header = field_header(field, score, state.guideline.title, repeats)
        card.show_header(self.header)
        card.show_chart(chart(score, state.guideline, split=split, style=self.style), legend(counts, split=split))

    def show_timing(self, timings_ms: Mapping[str, float], total_ms: float | None) -> None:
        """Show how long the last analysis took, by stage in the tool tip."""
        self._window.status.show_item(timing_item(timings_ms, total_ms))

    def _show_actions(self, field: Counted | None, *, is_kept: bool) -> None:
        actions, undo = self._window.actions_, undo_view(self._session.ledger.history)
        enabled = {
            "keep": field is not None and not is_kept,
            "live": field is not None,
            "take_back": bool(self._session.state.fields),
            "undo": undo.can_undo,
            "redo": undo.can_redo,
        }
        for name, on in enabled.items():
            actions[name].setEnabled(on)
        for name, text in (("undo", undo.undo_text), ("redo", undo.redo_text)):
            actions[name].setText(text)
            actions[name].setToolTip(f"{text}  ({actions[name].shortcut().toString()})")
