"""The live picture, presses of the pedal, and continuous mode, done and timed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer

from her2scope.app.readying import Readying
from her2scope.app.timing.notes import Notes
from her2scope.app.timing.plan import AppPlan
from her2scope.app.timing.report import Situation
from her2scope.app.timing.stage import OpenedApp

_STEP_UM = 150.0
_MOVE_MS = 16


class LiveSteps:
    """What is done with the microscope.

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

    def first_press(self) -> None:
        """The first field, after the network was loaded and tried."""
        opened, desk = self._opened, self._opened.desk
        ready = desk.findChildren(Readying)[0]
        load = partial(opened.wait.until, lambda: ready.is_ready, 60.0)
        self._notes.situations.append(opened.situation("detector being loaded", load, is_live=True))
        opened.go_to(0, 0)
        self._notes.times("first press to overlay", [opened.press().overlay_s])

    def live(self) -> None:
        """The picture at rest, and dragged."""
        opened = self._opened
        opened.go_to(_STEP_UM, 0)
        self._rest(0.5)
        rest = partial(opened.wait.rest, self._plan.seconds)
        self._notes.situations.append(opened.situation("live", rest, is_live=True))
        self._notes.situations.append(opened.situation("live, stage moving", self._wander, is_live=True))

    def _wander(self) -> None:
        """Drag the slide about, some pixels 60 times a second."""
        view, steps = self._opened.desk.window.view, iter(range(10_000))
        timer = QTimer()
        timer.setInterval(_MOVE_MS)
        timer.timeout.connect(lambda: view.stage_dragged.emit(9.0 if next(steps) % 80 < 40 else -9.0, 3.0))
        timer.start()
        self._opened.wait.rest(self._plan.seconds)
        timer.stop()

    def presses(self) -> None:
        """Press at many places; the picture stays live until the result comes."""
        opened, plan = self._opened, self._plan
        shown, waited_s, longest, blocks = 0, 0.0, 0.0, 0
        keeps: list[Situation] = []
        for number in range(plan.presses):
            opened.go_to(_STEP_UM * (1 if number % 8 < 4 else -1), _STEP_UM / (2 if number % 20 < 10 else -2))
            self._rest(0.2)
            opened.pulse.reset()
            press = opened.press()
            self._notes.presses.append(press)
            waited_s += press.overlay_s or 0.0
            shown += opened.painted.seen.pictures - 1  # the last is the field itself
            longest, blocks = max(longest, opened.pulse.longest_ms), blocks + opened.pulse.blocks
            if opened.desk.shown is not None:
                self._notes.cells.append(len(opened.desk.shown.result.cells.classes))
            if number < plan.fields:
                keeps.append(opened.situation("", self._keep))
        self._notes.times("press to feedback", [press.feedback_s for press in self._notes.presses])
        self._notes.times("press to overlay", [press.overlay_s for press in self._notes.presses])
        per_s = shown / waited_s if waited_s else None
        self._notes.situations.append(Situation("press, until its overlay", waited_s, per_s, longest, blocks))
        self._notes.situations.append(_worst(f"keep a field ({plan.fields} times)", keeps))

    def _keep(self) -> None:
        self._opened.do("keep")
        self._rest(0.6)

    def continuous(self) -> None:
        """A still field, whose overlay must not flicker, and a moving one."""
        opened = self._opened
        opened.do("thresholds")
        opened.do("live")
        opened.do("continuous")
        opened.painted.reset()
        opened.wait.until(lambda: bool(opened.painted.seen.overlays))
        self._rest(0.5)
        rest = partial(opened.wait.rest, self._plan.seconds)
        self._notes.situations.append(opened.situation("continuous mode, still field", rest, is_live=True))
        self._notes.redraws, self._notes.gaps = len(opened.painted.seen.overlays), opened.painted.seen.bare
        self._notes.situations.append(opened.situation("continuous mode, stage moving", self._wander, is_live=True))
        self._notes.continuous_per_s = len(opened.painted.seen.overlays) / self._notes.situations[-1].seconds
        opened.do("continuous")

    def _rest(self, seconds: float) -> None:
        self._opened.wait.rest(seconds * self._plan.patience)


def _worst(name: str, situations: list[Situation]) -> Situation:
    """Many short situations as one."""
    longest_ms = max(one.longest_block_ms for one in situations)
    seconds, blocks = sum(one.seconds for one in situations), sum(one.blocks for one in situations)
    return Situation(name, seconds, None, longest_ms, blocks)
