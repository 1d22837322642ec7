"""The technician's bench: white from empty glass, pixel size from a micrometer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMessageBox

from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.micrometer import measure_pixel
from her2scope.app.model.stain_bench import white_from
from her2scope.app.model.texts import say
from her2scope.app.number_box import ask_number
from her2scope.app.view_tools import Tool
from her2scope.app.workbench import Workbench, frame_in_view
from her2scope.base.errors import Her2ScopeError, InputError
from her2scope.base.frame import Frame
from her2scope.pipeline.still import glance, shift_px

_SURPRISING = 0.1
"""A pixel size that differs by more than this share from the one in force is asked about."""
_MOVED_PX = 4.0
"""A picture that moved farther between the two clicks on a micrometer gives no pixel size."""


class Calibrating(QObject):
    """Binds the actions that measure the bench itself.

    Parameters
    ----------
    desk
        Whose picture is measured.
    book
        Keeps what is measured under each objective.
    use_lens
        Puts the objective of that name in force as the book now has it.
    """

    def __init__(self, desk: Workbench, book: LensBook, use_lens: Callable[[str], None]) -> None:
        super().__init__(desk)
        self._desk, self._book, self._use_lens = desk, book, use_lens
        self._clicks: tuple[tuple[float, float], ...] = ()
        self._clicked_in: Frame | None = None
        actions, view = desk.window.actions_, desk.window.view
        actions["white"].triggered.connect(self.take_white)
        actions["ruler"].triggered.connect(self.measure)
        view.clicked.connect(self._clicked)

    def _seen_through(self, frame: Frame) -> str:
        """The objective of the picture in view: a kept field may have been taken with another than is in place.

        Raises
        ------
        InputError
            When it was taken with another set-up, of which this bench keeps nothing.
        """
        if frame.lens is None:
            return self._desk.bench.camera.objective.name
        if frame.lens.setup != self._book.setup:
            raise InputError(say("lens.elsewhere", setup=frame.lens.setup))
        return frame.lens.objective

    @Slot()
    def take_white(self) -> None:
        """Take the white from the picture in view, which must be empty glass."""
        frame = frame_in_view(self._desk)
        if frame is None:
            return
        try:
            name, white = self._seen_through(frame), white_from(frame)
        except Her2ScopeError as error:
            self._desk.on_fault(str(error))
            return
        question, yes = say("white.keep", text=white.text, name=name), QMessageBox.StandardButton.Yes
        if QMessageBox.question(self._desk.window, "White balance", question) == yes:
            who = self._desk.session.ledger.user
            self._keep(name, lambda: self._book.take_white(name, white.rgb, who), f"{white.text} under {name}")

    @Slot()
    def measure(self) -> None:
        """Ask for two clicks on a stage micrometer."""
        self._clicks = ()
        self._desk.window.view.set_tool(Tool.RULER)
        self._desk.hint("Click two lines of the stage micrometer that lie far apart.")

    @Slot(float, float)
    def _clicked(self, x: float, y: float) -> None:
        view, frame = self._desk.window.view, frame_in_view(self._desk)
        if view.tool is not Tool.RULER or frame is None:
            return
        if len(self._clicks) != 1:
            self._clicks, self._clicked_in = (), frame
        self._clicks = (*self._clicks, (x, y))
        view.show_rings(self._clicks)
        before = self._clicked_in
        if len(self._clicks) == 2 and before is not None:
            self._measure_between(before, frame)
            self._put_tool_down()
            self._desk.refresh()  # the rings of chosen cells, where there are any

    def _measure_between(self, before: Frame, frame: Frame) -> None:
        """Ask for the length between the clicks, which stay marked meanwhile; a picture that moved measures nothing."""
        first, second = self._clicks
        if before.rgb.shape != frame.rgb.shape or shift_px(glance(before.rgb), glance(frame.rgb)) > _MOVED_PX:
            self._desk.on_fault(say("lens.moved"))
            return
        self._ask_length(first, second, frame)

    def _ask_length(self, first: tuple[float, float], second: tuple[float, float], frame: Frame) -> None:
        length_um = ask_number(self._desk.window, "Pixel size", "Length between the clicks in µm:", 5000.0)
        if length_um is None:
            return
        view = self._desk.window.view
        screen_px = 1 / (view.transform_.scale * view.devicePixelRatioF())
        try:
            name, measured = self._seen_through(frame), measure_pixel(first, second, length_um, screen_px)
        except Her2ScopeError as error:
            self._desk.on_fault(str(error))
            return
        who = self._desk.session.ledger.user
        if not self._is_meant(name, measured.pixel_um):
            return
        self._keep(name, lambda: self._book.take_pixel(name, measured, who), f"{name}: {measured.text}")

    def _is_meant(self, name: str, pixel_um: float) -> bool:
        """Whether a pixel size far from the one in force is meant: a slip in the length changes every class."""
        now = self._book.find(name)
        if now is None or abs(pixel_um / now.pixel_um - 1) <= _SURPRISING:
            return True
        question = (
            f"{name}: {pixel_um:.4f} µm/px, where {now.pixel_um:.4f} µm/px is in force. Are the length and the "
            "objective right?"
        )
        yes = QMessageBox.StandardButton.Yes
        both, no = yes | QMessageBox.StandardButton.No, QMessageBox.StandardButton.No
        return QMessageBox.question(self._desk.window, "Pixel size", question, both, no) == yes

    def _keep(self, name: str, take: Callable[[], None], words: str) -> None:
        """Put a measurement in force and say so; or that it holds only until the program ends."""
        try:
            take()
        except Her2ScopeError as error:
            self._desk.on_fault(f"{words}. It is lost when the program ends: {error}")
        else:
            self._desk.hint(f"{words}. It is kept for the next start.")
        self._use_lens(name)

    def _put_tool_down(self) -> None:
        self._desk.window.actions_["tool_pan"].trigger()
