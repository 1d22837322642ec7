"""Fields as Qt images: 32-bit, and no larger than the screen needs."""

from __future__ import annotations

from typing import Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

SHRINKS = (4, 2, 1)
"""Field pixels per picture pixel, coarsest first."""


class Picture(Protocol):
    """Something a view can show."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the field in its own pixels."""

    def at(self, shrink: int) -> QImage:
        """The field at, or near, one picture pixel per `shrink` field pixels."""


def shrink_for(device_scale: float) -> int:
    """The coarsest of SHRINKS that still has a pixel for every pixel of the screen.

    Parameters
    ----------
    device_scale
        Screen pixels per field pixel.
    """
    return next(shrink for shrink in SHRINKS if shrink == 1 or shrink * device_scale <= 1.1)


def shrunk(rgb: NDArray[np.uint8], shrink: int) -> NDArray[np.uint8]:
    """An (H, W, 3) uint8 field averaged over blocks of `shrink` by `shrink` pixels; odd edges are cut."""
    if shrink == 1:
        return rgb
    height, width = (side // shrink for side in rgb.shape[:2])
    cut = rgb[: height * shrink, : width * shrink]
    if shrink == 4:  # halves are averaged four times faster than quarters
        cut = np.asarray(cv2.resize(cut, (2 * width, 2 * height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def to_bgra(rgb: NDArray[np.uint8], buffer: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """(H, W, 4) uint8, blue first, alpha 255; written into `buffer` when it has that shape."""
    shape = (*rgb.shape[:2], 4)
    if buffer is None or buffer.shape != shape:
        buffer = np.empty(shape, dtype=np.uint8)
    cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA, dst=buffer)
    return buffer


def as_image(bgra: NDArray[np.uint8]) -> QImage:
    """An opaque image that looks into the (H, W, 4) array; keep the array as long as the image."""
    height, width = bgra.shape[:2]
    return QImage(bgra.data, width, height, 4 * width, QImage.Format.Format_RGB32)


class StillPicture:
    """A field that stays: its levels are made once, and kept.

    A level takes 2 to 12 ms at 3008 x 3008, on a busy machine more; so a worker makes them, the one that is seen first.
    """

    def __init__(self, rgb: NDArray[np.uint8]) -> None:
        """Show an (H, W, 3) uint8 field."""
        self._rgb = rgb
        self._levels: dict[int, tuple[NDArray[np.uint8], QImage]] = {}

    @classmethod
    def made(cls, rgb: NDArray[np.uint8], shrink: int) -> Self:
        """Show an (H, W, 3) uint8 field, with the level of `shrink` made; in any thread."""
        picture = cls(rgb)
        picture.make(shrink)
        return picture

    def has(self, shrink: int) -> bool:
        """Whether a level is made."""
        return shrink in self._levels

    def make(self, shrink: int) -> None:
        """Make a level; in any thread."""
        if shrink not in self._levels:
            bgra = to_bgra(shrunk(self._rgb, shrink))
            self._levels[shrink] = bgra, as_image(bgra)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._rgb.shape[1], self._rgb.shape[0]

    def at(self, shrink: int) -> QImage:
        """The field with one pixel per `shrink` by `shrink` pixels; the nearest level while that is being made."""
        if not self._levels:
            self.make(shrink)
        made = min(tuple(self._levels), key=lambda level: abs(level - shrink))
        return self._levels[made][1]


class LivePicture:
    """One frame of a moving picture, at the one level that the view asked for."""

    def __init__(self, rgb: NDArray[np.uint8], shrink: int, buffer: NDArray[np.uint8] | None = None) -> None:
        """Take a frame, (H, W, 3) uint8; `buffer` is written to and looked into by the image."""
        self._size = (rgb.shape[1], rgb.shape[0])
        self.bgra = to_bgra(shrunk(rgb, shrink), buffer)
        self._image = as_image(self.bgra)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._size

    def at(self, shrink: int) -> QImage:  # noqa: ARG002  # a frame has one level; the next comes at the new one
        """The frame."""
        return self._image
