"""Thresholds and the fields of the case, done and timed."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from time import perf_counter

from PySide6.QtCore import QTimer

from her2scope.app.timing.notes import Notes
from her2scope.app.timing.plan import AppPlan
from her2scope.app.timing.probe import Seen
from her2scope.app.timing.report import latency
from her2scope.app.timing.stage import OpenedApp

_DRAG_MS = 16
_SETTLE_S = 2.5
"""What a kept field still brings: its pictures are packed, and the case is saved."""


class CaseSteps:
    """What is done with fields that are kept.

    Parameters
    ----------
    opened
        The application.
    plan
        What to measure.
    notes
        What is noted down.
    """

    def __init__(self, opened: OpenedApp, plan: AppPlan, notes: Notes) -> None:
        self._opened, self._plan, self._notes = opened, plan, notes

    def move_thresholds(self) -> None:
        """One move after the other, each waited for."""
        opened = self._opened
        opened.desk.on_strip(opened.desk.session.state.fields[-1].id, "open")
        self._rest(_SETTLE_S)
        if not opened.desk.window.thresholds.isVisible():
            opened.do("thresholds")
        self._rest(0.5)
        slider = opened.desk.window.thresholds.rows["t_weak"].slider
        slider.setSliderDown(True)
        times: list[float | None] = []

        def moves() -> None:
            for number in range(self._plan.moves):
                opened.painted.reset()
                seen, start_s = opened.painted.seen, perf_counter()
                slider.setSliderPosition(slider.sliderPosition() + (1 if number % 10 < 5 else -1))
                done = opened.wait.until(partial(_has_overlay, seen), 5.0)
                times.append(seen.overlays[0][0] - start_s if done else None)
                self._rest(0.05)

        self._notes.situations.append(opened.situation("threshold moved step by step", moves))
        self._notes.times("threshold moved to overlay", times)

    def drag_threshold(self) -> None:
        """60 moves a second, as a mouse gives them: newest wins."""
        opened = self._opened
        slider = opened.desk.window.thresholds.rows["t_weak"].slider
        moved_s: dict[float, float] = {}
        start, steps = slider.sliderPosition(), iter(range(10_000))

        def move() -> None:
            number = next(steps)
            slider.setSliderPosition(start + 1 + number % 12)
            moved_s[opened.desk.window.thresholds.values.t_weak] = perf_counter()

        def drag() -> None:
            timer = QTimer()
            timer.setInterval(_DRAG_MS)
            timer.timeout.connect(move)
            timer.start()
            opened.wait.rest(self._plan.seconds)
            timer.stop()
            self._rest(0.3)

        self._notes.situations.append(opened.situation("threshold dragged", drag))
        shown = [(at, o.thresholds.t_weak) for at, o in opened.painted.seen.overlays if o.thresholds is not None]
        self._notes.latencies.append(latency("overlay to overlay, threshold dragged", _gaps([at for at, _ in shown])))

    def let_go(self) -> None:
        """Put the thresholds in force: every field is read again, and the case scored."""
        opened = self._opened
        slider = opened.desk.window.thresholds.rows["t_weak"].slider
        session = opened.desk.session
        start_s = perf_counter()
        times: list[float | None] = []

        def release() -> None:
            slider.setSliderDown(False)
            done = opened.wait.until(lambda: session.tally().pending == 0, 30.0)
            times.append(perf_counter() - start_s if done else None)
            self._rest(0.3)

        fields = len(session.state.fields)
        self._notes.situations.append(opened.situation(f"threshold let go, {fields} fields scored again", release))
        self._notes.times(f"threshold let go to case score, {fields} fields", times)

    def undo(self) -> None:
        """Take that back, do it again, and take it back: each reads every field again."""
        opened, session = self._opened, self._opened.desk.session

        def once() -> None:
            for action in ("undo", "redo", "undo"):
                opened.do(action)
                opened.wait.until(lambda: session.tally().pending == 0, 30.0)
                self._rest(0.5)

        self._notes.situations.append(opened.situation("threshold undone, redone, undone", once))
        self._rest(_SETTLE_S)

    def open_fields(self) -> None:
        """Open every field from the strip; its overlay comes from its packed pictures."""
        opened = self._opened
        times: list[float | None] = []

        def each() -> None:
            for taken in opened.desk.session.state.fields[:-1]:
                opened.painted.reset()
                seen, start_s = opened.painted.seen, perf_counter()
                opened.desk.window.strip.chosen.emit(taken.id, "open")
                done = opened.wait.until(partial(_has_overlay, seen), 10.0)
                times.append(seen.overlays[0][0] - start_s if done else None)
                self._rest(0.2)

        self._notes.situations.append(opened.situation("fields opened from the strip", each))
        self._notes.times("field opened to overlay", times)

    def _rest(self, seconds: float) -> None:
        self._opened.wait.rest(seconds * self._plan.patience)


def _has_overlay(seen: Seen) -> bool:
    return bool(seen.overlays)


def _gaps(times_s: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(times_s)]
