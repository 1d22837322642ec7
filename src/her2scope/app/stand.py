"""The microscope under the keys and the mouse: stage, objective, focus, light; and what it says of itself."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from her2scope.analysis.measures import measure
from her2scope.analysis.white import estimate_white
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.texts import say
from her2scope.app.model.views.light import LightView, light_view
from her2scope.app.model.views.microscope import MicroscopeState, ObjectiveView, objective_view
from her2scope.app.model.views.status import DeviceState, Link, StatusItem, device_item
from her2scope.app.tones import CHIP_STYLES
from her2scope.app.workbench import Workbench
from her2scope.base.errors import Her2ScopeError
from her2scope.base.frame import Frame
from her2scope.devices.camera import Control, Objective
from her2scope.devices.stage import HasStage

_STEP = 0.15
"""Share of the view that an arrow key moves the stage."""
_WATCH_MS = 700
"""How often focus and exposure of the live picture are measured."""
_CONTROL_STEPS = {Control.FOCUS_UM: 1.0, Control.LAMP: 0.05}


class Stand(QObject):
    """Binds the camera and its microscope to the window.

    Parameters
    ----------
    desk
        Whose camera and window.
    book
        The objectives, in the order in which they are turned.
    """

    def __init__(self, desk: Workbench, book: LensBook) -> None:
        super().__init__(desk)
        self._desk, self._book = desk, book
        self._seen = (0, 0.0)
        self.objective: ObjectiveView = objective_view(MicroscopeState())
        self._timer = QTimer(self)
        self._timer.setInterval(_WATCH_MS)
        self._timer.timeout.connect(self._watch)
        self._timer.start()
        self._bind()

    def _bind(self) -> None:
        actions = self._desk.window.actions_
        for name, (right, down) in {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}.items():
            actions[name].triggered.connect(partial(self._step, right, down))
        actions["objective"].triggered.connect(self.next_objective)
        for name, control, way in (
            ("focus_up", Control.FOCUS_UM, 1),
            ("focus_down", Control.FOCUS_UM, -1),
            ("light_up", Control.LAMP, 1),
            ("light_down", Control.LAMP, -1),
        ):
            actions[name].triggered.connect(partial(self._turn, control, way))
        self._desk.window.view.stage_dragged.connect(self.drag)

    @Slot(float, float)
    def drag(self, dx_px: float, dy_px: float) -> None:
        """Move the slide with the mouse, in the field's pixels."""
        camera, shot = self._desk.bench.camera, self._desk.live_shot
        if isinstance(camera, HasStage) and shot is not None:
            camera.stage.move_by(-dx_px * shot.frame.pixel_um, -dy_px * shot.frame.pixel_um)

    def _step(self, right: int, down: int) -> None:
        shot = self._desk.live_shot
        if shot is None:
            return
        if not self._desk.is_live:
            self._desk.go_live()
        height, width = shot.frame.rgb.shape[:2]
        self.drag(-right * width * _STEP, -down * height * _STEP)

    @Slot()
    def next_objective(self) -> None:
        """Turn the nosepiece."""
        camera, lenses = self._desk.bench.camera, self._book.objectives
        names = [lens.name for lens in lenses]
        place = names.index(camera.objective.name) if camera.objective.name in names else -1
        self._try(lambda: camera.use_objective(lenses[(place + 1) % len(names)]))
        if not self._desk.is_live:
            self._desk.go_live()

    def use_lens(self, name: str) -> None:
        """Go on with the objective in place as the book has it now, where it is the one of that name."""
        camera, lens = self._desk.bench.camera, self._book.find(name)
        if lens is not None and camera.objective.name == name:
            self._try(lambda: camera.use_objective(lens))
            self._drop_result_of_other_size(lens)

    def _drop_result_of_other_size(self, lens: Objective) -> None:
        """Drop a result in view that is not kept and was measured with a pixel size in force no longer."""
        analysed = self._desk.analysed or self._desk.live_result
        if analysed is None or analysed.objective != lens.name or analysed.frame.pixel_um == lens.pixel_um:
            return
        self._desk.live_result = None
        self._desk.go_live()
        before, now = f"{analysed.frame.pixel_um:.4f}", f"{lens.pixel_um:.4f}"
        self._desk.on_fault(say("objective.dropped", before=before, now=now))

    def _turn(self, control: Control, way: int) -> None:
        camera = self._desk.bench.camera
        ranges = camera.controls()
        if control in ranges:
            wanted = ranges[control].value + way * _CONTROL_STEPS[control]
            held = min(ranges[control].high, max(ranges[control].low, wanted))
            self._try(lambda: camera.set_control(control, held))

    def _try(self, deed: partial[None] | object) -> None:
        try:
            deed()  # type: ignore[operator]
        except Her2ScopeError as error:
            self._desk.on_fault(str(error))

    @Slot()
    def _watch(self) -> None:
        """Measure the newest frame on the worker."""
        shot = self._desk.feed.newest
        self._show_camera()
        if shot is not None:
            white = shot.frame.white or self._desk.session.state.stain.white
            self._desk.patient.submit("light", partial(_light, shot.frame, white), self._show_light)

    def _show_light(self, view: LightView) -> None:
        for key, gauge in (("focus", view.focus), ("light", view.exposure)):
            self._desk.window.status.show_item(StatusItem(key, gauge.text, gauge.tone, gauge.text))

    def _show_camera(self) -> None:
        shot, camera = self._desk.feed.newest, self._desk.bench.camera
        self._show_pedal()
        if shot is None:
            self._show_silent_camera()
            return
        number, time_s = self._seen
        rate = (shot.number - number) / (shot.time_s - time_s) if shot.time_s > time_s and number else None
        link = Link.RUNNING if shot.number != number else Link.LOST
        self._seen = shot.number, shot.time_s
        device = DeviceState(camera.info.name, link, rate, self._desk.telling.faults.get("camera", ""))
        self._desk.window.status.show_item(device_item("camera", device))
        self._show_objective(
            MicroscopeState(shot.objective, shot.frame.pixel_um, self._book.is_measured(shot.objective))
        )

    def _show_silent_camera(self) -> None:
        """Show that a camera which never gave a picture is in trouble, whatever the banner says by now."""
        why = self._desk.telling.faults.get("camera", "")
        if why:
            self._desk.window.status.show_item(device_item("camera", DeviceState("", Link.LOST, None, why)))

    def _show_pedal(self) -> None:
        """Show the last pedal of the set-up: the one under the foot, after the button on the screen."""
        pedal = self._desk.bench.pedals[-1] if self._desk.bench.pedals else None
        if pedal is not None:
            why = self._desk.telling.faults.get(pedal.name, "")
            device = DeviceState(pedal.name, Link.LOST if why else Link.READY, None, why)
            self._desk.window.status.show_item(device_item("pedal", device))

    def _show_objective(self, state: MicroscopeState) -> None:
        fields = self._desk.session.state.fields
        before = MicroscopeState(state.objective, fields[-1].pixel_um) if fields else None
        self.objective = objective_view(state, before)
        window = self._desk.window
        window.show_objective(self.objective.text, CHIP_STYLES[self.objective.tone])
        window.objective.setToolTip(self.objective.warning or self.objective.text)


def _light(frame: Frame, white: tuple[float, float, float] | None) -> LightView:
    """Focus and exposure of a frame; `white` is what empty glass was, where it is known."""
    background = estimate_white(frame.rgb)
    return light_view(measure(frame.rgb, frame.pixel_um, white or background), background, white)
