"""Sentences for the user: faults that stay until they are over or closed, hints that go away by themselves."""

from __future__ import annotations

from her2scope.app.main_window import MainWindow
from her2scope.app.model.presses import unanswered
from her2scope.devices.faults import Fault
from her2scope.pipeline.live_events import FaultEvent


class Telling:
    """Puts sentences into the banner, and remembers which devices are in trouble.

    Parameters
    ----------
    window
        Whose banner.

    Attributes
    ----------
    faults
        What is wrong now, by its source.
    """

    def __init__(self, window: MainWindow) -> None:
        self._banner = window.banner
        self.faults: dict[str, str] = {}
        self._closed_by_hand: set[str] = set()
        self._of_presses, self._presses = "", 0
        self._banner.closed.connect(self._on_closed)

    def fault(self, sentence: str) -> None:
        """Say what went wrong."""
        self._banner.say_fault(sentence)

    def notice(self, sentence: str) -> None:
        """Say what is no fault, but has to be read: it stays until it is closed."""
        self._banner.say_notice(sentence)

    def hint(self, sentence: str) -> None:
        """Say something that goes away by itself."""
        self._banner.say_hint(sentence)

    def device_fault(self, event: FaultEvent) -> None:
        """Say what is wrong with a device, until it recovers; of a file that is left out, until that is closed."""
        if event.fault is not Fault.FILE:
            self.stand(event.source, event.sentence)
        elif event.sentence not in self._closed_by_hand:
            self.fault(event.sentence)

    def press_fault(self, event: FaultEvent) -> None:
        """Say why a press brought no result: always, and in one line for all of them until that is closed."""
        self._banner.take_back(self._of_presses)
        self._presses += 1
        self._of_presses = unanswered(self._presses, event.sentence)
        self.fault(self._of_presses)

    def _on_closed(self, sentence: str) -> None:
        self._closed_by_hand.add(sentence)
        if sentence == self._of_presses:
            self._of_presses, self._presses = "", 0

    def stand(self, source: str, sentence: str) -> None:
        """Say what is wrong with a source until it recovers; said again, it does not come back once it was closed."""
        before = self.faults.get(source, "")
        if before == sentence:
            if sentence not in self._closed_by_hand:
                self.fault(sentence)
            return
        self._banner.take_back(before)
        self._closed_by_hand.discard(sentence)
        self.faults[source] = sentence
        self.fault(sentence)

    def recovered(self, source: str) -> None:
        """Take a source's sentence back."""
        if source in self.faults:
            self._banner.take_back(self.faults.pop(source))
