"""The threads behind the window: the camera's, and the analysis of presses, none of which is lost."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from her2scope.app.bridge import Bridge
from her2scope.app.feed import LiveFeed
from her2scope.app.provisional import Analysed
from her2scope.base.errors import Her2ScopeError
from her2scope.devices.camera import Camera, CameraFrame
from her2scope.devices.stage import HasStage
from her2scope.pipeline.field import FieldResult, FieldSettings, analyse_field


@dataclass(frozen=True)
class Press:
    """A field to analyse: its frame, with what, and where it lies."""

    shot: CameraFrame
    settings: FieldSettings
    origin_um: tuple[float, float] | None
    pressed_s: float


class Bench:
    """Runs a camera and analyses presses in order.

    Parameters
    ----------
    camera
        Opened and read by a thread of its own.
    feed
        Takes its frames.
    bridge
        Into the GUI thread.
    on_analysed, on_fault
        Called there.
    """

    def __init__(
        self,
        camera: Camera,
        feed: LiveFeed,
        bridge: Bridge,
        on_analysed: Callable[[Analysed], None],
        on_fault: Callable[[str], None],
    ) -> None:
        self.camera = camera
        self._feed, self._bridge = feed, bridge
        self._on_analysed, self._on_fault = on_analysed, on_fault
        self._stop = threading.Event()
        self._presses: queue.SimpleQueue[Press | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._read, name="her2scope camera", daemon=True),
            threading.Thread(target=self._analyse, name="her2scope analysis", daemon=True),
        ]

    def start(self) -> None:
        """Start both threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop and join both threads."""
        self._stop.set()
        self._presses.put(None)
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def press(self, settings: FieldSettings) -> bool:
        """Have the newest frame analysed; False when there is none yet."""
        shot = self._feed.newest
        if shot is None:
            return False
        self._presses.put(Press(shot, settings, self._origin_um(shot), time.monotonic()))
        return True

    def _origin_um(self, shot: CameraFrame) -> tuple[float, float] | None:
        if not isinstance(self.camera, HasStage):
            return None
        x, y = self.camera.stage.position_um
        height, width = shot.frame.rgb.shape[:2]
        half = shot.frame.pixel_um / 2
        return x - width * half, y - height * half

    def _read(self) -> None:
        try:
            with self.camera:
                for shot in self.camera.frames(self._stop):
                    self._feed.put(shot)
        except Her2ScopeError as error:
            self._tell(str(error))

    def _analyse(self) -> None:
        while (press := self._presses.get()) is not None:
            try:
                result = analyse_field(press.shot.frame, press.settings)
            except Her2ScopeError as error:
                self._tell(str(error))
                continue
            except Exception as error:  # noqa: BLE001  # a thread's end: the fault is told, the program goes on
                self._tell(f"The field could not be analysed ({type(error).__name__}: {error}); press again.")
                continue
            self._hand_over(press, result)

    def _hand_over(self, press: Press, result: FieldResult) -> None:
        shot, waited_ms = press.shot, (time.monotonic() - press.pressed_s) * 1e3
        analysed = Analysed(shot.frame, result, press.settings.stain, shot.objective, press.origin_um, waited_ms)
        self._bridge.post(lambda: self._on_analysed(analysed))

    def _tell(self, sentence: str) -> None:
        self._bridge.post(lambda: self._on_fault(sentence))
