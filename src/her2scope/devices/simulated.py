"""The simulated microscope: synthetic tissue under lamp, focus drive and a camera with noise."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.devices.camera import CameraInfo, Control, ControlRange, Objective, check_control
from her2scope.devices.setup import SimulatedSetup
from her2scope.devices.synthetic_slide import SyntheticSlide
from her2scope.devices.tile_maker import TileSet
from her2scope.devices.virtual import Pixels, VirtualMicroscope
from her2scope.synth.cases import find_recipe

_RANGES = {
    Control.EXPOSURE_MS: ControlRange(0.1, 100.0, 8.0),
    Control.GAIN_DB: ControlRange(0.0, 24.0, 0.0),
    Control.WHITE_RED: ControlRange(0.25, 4.0, 1.0),
    Control.WHITE_GREEN: ControlRange(0.25, 4.0, 1.0),
    Control.WHITE_BLUE: ControlRange(0.25, 4.0, 1.0),
    Control.LAMP: ControlRange(0.05, 2.0, 1.0),
    Control.FOCUS_UM: ControlRange(-30.0, 30.0, 0.0),
}
_EXPOSURE_MS = _RANGES[Control.EXPOSURE_MS].value
_WARMTH = (0.9, 1.0, 1.15)  # a lamp that is turned down goes red
_BLUR_PER_UM = 0.12  # standard deviation of the blur in um, for each um out of focus
_FINE_PX = 2.5  # a wider blur is made on a smaller picture
_BLACK = 4  # grey value of no light, so that noise goes both ways
_NOISE_DN = 1.3
_SPARE_PX = 61


def simulated_microscope(
    setup: SimulatedSetup, objective: Objective, controls: Mapping[Control, float], tiles: TileSet
) -> VirtualMicroscope:
    """A simulated microscope.

    Parameters
    ----------
    setup
        Its slide and camera.
    objective
        The objective in place at the start.
    controls
        Values of its controls at the start.
    tiles
        Its tissue, and where that is kept for the next start.

    Raises
    ------
    InputError
        When there is no such synthetic case.
    DeviceError
        When a control is out of range.
    """
    find_recipe(setup.case)
    info = CameraInfo("simulated", f"Simulated microscope ({setup.case})", f"{setup.case} {setup.seed}")
    optics = SimulatedOptics(setup.size_px, setup.seed)
    for control, value in controls.items():
        check_control(info.name, control, value, optics.controls())
        optics.set_control(control, value)
    slide = SyntheticSlide(tiles, setup.slide_mm)
    return VirtualMicroscope(info, slide, optics, objective=objective, size_px=setup.size_px, fps=setup.fps)


class SimulatedOptics:
    """Focus, lamp, exposure, gain, white balance and noise; see virtual.Optics.

    Parameters
    ----------
    size_px
        Width and height of the camera.
    seed
        Of its noise.
    """

    def __init__(self, size_px: tuple[int, int], seed: int) -> None:
        self._lock = threading.Lock()
        self._controls = dict(_RANGES)
        self._version = 0
        self._size_px = size_px
        self._rng = np.random.default_rng(seed)
        self._noise: NDArray[np.uint8] | None = None

    def controls(self) -> Mapping[Control, ControlRange]:
        """See Optics."""
        with self._lock:
            return dict(self._controls)

    def set_control(self, control: Control, value: float) -> None:
        """See Optics."""
        with self._lock:
            self._controls[control] = replace(self._controls[control], value=value)
            self._version += 1

    def version(self) -> int:
        """See Optics."""
        return self._version

    def develop(self, rgb: Pixels, pixel_um: float) -> Pixels:
        """See Optics; less the noise's mean, which every exposure adds."""
        values = {control: r.value for control, r in self.controls().items()}
        sigma_px = _BLUR_PER_UM * abs(values[Control.FOCUS_UM]) / pixel_um
        return shine(blur(rgb, sigma_px), light(values))

    def expose(self, clean: Pixels) -> Pixels:
        """See Optics: the same large sheet of noise, at another place every time."""
        if self._noise is None:
            self._noise = _sheet(self._rng, self._size_px)
        y, x = self._rng.integers(0, _SPARE_PX, 2)
        height, width = clean.shape[:2]
        return np.asarray(cv2.add(clean, self._noise[y : y + height, x : x + width]), dtype=np.uint8)


def light(values: Mapping[Control, float]) -> NDArray[np.float64]:
    """(3,) how bright red, green and blue are compared with the middle of all controls."""
    lamp = values[Control.LAMP] ** np.asarray(_WARMTH)
    white = np.array([values[c] for c in (Control.WHITE_RED, Control.WHITE_GREEN, Control.WHITE_BLUE)])
    camera = values[Control.EXPOSURE_MS] / _EXPOSURE_MS * 10 ** (values[Control.GAIN_DB] / 20)
    return np.asarray(camera * lamp * white)


def shine(rgb: Pixels, brightness: NDArray[np.float64]) -> Pixels:
    """(H, W, 3) pixels times the brightness of red, green and blue, less _BLACK; writes into `rgb`.

    At the middle of all controls, where one moves over the slide most, nine million pixels take 2 ms, else 20.
    """
    if (brightness == 1).all():
        black = (_BLACK, _BLACK, _BLACK, 0)
        cv2.subtract(rgb, black, rgb)  # type: ignore[call-overload]  # the stubs forget scalars
        return rgb
    grey = np.clip(np.arange(256)[:, None] * brightness - _BLACK, 0, 255)
    table = np.rint(grey).astype(np.uint8).reshape(1, 256, 3)
    return np.asarray(cv2.LUT(rgb, table, rgb), dtype=np.uint8)


def blur(rgb: Pixels, sigma_px: float) -> Pixels:
    """Gaussian blur of a standard deviation in pixels; a wide one is made on a smaller picture."""
    if sigma_px < 0.3:
        return rgb
    if sigma_px < _FINE_PX:
        return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma_px), dtype=np.uint8)
    height, width = rgb.shape[:2]
    small = cv2.resize(rgb, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
    soft = blur(np.asarray(small, dtype=np.uint8), sigma_px / 2)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _sheet(rng: np.random.Generator, size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 noise around _BLACK, larger than a frame so that it can be shifted; made of 512 rows."""
    rows = rng.standard_normal((512, size_px[0] + _SPARE_PX, 3), np.float32) * _NOISE_DN + _BLACK
    sheet = np.clip(np.rint(rows), 0, 2 * _BLACK).astype(np.uint8)
    repeats = -(-(size_px[1] + _SPARE_PX) // 512)
    return np.tile(sheet, (repeats, 1, 1))[: size_px[1] + _SPARE_PX]
