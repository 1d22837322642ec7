"""Keeps the eyepiece's window in step with the main one, and alive when its display goes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication, QScreen

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import CellClass
from her2scope.app.ar_window import ArWindow
from her2scope.app.model.alignment import Alignment
from her2scope.app.model.counting import Counted
from her2scope.app.model.views.ar import ArSettings, ArView, ar_view, cells_shown
from her2scope.app.overlay_image import FieldOverlay, field_overlay
from her2scope.app.workbench import Workbench


class Eyepiece(QObject):
    """Binds the eyepiece's window to the field in view.

    Parameters
    ----------
    desk
        Whose result it follows.
    settings, alignment
        What it shows, and where.
    """

    def __init__(self, desk: Workbench, settings: ArSettings, alignment: Alignment) -> None:
        super().__init__(desk)
        self._desk, self.settings = desk, settings
        self.window = ArWindow(alignment)
        self._action = desk.window.actions_["eyepiece"]
        self._action.triggered.connect(self._toggle)
        self.window.closed.connect(lambda: self._action.setChecked(False))
        desk.drawn.connect(self._show)
        desk.window.closing.connect(self.window.close)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.screenRemoved.connect(self._on_screen_removed)

    def use(self, settings: ArSettings, alignment: Alignment) -> None:
        """Show other content, elsewhere."""
        self.settings, self.window.alignment = settings, alignment
        self._show(self._desk.overlay)

    @Slot()
    def _toggle(self) -> None:
        if not self._action.isChecked():
            self.window.close()
            return
        if not self.window.show_on_second_display():
            self._desk.hint("There is no second display; the eyepiece's picture is shown in a window.")
        self._show(self._desk.overlay)

    @Slot(object)
    def _show(self, overlay: FieldOverlay | None) -> None:
        """Show what the main window shows, in colours for black."""
        header, shown = self._desk.results.header, self._desk.shown
        size = self._desk.window.view.field_size
        if not self.window.isVisible() or header is None or size is None:
            return
        content = ar_view(self.settings, header, self._desk.style)
        if overlay is None or shown is None:
            self.window.show_content(content, None, size)
            return
        work = partial(_stained_overlay, shown, content)
        self._desk.urgent.submit("eyepiece", work, lambda bright: self.window.show_content(content, bright, size))

    @Slot(QScreen)
    def _on_screen_removed(self, _screen: QScreen) -> None:
        if self.window.isVisible() and not self.window.show_on_second_display():
            self._desk.on_fault("The eyepiece's display is gone; its picture is in a window until it is back.")


def _stained_overlay(shown: Counted, content: ArView) -> FieldOverlay:
    """The overlay in the eyepiece's colours, without marks for cells that get none there."""
    overlay = field_overlay(shown, content.style)
    keep = np.isin(overlay.cells.classes, cells_shown(content, tuple(CellClass)))
    cells, corrected = overlay.cells, overlay.corrected
    fewer = Cells(
        cells.xy_px[keep],
        cells.classes[keep],
        cells.completeness[keep],
        cells.membrane_od[keep],
        cells.membrane_width_um[keep],
        cells.counted[keep],
    )
    return replace(overlay, cells=fewer, corrected=None if corrected is None else corrected[keep])
