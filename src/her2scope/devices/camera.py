"""What a camera is to the rest of the program.

Opening is a `with`, frames are an iterator, and what can be set is a table of controls with their ranges:

    with camera:
        for shot in camera.frames(stop):
            show(shot.frame)

A camera may be opened again after it was closed or has failed; the thread that reads it does so until it works
(pipeline.device_thread). Its controls may be turned from any thread while another reads frames.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from her2scope.base.frame import Frame, Lens, check_pixel_um, check_white
from her2scope.devices.faults import DeviceError, Fault

Rgb = tuple[float, float, float]
"""Red, green and blue, 0 to 255."""


class Objective(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lens of the microscope, what a camera pixel is under it, and what empty glass looks like.

    Parameters
    ----------
    name
        What is engraved on it, such as "40x".
    pixel_um
        Side of a camera pixel in the specimen in um, 0.1 to 1.0.
    white
        Red, green and blue of empty glass, 1 to 255; None where it was not measured.

    Raises
    ------
    InputError
        When the pixel size or the white is out of range.
    """

    name: str
    pixel_um: float
    white: Rgb | None = None

    def __post_init__(self) -> None:
        """Refuse what no field of view can have."""
        check_pixel_um(f"objective {self.name}", self.pixel_um)
        check_white(f"objective {self.name}", self.white)

    @property
    def lens(self) -> Lens | None:
        """What frames say that they were taken through; None: the objective alone does not know its set-up."""
        return None


class BenchObjective(Objective, frozen=True, kw_only=True):
    """An objective on the bench of a device set-up; never written into a file.

    Parameters
    ----------
    setup
        Name of the set-up.
    """

    setup: str

    @property
    def lens(self) -> Lens | None:
        """See Objective; None for an objective without a name, which could be any."""
        return Lens(self.setup, self.name) if self.name else None


@dataclass(frozen=True)
class CameraFrame:
    """A frame as it left a camera.

    Parameters
    ----------
    frame
        The picture; its array is never written again.
    number
        Rises by one from frame to frame of a camera object, also over closing and opening.
    time_s
        When it arrived, in seconds of time.monotonic().
    objective
        Name of the objective it was taken with.
    lost
        Frames that arrived damaged since the one before.
    stage_um
        Where its middle lies on the slide, x right and y down in um; None where the stage is not known.
    """

    frame: Frame
    number: int
    time_s: float
    objective: str
    lost: int = 0
    stage_um: tuple[float, float] | None = None


@dataclass(frozen=True)
class CameraInfo:
    """How a camera is listed.

    Parameters
    ----------
    kind
        The word in device set-ups, such as "basler".
    name
        For people, such as "Basler a2A3536-31ucBAS".
    serial
        Serial number, or whatever tells it from others of its kind.
    """

    kind: str
    name: str
    serial: str


class Control(StrEnum):
    """What can be turned at a camera or its microscope; the unit is in the name."""

    EXPOSURE_MS = "exposure_ms"
    GAIN_DB = "gain_db"
    WHITE_RED = "white_red"
    WHITE_GREEN = "white_green"
    WHITE_BLUE = "white_blue"
    LAMP = "lamp"
    """Brightness of the lamp; 1 is its middle."""
    FOCUS_UM = "focus_um"
    """Height of the focus drive; 0 is sharp on the simulated microscope."""


@dataclass(frozen=True)
class ControlRange:
    """The value of a control and where it may go."""

    low: float
    high: float
    value: float


class Camera(Protocol):
    """A camera on a microscope.

    Every method but `frames` returns at once. All raise DeviceError, a sentence with its remedy.
    """

    @property
    def info(self) -> CameraInfo:
        """How it is listed; known before it is opened, but more exactly afterwards."""

    @property
    def objective(self) -> Objective:
        """The objective that frames are labelled with."""

    def use_objective(self, objective: Objective) -> None:
        """Label frames with another objective from the next one on; a simulated microscope also changes its view."""

    def controls(self) -> Mapping[Control, ControlRange]:
        """What can be turned, now; empty while a real camera is closed."""

    def set_control(self, control: Control, value: float) -> None:
        """Turn a control; DeviceError when the camera has none, or the value is out of its range."""

    def frames(self, stop: threading.Event) -> Iterator[CameraFrame]:
        """Frames from now on, always the newest; ends within half a second once `stop` is set, frames or not.

        Raises
        ------
        DeviceError
            When the camera is not open, is gone, or sends nothing but damaged frames.
        """

    def __enter__(self) -> Self:
        """Open it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it; never raises, however the camera has died."""


class FrameStamp:
    """Turns pixels into numbered, timed and labelled frames; for adapters.

    Parameters
    ----------
    objective
        The objective of the first frames.
    """

    def __init__(self, objective: Objective) -> None:
        self.objective = objective
        self._numbers = itertools.count(1)

    def stamp(self, rgb: NDArray[np.uint8], name: str = "", lost: int = 0) -> CameraFrame:
        """A frame of (H, W, 3) uint8 pixels, which become read-only, taken with the objective in place.

        Parameters
        ----------
        rgb
            The pixels.
        name
            What to call the frame; "": by its number.
        lost
            Frames that arrived damaged before it.
        """
        return self.stamp_with(self.objective, rgb, name=name, lost=lost)

    def stamp_with(
        self,
        objective: Objective,
        rgb: NDArray[np.uint8],
        *,
        name: str = "",
        lost: int = 0,
        stage_um: tuple[float, float] | None = None,
    ) -> CameraFrame:
        """A frame taken with an objective at a place of the slide; see `stamp`."""
        rgb.flags.writeable = False
        number = next(self._numbers)
        frame = Frame(name or f"frame {number}", rgb, objective.pixel_um, white=objective.white, lens=objective.lens)
        return CameraFrame(frame, number, time.monotonic(), objective.name, lost, stage_um)


class Pacer:
    """Holds a loop to a rate; for adapters that make their own frames.

    Parameters
    ----------
    fps
        Turns a second.
    stop
        Ends a wait at once.
    """

    def __init__(self, fps: float, stop: threading.Event) -> None:
        self._period_s = 1.0 / fps
        self._stop = stop
        self._next_s = time.monotonic()

    def wait(self) -> None:
        """Wait for the next turn; turns that were missed are left out, not made up for."""
        now = time.monotonic()
        self._next_s = max(self._next_s + self._period_s, now)
        self._stop.wait(self._next_s - now)


def check_control(name: str, control: Control, value: float, controls: Mapping[Control, ControlRange]) -> None:
    """Raise DeviceError unless a camera has this control and the value lies in its range."""
    if control not in controls:
        has = ", ".join(controls) or "none"
        raise DeviceError(Fault.REFUSED, f"{name} has no control {control}", f"leave it alone; this camera has {has}")
    limits = controls[control]
    if not limits.low <= value <= limits.high:  # NaN fails too
        raise DeviceError(
            Fault.REFUSED,
            f"{name}: {control} = {value:g} is out of range",
            f"choose {limits.low:g} to {limits.high:g}",
        )


def not_open(name: str) -> DeviceError:
    """The error for using a camera or pedal outside its `with`."""
    return DeviceError(Fault.REFUSED, f"{name} is not open", "connect it first")
