"""Makes the first press as quick as the others, and keeps Python's housekeeping from stopping the window."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from her2scope.analysis.overlay import OKABE_ITO
from her2scope.app.overlay_image import field_overlay
from her2scope.app.provisional import Analysed, as_counted
from her2scope.app.workbench import Workbench
from her2scope.base.frame import Frame
from her2scope.pipeline.detectors import DeferredDetector
from her2scope.pipeline.field import FieldSettings, analyse_field

_SWITCH_S = 0.001
"""How long another thread may hold Python's lock while the window wants it; 5 ms is Python's own choice."""

_FIRST_LOOK_MS = 200
"""How long the picture has the machine for itself at first."""


class Readying(QObject):
    """Loads the network once the first live picture is on the screen, and analyses that picture to try it.

    Starting and loading bring hundreds of thousands of objects that stay. The collector of reference cycles would go
    through all of them now and then, and stop every thread for 70 to 200 ms (measured); so it rests while the network
    is loaded, and what is there by then is put out of its reach.

    Parameters
    ----------
    desk
        Whose detector and picture.
    """

    def __init__(self, desk: Workbench) -> None:
        super().__init__(desk)
        self._desk = desk
        self.is_ready = False
        self._is_first = not gc.get_freeze_count()  # what a closed case leaves must stay within reach
        sys.setswitchinterval(_SWITCH_S)
        self._put_out_of_reach()
        desk.window.view.painted.connect(self._on_painted)

    @Slot()
    def _on_painted(self) -> None:
        if self._desk.live_shot is not None:
            self._desk.window.view.painted.disconnect(self._on_painted)
            QTimer.singleShot(_FIRST_LOOK_MS, self, self._begin)

    @Slot()
    def _begin(self) -> None:
        shot, bridge = self._desk.live_shot, self._desk.bridge
        if shot is not None and bridge.is_open:
            work = partial(_try_out, self._desk.session.settings, shot.frame, lambda: bridge.is_open)
            self._desk.patient.submit("readying", partial(self._load, work), self._on_ready)

    def _load(self, work: Callable[[], None]) -> None:
        """On the worker."""
        gc.disable()
        try:
            work()
        finally:
            self._put_out_of_reach()

    def _on_ready(self, _: None) -> None:
        self.is_ready = True

    def _put_out_of_reach(self) -> None:
        """Put all objects out of the collector's reach, and have it work from here on."""
        if self._is_first:
            gc.freeze()
        gc.enable()


def _try_out(settings: FieldSettings, frame: Frame, wanted: Callable[[], bool] = lambda: True) -> None:
    if isinstance(settings.detector, DeferredDetector):
        settings.detector.ready()
        if wanted():
            result = analyse_field(frame, settings)
            field_overlay(as_counted(Analysed(frame, result, settings.under(frame.lens).stain), settings), OKABE_ITO)
