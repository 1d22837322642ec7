"""Makes the first press as quick as the others, and keeps Python's housekeeping from stopping the window."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot

from her2scope.app.workbench import Workbench
from her2scope.base.frame import Frame
from her2scope.pipeline.detectors import DeferredDetector
from her2scope.pipeline.field import FieldSettings, analyse_field

_SWITCH_S = 0.001
"""How long another thread may hold Python's lock while the window wants it; 5 ms is Python's own choice."""


class Readying(QObject):
    """Loads the network once the first live picture is on the screen, and analyses that picture to try it.

    Loading brings a million objects that stay. The collector of reference cycles would go through all of them now and
    then, and stop every thread for 100 ms and more (measured); so they are put out of its reach.

    Parameters
    ----------
    desk
        Whose detector and picture.
    """

    def __init__(self, desk: Workbench) -> None:
        super().__init__(desk)
        self._desk = desk
        self.is_ready = False
        sys.setswitchinterval(_SWITCH_S)
        desk.window.view.painted.connect(self._on_painted)

    @Slot()
    def _on_painted(self) -> None:
        shot = self._desk.live_shot
        if shot is not None:
            self._desk.window.view.painted.disconnect(self._on_painted)
            wanted = partial(getattr, self._desk.bridge, "is_open")
            work = partial(_try_out, self._desk.session.settings, shot.frame, wanted)
            self._desk.patient.submit("readying", work, self._on_ready)

    def _on_ready(self, _: None) -> None:
        self.is_ready = True
        if not gc.get_freeze_count():  # once: what a closed case leaves must stay within reach
            gc.freeze()


def _try_out(settings: FieldSettings, frame: Frame, wanted: Callable[[], bool] = lambda: True) -> None:
    if isinstance(settings.detector, DeferredDetector):
        settings.detector.ready()
        if wanted():
            analyse_field(frame, settings)
