"""Stain vectors measured instead of assumed: from images (after Macenko et al. 2009), or from two drawn regions.

Both are offers: the user looks at the unmixed pictures before a profile is saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.stain import optical_density
from her2scope.base.errors import InputError

_MIN_OD = 0.15
_MIN_PIXELS = 2000
_MAX_PIXELS = 400_000
_EXTREME_PERCENT = 1.0
_MIN_ANGLE_DEG = 8.0

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class StainEstimate:
    """Unit absorbance vectors (R, G, B) of hematoxylin and DAB, and how they were had.

    Parameters
    ----------
    hematoxylin, dab
        Unit vectors.
    angle_deg
        Angle between them.
    pixels
        Stained pixels that they rest on.
    """

    hematoxylin: Vector
    dab: Vector
    angle_deg: float
    pixels: int


def estimate_from_images(
    images: Sequence[NDArray[np.uint8]], whites: Sequence[tuple[float, float, float]]
) -> StainEstimate:
    """Estimate both vectors from whole fields, Macenko-type.

    Stained pixels are projected on the plane of their two main directions; the robust extremes of their angle in
    it are the stains. The one that absorbs more blue for its red is DAB.

    Parameters
    ----------
    images
        (H, W, 3) uint8 fields that hold both stains.
    whites
        I0 of R, G, B of each.

    Raises
    ------
    InputError
        When there is too little stain, or only one.
    """
    od = np.concatenate([_stained(rgb, white) for rgb, white in zip(images, whites, strict=True)])
    if len(od) < _MIN_PIXELS:
        raise InputError(f"Only {len(od)} stained pixels: too few to estimate stain vectors; give a stained field.")
    od = od[:: max(1, len(od) // _MAX_PIXELS)]
    _, axes = np.linalg.eigh(np.cov(od.T))
    plane = axes[:, [2, 1]]
    plane = plane * np.where(plane.sum(axis=0) < 0, -1.0, 1.0)
    angles = np.arctan2(od @ plane[:, 1], od @ plane[:, 0])
    low, high = np.percentile(angles, [_EXTREME_PERCENT, 100 - _EXTREME_PERCENT])
    one, other = (plane @ np.array([np.cos(a), np.sin(a)]) for a in (low, high))
    return _ordered(one, other, len(od))


def estimate_from_regions(
    hematoxylin_rgb: NDArray[np.uint8], dab_rgb: NDArray[np.uint8], white: tuple[float, float, float]
) -> StainEstimate:
    """Estimate both vectors from pixels that the user drew: one region of each stain alone.

    Parameters
    ----------
    hematoxylin_rgb, dab_rgb
        (N, 3) uint8 pixels of pure hematoxylin and of pure DAB.
    white
        I0 of R, G, B.

    Raises
    ------
    InputError
        When a region is unstained, or both hold the same stain.
    """
    means = []
    for name, pixels in (("hematoxylin", hematoxylin_rgb), ("DAB", dab_rgb)):
        od = optical_density(pixels, white)
        if not len(od) or od.mean() < _MIN_OD / 3:
            raise InputError(f"The {name} region holds no stain; draw it where the stain is strong.")
        means.append(od.mean(axis=0, dtype=np.float64))
    return _checked(_unit(means[0]), _unit(means[1]), len(hematoxylin_rgb) + len(dab_rgb))


def _stained(rgb: NDArray[np.uint8], white: tuple[float, float, float]) -> NDArray[np.float64]:
    od = optical_density(rgb.reshape(-1, 3), white)
    dense = (od.sum(axis=1) > 3 * _MIN_OD) & (rgb.reshape(-1, 3).min(axis=1) > 8)  # black pixels have no colour
    return np.asarray(od[dense], dtype=np.float64)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    positive = np.maximum(vector, 0.0)
    return np.asarray(positive / np.linalg.norm(positive))


def _ordered(one: NDArray[np.float64], other: NDArray[np.float64], pixels: int) -> StainEstimate:
    first, second = _unit(one), _unit(other)
    if first[2] * (second[0] + 1e-6) > second[2] * (first[0] + 1e-6):
        first, second = second, first
    return _checked(first, second, pixels)


def _checked(hematoxylin: NDArray[np.float64], dab: NDArray[np.float64], pixels: int) -> StainEstimate:
    angle = float(np.rad2deg(np.arccos(np.clip(hematoxylin @ dab, -1, 1))))
    if angle < _MIN_ANGLE_DEG:
        raise InputError(
            f"The two stains are only {angle:.0f} degrees apart: the picture seems to hold one stain; "
            "give a field with both blue nuclei and brown membranes."
        )
    h, d = ((float(v[0]), float(v[1]), float(v[2])) for v in (hematoxylin, dab))
    return StainEstimate(h, d, angle, pixels)
