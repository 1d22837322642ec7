"""Sentences for the user: faults that stay until they are over, hints that go away by themselves."""

from __future__ import annotations

from her2scope.app.main_window import MainWindow
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
        self._window = window
        self.faults: dict[str, str] = {}
        self._closed_by_hand = ""
        window.banner.expired.connect(self._show_standing)
        window.banner.closed.connect(self._on_closed)

    def fault(self, sentence: str) -> None:
        """Say what went wrong."""
        self._window.banner.say_fault(sentence)
        self._window.place_banner()

    def hint(self, sentence: str) -> None:
        """Say something that goes away by itself; a fault that stands comes back after it."""
        self._window.banner.say_hint(sentence)
        self._window.place_banner()

    def device_fault(self, event: FaultEvent) -> None:
        """Say what is wrong with a device, until it recovers."""
        self.stand(event.source, event.sentence)

    def stand(self, source: str, sentence: str) -> None:
        """Say what is wrong with a source until it recovers; said again, it does not come back once it was closed."""
        is_new = self.faults.get(source) != sentence
        self.faults[source] = sentence
        if is_new or sentence != self._closed_by_hand:
            self.fault(sentence)

    def recovered(self, source: str) -> None:
        """Take a source's sentence back."""
        if self.faults.pop(source, "") == self._window.banner.text:
            self._window.banner.dismiss()

    def _show_standing(self) -> None:
        standing = [sentence for sentence in self.faults.values() if sentence != self._closed_by_hand]
        if standing:
            self.fault(standing[-1])

    def _on_closed(self, sentence: str) -> None:
        self._closed_by_hand = sentence
        self._show_standing()
