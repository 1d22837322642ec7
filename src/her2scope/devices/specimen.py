"""What lies under a virtual microscope."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.devices.stage import BoundsUm

GLASS = 245
"""Grey value of empty glass, in all channels."""


@runtime_checkable
class HasProgress(Protocol):
    """A camera over a slide that is still being made."""

    def progress(self) -> float | None:
        """How much of the slide is made: 0 while there is nothing to see, up to 1; None once it is whole."""


class Specimen(Protocol):
    """A slide without microscope or camera.

    Opened before it is looked at; it may grow meanwhile.
    """

    @property
    def bounds_um(self) -> BoundsUm:
        """Where the stage may go."""

    @property
    def start_um(self) -> tuple[float, float]:
        """Where the stage starts."""

    def version(self) -> int:
        """Rises when a view may look different from before; asked before every frame, so it must be quick."""

    def progress(self) -> float | None:
        """How much of it is made, 0 to 1; None once it is whole."""

    def view(self, centre_um: tuple[float, float], size_px: tuple[int, int], pixel_um: float) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 pixels around a place, sharp and evenly lit; empty glass is GLASS. The array is new."""

    def __enter__(self) -> Self:
        """Open it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it; never raises."""


def fit(rgb: NDArray[np.uint8], size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """Pixels at another size (width, height); averaged when they shrink."""
    if rgb.shape[1::-1] == size_px:
        return rgb
    grows = rgb.shape[1] < size_px[0]
    return np.asarray(cv2.resize(rgb, size_px, interpolation=cv2.INTER_LINEAR if grows else cv2.INTER_AREA), np.uint8)
