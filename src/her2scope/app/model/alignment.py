"""Alignment of the eyepiece's display with the camera: scale, rotation, shift (full registration comes later)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.app.model.texts import say
from her2scope.base.errors import ConfigError
from her2scope.base.geometry import PointsPx


@dataclass(frozen=True)
class Alignment:
    """Where the camera's picture lies on the display.

    Parameters
    ----------
    scale
        Size on the display relative to the picture fitted into it; 1 fills it.
    shift_px
        Of the picture's centre from the display's, right and down, in display pixels.
    rotation_deg
        Clockwise as seen on the display.

    Raises
    ------
    ConfigError
        When a number is not finite, or the scale is outside 0.05 to 20.
    """

    scale: float = 1.0
    shift_px: tuple[float, float] = (0.0, 0.0)
    rotation_deg: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no display shows."""
        if not all(math.isfinite(value) for value in (self.scale, *self.shift_px, self.rotation_deg)):
            raise ConfigError(say("alignment.finite"))
        if not 0.05 <= self.scale <= 20:
            raise ConfigError(say("alignment.scale", scale=f"{self.scale:g}"))


def affine(alignment: Alignment, picture: tuple[int, int], display: tuple[int, int]) -> NDArray[np.float64]:
    """From the picture's pixels to the display's.

    Parameters
    ----------
    alignment
        Scale, shift and rotation.
    picture, display
        (width, height) in pixels.

    Returns
    -------
    ndarray
        (2, 3) float64: display = A @ (x, y, 1), both measured from the centre of the top-left pixel. With no shift
        and rotation and scale 1 the picture is centred and as large as fits.
    """
    fit = min(display[0] / picture[0], display[1] / picture[1]) * alignment.scale
    angle = math.radians(alignment.rotation_deg)
    turn = fit * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    centre = (np.asarray(picture) - 1) / 2
    middle = (np.asarray(display) - 1) / 2 + np.asarray(alignment.shift_px)
    return np.column_stack([turn, middle - turn @ centre])


def inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """From the display's pixels back to the picture's; (2, 3) of (2, 3)."""
    back = np.linalg.inv(matrix[:, :2])
    return np.column_stack([back, -back @ matrix[:, 2]])


def transform(matrix: NDArray[np.float64], points: PointsPx) -> PointsPx:
    """Take (N, 2) points through a (2, 3) matrix."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], dtype=np.float64)


def from_point_pairs(
    seen: tuple[tuple[float, float], tuple[float, float]],
    shown: tuple[tuple[float, float], tuple[float, float]],
    picture: tuple[int, int],
    display: tuple[int, int],
) -> Alignment:
    """The alignment that brings two points of the picture to two places on the display.

    Parameters
    ----------
    seen
        Two points of the picture, (x, y) in its pixels.
    shown
        Where they are to lie on the display, in its pixels.
    picture, display
        (width, height) in pixels.

    Raises
    ------
    ConfigError
        When two of the points are (nearly) one.
    """
    a, b = (complex(*end) - complex(*start) for start, end in (seen, shown))
    if abs(a) < 1 or abs(b) < 1:
        raise ConfigError(say("alignment.points"))
    turn = b / a
    fit = min(display[0] / picture[0], display[1] / picture[1])
    scale, rotation = abs(turn) / fit, math.degrees(math.atan2(turn.imag, turn.real))
    unshifted = transform(affine(Alignment(scale, (0.0, 0.0), rotation), picture, display), np.array(seen[:1]))[0]
    dx, dy = (float(v) for v in np.asarray(shown[0]) - unshifted)
    return Alignment(scale, (dx, dy), rotation)
