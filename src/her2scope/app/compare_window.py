"""Two stain profiles on one field, side by side."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QInputDialog, QVBoxLayout, QWidget

from her2scope.analysis.overlay import OverlayStyle
from her2scope.analysis.stain import StainProfile
from her2scope.app.dialogs import RESEARCH
from her2scope.app.live_view import LiveView
from her2scope.app.model.counting import Counted
from her2scope.app.model.jobs import Read
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.views.comparison import ComparedSide, Comparison, compare
from her2scope.app.overlay_image import FieldOverlay, field_overlay
from her2scope.app.parts import column, label, wrapped
from her2scope.app.pictures import StillPicture
from her2scope.app.provisional import as_counted, read_again
from her2scope.app.workbench import Workbench
from her2scope.base.frame import Frame
from her2scope.settings.stains import load_stain, stain_files

Side = tuple[StainProfile, Counted, FieldOverlay]


class CompareWindow(QDialog):
    """Shows one field twice, each with the overlay and the numbers of its profile; both pan and zoom as one."""

    def __init__(
        self, frame: Frame, sides: tuple[Side, Side], comparison: Comparison, parent: QWidget | None = None
    ) -> None:
        """Lay both sides out."""
        super().__init__(parent)
        self.setWindowTitle("Two stain profiles: research use only")
        self.views = (LiveView(), LiveView())
        picture = StillPicture(frame.rgb)
        halves = QHBoxLayout()
        for view, side, words in zip(self.views, sides, (comparison.left, comparison.right), strict=True):
            view.is_live = False
            view.pixel_um = frame.pixel_um
            view.show_picture(picture)
            view.show_overlay(side[2])
            halves.addLayout(_half(view, words), 1)
        one, other = self.views
        one.zoomed.connect(lambda: other.follow(one))
        other.zoomed.connect(lambda: one.follow(other))
        moved = "   ".join(change.text for change in comparison.moved)
        whole = column(wrapped(comparison.summary, "reading"), wrapped(moved, "small"), margins=(14, 12, 14, 12))
        whole.addLayout(halves, 1)
        whole.addWidget(wrapped(RESEARCH, "small"))
        self.setLayout(whole)
        self.resize(1180, 740)


def _half(view: LiveView, words: ComparedSide) -> QVBoxLayout:
    rows = "   ".join(f"{row.label} {row.share_text}" for row in words.legend.rows)
    half = column(label(f"{words.name}: {words.score}", "reading"), label(words.thresholds, "small"), view)
    half.addWidget(wrapped(rows, "small"))
    half.setStretch(2, 1)
    return half


class ProfileComparing(QObject):
    """Reads the field in view by another profile, and shows both.

    Parameters
    ----------
    desk
        Whose field.
    book
        Keeps stain vectors by objective: the other profile is compared as it would be if it were chosen.
    """

    def __init__(self, desk: Workbench, book: LensBook) -> None:
        super().__init__(desk)
        self._desk, self._book = desk, book
        self.window: CompareWindow | None = None
        desk.window.thresholds.compare_asked.connect(self.ask)

    @Slot()
    def ask(self) -> None:
        """Ask which profile."""
        if self._desk.shown is None or self._desk.shown.result.membranes is None:
            self._desk.hint("Profiles are compared on a result: stop at a field and press the pedal first.")
            return
        names = sorted(stain_files())
        name, done = QInputDialog.getItem(
            self._desk.window, "Compare", "The field as it is now, beside the profile:", names, editable=False
        )
        if done:
            before = self._desk.session.state.stain
            self._desk.act(lambda: self.compare_with(self._book.dressed(load_stain(name), before)))

    def compare_with(self, stain: StainProfile) -> None:
        """Read the field in view by a profile, and show it beside the one in force."""
        desk = self._desk
        settings = replace(desk.session.settings, stain=stain)
        if desk.analysed is not None:
            work = partial(read_again, desk.analysed, settings)
            desk.patient.submit("compare", work, lambda other: self._draw(stain, as_counted(other, settings)))
            return
        job = desk.session.preview(stain)
        if job is not None:
            desk.patient.submit("compare", job.run, partial(self._on_read, stain))

    def _on_read(self, stain: StainProfile, outcome: Read) -> None:
        counted = self._desk.session.preview_of(outcome.reading)
        if counted is not None:
            self._draw(stain, counted)

    def _draw(self, stain: StainProfile, other: Counted) -> None:
        shown, frame, desk = self._desk.shown, self._desk.frame, self._desk
        if shown is None or frame is None:
            return
        left, right = (desk.session.state.stain, shown), (stain, other)
        work = partial(_sides, left, right, desk.style)
        desk.patient.submit("compare overlays", work, partial(self._show, frame))

    def _show(self, frame: Frame, sides: tuple[Side, Side]) -> None:
        (left, left_field, _), (right, right_field, _) = sides
        guideline = self._desk.session.state.guideline
        comparison = compare((left, left_field), (right, right_field), guideline)
        self.window = CompareWindow(frame, sides, comparison, self._desk.window)
        self.window.show()


def _sides(
    left: tuple[StainProfile, Counted], right: tuple[StainProfile, Counted], style: OverlayStyle
) -> tuple[Side, Side]:
    return (*left, field_overlay(left[1], style)), (*right, field_overlay(right[1], style))
