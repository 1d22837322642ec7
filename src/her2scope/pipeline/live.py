"""The live loop: camera, pedals and analysis, each in threads of its own; knows no window.

    loop = LiveLoop(camera, pedals, analyse, listener)
    with loop:
        ...

The camera's thread puts every frame into a one-slot mailbox and tells the listener. A pedal's thread takes the frame
that was newest when the foot went down, whole, and queues it for the analysis: frames may be dropped, presses never.
Whatever goes wrong becomes a FaultEvent, and devices are opened again until they work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar

from her2scope.devices.camera import Camera, CameraFrame
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.pedal import Pedal, PedalAction, PedalEvent, Phase
from her2scope.pipeline.device_thread import DeviceThread, Proof, Reading
from her2scope.pipeline.live_events import FaultDesk, FaultEvent, LiveListener
from her2scope.pipeline.loop_thread import LoopThread
from her2scope.pipeline.mailbox import Mailbox
from her2scope.pipeline.watch import LossMeter, SlowMeter, Watchdog
from her2scope.pipeline.worker import Analysis, AnalysisWorker, Request

R = TypeVar("R")


@dataclass(frozen=True)
class LiveOptions:
    """Patience of the live loop.

    Parameters
    ----------
    silence_s
        How long an open camera may send nothing before that is a fault; a press on an older frame is refused.
    opening_s
        The same before its first frame.
    retry_s
        How long to wait before a device is opened again.
    stop_s
        How long to wait for the threads at the end.
    analysis_s
        How long the analysis of a field may take before that is a fault; it is waited for all the same.
    waiting_mb
        Megabytes that the frames of presses may hold while they wait for their analysis: 56 fields of 3008 x 3008.
    """

    silence_s: float = 3.0
    opening_s: float = 10.0
    retry_s: float = 1.0
    stop_s: float = 10.0
    analysis_s: float = 60.0
    waiting_mb: float = 1450.0


class LiveLoop(Generic[R]):
    """Runs a camera, its pedals and the analysis.

    Parameters
    ----------
    camera, pedals
        Closed; each is opened and read by a thread of its own.
    analyse
        Frame to result.
    listener
        Is told of frames, presses, results and faults; see LiveListener.
    options
        Its patience.
    """

    def __init__(
        self,
        camera: Camera,
        pedals: Sequence[Pedal],
        analyse: Analysis[R],
        listener: LiveListener[R],
        options: LiveOptions | None = None,
    ) -> None:
        self._listener = listener
        self._options = options or LiveOptions()
        self._lock = threading.RLock()
        self._analyse = analyse
        self._generation = 0
        self._is_continuous = False
        self._held: dict[tuple[str, int], CameraFrame | DeviceError] = {}
        self._mailbox: Mailbox[CameraFrame] = Mailbox()
        self._losses = LossMeter(FaultDesk("camera connection", listener))
        self._worker = AnalysisWorker(listener, lambda: self._generation, self._options.waiting_mb)
        faults = FaultDesk("camera", listener)
        reading = Reading("camera", camera, camera.frames, self._take_frame, Proof.ITEM)
        self._camera = DeviceThread(reading, faults, self._options.retry_s)
        slow = SlowMeter(
            FaultDesk("analysis time", listener), lambda: self._worker.busy_since_s, self._options.analysis_s
        )
        patience = self._options.silence_s, self._options.opening_s
        self._watchdog = Watchdog(self._camera, faults, *patience, slow.look)
        pedal_threads = [self._pedal_thread(pedal) for pedal in pedals]
        self._threads: list[LoopThread] = [self._worker, self._camera, *pedal_threads, self._watchdog]

    @property
    def newest(self) -> CameraFrame | None:
        """The newest frame."""
        return self._mailbox.peek()

    @property
    def waiting(self) -> int:
        """Presses without a result yet."""
        return self._worker.waiting

    @property
    def generation(self) -> int:
        """Rises with `use_analysis` and `next_generation`."""
        return self._generation

    def use_analysis(self, analyse: Analysis[R]) -> None:
        """Analyse differently from the next press on: new thresholds, another detector; begins a generation.

        Presses that wait keep the analysis that they were made with.
        """
        with self._lock:
            self._analyse = analyse
            self._generation += 1

    def next_generation(self) -> None:
        """What is being analysed now will not be wanted any more: another objective, another case."""
        with self._lock:
            self._generation += 1

    @property
    def is_continuous(self) -> bool:
        """Whether the newest frame is analysed again and again without the pedal."""
        return self._is_continuous

    def start_continuous(self) -> None:
        """Analyse the newest frame again and again, at the rate that the machine gives; presses go first.

        While frames differ in their noise alone they are not analysed again: the last result stands.
        """
        self._worker.look_again()
        self._is_continuous = True

    def look_again(self) -> None:
        """Analyse the next frame of continuous mode whatever it shows: its last result is no longer shown."""
        self._worker.look_again()

    def stop_continuous(self) -> None:
        """Analyse only what is asked for by a press; a frame that is being analysed is still told."""
        with self._lock:
            self._is_continuous = False
            self._worker.withdraw()

    def start(self) -> None:
        """Start all threads; a loop is started once."""
        for thread in self._threads:
            thread.start()

    def drain(self, timeout_s: float) -> bool:
        """Wait until every press that was told has its result; False when that takes longer."""
        return self._worker.drain(timeout_s)

    def stop(self) -> None:
        """Stop and join all threads; presses that still wait are told as faults, as is a thread that hangs."""
        for thread in reversed(self._threads):
            thread.stop()
        until_s = time.monotonic() + self._options.stop_s
        ended = [thread.join(max(until_s - time.monotonic(), 0.0)) for thread in reversed(self._threads)]
        if not all(ended):
            remedy = "unplug camera and pedal and plug them in again before the next start"
            error = DeviceError(Fault.PROGRAM, "A device or the analysis did not stop in time", remedy)
            self._listener.on_fault(FaultEvent.of("program", error))
        self._mailbox.clear()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _pedal_thread(self, pedal: Pedal) -> DeviceThread[PedalEvent]:
        reading = Reading(f"pedal {pedal.name}", pedal, pedal.events, self._take_press, Proof.OPENED)
        return DeviceThread(reading, FaultDesk(pedal.name, self._listener), self._options.retry_s)

    def _take_frame(self, shot: CameraFrame) -> None:
        self._watchdog.saw_frame()
        self._losses.count(shot)
        self._mailbox.put(shot)
        with self._lock:
            if self._is_continuous:
                self._worker.offer(self._request(shot, None))
        self._listener.on_frame(shot)

    def _take_press(self, event: PedalEvent) -> None:
        """Queue first, tell then: a press that was told is safe, whatever the listener does."""
        key = event.pedal, event.number
        if event.phase is Phase.DOWN:
            self._held[key] = self._frame_now()
        else:
            held = self._held.pop(key, None) or self._frame_now()
            if event.action is PedalAction.ANALYSE:
                self._analyse_press(held, event)
        self._listener.on_press(event)

    def _analyse_press(self, held: CameraFrame | DeviceError, event: PedalEvent) -> None:
        if isinstance(held, DeviceError):
            self._listener.on_fault(FaultEvent.of("analysis", held, event))
        else:
            self._worker.submit(self._request(held, event))

    def _request(self, shot: CameraFrame, press: PedalEvent | None) -> Request[R]:
        with self._lock:
            return Request(shot, self._analyse, press, self._generation)

    def _frame_now(self) -> CameraFrame | DeviceError:
        """The newest frame, or why it cannot be analysed: the slide may have moved since an old one."""
        shot = self._mailbox.peek()
        if shot is None:
            return DeviceError(
                Fault.SILENT, "There is no picture to analyse yet", "wait for the camera and press again"
            )
        age_s = time.monotonic() - shot.time_s
        if age_s > self._options.silence_s:
            what = f"The picture is {age_s:.0f} s old and was not analysed"
            return DeviceError(Fault.SILENT, what, "wait until the live picture moves, and press again")
        return shot
