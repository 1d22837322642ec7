"""What a pedal is to the rest of the program.

Opening is a `with`, presses are an iterator:

    with pedal:
        for press in pedal.events(stop):
            act(press)

Each press gives one DOWN at once, so that the user gets an answer, and then one SHORT or one LONG, which carries what
to do. A pedal that knows no long press gives SHORT together with DOWN. Presses wait until they are read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self


class PedalAction(StrEnum):
    """What a press asks for; chosen in the device set-up."""

    ANALYSE = "analyse"
    KEEP = "keep"
    TAKE_BACK = "take_back"
    NOTHING = "nothing"


class Phase(StrEnum):
    """How far a press has come."""

    DOWN = "down"
    SHORT = "short"
    LONG = "long"


@dataclass(frozen=True)
class PedalEvent:
    """A step of a press.

    Parameters
    ----------
    phase
        DOWN, then SHORT or LONG.
    action
        What is asked for; NOTHING while the press is only DOWN.
    pedal
        Name of the pedal, or of the treadle of a double pedal.
    number
        The press, counted from 1 for each pedal; the same in all its steps.
    down_s
        When the foot went down, in seconds of time.monotonic().
    """

    phase: Phase
    action: PedalAction
    pedal: str
    number: int
    down_s: float


class Pedal(Protocol):
    """A foot pedal, a key or a button."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    def events(self, stop: threading.Event) -> Iterator[PedalEvent]:
        """Presses from now on, oldest first; ends within half a second once `stop` is set.

        What was pressed before that is still given, and a press that has only begun as a short one.

        Raises
        ------
        DeviceError
            When the pedal is not open, or is gone.
        """

    def __enter__(self) -> Self:
        """Open it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it; never raises."""
