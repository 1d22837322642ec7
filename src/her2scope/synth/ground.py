"""The ground plan: where tumour nests, stroma and air (glass, lumina, fat) lie, and which way the stroma runs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from her2scope.synth.grid import Extent, Floats, Raster, smooth_noise

_SPACING_UM = 1.0
_MANY_UM = 200.0  # smaller fields show tumour nearly everywhere


@dataclass(frozen=True)
class Ground:
    """The plan of a field.

    Parameters
    ----------
    nests
        Above 0 inside tumour nests.
    air
        0 in tissue to 1 where there is none.
    along_x, along_y
        Unit vector of the stroma's grain, which follows the nests' outlines.
    """

    nests: Raster
    air: Raster
    along_x: Raster
    along_y: Raster


def lay_ground(rng: np.random.Generator, extent: Extent) -> Ground:
    """Draw the plan of a field: sheets, nests or cords of tumour, lumina, fat, and sometimes the tissue's edge."""
    nests = _nests(rng, extent)
    outline = np.asarray(cv2.GaussianBlur(nests.values, (0, 0), 6.0), dtype=np.float32)
    along_x, along_y = _grain(rng, extent, outline)
    air = np.maximum.reduce([_lumina(rng, extent, nests), _fat(rng, nests), _glass(rng, extent)])
    return Ground(nests, Raster(air, _SPACING_UM, -extent.margin_um), along_x, along_y)


def _nests(rng: np.random.Generator, extent: Extent) -> Raster:
    """Noise cut at the quantile that gives the wanted share of tumour."""
    size = rng.uniform(70, 190)
    stretch = rng.choice([1.0, 1.6, 3.0], p=[0.45, 0.35, 0.2])
    angle = rng.uniform(0, np.pi)
    small = _side_um(extent) < _MANY_UM
    share = rng.uniform(0.85, 1.0) if small else rng.uniform(0.45, 0.8)
    broad = smooth_noise(rng, extent, size, stretch=float(stretch), angle=angle)
    ragged = smooth_noise(rng, extent, 45.0)
    values = broad.values + np.float32(0.22) * ragged.values
    return Raster(values - np.quantile(values, 1 - share).astype(np.float32), _SPACING_UM, broad.origin_um)


def _grain(rng: np.random.Generator, extent: Extent, outline: Floats) -> tuple[Raster, Raster]:
    """Unit vectors of the stroma's grain: along the nests near them, and one way for the whole field elsewhere.

    Directions have no sign, so they are mixed as double angles.
    """
    gx, gy = cv2.Sobel(outline, cv2.CV_32F, 1, 0), cv2.Sobel(outline, cv2.CV_32F, 0, 1)
    contour = np.arctan2(gx, -gy)
    sway = rng.uniform(0, np.pi) + smooth_noise(rng, extent, 130.0).values * np.float32(0.35)
    near = np.exp(-((outline / np.float32(0.35)) ** 2))
    cos = near * np.cos(2 * contour) + (1 - near) * np.cos(2 * sway)
    sin = near * np.sin(2 * contour) + (1 - near) * np.sin(2 * sway)
    angle = np.arctan2(cv2.GaussianBlur(sin, (0, 0), 5.0), cv2.GaussianBlur(cos, (0, 0), 5.0)) / 2
    angle += smooth_noise(rng, extent, 28.0).values * np.float32(0.2)
    return (
        Raster(np.cos(angle).astype(np.float32), _SPACING_UM, -extent.margin_um),
        Raster(np.sin(angle).astype(np.float32), _SPACING_UM, -extent.margin_um),
    )


def _lumina(rng: np.random.Generator, extent: Extent, nests: Raster) -> Floats:
    """Holes inside nests."""
    noise = smooth_noise(rng, extent, 55.0).values
    cut = rng.choice([9.0, 2.3, 1.9], p=[0.35, 0.4, 0.25])
    inside = (nests.values > 0.1) & (_side_um(extent) > _MANY_UM)
    return np.asarray(_soft(noise - np.float32(cut), 0.15) * inside, dtype=np.float32)


def _fat(rng: np.random.Generator, nests: Raster) -> Floats:
    """A few round holes in the stroma."""
    air = np.zeros_like(nests.values)
    per_mm2 = rng.choice([0.0, 15.0, 60.0], p=[0.5, 0.3, 0.2])
    rows, columns = air.shape
    for _ in range(rng.poisson(per_mm2 * rows * columns * _SPACING_UM**2 * 1e-6)):
        x, y = int(rng.integers(columns)), int(rng.integers(rows))
        size = rng.uniform(14, 32, 2)
        if nests.values[y, x] < -0.25:
            cv2.ellipse(air, (x, y), (int(size[0]), int(size[1])), rng.uniform(0, 180), 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(air, (0, 0), 0.8), dtype=np.float32)


def _glass(rng: np.random.Generator, extent: Extent) -> Floats:
    """Now and then the tissue ends, along a ragged line."""
    shape = extent.shape(_SPACING_UM)
    edge = smooth_noise(rng, extent, 160.0).values * np.float32(25) + smooth_noise(rng, extent, 30.0).values * 3
    angle, share = rng.uniform(0, 2 * np.pi), rng.uniform(0.05, 0.22)
    if rng.random() > 0.3 or _side_um(extent) < _MANY_UM:
        return np.zeros(shape, np.float32)
    y, x = np.mgrid[: shape[0], : shape[1]]
    across = np.cos(angle) * x + np.sin(angle) * y
    return _soft((across - np.quantile(across, 1 - share)).astype(np.float32) + edge, 1.0)


def _side_um(extent: Extent) -> float:
    return min(extent.width_um, extent.height_um)


def _soft(above: Floats, width: float) -> Floats:
    return np.asarray(np.clip(above / np.float32(width) + np.float32(0.5), 0, 1), dtype=np.float32)
