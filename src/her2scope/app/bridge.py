"""The one way from other threads into the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

_T = TypeVar("_T")


class Bridge(QObject):
    """Runs calls of any thread in the GUI thread, in the order in which one thread posted them."""

    _posted = Signal(object)

    def __init__(self) -> None:
        """Belong to the thread that makes it: the GUI thread."""
        super().__init__()
        self.is_open = True
        """Whether calls still arrive; read by any thread."""
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        """Have `call` run in the GUI thread soon; from any thread. Dropped once the bridge is closed."""
        if self.is_open:
            self._posted.emit(call)

    def close(self) -> None:
        """Drop what is still on its way."""
        self.is_open = False

    @Slot(object)
    def _run(self, call: Callable[[], None]) -> None:
        if self.is_open:
            call()


class Latest(Generic[_T]):
    """Hands over the newest of many values: values that come while one is on its way replace it.

    Parameters
    ----------
    bridge
        Into the GUI thread.
    receive
        Called there, once for each hand-over.
    """

    def __init__(self, bridge: Bridge, receive: Callable[[_T], None]) -> None:
        self._bridge = bridge
        self._receive = receive
        self._lock = threading.Lock()
        self._waiting: list[_T] = []

    def put(self, value: _T) -> None:
        """Offer a value; from any thread."""
        with self._lock:
            is_under_way = bool(self._waiting)
            self._waiting = [value]
        if not is_under_way:
            self._bridge.post(self._hand_over)

    def _hand_over(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for value in waiting:
            self._receive(value)
