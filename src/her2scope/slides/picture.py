"""A decoded image file, and what is checked before any pixel of it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import InputError
from her2scope.base.frame import check_rgb
from her2scope.slides.pixel_size import PixelSize


@dataclass(frozen=True)
class Picture:
    """An image file's upright pixels and what it says of itself.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8, red first, transparent parts white.
    pixel_sizes
        The pixel sizes that the file states, the most trusted first; not yet checked.
    notes
        Remarks for the user.
    """

    rgb: NDArray[np.uint8]
    pixel_sizes: tuple[PixelSize, ...] = ()
    notes: tuple[str, ...] = ()


def check_size(name: str, width: int, height: int) -> None:
    """Raise InputError when a header claims sides that a field cannot have; nothing is allocated.

    The picture is a view of one zero, so that a claim of 60,000 x 60,000 px costs nothing to refuse.
    """
    check_rgb(name, np.broadcast_to(np.uint8(0), (height, width, 3)))


def refuse_grey(name: str) -> InputError:
    """The error for a picture of one channel."""
    return InputError(f"{name}: a grey picture has lost its stain colours; give the RGB original.")
