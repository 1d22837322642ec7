"""What the live loop tells: results, faults in plain words, and that a fault is over."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

from her2scope.base.errors import Her2ScopeError
from her2scope.devices.camera import CameraFrame
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.pedal import PedalEvent

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
R_contra = TypeVar("R_contra", contravariant=True)


@dataclass(frozen=True)
class Analysed(Generic[R_co]):
    """A field that was analysed.

    Parameters
    ----------
    shot
        The frame, whole.
    result
        What the analysis gave.
    press
        The press that asked for it; None in continuous mode.
    generation
        LiveLoop.generation when it was asked for.
    stale
        Whether the generation has risen since. Stale results of continuous mode are not told at all.
    seconds
        How long the analysis took.
    since_press_s
        From the foot going down to this moment; 0 in continuous mode.
    """

    shot: CameraFrame
    result: R_co
    press: PedalEvent | None
    generation: int
    stale: bool
    seconds: float
    since_press_s: float


@dataclass(frozen=True)
class FaultEvent:
    """Something went wrong and the program goes on.

    Parameters
    ----------
    source
        What has the fault: "camera", "camera connection", "analysis", "analysis time" or a pedal's name.
    fault
        Kind of trouble.
    what, remedy
        What happened, and what to do: two halves of a sentence.
    time_s
        When, in seconds of time.monotonic().
    press
        The press that brought no result because of it, if it was one.
    """

    source: str
    fault: Fault
    what: str
    remedy: str
    time_s: float
    press: PedalEvent | None = None

    @property
    def sentence(self) -> str:
        """What happened and what to do."""
        return f"{self.what}; {self.remedy}."

    @classmethod
    def of(cls, source: str, error: Exception, press: PedalEvent | None = None) -> Self:
        """The event of an error; one that is not ours is a mistake in the program and says so."""
        fault, what, remedy = _words(source, error)
        return cls(source, fault, what, remedy, time.monotonic(), press)


def _words(source: str, error: Exception) -> tuple[Fault, str, str]:
    if isinstance(error, DeviceError):
        return error.fault, error.what, error.remedy
    if isinstance(error, Her2ScopeError):
        what, _, remedy = str(error).rstrip(".").partition("; ")
        return Fault.ANALYSIS, what, remedy or "try again"
    what = f"A mistake in the program ({source}: {type(error).__name__}: {error})"
    return Fault.PROGRAM, what, "try again, and report it if it comes back"


class LiveListener(Protocol[R_contra]):
    """Whoever is told. Each method is called in a thread of the loop, so it must be quick and touch no window."""

    def on_frame(self, shot: CameraFrame) -> None:
        """A frame came; camera thread."""

    def on_press(self, event: PedalEvent) -> None:
        """A step of a press, within 50 ms; KEEP and TAKE_BACK are for the listener to do; a pedal's thread.

        A SHORT that asks for an analysis is queued by then, so its result may even come first.
        """

    def on_analysed(self, analysed: Analysed[R_contra]) -> None:
        """A field was analysed; analysis thread."""

    def on_fault(self, event: FaultEvent) -> None:
        """Something went wrong; any thread."""

    def on_recovered(self, source: str) -> None:
        """The last fault of a source is over; any thread."""


class FaultDesk:
    """Tells a source's faults once, however often they come, and once that they are over.

    Parameters
    ----------
    source
        Of the events.
    listener
        Is told.
    """

    def __init__(self, source: str, listener: LiveListener[R]) -> None:
        self._source = source
        self._listener = listener
        self._lock = threading.Lock()
        self._told = ""

    @property
    def is_faulty(self) -> bool:
        """Whether a fault was told and is not over."""
        return bool(self._told)

    def report(self, error: Exception) -> None:
        """Tell an error, unless it is the one that was told last."""
        event = FaultEvent.of(self._source, error)
        with self._lock:
            is_new, self._told = event.sentence != self._told, event.sentence
        if is_new:
            self._listener.on_fault(event)

    def clear(self) -> None:
        """Tell that it is over, if there was one."""
        with self._lock:
            was_faulty, self._told = bool(self._told), ""
        if was_faulty:
            self._listener.on_recovered(self._source)
