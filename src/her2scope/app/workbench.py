"""What is shown now, and what a pedal, a result or the case changes about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from her2scope.analysis.overlay import OKABE_ITO, OverlayStyle
from her2scope.app.bench import Bench, Receivers
from her2scope.app.bridge import Bridge
from her2scope.app.feed import LiveFeed
from her2scope.app.jobs import Jobs
from her2scope.app.main_window import MainWindow
from her2scope.app.model.counting import Counted, reads_same
from her2scope.app.model.jobs import Outcome
from her2scope.app.model.session import CaseSession
from her2scope.app.model.state import Role
from her2scope.app.overlay_image import FieldOverlay, field_overlay
from her2scope.app.pictures import LivePicture, StillPicture
from her2scope.app.provisional import Analysed, as_counted, read_again
from her2scope.app.results import Results
from her2scope.app.telling import Telling
from her2scope.base.errors import Her2ScopeError
from her2scope.base.frame import Frame
from her2scope.devices.camera import Camera, CameraFrame
from her2scope.devices.pedal import Pedal, PedalAction
from her2scope.pipeline.live_events import FaultEvent

_SETTLE_MS = 60


class Workbench(QObject):
    """Holds the case, the threads and the field in view together.

    `changed` tells that the field in view, or how it counts, has changed; `drawn` carries its overlay.

    Parameters
    ----------
    window
        Shows it.
    session
        The case.
    camera, pedals
        Read by the bench.
    """

    changed = Signal()
    drawn = Signal(object)

    def __init__(self, window: MainWindow, session: CaseSession, camera: Camera, pedals: Sequence[Pedal] = ()) -> None:
        super().__init__(window)
        self.window, self.session = window, session
        self.telling = Telling(window)
        self.style: OverlayStyle = OKABE_ITO
        self.bridge = Bridge()
        self.urgent = Jobs(self.bridge, self.on_fault)
        self.patient = Jobs(self.bridge, self.on_fault)
        self.feed = LiveFeed(self.bridge, self._on_picture)
        receivers = Receivers(
            self._on_analysed, self._on_pressed, self._on_asked, self._on_device_fault, self.telling.recovered
        )
        self.bench = Bench(camera, pedals, self.feed, self.bridge, receivers)
        self.results = Results(window, session)
        self.analysed: Analysed | None = None
        self.role = Role.CASE
        self.live_result: Analysed | None = None
        self.shown: Counted | None = None
        self.overlay: FieldOverlay | None = None
        self.live_shot: CameraFrame | None = None
        self._frame_shown: Frame | None = None
        self._generation = 0

    def start(self) -> None:
        """Show the case, and start the threads."""
        self.refresh()
        self.bench.loop.start()

    @Slot()
    def stop(self) -> None:
        """Stop and join them."""
        self.bridge.close()
        self.bench.loop.stop()
        self.urgent.stop()
        self.patient.stop()

    @property
    def is_live(self) -> bool:
        """Whether the live picture is shown."""
        return self.analysed is None and self.session.current is None

    @property
    def frame(self) -> Frame | None:
        """The frame of the field in view; None in the live view, and while it is being loaded."""
        if self.analysed is not None:
            return self.analysed.frame
        opened = self.session.desk.shown
        return None if opened is None or opened.field_id != self.session.current else opened.frame

    def act(self, deed: Callable[[], object]) -> None:
        """Do something to the case; what goes wrong is said, what changed is shown, and work that is due is done."""
        try:
            deed()
        except Her2ScopeError as error:
            self.on_fault(str(error))
        self.refresh()

    # Pedal and fields.

    @Slot()
    def analyse(self) -> None:
        """Press the pedal on the screen."""
        self.bench.press()

    @Slot()
    def keep(self) -> None:
        """Keep the analysed field in the case."""
        if self.analysed is None and self.is_live and self.live_result is not None:
            self.analysed = self.live_result
        if self.analysed is None:
            self.hint("There is no new result to keep: stop at a field and press the pedal first.")
            return
        self.act(self.ensure_kept)

    def ensure_kept(self) -> int | None:
        """Keep the field in view if it is not kept; its number, None in the live view."""
        analysed = self.analysed
        if analysed is None:
            return self.session.current
        self.analysed = None
        return self.session.take(
            analysed.result, analysed.frame, stain=analysed.stain, role=self.role, origin_um=analysed.origin_um
        )

    @Slot()
    def go_live(self) -> None:
        """Leave the result; the field stays in the case if it was kept."""
        self.analysed = None
        self.session.show(None)
        self.refresh()

    @Slot()
    def take_back(self) -> None:
        """Take the last kept field out of the case; undo brings it back."""
        fields = self.session.state.fields
        if fields:
            self.act(lambda: self.session.fields.delete(fields[-1].id))

    @Slot(int, str)
    def on_strip(self, field_id: int, what: str) -> None:
        """Open, count again or delete a field."""
        fields = self.session.fields
        deeds: dict[str, Callable[[], object]] = {
            "open": partial(self._open, field_id),
            "reopen": partial(fields.reopen, field_id),
            "delete": partial(fields.delete, field_id),
        }
        self.act(deeds[what])

    def _open(self, field_id: int) -> None:
        self.analysed = None
        self.session.show(field_id)

    @Slot()
    def toggle_continuous(self) -> None:
        """Analyse the newest picture again and again, or stop doing so."""
        loop = self.bench.loop
        if self.window.actions_["continuous"].isChecked():
            self.go_live()
            loop.start_continuous()
        else:
            loop.stop_continuous()
            self.live_result = None
            self.refresh()
        self._show_mode()

    # What comes from the threads.

    def _on_picture(self, picture: LivePicture, shot: CameraFrame) -> None:
        view = self.window.view
        self.live_shot = shot
        if self.is_live:
            view.pixel_um = shot.frame.pixel_um
            view.show_picture(picture)
        self.feed.shrink = view.shrink

    def _on_pressed(self) -> None:
        """Answer a foot at once; the result follows."""
        self.window.show_mode("Analysing…", "chip_accent")

    def _on_asked(self, action: PedalAction) -> None:
        if action is PedalAction.KEEP:
            self.keep()
        else:
            self.take_back()

    def _on_analysed(self, analysed: Analysed, is_continuous: bool) -> None:  # noqa: FBT001  # a receiver's shape
        self.results.show_timing(analysed.result.timings_ms, analysed.waited_ms)
        if is_continuous:
            self._on_continuous(analysed)
            return
        self.session.show(None)
        self.analysed = analysed
        self.refresh()
        QTimer.singleShot(_SETTLE_MS, self._show_mode)  # the worker counts this press until it has told of it

    def _on_continuous(self, analysed: Analysed) -> None:
        """Lay a result over the moving picture; what a press froze stays."""
        if not self.is_live or not self.bench.loop.is_continuous:
            return
        self.live_result = analysed
        counted = as_counted(analysed, self.session.settings)
        self.results.show_field(counted)
        self.draw(counted)

    def _accept(self, outcome: Outcome) -> None:
        if self.session.accept(outcome):
            self.refresh()

    def _on_device_fault(self, event: FaultEvent) -> None:
        self.telling.device_fault(event)
        self._show_mode()

    def on_fault(self, sentence: str) -> None:
        """Say what went wrong."""
        self.telling.fault(sentence)

    def hint(self, sentence: str) -> None:
        """Say something that goes away by itself."""
        self.telling.hint(sentence)

    def use_style(self, style: OverlayStyle) -> None:
        """Colour the classes otherwise."""
        self.style = style
        self.results.style = style
        self.window.view.set_style(style)
        if self.shown is not None:
            self.refresh()

    # Showing.

    def refresh(self) -> None:
        """Show the case and the field as they are now, and have due work done."""
        self.bench.use(self.session.settings)
        self._read_again_if_stale()
        self.shown = self._counted()
        self.results.show(self.shown, is_kept=self.analysed is None)
        self._show_mode()
        self._show_field()
        self.changed.emit()
        for job in self.session.jobs():
            self.patient.submit(f"{type(job).__name__} {job.field_id}", job.run, self._accept)

    def _counted(self) -> Counted | None:
        if self.analysed is not None:
            return as_counted(self.analysed, self.session.settings)
        return None if self.session.current is None else self.session.counted(self.session.current)

    def _read_again_if_stale(self) -> None:
        analysed, settings = self.analysed, self.session.settings
        if analysed is None or reads_same(analysed.stain, settings.stain):
            return
        self.urgent.submit("again", lambda: read_again(analysed, settings), partial(self._on_read_again, analysed))

    def _on_read_again(self, before: Analysed, after: Analysed) -> None:
        if self.analysed is before:
            self.analysed = after
            self.refresh()

    def _show_field(self) -> None:
        view, frame = self.window.view, self.frame
        view.is_live = self.feed.is_shown = self.is_live
        if self.shown is None:
            self._frame_shown = None
            self.show_overlay(None)
        elif frame is not None:
            if frame is not self._frame_shown:
                self._frame_shown = frame
                self.show_overlay(None)
                view.pixel_um = frame.pixel_um
                view.show_picture(StillPicture(frame.rgb))
            if not self._is_pending():
                self.draw(self.shown)

    def _is_pending(self) -> bool:
        """Whether the field in view is still to be read with the profile in force."""
        if self.analysed is not None:
            return not reads_same(self.analysed.stain, self.session.state.stain)
        return self.session.current is not None and self.session.is_pending(self.session.current)

    def draw(self, counted: Counted) -> None:
        """Have an overlay drawn, and show it unless something newer is shown by then."""
        self._generation += 1
        generation, style = self._generation, self.style
        self.urgent.submit("overlay", lambda: field_overlay(counted, style), partial(self._on_drawn, generation))

    def _on_drawn(self, generation: int, overlay: FieldOverlay) -> None:
        if generation == self._generation and (not self.is_live or self.live_result is not None):
            self.show_overlay(overlay)

    def show_overlay(self, overlay: FieldOverlay | None) -> None:
        """Show an overlay; None shows nothing, and drops what is being drawn."""
        self._generation += 1
        self.overlay = overlay
        self.window.view.show_overlay(overlay)
        self.drawn.emit(overlay)

    @Slot()
    def _show_mode(self) -> None:
        waiting = self.bench.loop.waiting
        if waiting:
            more = f" ({waiting})" if waiting > 1 else ""
            self.window.show_mode(f"Analysing{more}…", "chip_accent")
        elif self.is_live:
            self.window.show_mode("Live, continuous" if self.bench.loop.is_continuous else "Live")
        else:
            self.window.show_mode("Result, not kept" if self.analysed is not None else "Result, in the case")
