"""What a person does in a session, done and timed step by step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from time import perf_counter

from PySide6.QtCore import QTimer

from her2scope.app.readying import Readying
from her2scope.app.timing.plan import AppPlan
from her2scope.app.timing.probe import Seen
from her2scope.app.timing.report import Latency, Situation, latency
from her2scope.app.timing.stage import OpenedApp, Press

_STEP_UM = 150.0
_DRAG_MS = 16
_SETTLE_S = 2.5
"""What a kept field still brings: its pictures are packed, and the case is saved."""


class Scenario:
    """Live picture, presses, thresholds, fields, and continuous mode, in this order.

    Parameters
    ----------
    opened
        The application.
    plan
        What to measure.
    tell
        Called with a few words before each step.
    """

    def __init__(self, opened: OpenedApp, plan: AppPlan, tell: Callable[[str], None]) -> None:
        self._opened, self._plan, self._tell = opened, plan, tell
        self.latencies: list[Latency] = []
        self.situations: list[Situation] = []
        self.presses: list[Press] = []
        self.cells: list[int] = []
        self.continuous_per_s = 0.0
        self.redraws = self.gaps = 0

    def run(self) -> None:
        """Do it all."""
        self._tell("live picture")
        self._first_press()
        self._live()
        self._tell(f"{self._plan.presses} presses")
        self._presses()
        self._tell("thresholds")
        self._move_thresholds()
        self._drag_threshold()
        self._let_go()
        self._tell("fields of the case")
        self._undo()
        self._open_fields()
        self._tell("continuous mode")
        self._continuous()

    def _first_press(self) -> None:
        """The first field, after the network was loaded and tried."""
        opened, desk = self._opened, self._opened.desk
        ready = desk.findChildren(Readying)[0]
        load = partial(opened.wait.until, lambda: ready.is_ready, 60.0)
        self.situations.append(opened.situation("detector being loaded", load, is_live=True))
        opened.go_to(0, 0)
        self._note("first press to overlay", [opened.press().overlay_s])

    def _live(self) -> None:
        opened = self._opened
        opened.go_to(_STEP_UM, 0)
        self._rest(0.5)
        rest = partial(opened.wait.rest, self._plan.seconds)
        self.situations.append(opened.situation("live", rest, is_live=True))
        self.situations.append(opened.situation("live, stage moving", self._wander, is_live=True))

    def _wander(self) -> None:
        """Drag the slide about, some pixels 60 times a second."""
        view, steps = self._opened.desk.window.view, iter(range(10_000))
        timer = QTimer()
        timer.setInterval(_DRAG_MS)
        timer.timeout.connect(lambda: view.stage_dragged.emit(9.0 if next(steps) % 80 < 40 else -9.0, 3.0))
        timer.start()
        self._opened.wait.rest(self._plan.seconds)
        timer.stop()

    def _presses(self) -> None:
        """Press at many places; the picture stays live until the result comes."""
        opened, plan = self._opened, self._plan
        shown, waited_s, longest, blocks = 0, 0.0, 0.0, 0
        keeps: list[Situation] = []
        for number in range(plan.presses):
            opened.go_to(_STEP_UM * (1 if number % 8 < 4 else -1), _STEP_UM / 2)
            self._rest(0.2)
            opened.pulse.reset()
            press = opened.press()
            self.presses.append(press)
            waited_s += press.overlay_s or 0.0
            shown += opened.painted.seen.pictures - 1  # the last is the field itself
            longest, blocks = max(longest, opened.pulse.longest_ms), blocks + opened.pulse.blocks
            if opened.desk.shown is not None:
                self.cells.append(len(opened.desk.shown.result.cells.classes))
            if number < plan.fields:
                keeps.append(opened.situation("", self._keep))
        self._note("press to feedback", [press.feedback_s for press in self.presses])
        self._note("press to overlay", [press.overlay_s for press in self.presses])
        self.situations.append(Situation("press, until its overlay", waited_s, shown / waited_s, longest, blocks))
        self.situations.append(_worst(f"keep a field ({plan.fields} times)", keeps))

    def _keep(self) -> None:
        self._opened.do("keep")
        self._rest(0.6)

    def _move_thresholds(self) -> None:
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

        self.situations.append(opened.situation("threshold moved step by step", moves))
        self._note("threshold moved to overlay", times)

    def _drag_threshold(self) -> None:
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

        self.situations.append(opened.situation("threshold dragged", drag))
        shown = [(at, o.thresholds.t_weak) for at, o in opened.painted.seen.overlays if o.thresholds is not None]
        self.latencies.append(latency("overlay to overlay, threshold dragged", _gaps([at for at, _ in shown])))

    def _let_go(self) -> None:
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
        self.situations.append(opened.situation(f"threshold let go, {fields} fields scored again", release))
        self._note(f"threshold let go to case score, {fields} fields", times)

    def _undo(self) -> None:
        opened, session = self._opened, self._opened.desk.session

        def once() -> None:
            for action in ("undo", "redo", "undo"):
                opened.do(action)
                opened.wait.until(lambda: session.tally().pending == 0, 30.0)
                self._rest(0.5)

        self.situations.append(opened.situation("threshold undone, redone, undone", once))
        self._rest(_SETTLE_S)

    def _open_fields(self) -> None:
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

        self.situations.append(opened.situation("fields opened from the strip", each))
        self._note("field opened to overlay", times)

    def _continuous(self) -> None:
        opened = self._opened
        opened.do("thresholds")
        opened.do("live")
        opened.do("continuous")
        opened.painted.reset()
        opened.wait.until(lambda: bool(opened.painted.seen.overlays))
        self._rest(0.5)
        rest = partial(opened.wait.rest, self._plan.seconds)
        self.situations.append(opened.situation("continuous mode, still field", rest, is_live=True))
        self.redraws, self.gaps = len(opened.painted.seen.overlays), opened.painted.seen.bare
        self.situations.append(opened.situation("continuous mode, stage moving", self._wander, is_live=True))
        self.continuous_per_s = len(opened.painted.seen.overlays) / self.situations[-1].seconds
        opened.do("continuous")

    def _rest(self, seconds: float) -> None:
        self._opened.wait.rest(seconds * self._plan.patience)

    def _note(self, name: str, times_s: list[float | None]) -> None:
        self.latencies.append(latency(name, [time_s for time_s in times_s if time_s is not None]))


def _has_overlay(seen: Seen) -> bool:
    return bool(seen.overlays)


def _gaps(times_s: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(times_s)]


def _worst(name: str, situations: list[Situation]) -> Situation:
    """Many short situations as one."""
    longest_ms = max(one.longest_block_ms for one in situations)
    seconds, blocks = sum(one.seconds for one in situations), sum(one.blocks for one in situations)
    return Situation(name, seconds, None, longest_ms, blocks)
