"""Watches the window while it works: how long its thread answers nothing, and what was painted when."""

# ruff: noqa: N802  # Qt names the handlers
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QLabel

from her2scope.app.live_view import LiveView
from her2scope.app.overlay_image import FieldOverlay

_BEAT_MS = 4
BLOCK_MS = 50.0
"""A thread that answers nothing for longer than this is felt."""


class Heartbeat(QObject):
    """Beats in the window's thread; a gap between two beats is time in which it answered nothing."""

    beat = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._on_beat)
        self._last_s = perf_counter()
        self.longest_ms, self.blocks = 0.0, 0
        self._timer.start()

    def reset(self) -> None:
        """Begin anew."""
        self._last_s = perf_counter()
        self.longest_ms, self.blocks = 0.0, 0

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()

    @Slot()
    def _on_beat(self) -> None:
        now_s = perf_counter()
        gap_ms = (now_s - self._last_s) * 1e3 - _BEAT_MS
        self._last_s = now_s
        self.longest_ms = max(self.longest_ms, gap_ms)
        self.blocks += gap_ms > BLOCK_MS
        self.beat.emit()


@dataclass
class Seen:
    """What a view painted since the start: each picture and each overlay, with the time when it was first seen."""

    pictures: int = 0
    bare: int = 0
    overlays: list[tuple[float, FieldOverlay]] = field(default_factory=list)


class Painted(QObject):
    """Notes what the view has painted, once it is on the screen.

    Told through the event queue: by then the window system has been handed the painted window too.

    Parameters
    ----------
    view
        The view.
    """

    def __init__(self, view: LiveView) -> None:
        super().__init__(view)
        self.seen = Seen()
        self._last: tuple[object, object] = (None, None)
        view.painted.connect(self._on_painted, Qt.ConnectionType.QueuedConnection)

    def reset(self) -> None:
        """Forget; what is in view now counts as seen."""
        self.seen = Seen()

    @Slot(object, object)
    def _on_painted(self, picture: object, overlay: FieldOverlay | None) -> None:
        before_picture, before_overlay = self._last
        self._last = (picture, overlay)
        if picture is not before_picture:
            self.seen.pictures += 1
            self.seen.bare += overlay is None
        if overlay is not None and overlay is not before_overlay:
            self.seen.overlays.append((perf_counter(), overlay))


class LabelPainted(QObject):
    """Notes when a label was last painted with words that begin in a certain way.

    Parameters
    ----------
    label
        The label.
    begins
        The beginning of the words.
    """

    def __init__(self, label: QLabel, begins: str) -> None:
        super().__init__(label)
        self._label, self._begins = label, begins
        self.at_s: float | None = None
        label.installEventFilter(self)

    def reset(self) -> None:
        """Wait for the next time."""
        self.at_s = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the label being painted; told through the event queue, as in Painted."""
        if event.type() == QEvent.Type.Paint and self.at_s is None and self._label.text().startswith(self._begins):
            QTimer.singleShot(0, self._note)
        return super().eventFilter(watched, event)

    @Slot()
    def _note(self) -> None:
        if self.at_s is None:
            self.at_s = perf_counter()


class Patience(QObject):
    """Lets the window work until something holds, looked at with every beat."""

    def __init__(self, pulse: Heartbeat) -> None:
        super().__init__(pulse)
        self._pulse = pulse

    def until(self, holds: Callable[[], bool], timeout_s: float = 20.0) -> bool:
        """Wait; False when it does not hold in time."""
        end_s = perf_counter() + timeout_s
        loop = QEventLoop()

        def look() -> None:
            if holds() or perf_counter() > end_s:
                loop.quit()

        self._pulse.beat.connect(look)
        loop.exec()
        self._pulse.beat.disconnect(look)
        return holds()

    def rest(self, seconds: float) -> None:
        """Wait for a time."""
        end_s = perf_counter() + seconds
        self.until(lambda: perf_counter() >= end_s, seconds + 1)
