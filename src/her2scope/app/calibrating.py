"""The technician's bench: white from empty glass, stain vectors from regions, pixel size from a micrometer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog, QMessageBox

from her2scope.analysis.roi import Polygon
from her2scope.app.model.micrometer import MeasuredPixel, measure_pixel
from her2scope.app.model.stain_bench import Offered, vectors_from, white_from
from her2scope.app.view_tools import Tool
from her2scope.app.workbench import Workbench
from her2scope.base.errors import Her2ScopeError
from her2scope.base.frame import Frame
from her2scope.base.geometry import PointsPx
from her2scope.devices.camera import Objective


class Calibrating(QObject):
    """Binds the actions that measure the bench itself.

    Parameters
    ----------
    desk
        Whose picture is measured, and whose stain profile changes.
    use_objective
        Takes an objective with its measured pixel size.
    """

    def __init__(self, desk: Workbench, use_objective: Callable[[Objective], None]) -> None:
        super().__init__(desk)
        self._desk, self._use_objective = desk, use_objective
        self._hematoxylin: Polygon | None = None
        self._clicks: tuple[tuple[float, float], ...] = ()
        actions, view = desk.window.actions_, desk.window.view
        actions["white"].triggered.connect(self.take_white)
        actions["pick_stains"].triggered.connect(self.pick_stains)
        actions["ruler"].triggered.connect(self.measure)
        view.outlined.connect(self._outlined)
        view.clicked.connect(self._clicked)

    @property
    def _frame(self) -> Frame | None:
        """The field in view, live or still."""
        if self._desk.frame is not None:
            return self._desk.frame
        shot = self._desk.live_shot
        return None if shot is None else shot.frame

    @Slot()
    def take_white(self) -> None:
        """Take the white from the picture in view, which must be empty glass."""
        frame = self._frame
        if frame is not None:
            self._offer(lambda: white_from(frame, self._desk.session.state.stain), "white balance")

    @Slot()
    def pick_stains(self) -> None:
        """Ask for two regions, one of each stain."""
        self._hematoxylin = None
        self._desk.window.view.set_tool(Tool.PICK)
        self._desk.hint("Draw round nuclei with hematoxylin alone; then round membranes with DAB alone.")

    @Slot(object, str)
    def _outlined(self, ring: PointsPx, tool: str) -> None:
        frame = self._frame
        if tool != Tool.PICK or frame is None:
            return
        if self._hematoxylin is None:
            self._hematoxylin = Polygon(ring)
            self._desk.hint("Now draw round membranes with DAB alone.")
            return
        hematoxylin, dab = self._hematoxylin, Polygon(ring)
        self._put_tool_down()
        self._offer(lambda: vectors_from(frame, hematoxylin, dab, self._desk.session.state.stain), "stain vectors")

    def _offer(self, measure: Callable[[], Offered], why: str) -> None:
        """Measure, and put it in force if the user agrees."""
        try:
            offered = measure()
        except Her2ScopeError as error:
            self._desk.on_fault(str(error))
            return
        question = f"{offered.text}\n\nUse it for this case? Undo takes it back."
        yes = QMessageBox.StandardButton.Yes
        if QMessageBox.question(self._desk.window, "Stain profile", question) == yes:
            self._desk.act(partial(self._desk.session.case.set_stain, offered.stain, why))

    @Slot()
    def measure(self) -> None:
        """Ask for two clicks on a stage micrometer."""
        self._clicks = ()
        self._desk.window.view.set_tool(Tool.RULER)
        self._desk.hint("Click two lines of the stage micrometer that lie far apart.")

    @Slot(float, float)
    def _clicked(self, x: float, y: float) -> None:
        if self._desk.window.view.tool is not Tool.RULER:
            return
        self._clicks = (*self._clicks, (x, y))
        self._desk.window.view.show_rings(self._clicks)
        if len(self._clicks) == 2:
            first, second = self._clicks
            self._put_tool_down()
            self._ask_length(first, second)

    def _ask_length(self, first: tuple[float, float], second: tuple[float, float]) -> None:
        length_um, done = QInputDialog.getDouble(
            self._desk.window, "Pixel size", "Length between the clicks in µm:", 100.0, 1.0, 5000.0, 1
        )
        if done:
            self._desk.act(lambda: self._put_pixel_in_force(measure_pixel(first, second, length_um)))

    def _put_pixel_in_force(self, measured: MeasuredPixel) -> None:
        objective = Objective(self._desk.bench.camera.objective.name, measured.pixel_um)
        self._use_objective(objective)
        self._desk.hint(measured.text)

    def _put_tool_down(self) -> None:
        self._desk.window.actions_["tool_pan"].trigger()
