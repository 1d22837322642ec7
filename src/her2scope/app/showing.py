"""The field in view and the case: what is shown of them, and the work that showing takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from her2scope.analysis.overlay import OKABE_ITO, OverlayStyle
from her2scope.app.bridge import Bridge
from her2scope.app.jobs import Jobs
from her2scope.app.main_window import MainWindow
from her2scope.app.model.counting import Counted, reads_same
from her2scope.app.model.jobs import OpenJob, Outcome
from her2scope.app.model.session import CaseSession
from her2scope.app.overlay_image import FieldOverlay, field_overlay
from her2scope.app.pictures import StillPicture
from her2scope.app.provisional import Analysed, as_counted, read_again
from her2scope.app.results import Results
from her2scope.app.telling import Telling
from her2scope.base.errors import Her2ScopeError
from her2scope.base.frame import Frame

_URGENT = ("preview", "picture", "again", "overlay")
"""Jobs that somebody waits for, the first first; what else is urgent follows, such as the histogram."""


class Showing(QObject):
    """Holds case, window and field in view together.

    `changed` tells that the case or the field in view, or how it counts, has changed; `drawn` carries its overlay.

    Parameters
    ----------
    window
        Shows it.
    session
        The case.
    """

    changed = Signal()
    drawn = Signal(object)

    def __init__(self, window: MainWindow, session: CaseSession) -> None:
        super().__init__(window)
        self.window, self.session = window, session
        self.telling = Telling(window)
        self.style: OverlayStyle = OKABE_ITO
        self.bridge = Bridge()
        self.urgent = Jobs(self.bridge, self.on_fault, _URGENT)
        self.patient = Jobs(self.bridge, self.on_fault, may_begin=self.is_at_rest)
        self.results = Results(window, session)
        self.analysed: Analysed | None = None
        self.live_result: Analysed | None = None
        self.shown: Counted | None = None
        self.overlay: FieldOverlay | None = None
        self._frame_shown: Frame | None = None
        self._still: StillPicture | None = None
        self._drawn: tuple[Counted, OverlayStyle] | None = None
        self._generation = 0
        window.view.zoomed.connect(self._make_level)

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

    @property
    def overlaid(self) -> Counted | None:
        """What the overlay is drawn of: the field in view, or the newest result of continuous mode."""
        return self.shown if self._drawn is None else self._drawn[0]

    def is_at_rest(self) -> bool:
        """Whether nobody waits for an analysis, so that work which can wait may begin; asked by any thread."""
        return True

    def act(self, deed: Callable[[], object]) -> None:
        """Do something to the case; what goes wrong is said, what changed is shown, and work that is due is done."""
        try:
            deed()
        except Her2ScopeError as error:
            self.on_fault(str(error))
        self.refresh()

    def on_fault(self, sentence: str) -> None:
        """Say what went wrong."""
        self.telling.fault(sentence)

    def hint(self, sentence: str) -> None:
        """Say something that goes away by itself."""
        self.telling.hint(sentence)

    def _accept(self, outcome: Outcome) -> None:
        if self.session.accept(outcome):
            self.refresh()

    def use_style(self, style: OverlayStyle) -> None:
        """Colour the classes otherwise."""
        self.style = style
        self.results.style = style
        self.window.view.set_style(style)
        if self.shown is not None:
            self.refresh()

    def refresh(self) -> None:
        """Show the case and the field as they are now, and have due work done."""
        self._read_again_if_stale()
        self.shown = self._counted()
        self.results.show(self.shown, is_kept=self.analysed is None)
        self._show_field()
        self.changed.emit()
        for job in self.session.jobs():
            worker = self.urgent if isinstance(job, OpenJob) else self.patient
            worker.submit(f"{type(job).__name__} {job.field_id}", job.run, self._accept)

    def _counted(self) -> Counted | None:
        if self.analysed is not None:
            return as_counted(self.analysed, self.session.settings)
        return None if self.session.current is None else self.session.counted(self.session.current)

    def _read_again_if_stale(self) -> None:
        analysed, settings = self.analysed, self.session.settings
        if analysed is None or reads_same(analysed.stain, settings.under(analysed.frame.lens).stain):
            return
        self.urgent.submit("again", lambda: read_again(analysed, settings), partial(self._on_read_again, analysed))

    def _on_read_again(self, before: Analysed, after: Analysed) -> None:
        if self.analysed is before:
            self.analysed = after
            self.refresh()

    def _show_field(self) -> None:
        view, frame = self.window.view, self.frame
        view.is_live = self.is_live
        if self.shown is None or (frame is not None and frame is not self._frame_shown):
            view.drop_draft()  # it was drawn on another picture
        if self.shown is None:
            self._frame_shown = self._still = None
            self.show_overlay(None)
        elif frame is not None:
            if frame is not self._frame_shown:
                self._frame_shown = frame
                self.show_overlay(None)
                make = partial(StillPicture.made, frame.rgb, view.shrink)
                self.urgent.submit("picture", make, partial(self._on_picture_made, frame))
            if not self._is_pending():
                self.draw(self.shown)

    def _on_picture_made(self, frame: Frame, picture: StillPicture) -> None:
        if frame is self._frame_shown:
            self._still = picture
            self.window.view.pixel_um = frame.pixel_um
            self.window.view.show_picture(picture)
            self._make_level()

    @Slot()
    def _make_level(self) -> None:
        """Have the level made that the zoom asks for; until then the nearest is shown."""
        still, shrink = self._still, self.window.view.shrink
        if still is not None and not still.has(shrink):
            self.urgent.submit("level", partial(still.make, shrink), lambda _: self.window.view.update())

    def _is_pending(self) -> bool:
        """Whether the field in view is still to be read with the profile in force."""
        if self.analysed is not None:
            lens = self.analysed.frame.lens
            return not reads_same(self.analysed.stain, self.session.settings.under(lens).stain)
        return self.session.current is not None and self.session.is_pending(self.session.current)

    def draw(self, counted: Counted) -> None:
        """Have an overlay drawn, unless it is drawn already, and show it unless something newer is shown by then."""
        asked = (counted, self.style)
        if self._drawn is not None and all(a is b for a, b in zip(asked, self._drawn, strict=True)):
            return
        self._drawn = asked
        self._generation += 1
        generation, style = self._generation, self.style
        self.urgent.submit("overlay", lambda: field_overlay(counted, style), partial(self._on_drawn, generation))

    def _on_drawn(self, generation: int, overlay: FieldOverlay) -> None:
        if generation == self._generation and (not self.is_live or self.live_result is not None):
            self._put_overlay(overlay)

    def show_overlay(self, overlay: FieldOverlay | None) -> None:
        """Show an overlay; None shows nothing, and drops what is being drawn."""
        self._generation += 1
        self._drawn = None
        self._put_overlay(overlay)

    def _put_overlay(self, overlay: FieldOverlay | None) -> None:
        self.overlay = overlay
        self.window.view.show_overlay(overlay)
        self.drawn.emit(overlay)
