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
from her2scope.app.model.displays import eyepiece_display
from her2scope.app.model.views.ar import ArSettings, ArView, ar_view, cells_shown
from her2scope.app.overlay_image import FieldOverlay, field_overlay
from her2scope.app.workbench import Workbench

_SOURCE = "eyepiece"


class Eyepiece(QObject):
    """Binds the eyepiece's window to the field in view.

    Parameters
    ----------
    desk
        Whose result it follows.
    settings, alignment
        What it shows, and where.
    display
        Name of the display that it fills; empty: the one that the main window is not on.
    """

    def __init__(self, desk: Workbench, settings: ArSettings, alignment: Alignment, display: str = "") -> None:
        super().__init__(desk)
        self._desk, self.settings, self._display = desk, settings, display
        self.window = ArWindow(alignment)
        self._action = desk.window.actions_["eyepiece"]
        self._action.triggered.connect(self._toggle)
        self.window.closed.connect(self._on_closed)
        desk.destroyed.connect(self.window.deleteLater)  # a window of its own, which nothing else would delete
        desk.drawn.connect(self._show)
        desk.window.closing.connect(self.window.close)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.screenRemoved.connect(self._on_screen_removed)
            app.screenAdded.connect(self._on_screen_added)

    def use(self, settings: ArSettings, alignment: Alignment, display: str) -> None:
        """Show other content, elsewhere."""
        self.settings, self.window.alignment = settings, alignment
        if display != self._display:
            self._display = display
            if self.window.isVisible():
                self._put_on_display()
        self._show(self._desk.overlay)

    @Slot()
    def _toggle(self) -> None:
        if not self._action.isChecked():
            self.window.close()
            return
        if not self._put_on_display():
            self._desk.hint(f"{self._missing()}; the eyepiece's picture is shown in a window.")
        self._show(self._desk.overlay)

    @Slot(object)
    def _show(self, overlay: FieldOverlay | None) -> None:
        """Show what the main window shows, in colours for black."""
        header, shown = self._desk.results.header, self._desk.overlaid
        size = self._desk.window.view.field_size
        if not self.window.isVisible() or header is None or size is None:
            return
        content = ar_view(self.settings, header, self._desk.style)
        if overlay is None or shown is None:
            self.window.show_content(content, None, size)
            return
        work = partial(_stained_overlay, shown, content)
        self._desk.urgent.submit("eyepiece", work, lambda bright: self.window.show_content(content, bright, size))

    @Slot()
    def _on_closed(self) -> None:
        self._action.setChecked(False)

    def _put_on_display(self, gone: QScreen | None = None) -> bool:
        """Fill its display, or be a window; whether it has a display. `gone` is one that is just unplugged."""
        screens = {screen.name(): screen for screen in QGuiApplication.screens() if screen is not gone}
        home = self._desk.window.screen()
        name = eyepiece_display(tuple(screens), home.name(), self._display)
        self.window.show_on(None if name is None else screens[name], home)
        self._desk.window.activateWindow()  # the keys stay with the main window
        self.window.raise_()  # activating the main window has raised it over a window on the same display
        return name is not None

    def _missing(self) -> str:
        return f"The display {self._display} is not connected" if self._display else "There is no second display"

    @Slot(QScreen)
    def _on_screen_removed(self, screen: QScreen) -> None:
        if self.window.isVisible() and not self._put_on_display(screen):
            sentence = "The eyepiece's display is gone; its picture is in a window until it is plugged in again."
            self._desk.telling.stand(_SOURCE, sentence)

    @Slot(QScreen)
    def _on_screen_added(self, _screen: QScreen) -> None:
        if self.window.isVisible() and not self.window.isFullScreen() and self._put_on_display():
            self._desk.telling.recovered(_SOURCE)


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
