"""What is shown now, and what a pedal, a result or the case changes about it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot

from her2scope.app.bench import Bench, Receivers
from her2scope.app.feed import LiveFeed
from her2scope.app.main_window import MainWindow
from her2scope.app.model.naming import moved_text
from her2scope.app.model.presses import End, PressBook
from her2scope.app.model.session import CaseSession
from her2scope.app.model.state import Role
from her2scope.app.model.texts import say
from her2scope.app.pictures import LivePicture
from her2scope.app.provisional import Analysed, as_counted
from her2scope.app.showing import Showing
from her2scope.base.frame import Frame
from her2scope.devices.camera import Camera, CameraFrame
from her2scope.devices.pedal import Pedal, PedalAction, PedalEvent
from her2scope.pipeline.live_events import FaultEvent
from her2scope.pipeline.still import glance, looks_same

_BRIEF_S = 1.0
"""A result that is replaced sooner was not looked at."""


class Workbench(Showing):
    """The pedal, the threads and the fields that they bring; `turned` tells of another objective in the live picture.

    Parameters
    ----------
    window
        Shows it.
    session
        The case.
    camera, pedals
        Read by the bench.
    """

    turned = Signal()

    def __init__(self, window: MainWindow, session: CaseSession, camera: Camera, pedals: Sequence[Pedal] = ()) -> None:
        super().__init__(window, session)
        self.feed = LiveFeed(self.bridge, self._on_picture)
        self.presses = PressBook()
        receivers = Receivers(self._on_analysed, self._on_press, self._on_device_fault, self.telling.recovered)
        self.bench = Bench(camera, pedals, self.feed, self.bridge, receivers)
        self.role = Role.CASE
        self.live_shot: CameraFrame | None = None
        self._shown_s = -math.inf
        self.changed.connect(self._on_changed)

    def is_at_rest(self) -> bool:
        """See Showing."""
        return self.bench.loop.waiting == 0

    def start(self) -> None:
        """Show the case, say once where its fields were taken with something else, and start the threads."""
        self.refresh()
        moved = moved_text(self.session.state.fields, self.session.source)
        if moved:
            self.telling.notice(moved)
        self.bench.loop.start()

    @Slot()
    def stop(self) -> None:
        """Stop and join them."""
        self.bridge.close()
        self.bench.loop.stop()
        self.urgent.stop()
        self.patient.stop()

    # Pedal and fields.

    @Slot()
    def analyse(self) -> None:
        """Press the pedal on the screen."""
        self.bench.press()

    @Slot()
    def keep(self) -> None:
        """Keep the analysed field in the case."""
        if self.presses.waiting:  # what is in view is not the field that the foot has just asked for
            self.hint(say("press.keep_waits"))
            return
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
        else:
            self.hint(say("press.nothing_to_take_back"))

    @Slot(int, str)
    def on_strip(self, field_id: int, what: str) -> None:
        """Open, count again or delete a field."""
        fields = self.session.fields
        deeds: dict[str, Callable[[], object]] = {
            "open": partial(self._open, field_id),
            "reopen": partial(fields.reopen, field_id),
            "delete": partial(fields.delete, field_id),
            "as_case": partial(fields.use_as, field_id, Role.CASE),
            "as_control": partial(fields.use_as, field_id, Role.CONTROL),
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
        view, before = self.window.view, self.live_shot
        self.live_shot = shot
        if before is not None and before.frame.lens != shot.frame.lens:
            self.turned.emit()
        if self.is_live:
            view.pixel_um = shot.frame.pixel_um
            view.show_picture(picture)
        self.feed.shrink = view.shrink

    def _on_press(self, event: PedalEvent) -> None:
        """Answer a foot at once, and do what it asks for; the result of an analysis follows."""
        self.presses.note(event)
        if event.action is PedalAction.KEEP:
            self.keep()
        elif event.action is PedalAction.TAKE_BACK:
            self.take_back()
        self._show_mode()

    def _on_analysed(self, analysed: Analysed) -> None:
        if analysed.press is None:
            self.results.show_timing(analysed.result.timings_ms, analysed.waited_ms)
            self._on_continuous(analysed)
            return
        try:
            self._show_result(analysed)
        except Exception as error:  # noqa: BLE001  (the window's end of a thread: said, and the press has ended)
            self.analysed = None
            self._on_device_fault(FaultEvent.of("window", error, analysed.press))
        else:
            self.presses.end(analysed.press, End.SHOWN)
            self._show_mode()

    def _show_result(self, analysed: Analysed) -> None:
        """Show the result of a press; say so where it takes the place of one that nobody could look at."""
        before, is_brief = self.analysed, time.monotonic() - self._shown_s < _BRIEF_S
        self.results.show_timing(analysed.result.timings_ms, analysed.waited_ms)
        self.session.show(None)
        self.analysed, self._shown_s = analysed, time.monotonic()
        self.refresh()
        if before is not None and is_brief and not looks_same(glance(before.frame.rgb), glance(analysed.frame.rgb)):
            self.hint(say("press.brief"))

    def _on_continuous(self, analysed: Analysed) -> None:
        """Lay a result over the moving picture; what a press froze stays."""
        if not self.is_live or not self.bench.loop.is_continuous:
            return
        self.live_result = analysed
        counted = as_counted(analysed, self.session.settings)
        self.results.show_field(counted)
        self.draw(counted)

    def _on_device_fault(self, event: FaultEvent) -> None:
        if event.press is None:
            self.telling.device_fault(event)
        else:
            self.telling.press_fault(event)
            self.presses.end(event.press, End.TOLD)
        self._show_mode()

    @Slot()
    def _on_changed(self) -> None:
        self.bench.use(self.session.settings)
        self.bench.loop.look_again()
        self.feed.is_shown = self.is_live
        self._show_mode()

    @Slot()
    def _show_mode(self) -> None:
        at_work = self.presses.text
        if at_work:
            self.window.show_mode(at_work, "chip_accent")
        elif self.is_live:
            self.window.show_mode("Live, continuous" if self.bench.loop.is_continuous else "Live")
        else:
            self.window.show_mode(_result_mode(self))


def frame_in_view(desk: Workbench) -> Frame | None:
    """The picture in view, live or still."""
    if desk.frame is not None:
        return desk.frame
    return None if desk.live_shot is None else desk.live_shot.frame


def _result_mode(desk: Workbench) -> str:
    if desk.analysed is not None:
        return "Result, not kept"
    is_control = desk.shown is not None and desk.shown.taken.role is Role.CONTROL
    return "Result, in the control" if is_control else "Result, in the case"
