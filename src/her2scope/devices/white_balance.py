"""White balance in the camera: empty glass made grey with one click."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from her2scope.devices.camera import Camera, Control
from her2scope.devices.faults import DeviceError, Fault

_CHANNELS = (Control.WHITE_RED, Control.WHITE_GREEN, Control.WHITE_BLUE)
_CLIPPED = 253
_DARK = 40


def balance_white(camera: Camera, glass: NDArray[np.uint8]) -> None:
    """Turn the camera's white balance so that a frame of empty glass would be grey.

    Its brightest channel stays; the others are raised to it.

    Parameters
    ----------
    camera
        The camera, open.
    glass
        (H, W, 3) uint8 frame of empty glass, as the camera gives it now.

    Raises
    ------
    DeviceError
        When the camera has no white balance, the frame is clipped or dark, or a channel lacks too much.
    """
    controls = camera.controls()
    if not all(channel in controls for channel in _CHANNELS):
        what = f"{camera.info.name} has no white balance"
        raise DeviceError(Fault.REFUSED, what, "take the white from empty glass into the stain profile instead")
    level = np.median(glass.reshape(-1, 3), axis=0)
    _check_level(camera.info.name, level)
    for channel, factor in zip(_CHANNELS, level.max() / level, strict=True):
        camera.set_control(channel, controls[channel].value * float(factor))


def _check_level(name: str, level: NDArray[np.float64]) -> None:
    """Refuse a glass whose colour cannot be measured."""
    if level.max() >= _CLIPPED:
        raise DeviceError(Fault.REFUSED, f"{name}: empty glass is overexposed", "lower exposure or lamp and try again")
    if level.min() <= _DARK:
        raise DeviceError(Fault.REFUSED, f"{name}: empty glass is dark", "raise exposure or lamp and try again")
