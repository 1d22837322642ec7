"""Binds the threshold bar: a preview of the field while a slider moves, the whole case once it is let go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog

from her2scope.analysis.overlay import OverlayStyle
from her2scope.analysis.stain import StainProfile
from her2scope.app.model.counting import Counted, Reading, count
from her2scope.app.model.jobs import ReadJob
from her2scope.app.model.lens_book import LensBook, dressed_by
from her2scope.app.model.views.thresholds import (
    Histogram,
    ThresholdValues,
    histogram,
    threshold_bar,
    values_of,
    with_lens,
)
from her2scope.app.overlay_image import FieldOverlay, field_overlay
from her2scope.app.provisional import Analysed, as_counted, read_again
from her2scope.app.workbench import Workbench, frame_in_view
from her2scope.base.errors import Her2ScopeError
from her2scope.base.frame import Frame
from her2scope.pipeline.field import FieldSettings
from her2scope.settings.calibration import load_calibration
from her2scope.settings.stains import load_stain, save_stain


class Tuning(QObject):
    """Thresholds by hand.

    Parameters
    ----------
    desk
        Whose bar, field and case.
    book
        Keeps stain vectors by objective: a profile that is put in force takes them on.
    """

    def __init__(self, desk: Workbench, book: LensBook) -> None:
        super().__init__(desk)
        self._desk, self._book = desk, book
        self._loaded = _saved(desk.session.state.stain)
        self._histogram: tuple[Frame, Histogram] | None = None
        self._moving: ThresholdValues | None = None  # what a hand holds; a refresh must not take it away
        bar = desk.window.thresholds
        bar.moved.connect(self._preview)
        bar.released.connect(self._put_in_force)
        bar.reset_asked.connect(self._reset)
        bar.save_asked.connect(self._save)
        desk.changed.connect(self._show)
        desk.turned.connect(self._show)
        desk.window.actions_["thresholds"].triggered.connect(self._show)

    @Slot()
    def _show(self) -> None:
        """Show the thresholds in force, and the histogram of the field in view."""
        if not self._desk.window.thresholds.isVisible():
            return
        stain, shown = self._desk.session.state.stain, self._desk.shown
        frame, in_view = self._desk.frame, frame_in_view(self._desk)
        known = self._histogram[1] if self._histogram is not None and self._histogram[0] is frame else None
        state = threshold_bar(self._moving or values_of(stain), self._kept, known, in_force=stain)
        lens = None if in_view is None else in_view.lens
        self._desk.window.thresholds.show_state(with_lens(state, stain, lens))
        membranes = None if shown is None else shown.result.membranes
        if known is None and membranes is not None and frame is not None:
            images = membranes.images
            self._desk.urgent.submit("histogram", partial(histogram, images), partial(self._on_histogram, frame))

    def _on_histogram(self, frame: Frame, counted: Histogram) -> None:
        self._histogram = frame, counted
        self._show()

    def _stain(self, values: ThresholdValues) -> StainProfile:
        stain = self._desk.session.state.stain
        return replace(stain, t_weak=values.t_weak, t_intense=values.t_intense, t_moderate=values.t_moderate)

    @Slot(object)
    def _preview(self, values: ThresholdValues) -> None:
        """Read the field in view with other thresholds; the newest move wins."""
        self._moving = values
        desk, stain = self._desk, self._stain(values)
        settings = replace(desk.session.settings, stain=stain)
        if desk.analysed is not None:
            work = partial(_preview_analysed, desk.analysed, settings, desk.style)
            desk.urgent.submit("preview", work, partial(self._on_preview, desk.frame))
            return
        job = desk.session.preview(stain)
        if job is not None:
            kept = partial(count, taken=desk.session.state.find(job.field_id), membrane=settings.membrane)
            work = partial(_preview_kept, job, kept, desk.style)
            desk.urgent.submit("preview", work, partial(self._on_preview, desk.frame))

    def _on_preview(self, frame: Frame | None, preview: tuple[Counted, FieldOverlay]) -> None:
        if frame is None or frame is not self._desk.frame:
            return
        counted, overlay = preview
        self._desk.results.show_field(counted)
        self._desk.show_overlay(overlay)

    @Slot(object)
    def _put_in_force(self, values: ThresholdValues) -> None:
        self._moving = None
        if values != values_of(self._desk.session.state.stain):
            case = self._desk.session.case
            self._desk.act(
                lambda: case.set_thresholds(values.t_weak, values.t_intense, values.t_moderate, why="threshold bar")
            )

    @property
    def _kept(self) -> StainProfile | None:
        """The profile as it is saved, with the vectors that are kept for it here."""
        return None if self._loaded is None else self._book.dressed(self._loaded, self._desk.session.state.stain)

    def use(self, profile: StainProfile) -> None:
        """Put a saved profile in force, with the vectors kept for it; from now on a reset goes back to it.

        Raises
        ------
        ConfigError
            When what is kept for another set-up, with which fields of the case were taken, cannot be read.
        """
        state = self._desk.session.state
        dressed = self._book.dressed(profile, state.stain)
        for setup in sorted({taken.lens.setup for taken in state.fields if taken.lens} - {self._book.setup}):
            dressed = dressed_by(load_calibration(setup), dressed)
        self._loaded = profile
        self._desk.session.case.set_stain(dressed, "settings")

    @Slot()
    def _reset(self) -> None:
        saved = self._kept
        if saved is not None:
            self._desk.act(lambda: self._desk.session.case.set_stain(saved, "reset"))

    @Slot()
    def _save(self) -> None:
        stain = self._desk.session.state.stain
        name, done = QInputDialog.getText(
            self._desk.window, "Save stain profile", "Name (letters, digits, - and _):", text=f"{stain.name}-own"
        )
        if done:
            self._desk.act(partial(self._save_as, name.strip()))

    def _save_as(self, name: str) -> None:
        before = self._desk.session.state.stain
        profile = replace(before, name=name)
        save_stain(profile, name)
        self._loaded = replace(profile, lenses=())
        self._desk.session.case.set_stain(profile, "saved")
        self._desk.hint(f"The stain profile is saved as {name}. For new cases choose it in the settings (Scoring).")
        self._book.take_stains(before, name, self._desk.session.ledger.user)


def _saved(stain: StainProfile) -> StainProfile | None:
    """The profile as it is saved under its name, which a case opened again may have changed; None where none is."""
    try:
        return load_stain(stain.name)
    except Her2ScopeError:
        return None


def _preview_kept(
    job: ReadJob, counted: Callable[[Reading], Counted], style: OverlayStyle
) -> tuple[Counted, FieldOverlay]:
    return _drawn(counted(job.run().reading), style)


def _drawn(counted: Counted, style: OverlayStyle) -> tuple[Counted, FieldOverlay]:
    return counted, field_overlay(counted, style)


def _preview_analysed(analysed: Analysed, settings: FieldSettings, style: OverlayStyle) -> tuple[Counted, FieldOverlay]:
    return _drawn(as_counted(read_again(analysed, settings), settings), style)
