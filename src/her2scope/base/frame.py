"""One field of view as the camera or a file gave it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import InputError
from her2scope.base.geometry import MAX_PIXEL_UM, MAX_SIDE_PX, MIN_PIXEL_UM, MIN_SIDE_PX


@dataclass(frozen=True, order=True)
class Lens:
    """What a field was taken through: two set-ups may both have a "40x", of which neither tells of the other's.

    Parameters
    ----------
    setup
        Name of the device set-up.
    objective
        Name of its objective.
    """

    setup: str
    objective: str


@dataclass(frozen=True)
class Frame:
    """An RGB field of view with its pixel size.

    Parameters
    ----------
    name
        What the user calls it: a file's name or a camera's frame number.
    rgb
        (H, W, 3) uint8, red first; 256 to 4096 px a side.
    pixel_um
        Side of a pixel in um, 0.1 to 1.0.
    notes
        Remarks of the reader, such as "first of 3 pages".
    white
        Red, green and blue of empty glass in the light that it was taken in, 1 to 255; None where not measured.
    lens
        What it was taken through; None where nobody said: a file, or an objective without a name.

    Raises
    ------
    InputError
        When shape, type, side, pixel size or white is out of range; the sentence says which and what to do.
    """

    name: str
    rgb: NDArray[np.uint8]
    pixel_um: float
    notes: tuple[str, ...] = ()
    white: tuple[float, float, float] | None = None
    lens: Lens | None = None

    def __post_init__(self) -> None:
        """Refuse what the method cannot read."""
        check_rgb(self.name, self.rgb)
        check_pixel_um(self.name, self.pixel_um)
        check_white(self.name, self.white)


def check_rgb(name: str, rgb: NDArray[np.uint8]) -> None:
    """Raise InputError unless `rgb` is (H, W, 3) uint8 with sides of 256 to 4096 px."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise InputError(f"{name}: not an 8-bit RGB image; convert it to 8-bit RGB.")
    height, width = rgb.shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        raise InputError(
            f"{name}: {width} x {height} px is too small to score; give a field of at least {MIN_SIDE_PX} px a side."
        )
    if max(height, width) > MAX_SIDE_PX:
        raise InputError(
            f"{name}: {width} x {height} px is larger than a field of view; crop it to at most {MAX_SIDE_PX} px a side."
        )


def check_pixel_um(name: str, pixel_um: float) -> None:
    """Raise InputError unless the pixel size is a number from 0.1 to 1.0 um."""
    if not MIN_PIXEL_UM <= pixel_um <= MAX_PIXEL_UM:  # NaN fails too
        raise InputError(
            f"{name}: a pixel size of {pixel_um:g} um is outside {MIN_PIXEL_UM} to {MAX_PIXEL_UM} um; "
            "check --pixel-size and the objective."
        )


def check_white(name: str, white: tuple[float, float, float] | None) -> None:
    """Raise InputError unless each channel of a white is a number from 1 to 255; None is no white, and fine."""
    if white is not None and not all(1 <= level <= 255 for level in white):
        levels = ", ".join(f"{level:g}" for level in white)
        raise InputError(f"{name}: a white of {levels} is outside 1 to 255; take it from empty glass again.")
