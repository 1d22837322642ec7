"""Looks after the camera: frames that stop coming, and frames that come damaged."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from her2scope.devices.camera import CameraFrame
from her2scope.devices.faults import DeviceError, Fault
from her2scope.pipeline.live_events import FaultDesk
from her2scope.pipeline.loop_thread import LoopThread

_LOOK_S = 0.1
_WINDOW_S = 3.0
_MANY = 5
_SHARE = 0.1


class Restartable(Protocol):
    """A device's thread."""

    @property
    def is_open(self) -> bool:
        """Whether the device is open."""

    def restart(self) -> None:
        """Close it and open it again."""


class Watchdog(LoopThread):
    """Tells when an open camera sends nothing, and has it opened again.

    A camera whose driver hangs cannot be opened again by anybody; then the fault stays until it is unplugged.

    Parameters
    ----------
    camera
        The camera's thread.
    faults
        The camera's faults.
    silence_s, opening_s
        How long nothing may come, after a frame and after opening.
    also
        What else it looks after, ten times a second.
    """

    def __init__(
        self, camera: Restartable, faults: FaultDesk, silence_s: float, opening_s: float, also: Callable[[], None]
    ) -> None:
        super().__init__("watchdog")
        self._also = also
        self._camera, self._faults = camera, faults
        self._silence_s, self._opening_s = silence_s, opening_s
        self._due_s = time.monotonic() + opening_s
        self._ending = threading.Event()

    def saw_frame(self) -> None:
        """A frame came."""
        self._due_s = time.monotonic() + self._silence_s

    def stop(self) -> None:
        """Ask the thread to end."""
        self._ending.set()

    def _run(self) -> None:
        was_open = False
        while not self._ending.wait(_LOOK_S):
            self._also()
            now_s, is_open = time.monotonic(), self._camera.is_open
            if is_open and not was_open:
                self._due_s = max(self._due_s, now_s + self._opening_s)
            was_open = is_open
            if is_open and now_s > self._due_s:
                self._faults.report(_silent())
                self._camera.restart()
                self._due_s = now_s + self._opening_s


class SlowMeter:
    """Tells when the analysis at hand takes so long that something must be wrong with it.

    Parameters
    ----------
    faults
        Of the analysis' time.
    since_s
        When the analysis at hand began; None while there is none.
    most_s
        How long one may take.
    """

    def __init__(self, faults: FaultDesk, since_s: Callable[[], float | None], most_s: float) -> None:
        self._faults, self._since_s, self._most_s = faults, since_s, most_s

    def look(self) -> None:
        """See how long it has taken by now."""
        since_s = self._since_s()
        if since_s is None:
            self._faults.clear()
        elif time.monotonic() - since_s > self._most_s:
            self._faults.report(_slow(self._most_s))


class LossMeter:
    """Tells when many of the latest frames came damaged.

    Parameters
    ----------
    faults
        Of the connection.
    """

    def __init__(self, faults: FaultDesk) -> None:
        self._faults = faults
        self._seen: deque[tuple[float, int]] = deque()

    def count(self, shot: CameraFrame) -> None:
        """Count a frame and those lost before it."""
        self._seen.append((shot.time_s, shot.lost))
        while self._seen[0][0] < shot.time_s - _WINDOW_S:
            self._seen.popleft()
        lost = sum(n for _, n in self._seen)
        share = lost / (lost + len(self._seen))
        if lost >= _MANY and share >= _SHARE:
            self._faults.report(_damaged())
        elif not lost:
            self._faults.clear()


def _silent() -> DeviceError:
    remedy = "check its cable and the lamp; it is opened again by itself"
    return DeviceError(Fault.SILENT, "The camera sends no pictures any more", remedy)


def _slow(most_s: float) -> DeviceError:
    what = f"The analysis of a field has taken more than {most_s:g} s, and the presses after it wait"
    remedy = "close other programs and wait, or close this one, start it again and go on with the case: it is kept"
    return DeviceError(Fault.ANALYSIS, what, remedy)


def _damaged() -> DeviceError:
    remedy = "give the camera a USB 3 port of its own and a good cable, or lower its frame rate in the device set-up"
    return DeviceError(Fault.BANDWIDTH, "Many pictures arrive damaged and are left out", remedy)
