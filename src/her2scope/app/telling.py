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

    def fault(self, sentence: str) -> None:
        """Say what went wrong."""
        self._window.banner.say_fault(sentence)
        self._window.place_banner()

    def hint(self, sentence: str) -> None:
        """Say something that goes away by itself."""
        self._window.banner.say_hint(sentence)
        self._window.place_banner()

    def device_fault(self, event: FaultEvent) -> None:
        """Say what is wrong with a device, until it recovers."""
        self.faults[event.source] = event.sentence
        self.fault(event.sentence)

    def recovered(self, source: str) -> None:
        """Take a device's sentence back."""
        if self.faults.pop(source, "") == self._window.banner.text:
            self._window.banner.dismiss()
