"""Presses from the foot to their end, so that none is lost without a word."""

from __future__ import annotations

from enum import Enum

from her2scope.app.model.texts import say
from her2scope.devices.pedal import PedalAction, PedalEvent, Phase


class End(Enum):
    """How a press ended."""

    SHOWN = "its result was shown"
    TOLD = "a sentence said what became of it"
    OTHER = "it asked for something else than an analysis"


def unanswered(presses: int, why: str) -> str:
    """What to say of presses without a result, the newest of them because of `why`, a sentence."""
    return say("press.one", why=why) if presses == 1 else say("press.many", n=presses, why=why)


class PressBook:
    """Follows every press until it has ended, which each does once.

    Steps, results and faults of a press come from several threads: its DOWN comes first, its SHORT may come after its
    end.

    Attributes
    ----------
    ends
        How many presses ended in each way.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], Phase] = {}
        self.ends = dict.fromkeys(End, 0)

    @property
    def is_down(self) -> bool:
        """Whether a foot is down and it is not yet known what it asks for."""
        return Phase.DOWN in self._open.values()

    @property
    def waiting(self) -> int:
        """Presses that asked for an analysis and have neither a result nor a sentence."""
        return sum(phase is not Phase.DOWN for phase in self._open.values())

    @property
    def text(self) -> str:
        """What is going on, in a word for the window; empty when every press has ended."""
        if self.is_down:
            return say("press.down")
        if self.waiting:
            return say("press.analysing", n=f" ({self.waiting})" if self.waiting > 1 else "")
        return ""

    def note(self, event: PedalEvent) -> None:
        """A step of a press."""
        key = event.pedal, event.number
        if event.phase is Phase.DOWN:
            self._open[key] = event.phase
        elif key in self._open:
            self._open[key] = event.phase
            if event.action is not PedalAction.ANALYSE:
                self.end(event, End.OTHER)

    def end(self, press: PedalEvent, how: End) -> None:
        """A press has ended."""
        del self._open[press.pedal, press.number]
        self.ends[how] += 1
