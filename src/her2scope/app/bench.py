"""The live loop behind the window: what its threads tell is carried into the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from her2scope.app.bridge import Bridge
from her2scope.app.feed import LiveFeed
from her2scope.app.provisional import Analysed
from her2scope.base.frame import Frame
from her2scope.devices.camera import Camera, CameraFrame
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.pedal import Pedal, PedalEvent
from her2scope.pipeline.field import FieldResult, FieldSettings, analyse_field
from her2scope.pipeline.live import LiveLoop
from her2scope.pipeline.live_events import Analysed as Told
from her2scope.pipeline.live_events import FaultEvent


@dataclass(frozen=True)
class Fresh:
    """A result with the settings that it was had with, its objective's vectors among them."""

    result: FieldResult
    settings: FieldSettings


@dataclass(frozen=True)
class Receivers:
    """Who is told, each in the GUI thread.

    Parameters
    ----------
    analysed
        Of every press, in order; and of continuous mode.
    pressed
        Each step of a press; the first, a foot that went down, brings the answer that the user sees at once.
    fault, recovered
        Of a source, in words; and that it is over.
    """

    analysed: Callable[[Analysed], None]
    pressed: Callable[[PedalEvent], None]
    fault: Callable[[FaultEvent], None]
    recovered: Callable[[str], None]


class Bench:
    """A LiveListener that hands everything to the GUI thread.

    Parameters
    ----------
    camera, pedals
        Closed.
    feed
        Takes the camera's frames.
    bridge
        Into the GUI thread.
    receivers
        Told there.
    """

    def __init__(
        self, camera: Camera, pedals: Sequence[Pedal], feed: LiveFeed, bridge: Bridge, receivers: Receivers
    ) -> None:
        self.camera, self.pedals = camera, tuple(pedals)
        self._feed, self._bridge, self._to = feed, bridge, receivers
        self._settings: FieldSettings | None = None
        self.loop: LiveLoop[Fresh] = LiveLoop(camera, self.pedals, _no_settings, self)

    def use(self, settings: FieldSettings) -> None:
        """Analyse with these settings from the next press on."""
        if settings != self._settings:
            self._settings = settings
            self.loop.use_analysis(partial(_analyse, settings))

    def press(self) -> None:
        """Press the first pedal of the screen; nothing happens where the set-up has none."""
        for pedal in self.pedals:
            if isinstance(pedal, ManualPedal):
                pedal.click()
                return

    def on_frame(self, shot: CameraFrame) -> None:
        """See LiveListener."""
        self._feed.put(shot)

    def on_press(self, event: PedalEvent) -> None:
        """See LiveListener."""
        self._bridge.post(partial(self._to.pressed, event))

    def on_analysed(self, analysed: Told[Fresh]) -> None:
        """See LiveListener."""
        shot, fresh, press = analysed.shot, analysed.result, analysed.press
        waited_ms = analysed.since_press_s * 1e3 if press is not None else None
        told = Analysed(
            shot.frame, fresh.result, fresh.settings.stain, shot.objective, origin_um(shot), waited_ms, press
        )
        self._bridge.post(partial(self._to.analysed, told))

    def on_fault(self, event: FaultEvent) -> None:
        """See LiveListener."""
        self._bridge.post(partial(self._to.fault, event))

    def on_recovered(self, source: str) -> None:
        """See LiveListener."""
        self._bridge.post(partial(self._to.recovered, source))


def origin_um(shot: CameraFrame) -> tuple[float, float] | None:
    """Where the frame's top-left pixel lies on the slide (x, y in um); None where the stage is not known."""
    if shot.stage_um is None:
        return None
    height, width = shot.frame.rgb.shape[:2]
    half = shot.frame.pixel_um / 2
    return shot.stage_um[0] - width * half, shot.stage_um[1] - height * half


def _analyse(settings: FieldSettings, frame: Frame) -> Fresh:
    return Fresh(analyse_field(frame, settings), settings.under(frame.lens))


def _no_settings(_frame: Frame) -> Fresh:
    raise RuntimeError("a field was to be analysed before the case was there")
