"""A thread that keeps a device open, reads it, and opens it again after every fault."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from her2scope.devices.faults import DeviceError
from her2scope.pipeline.live_events import FaultDesk
from her2scope.pipeline.loop_thread import LoopThread

T = TypeVar("T")


class Proof(Enum):
    """What shows that a device works again."""

    OPENED = "opened"
    """It could be opened: a pedal may rest for hours."""
    ITEM = "item"
    """Something came of it: a camera that sends nothing does not work."""


@dataclass(frozen=True)
class Reading(Generic[T]):
    """How a device is read.

    Parameters
    ----------
    name
        Of the thread.
    device
        Opened with `with`, as often as needed.
    items
        Its iterator, which ends soon after the event that it is given is set.
    receive
        Takes each item, in the device's thread.
    proof
        What ends a fault.
    """

    name: str
    device: AbstractContextManager[Any]
    items: Callable[[threading.Event], Iterator[T]]
    receive: Callable[[T], None]
    proof: Proof


class DeviceThread(LoopThread, Generic[T]):
    """Reads one device for as long as the program wants.

    Parameters
    ----------
    reading
        The device and who takes what it gives.
    faults
        Is told what goes wrong.
    retry_s
        How long to wait before opening it again.
    """

    def __init__(self, reading: Reading[T], faults: FaultDesk, retry_s: float) -> None:
        super().__init__(reading.name)
        self._reading, self._faults, self._retry_s = reading, faults, retry_s
        self._ending = threading.Event()
        self._session = threading.Event()
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether the device is open."""
        return self._is_open

    def restart(self) -> None:
        """Close the device and open it again, soon; for one that is stuck."""
        self._session.set()

    def stop(self) -> None:
        """Ask the thread to end."""
        self._ending.set()
        self._session.set()

    def _run(self) -> None:
        while not self._ending.is_set():
            self._session.clear()
            if self._ending.is_set():  # stop() between the two lines above
                return
            try:
                self._read()
            except DeviceError as error:
                self._faults.report(error)
            except Exception as error:  # noqa: BLE001  (a thread's end: told, and the device is opened again)
                self._faults.report(error)
            finally:
                self._is_open = False
            self._ending.wait(self._retry_s)

    def _read(self) -> None:
        """Open the device and take what it gives, until the session ends."""
        reading = self._reading
        with reading.device:
            self._is_open = True
            if reading.proof is Proof.OPENED:
                self._faults.clear()
            for item in reading.items(self._session):
                if reading.proof is Proof.ITEM:
                    self._faults.clear()
                reading.receive(item)
