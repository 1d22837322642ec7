"""What all threads of the live loop have in common."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod


class LoopThread(ABC):
    """A thread that is started once, asked to stop, and joined.

    Parameters
    ----------
    name
        Shown by debuggers and looked for by the test on leftovers.
    """

    def __init__(self, name: str) -> None:
        self._thread = threading.Thread(target=self._run, name=f"her2scope {name}", daemon=True)

    def start(self) -> None:
        """Start it."""
        self._thread.start()

    @abstractmethod
    def stop(self) -> None:
        """Ask it to end soon."""

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; False when it has not come in time."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @abstractmethod
    def _run(self) -> None:
        """Its work."""
