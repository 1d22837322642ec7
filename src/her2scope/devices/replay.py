"""Image files in place of a camera: a folder of fields, or one large image under a virtual stage."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import InputError
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
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.setup import FolderSetup, SlideSetup
from her2scope.devices.specimen import GLASS, fit
from her2scope.devices.stage import BoundsUm
from her2scope.devices.virtual import PlainOptics, VirtualMicroscope
from her2scope.slides.images import read_field, read_picture
from her2scope.slides.pixel_size import choose_pixel_um
from her2scope.slides.sources import find_images


class FolderCamera:
    """The images of a folder, one after the other.

    Frames carry the objective's pixel size, whatever the files say of theirs. A file that cannot be read is a fault
    that names it; the next opening goes on with the next.

    Parameters
    ----------
    setup
        The folder and how long each image stays.
    objective
        What the images were taken with.
    """

    def __init__(self, setup: FolderSetup, objective: Objective) -> None:
        self._setup = setup
        self._stamp = FrameStamp(objective)
        self._info = CameraInfo("folder", f"Images in {setup.folder}", setup.folder)
        self._lock = threading.Lock()
        self._paths: tuple[Path, ...] = ()
        self._at = 0
        self._due_s = 0.0

    @property
    def info(self) -> CameraInfo:
        """See Camera."""
        return self._info

    @property
    def objective(self) -> Objective:
        """See Camera."""
        return self._stamp.objective

    def use_objective(self, objective: Objective) -> None:
        """See Camera."""
        self._stamp.objective = objective

    def controls(self) -> Mapping[Control, ControlRange]:
        """See Camera: none."""
        return {}

    def set_control(self, control: Control, value: float) -> None:
        """See Camera: always refused."""
        check_control(self._info.name, control, value, {})

    @property
    def place(self) -> tuple[int, int]:
        """The number of the image that is shown, from 1, and how many there are."""
        with self._lock:
            return self._at % max(len(self._paths), 1) + 1, len(self._paths)

    def step(self, images: int) -> None:
        """Go forward, or back when negative; after the last comes the first."""
        with self._lock:
            self._at += images
            self._due_s = time.monotonic() + self._setup.seconds_each

    def __enter__(self) -> Self:
        """List the images."""
        folder = _expand(self._setup.folder)
        if not folder.is_dir():
            what = f"{self._setup.folder}: no such folder"
            raise DeviceError(Fault.MISSING, what, "choose another in the device set-up")
        sources = find_images([str(folder)])
        if not sources.paths:
            raise _from_input(sources.problems[0])
        with self._lock:
            self._paths = sources.paths
            self._due_s = time.monotonic() + self._setup.seconds_each
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget the list."""
        with self._lock:
            self._paths = ()

    def frames(self, stop: threading.Event) -> Iterator[CameraFrame]:
        """See Camera."""
        if not self._paths:
            raise not_open(self._info.name)
        pacer = Pacer(self._setup.fps, stop)
        key, rgb = None, np.zeros(0, np.uint8)
        while not stop.is_set():
            objective, path = self._stamp.objective, self._current()
            if key != path:
                rgb = self._read(path, objective)
                key = path
            yield self._stamp.stamp_with(objective, rgb, name=path.name)
            pacer.wait()

    def _current(self) -> Path:
        """The image that is due."""
        with self._lock:
            if self._setup.seconds_each and time.monotonic() >= self._due_s:
                self._at += 1
                self._due_s = time.monotonic() + self._setup.seconds_each
            return self._paths[self._at % len(self._paths)]

    def _read(self, path: Path, objective: Objective) -> NDArray[np.uint8]:
        try:
            return read_field(path, objective.pixel_um).rgb
        except InputError as error:
            self.step(1)
            found = _from_input(error)
            raise DeviceError(Fault.FILE, f"Left out: {found.what}", found.remedy) from error


class PictureSpecimen:
    """One image file as a slide; see Specimen.

    Parameters
    ----------
    path
        The file.
    pixel_um
        Its pixel size in um, or None to take the file's own.
    """

    def __init__(self, path: Path, pixel_um: float | None) -> None:
        self._path = path
        try:
            picture = read_picture(path)
            self._pixel_um, _ = choose_pixel_um(path.name, pixel_um, picture.pixel_sizes)
        except InputError as error:
            raise _from_input(error) from error
        self._rgb = picture.rgb

    @property
    def bounds_um(self) -> BoundsUm:
        """See Specimen."""
        height, width = self._rgb.shape[:2]
        return BoundsUm(0.0, 0.0, width * self._pixel_um, height * self._pixel_um)

    @property
    def start_um(self) -> tuple[float, float]:
        """See Specimen: its middle."""
        return self.bounds_um.centre

    def version(self) -> int:
        """See Specimen: it never changes."""
        return 0

    def progress(self) -> float | None:
        """See Specimen: it is whole."""
        return None

    def view(self, centre_um: tuple[float, float], size_px: tuple[int, int], pixel_um: float) -> NDArray[np.uint8]:
        """See Specimen; beyond the image there is glass."""
        scale = pixel_um / self._pixel_um
        width, height = (max(round(side * scale), 1) for side in size_px)
        left, top = (round(c / self._pixel_um - side / 2) for c, side in zip(centre_um, (width, height), strict=True))
        seen = np.full((height, width, 3), GLASS, np.uint8)
        part = self._rgb[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]
        seen[max(-top, 0) :, max(-left, 0) :][: part.shape[0], : part.shape[1]] = part
        return fit(seen, size_px)

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to close."""


def slide_microscope(setup: SlideSetup, objective: Objective) -> VirtualMicroscope:
    """A large image under a virtual stage; an objective of another pixel size shows it larger or smaller.

    Raises
    ------
    DeviceError
        When the file cannot be read or its pixel size is not known.
    """
    path = _expand(setup.image)
    info = CameraInfo("slide", f"Image {path.name}", setup.image)
    specimen = PictureSpecimen(path, setup.pixel_um)
    return VirtualMicroscope(info, specimen, PlainOptics(), objective=objective, size_px=setup.size_px, fps=setup.fps)


def _from_input(error: InputError) -> DeviceError:
    """A file's error as the camera's; its sentence has the remedy behind a semicolon."""
    what, _, remedy = str(error).rstrip(".").partition("; ")
    return DeviceError(Fault.MISSING, what, remedy or "choose another file or folder in the device set-up")


def _expand(path: str) -> Path:
    """A path whose ~ is the home folder, where there is one."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)
