"""The analysis thread: presses in order and none lost; frames of continuous mode only when no press waits."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from her2scope.base.frame import Frame
from her2scope.devices.camera import CameraFrame
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.pedal import PedalEvent
from her2scope.pipeline.live_events import Analysed, FaultDesk, FaultEvent, LiveListener
from her2scope.pipeline.loop_thread import LoopThread
from her2scope.pipeline.still import glance, looks_same

R = TypeVar("R")
Analysis = Callable[[Frame], R]


@dataclass(frozen=True)
class Request(Generic[R]):
    """A frame to analyse.

    Parameters
    ----------
    shot
        The frame, whole.
    analyse
        What to do with it.
    press
        Who asked; None in continuous mode.
    generation
        LiveLoop.generation at that moment.
    """

    shot: CameraFrame
    analyse: Analysis[R]
    press: PedalEvent | None
    generation: int


class AnalysisWorker(LoopThread, Generic[R]):
    """Analyses one frame at a time in a thread of its own.

    Every press that was taken brings exactly one Analysed or one FaultEvent with that press. Presses wait for as long
    as their frames find room: a queue without a bound would end with the program killed for its memory, and every
    press of the case lost with it.

    Parameters
    ----------
    listener
        Is told.
    generation
        Gives the current generation.
    waiting_mb
        Megabytes that the frames of waiting presses may hold; one press may always wait.
    """

    def __init__(self, listener: LiveListener[R], generation: Callable[[], int], waiting_mb: float) -> None:
        super().__init__("analysis")
        self._listener = listener
        self._generation = generation
        self._room_bytes = waiting_mb * 2**20
        self._continuous_faults = FaultDesk("analysis", listener)
        self._changed = threading.Condition()
        self._presses: deque[Request[R]] = deque()
        self._newest: Request[R] | None = None
        self._busy_with_press = False
        self._busy_since_s: float | None = None
        self._ending = False
        self._seen: tuple[int, str, NDArray[np.uint8]] | None = None

    @property
    def waiting(self) -> int:
        """Presses without a result yet, the one being analysed among them."""
        with self._changed:
            return len(self._presses) + self._busy_with_press

    @property
    def busy_since_s(self) -> float | None:
        """When the analysis at hand began, in seconds of time.monotonic(); None while there is none."""
        return self._busy_since_s

    def submit(self, request: Request[R]) -> None:
        """Take the frame of a press; a press too many, or after the end, is told as a fault at once."""
        with self._changed:
            refusal = self._refusal(request.shot)
            if refusal is None:
                self._presses.append(request)
                self._changed.notify_all()
        if refusal is not None:
            self._listener.on_fault(FaultEvent.of("analysis", refusal, request.press))

    def offer(self, request: Request[R]) -> None:
        """Take a frame of continuous mode in place of the one before."""
        with self._changed:
            self._newest = request
            self._changed.notify_all()

    def withdraw(self) -> None:
        """Forget the frame of continuous mode."""
        with self._changed:
            self._newest = None

    def look_again(self) -> None:
        """Analyse the next frame of continuous mode even if it shows what the last one showed."""
        self._seen = None

    def drain(self, timeout_s: float) -> bool:
        """Wait until no press is without a result; False when that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._presses and not self._busy_with_press, timeout_s)

    def stop(self) -> None:
        """Ask the thread to end after the frame at hand; presses that still wait are told as faults."""
        with self._changed:
            self._ending = True
            left, self._presses = list(self._presses), deque()
            self._changed.notify_all()
        for request in left:
            self._listener.on_fault(FaultEvent.of("analysis", _closing(), request.press))

    def _refusal(self, shot: CameraFrame) -> DeviceError | None:
        if self._ending:
            return _closing()
        frames = {id(held.frame): held.frame.rgb.nbytes for held in (*(r.shot for r in self._presses), shot)}
        if self._presses and sum(frames.values()) > self._room_bytes:
            n = len(self._presses)
            waiting = "1 field waits for its analysis" if n == 1 else f"{n} fields wait for their analysis"
            what = f"{waiting}, and there is memory for no more"
            return DeviceError(Fault.ANALYSIS, what, "wait until fewer wait, then press again at this field")
        return None

    def _run(self) -> None:
        while (request := self._next()) is not None:
            if request.press is not None or not self._is_seen(request):
                self._analyse(request)
            del request  # its frame, while the next one is waited for
            with self._changed:
                self._busy_with_press = False
                self._changed.notify_all()

    def _next(self) -> Request[R] | None:
        """The next frame, presses first; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ending or self._presses or self._newest is not None)
            if self._ending:
                return None
            if self._presses:
                self._busy_with_press = True
                return self._presses.popleft()
            request, self._newest = self._newest, None
            return request

    def _is_seen(self, request: Request[R]) -> bool:
        """Whether continuous mode has a result of this very view: an overlay that noise redraws would flicker."""
        key, look = (request.generation, request.shot.objective), glance(request.shot.frame.rgb)
        seen = self._seen
        if seen is not None and seen[:2] == key and looks_same(seen[2], look):
            return True
        self._seen = (*key, look)
        return False

    def _analyse(self, request: Request[R]) -> None:
        start_s = self._busy_since_s = time.monotonic()
        try:
            result = request.analyse(request.shot.frame)
        except Exception as error:  # noqa: BLE001  (a thread's end: told, and the worker goes on)
            self._fail(request, error)
        else:
            self._tell(request, result, time.monotonic() - start_s)
        finally:
            self._busy_since_s = None

    def _tell(self, request: Request[R], result: R, seconds: float) -> None:
        stale = request.generation < self._generation()
        if request.press is None:
            self._continuous_faults.clear()
            if stale:
                return
        since_press_s = 0.0 if request.press is None else time.monotonic() - request.press.down_s
        self._listener.on_analysed(
            Analysed(request.shot, result, request.press, request.generation, stale, seconds, since_press_s)
        )

    def _fail(self, request: Request[R], error: Exception) -> None:
        """Tell a fault; in continuous mode once, not for every frame."""
        if request.press is None:
            self.look_again()
            self._continuous_faults.report(error)
        else:
            self._listener.on_fault(FaultEvent.of("analysis", error, request.press))


def _closing() -> DeviceError:
    return DeviceError(Fault.ANALYSIS, "A field was not analysed because the program was closing", "take it again")
