"""A start that ends with the first live picture, for who times starts."""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QObject, Qt, Slot

from her2scope.app.workbench import Workbench

UNTIL_PICTURE = "--until-picture"
"""Argument of the application: close once the live picture is seen, and print time.monotonic() of that moment."""


class UntilPicture(QObject):
    """Closes the window once the live picture is seen, and prints when that was.

    Parameters
    ----------
    desk
        Composed, not started.
    """

    def __init__(self, desk: Workbench) -> None:
        super().__init__(desk)
        self._desk = desk
        desk.window.view.painted.connect(self._on_painted, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def _on_painted(self) -> None:
        if self._desk.live_shot is not None:
            self._desk.window.view.painted.disconnect(self._on_painted)
            sys.stdout.write(f"{time.monotonic():.6f}\n")
            sys.stdout.flush()
            self._desk.window.close()
