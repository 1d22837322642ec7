"""Pedals on a serial port; the only home of pyserial.

A treadle is either bytes that the pedal sends or a line of the port that it moves. Both are looked at every 10 ms, so
a press of a line must last that long to be seen; a foot takes 50 ms and more.
"""

from __future__ import annotations

import contextlib
import errno
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import serial
from serial.tools import list_ports

from her2scope.devices.camera import not_open
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.pedal import PedalEvent
from her2scope.devices.presses import PressRecogniser
from her2scope.devices.setup import SerialSetup, Treadle

_POLL_S = 0.01
_TAKEN = (errno.EAGAIN, errno.EBUSY)


@dataclass(frozen=True)
class PortInfo:
    """A serial port of this machine.

    Parameters
    ----------
    port
        Its name.
    about
        What the system says of it.
    usb
        How to name it in a set-up so that it is found in any socket; None when it is not on USB.
    """

    port: str
    about: str
    usb: str | None


def list_serial_ports() -> tuple[PortInfo, ...]:
    """The serial ports of this machine, by name."""
    return tuple(PortInfo(p.device, p.description, _usb_name(p)) for p in sorted(list_ports.comports()))


def find_port(port: str) -> str:
    """The system's name of a port given by name or as "usb:VID:PID[:SERIAL]" (hexadecimal).

    Raises
    ------
    DeviceError
        When no such USB device is connected, or more than one.
    """
    if not port.lower().startswith("usb:"):
        return port
    wanted = port.lower().split(":")
    found = [p.port for p in list_serial_ports() if p.usb and p.usb.lower().split(":")[: len(wanted)] == wanted]
    if not found:
        raise DeviceError(Fault.MISSING, f"No pedal with the USB id {port} is connected", "plug it in")
    if len(found) > 1:
        raise DeviceError(
            Fault.REFUSED,
            f"{port} fits {len(found)} connected devices ({', '.join(found)})",
            "add its serial number to the device set-up, or unplug the others",
        )
    return found[0]


def _usb_name(port: Any) -> str | None:
    if port.vid is None:
        return None
    return f"usb:{port.vid:04x}:{port.pid:04x}" + (f":{port.serial_number}" if port.serial_number else "")


class SerialPedal:
    """A pedal on a serial port.

    Parameters
    ----------
    setup
        Its port and treadles. pyserial's URLs ("loop://") are ports too.
    """

    def __init__(self, setup: SerialSetup) -> None:
        self.name = setup.name
        self._setup = setup
        self._contacts = [_contact(treadle) for treadle in setup.treadles]
        self._port: Any = None

    def __enter__(self) -> Self:
        """Open the port for this program alone; pyserial drops the bytes that came before."""
        name = find_port(self._setup.port)
        try:
            self._port = serial.serial_for_url(name, self._setup.baud, timeout=_POLL_S, exclusive=True)
            for contact in self._contacts:
                contact.start(self._port)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            self.__exit__(None, None, None)
            raise self._cannot_open(name, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the port, if there still is one."""
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(OSError):  # unplugged: there is nothing left to close
                port.close()

    def events(self, stop: threading.Event) -> Iterator[PedalEvent]:
        """See Pedal."""
        if self._port is None:
            raise not_open(self.name)
        while not stop.is_set():
            try:
                yield from self._look()
            except (OSError, TypeError) as error:  # TypeError: pyserial's own, when it is closed while it reads
                yield from self._finish()
                raise DeviceError(
                    Fault.UNPLUGGED, f"{self.name} does not answer any more", "plug it in again; it is found by itself"
                ) from error
        yield from self._finish()

    def _finish(self) -> Iterator[PedalEvent]:
        for contact in self._contacts:
            yield from contact.recogniser.finish()

    def _look(self) -> Iterator[PedalEvent]:
        """Wait up to 10 ms for bytes, then look at every contact; what one tells is safe when the next one fails."""
        received = self._port.read(max(self._port.in_waiting, 1))
        now_s = time.monotonic()
        for contact in self._contacts:
            yield from contact.look(self._port, received, now_s)

    def _cannot_open(self, port: str, error: OSError | ValueError) -> DeviceError:
        what = f"{self.name}: {port} "
        if getattr(error, "errno", None) == errno.EACCES:
            return DeviceError(Fault.TAKEN, what + "may not be used by this user", "add the user to the group dialout")
        if getattr(error, "errno", None) in _TAKEN or _says_taken(error):
            return DeviceError(Fault.TAKEN, what + "is used by another program", "close that program")
        if isinstance(error, _NoLinesError):
            remedy = "choose treadles that send bytes, or the port that the pedal is on"
            return DeviceError(Fault.REFUSED, what + f"has no line {error}", remedy)
        remedy = "plug the pedal in, or choose its port in the device set-up"
        return DeviceError(Fault.MISSING, what + "cannot be opened", remedy)


class _NoLinesError(ValueError):
    """A port, such as a pseudo-terminal, that has no control lines."""


def _says_taken(error: OSError | ValueError) -> bool:
    """Windows puts the reason into the text alone."""
    return "access is denied" in str(error).lower()


class _ByteContact:
    """A treadle that sends bytes."""

    def __init__(self, treadle: Treadle) -> None:
        self.recogniser = PressRecogniser(treadle.name, treadle)
        self._press = (treadle.press or "").encode("latin-1")
        self._release = None if treadle.release is None else treadle.release.encode("latin-1")
        self._received = b""

    def start(self, _port: Any) -> None:
        """Forget what came before the port was opened."""
        self._received = b""
        self.recogniser.start(closed=False)

    def look(self, _port: Any, received: bytes, now_s: float) -> list[PedalEvent]:
        """Find the patterns in what came, also when they came in pieces."""
        self._received += received
        steps = []
        while (word := self._first_word()) is not None:
            steps += self._step(word, now_s)
        longest = max(len(self._press), len(self._release or b""))
        self._received = self._received[-(longest - 1) :] if longest > 1 else b""
        return steps + self.recogniser.tick(now_s)

    def _step(self, word: bytes, now_s: float) -> list[PedalEvent]:
        if self._release is None:
            return self.recogniser.click(now_s)
        return self.recogniser.down(now_s) if word == self._press else self.recogniser.up(now_s)

    def _first_word(self) -> bytes | None:
        """Take the first pattern, and all before it, out of what was received."""
        words = [w for w in (self._press, self._release) if w is not None and w in self._received]
        if not words:
            return None
        first = min(words, key=lambda w: (self._received.index(w), -len(w)))
        self._received = self._received.split(first, 1)[1]
        return first


class _LineContact:
    """A treadle that moves a line of the port."""

    def __init__(self, treadle: Treadle) -> None:
        self.recogniser = PressRecogniser(treadle.name, treadle)
        self._line = str(treadle.line)
        self._active = treadle.active == "high"

    def start(self, port: Any) -> None:
        """Take the line as it stands: a foot that was down before is no press."""
        try:
            self.recogniser.start(closed=self._is_down(port))
        except OSError as error:
            raise _NoLinesError(self._line.upper()) from error

    def look(self, port: Any, _received: bytes, now_s: float) -> list[PedalEvent]:
        """Read the line's level."""
        return self.recogniser.down(now_s) if self._is_down(port) else self.recogniser.up(now_s)

    def _is_down(self, port: Any) -> bool:
        return bool(getattr(port, self._line)) == self._active


def _contact(treadle: Treadle) -> _ByteContact | _LineContact:
    return _ByteContact(treadle) if treadle.press else _LineContact(treadle)
