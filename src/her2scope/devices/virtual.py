"""A camera over a virtual slide: a stage to move, and optics between slide and camera."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from her2scope.devices.camera import (
    CameraFrame,
    CameraInfo,
    Control,
    ControlRange,
    FrameStamp,
    Objective,
    Pacer,
    check_control,
    not_open,
)
from her2scope.devices.specimen import Specimen
from her2scope.devices.stage import VirtualStage

Pixels = NDArray[np.uint8]


class Optics(Protocol):
    """What happens to light between slide and camera."""

    def controls(self) -> Mapping[Control, ControlRange]:
        """What can be turned."""

    def set_control(self, control: Control, value: float) -> None:
        """Turn a control; the caller has checked it."""

    def version(self) -> int:
        """Rises when a control is turned."""

    def develop(self, rgb: Pixels, pixel_um: float) -> Pixels:
        """What the camera would see of a sharp view if it had no noise; may write into the view."""

    def expose(self, clean: Pixels) -> Pixels:
        """One exposure of it: a new array, a little different every time where there is noise."""


class PlainOptics:
    """Optics that change nothing: an image file is shown as it is."""

    def controls(self) -> Mapping[Control, ControlRange]:
        """See Optics."""
        return {}

    def set_control(self, control: Control, value: float) -> None:
        """See Optics; never called, as there are no controls."""

    def version(self) -> int:
        """See Optics."""
        return 0

    def develop(self, rgb: Pixels, _pixel_um: float) -> Pixels:
        """See Optics."""
        return rgb

    def expose(self, clean: Pixels) -> Pixels:
        """See Optics; the pixels themselves, as nobody writes them any more."""
        return clean


class VirtualMicroscope:
    """A camera over a virtual slide.

    While neither stage nor optics move, the view is kept and only its noise is new; so 30 frames/s of 3008 x 3008
    leave a CPU free for the analysis.

    Parameters
    ----------
    info
        How it is listed.
    specimen
        The slide.
    optics
        Focus, light and noise.
    objective
        The objective in place at the start.
    size_px, fps
        Width and height of a frame, and frames a second.
    """

    def __init__(
        self,
        info: CameraInfo,
        specimen: Specimen,
        optics: Optics,
        *,
        objective: Objective,
        size_px: tuple[int, int],
        fps: float,
    ) -> None:
        self._info = info
        self._specimen = specimen
        self._optics = optics
        self._stamp = FrameStamp(objective)
        self._size_px = size_px
        self._fps = fps
        self._stage = VirtualStage(specimen.bounds_um, specimen.start_um)
        self._is_open = False
        self._key: object = None
        self._clean: Pixels | None = None

    @property
    def info(self) -> CameraInfo:
        """See Camera."""
        return self._info

    @property
    def stage(self) -> VirtualStage:
        """See HasStage."""
        return self._stage

    @property
    def objective(self) -> Objective:
        """See Camera."""
        return self._stamp.objective

    def use_objective(self, objective: Objective) -> None:
        """See Camera."""
        self._stamp.objective = objective

    def controls(self) -> Mapping[Control, ControlRange]:
        """See Camera."""
        return self._optics.controls()

    def set_control(self, control: Control, value: float) -> None:
        """See Camera."""
        check_control(self._info.name, control, value, self.controls())
        self._optics.set_control(control, value)

    def progress(self) -> float | None:
        """See HasProgress."""
        return self._specimen.progress()

    def __enter__(self) -> Self:
        """Lay the slide on the stage."""
        self._specimen.__enter__()
        self._is_open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it off."""
        self._is_open = False
        self._key = self._clean = None
        self._specimen.__exit__(kind, error, trace)

    def frames(self, stop: threading.Event) -> Iterator[CameraFrame]:
        """See Camera."""
        if not self._is_open:
            raise not_open(self._info.name)
        pacer = Pacer(self._fps, stop)
        while not stop.is_set():
            objective, stage_um = self._stamp.objective, self._stage.position_um
            rgb = self._optics.expose(self._view(stage_um, objective.pixel_um))
            yield self._stamp.stamp_with(objective, rgb, stage_um=stage_um)
            pacer.wait()

    def _view(self, centre_um: tuple[float, float], pixel_um: float) -> Pixels:
        """What the camera sees without noise; kept while nothing changes."""
        key = (centre_um, pixel_um, self._specimen.version(), self._optics.version())
        if key != self._key or self._clean is None:
            sharp = self._specimen.view(centre_um, self._size_px, pixel_um)
            self._clean = self._optics.develop(sharp, pixel_um)
            self._key = key
        return self._clean
