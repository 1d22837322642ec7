"""Which camera, objectives and pedals stand on a bench: plain values, read from TOML by settings.devices.

The classes lie here and not beside their adapters, so that reading a set-up does not load a vendor's library.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from her2scope.base.errors import ConfigError
from her2scope.base.geometry import MAX_SIDE_PX, MIN_SIDE_PX
from her2scope.devices.camera import Control, Objective
from her2scope.devices.presses import PressRule

Line = Literal["cts", "dsr", "ri", "cd"]
SizePx = tuple[int, int]
"""Width and height."""
FeatureValue = str | bool | int | float


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """A table of the file whose `kind` says what it is; unknown keys are errors."""


class BaslerSetup(_Part, frozen=True, tag="basler"):
    """A Basler camera.

    Parameters
    ----------
    serial
        Serial number as printed on it, or "any" for the only one connected.
    pixel_format
        GenICam name such as "BayerRG8" or "RGB8", or "auto": the first of its 8-bit Bayer and RGB formats.
    size_px
        Width and height, cut from the middle of the sensor; left out: the whole sensor.
    features
        Further GenICam features set after opening, in this order, such as AcquisitionFrameRate.
    """

    serial: str
    pixel_format: str = "auto"
    size_px: SizePx | None = None
    features: dict[str, FeatureValue] = {}

    def __post_init__(self) -> None:
        """Refuse sizes that are no field of view."""
        if self.size_px is not None:
            check_size(self.size_px)


class SimulatedSetup(_Part, frozen=True, tag="simulated"):
    """A simulated microscope over synthetic tissue.

    Parameters
    ----------
    case
        Name of the synthetic case on the slide, such as "3+" (synth.cases).
    seed
        Which slide.
    size_px
        Width and height of its camera.
    fps
        Frames a second.
    slide_mm
        Width and height of the tissue.
    """

    case: str = "3+"
    seed: int = 1
    size_px: SizePx = (3008, 3008)
    fps: float = 30.0
    slide_mm: tuple[float, float] = (14.0, 9.0)

    def __post_init__(self) -> None:
        """Refuse what cannot be shown."""
        check_size(self.size_px)
        check_fps(self.fps)
        if not all(0.5 <= side <= 50 for side in self.slide_mm):
            raise ConfigError(f"slide_mm = {list(self.slide_mm)} is no slide; choose 0.5 to 50 mm for both sides.")


class FolderSetup(_Part, frozen=True, tag="folder"):
    """A folder of images that takes the place of a camera.

    Parameters
    ----------
    folder
        Where the images lie; ~ is the home folder.
    fps
        Frames a second.
    seconds_each
        How long each image stays; 0: until the next is asked for.
    """

    folder: str
    fps: float = 10.0
    seconds_each: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be shown."""
        check_fps(self.fps)
        if not 0 <= self.seconds_each <= 3600:
            raise ConfigError(f"seconds_each = {self.seconds_each:g} is out of range; choose 0 to 3600 s.")


class SlideSetup(_Part, frozen=True, tag="slide"):
    """One large image under a virtual stage.

    Parameters
    ----------
    image
        The file; ~ is the home folder.
    pixel_um
        Its pixel size in um; left out: as the file says.
    size_px
        Width and height of the view.
    fps
        Frames a second.
    """

    image: str
    pixel_um: float | None = None
    size_px: SizePx = (1504, 1504)
    fps: float = 30.0

    def __post_init__(self) -> None:
        """Refuse what cannot be shown."""
        check_size(self.size_px)
        check_fps(self.fps)


class Treadle(PressRule, frozen=True, kw_only=True):
    """One contact of a serial pedal: bytes that it sends, or a line of the port.

    Parameters
    ----------
    name
        What it is called.
    press, release
        What the pedal sends when the foot goes down, and when it comes up (left out: it does not say).
    line, active
        The port's line that the contact moves, and its level while the foot is down.
    debounce_s
        See PressRule; a contact bounces for some 5 to 20 ms.
    """

    name: str
    press: str | None = None
    release: str | None = None
    line: Line | None = None
    active: Literal["high", "low"] = "high"
    debounce_s: float = 0.03

    def __post_init__(self) -> None:
        """Refuse a contact that can never be seen."""
        PressRule.__post_init__(self)
        if bool(self.press) == bool(self.line):
            raise ConfigError(f'treadle {self.name!r} needs either press = "..." or line = "cts"; give one of them.')
        if self.release is not None and (self.line or _one_begins_the_other(self.press or "", self.release)):
            raise ConfigError(
                f"treadle {self.name!r}: release goes with press, and neither may begin the other; correct it."
            )
        if not all(ord(c) < 256 for c in (self.press or "") + (self.release or "")):
            raise ConfigError(f"treadle {self.name!r} can only send bytes; write each as a character below \\u0100.")


