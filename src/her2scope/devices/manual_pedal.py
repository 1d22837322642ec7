"""Pedals that the program itself presses: a key or a HID pedal that types one, and a button on the screen."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from her2scope.devices.pedal import PedalEvent
from her2scope.devices.presses import PressRecogniser, PressRule

_LISTEN_S = 0.1


class ManualPedal:
    """A pedal that somebody calls.

    The window calls `press` and `release` from its own thread as its key or button goes down and up (repeats of a
    held key do no harm); both return at once. Presses wait until `events` is read, also while the pedal is closed.
    A window that may miss the key coming up, because another program's window had the focus by then, calls
    `release` when it loses the focus: a pedal that is believed down hears no press.

    Parameters
    ----------
    name
        What it is called.
    rule
        What its presses mean. Windows report clean presses, so a debounce time is only needed for worn HID pedals.
    """

    def __init__(self, name: str, rule: PressRule) -> None:
        self.name = name
        self._recogniser = PressRecogniser(name, rule)
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[PedalEvent] = queue.SimpleQueue()

    def press(self) -> None:
        """The key or button went down."""
        with self._lock:
            self._put(self._recogniser.down(time.monotonic()))

    def release(self) -> None:
        """It came up."""
        with self._lock:
            self._put(self._recogniser.up(time.monotonic()))

    def click(self) -> None:
        """Press and release in one."""
        self.press()
        self.release()

    def events(self, stop: threading.Event) -> Iterator[PedalEvent]:
        """See Pedal."""
        while not stop.is_set():
            try:
                yield self._waiting.get(timeout=self._patience_s())
            except queue.Empty:
                with self._lock:
                    self._put(self._recogniser.tick(time.monotonic()))
        with self._lock:
            self._put(self._recogniser.finish())
        while not self._waiting.empty():
            yield self._waiting.get()

    def _patience_s(self) -> float:
        with self._lock:
            due_s = self._recogniser.deadline_s
        return _LISTEN_S if math.isinf(due_s) else min(max(due_s - time.monotonic(), 0.0), _LISTEN_S)

    def _put(self, events: list[PedalEvent]) -> None:
        for event in events:
            self._waiting.put(event)

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to close."""
