"""The application opened for measuring: window, probes, and a hand that works it as a person would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent

from her2scope.app.pedal_keys import PedalKeys
from her2scope.app.timing.probe import Heartbeat, LabelPainted, Painted, Patience
from her2scope.app.timing.report import Situation
from her2scope.app.workbench import Workbench
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.stage import HasStage

_PEDAL_KEY = Qt.Key.Key_Space


@dataclass(frozen=True)
class Press:
    """One press of the pedal: seconds to its answer in the window and to its painted overlay; None: none came."""

    feedback_s: float | None
    overlay_s: float | None


class OpenedApp:
    """The composed application, shown and started, with its probes.

    Parameters
    ----------
    desk
        Composed and started.
    pedal
        The one that the space bar presses.
    app
        Gives key events.
    """

    def __init__(self, desk: Workbench, pedal: ManualPedal, app: QCoreApplication) -> None:
        self.desk, self._app = desk, app
        self.pulse = Heartbeat(desk)
        self.wait = Patience(self.pulse)
        self.painted = Painted(desk.window.view)
        self._answer = LabelPainted(desk.window.mode, "Analysing")
        self._keys = PedalKeys({"Space": pedal}, desk)
        app.installEventFilter(self._keys)

    def close(self) -> None:
        """Let go of the key and the timer."""
        self._app.removeEventFilter(self._keys)
        self.pulse.stop()

    def situation(self, name: str, deed: Callable[[], object], *, is_live: bool = False) -> Situation:
        """Do something, and say what the window did meanwhile."""
        self.painted.reset()
        self.pulse.reset()
        start_s = perf_counter()
        deed()
        seconds = perf_counter() - start_s
        shown = self.painted.seen.pictures / seconds if is_live else None
        return Situation(name, seconds, shown, self.pulse.longest_ms, self.pulse.blocks)

    def go_to(self, x_um: float, y_um: float) -> None:
        """Show another place of the slide, live, and wait for some pictures of it."""
        camera = self.desk.bench.camera
        if isinstance(camera, HasStage):
            camera.stage.move_by(x_um, y_um)
        self.do("live")
        self.painted.reset()
        self.wait.until(lambda: self.painted.seen.pictures >= 4)

    def do(self, action: str) -> None:
        """Trigger an action of the window."""
        self.desk.window.actions_[action].trigger()

    def press(self) -> Press:
        """Press the pedal's key, and wait for the overlay to be painted."""
        before = self.desk.analysed
        self._answer.reset()
        self.painted.reset()
        start_s = perf_counter()
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, _PEDAL_KEY, Qt.KeyboardModifier.NoModifier, " ")
            QCoreApplication.postEvent(self.desk.window.view, event)
        seen = self.painted.seen

        def answered() -> bool:
            return self.desk.analysed is not before and bool(seen.overlays)

        is_answered = self.wait.until(answered)
        feedback_s = None if self._answer.at_s is None else self._answer.at_s - start_s
        return Press(feedback_s, seen.overlays[0][0] - start_s if is_answered else None)