class SerialSetup(_Part, frozen=True, tag="serial"):
    r"""A pedal on a serial port.

    Parameters
    ----------
    name
        What it is called.
    port
        Its name, such as "/dev/ttyUSB0" or "COM3"; or "usb:VID:PID" in hexadecimal, with ":SERIAL" behind it where
        there are two.
    baud
        Bits a second.
    treadles
        Its contacts.
    """

    name: str
    port: str
    treadles: tuple[Treadle, ...]
    baud: int = 9600

    def __post_init__(self) -> None:
        """Refuse a pedal without contacts."""
        if not self.treadles:
            raise ConfigError(f"pedal {self.name!r} has no treadle; add a [[pedals.treadles]] table.")
        if not 50 <= self.baud <= 4_000_000:
            raise ConfigError(f"pedal {self.name!r}: baud = {self.baud} is no speed; most pedals have 9600.")


class KeyboardSetup(_Part, frozen=True, tag="keyboard"):
    """A key, or a HID pedal that types one.

    Parameters
    ----------
    name
        What it is called.
    key
        Name of the key as the window system has it, such as "Space" or "F9".
    presses
        What its presses mean.
    """

    name: str
    key: str
    presses: PressRule = PressRule()


class ButtonSetup(_Part, frozen=True, tag="button"):
    """A button on the screen.

    Parameters
    ----------
    name
        What is written on it.
    presses
        What its presses mean.
    """

    name: str
    presses: PressRule = PressRule()


CameraSetup = BaslerSetup | SimulatedSetup | FolderSetup | SlideSetup
PedalSetup = SerialSetup | KeyboardSetup | ButtonSetup


class DeviceSetup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything on one bench.

    Parameters
    ----------
    name
        The file's name without its suffix.
    title
        How it is listed.
    camera
        Which camera.
    objectives
        The microscope's objectives, and a camera pixel under each.
    objective
        Name of the one that is in place at the start.
    pedals
        The pedals.
    controls
        Camera settings applied after opening.
    """

    name: str
    title: str
    camera: CameraSetup
    objectives: tuple[Objective, ...]
    objective: str
    pedals: tuple[PedalSetup, ...] = ()
    controls: dict[Control, float] = {}

    def __post_init__(self) -> None:
        """Refuse names that mean nothing or two things."""
        lenses = [o.name for o in self.objectives]
        if self.objective not in lenses:
            raise ConfigError(f"objective = {self.objective!r} is none of objectives ({', '.join(lenses)}); name one.")
        pedals = [n for p in self.pedals for n in (p.name, *(t.name for t in getattr(p, "treadles", ())))]
        for names, key in ((lenses, "objectives"), (pedals, "pedals")):
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise ConfigError(f"{key}: the name {twice[0]!r} is given twice; give each its own.")

    @property
    def start_objective(self) -> Objective:
        """The objective that is in place at the start."""
        return next(o for o in self.objectives if o.name == self.objective)


def _one_begins_the_other(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a)


def check_size(size_px: SizePx) -> None:
    """Raise ConfigError unless width and height are those of a field of view."""
    if not all(MIN_SIDE_PX <= side <= MAX_SIDE_PX for side in size_px):
        raise ConfigError(f"size_px = {list(size_px)} is no field of view; choose {MIN_SIDE_PX} to {MAX_SIDE_PX}.")


def check_fps(fps: float) -> None:
    """Raise ConfigError unless frames can come at this rate."""
    if not 1 <= fps <= 120:
        raise ConfigError(f"fps = {fps:g} is no frame rate; choose 1 to 120 a second.")
