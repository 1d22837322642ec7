"""The ground plan: where tumour nests, stroma and air (glass, lumina, fat) lie, and which way the stroma runs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.synth.grid import Extent, Floats, Raster, smooth_noise

_SPACING_UM = 1.0
Reals = NDArray[np.float64]
_FAT_CELLS = 4  # a hole or two alone look like damage
_VESSEL_CLEAR = 0.25  # below the cut of the nests' noise, so that vessels keep off nests
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
    vessels_um
        (V, 3) x, y and radius of small vessels.
    """

    nests: Raster
    air: Raster
    along_x: Raster
    along_y: Raster
    vessels_um: Reals


def lay_ground(rng: np.random.Generator, extent: Extent) -> Ground:
    """Draw the plan of a field: sheets, nests or cords of tumour, lumina, fat, and sometimes the tissue's edge."""
    nests = _nests(rng, extent)
    outline = np.asarray(cv2.GaussianBlur(nests.values, (0, 0), 6.0), dtype=np.float32)
    along_x, along_y = _grain(rng, extent, outline)
    air = np.maximum.reduce([_lumina(rng, extent, nests), _fat(rng, extent, nests), _glass(rng, extent)])
    vessels = _lay_vessels(rng, extent, nests, air)
    return Ground(nests, Raster(air, _SPACING_UM, -extent.margin_um), along_x, along_y, vessels)


def _nests(rng: np.random.Generator, extent: Extent) -> Raster:
    """Noise cut at the quantile that gives the wanted share of tumour."""
    size = float(np.exp(rng.uniform(np.log(45), np.log(190))))
    stretch = rng.choice([1.0, 1.6, 3.5], p=[0.4, 0.3, 0.3])
    angle = rng.uniform(0, np.pi)
    small = _side_um(extent) < _MANY_UM
    share = rng.uniform(0.85, 1.0) if small else rng.uniform(0.38, 0.8)
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


def _fat(rng: np.random.Generator, extent: Extent, nests: Raster) -> Floats:
    """Now and then a patch of fat far from nests: round holes with thin walls, packed like cells."""
    air = np.zeros_like(nests.values)
    patches = rng.poisson(rng.choice([0.0, 3.0], p=[0.7, 0.3]) * extent.width_um * extent.height_um * 1e-6)
    for centre in rng.uniform(0, [extent.width_um, extent.height_um], (patches, 2)) + extent.margin_um:
        holes = np.zeros_like(air)
        for at in centre + rng.normal(0, 40, (40, 2)):
            _cut_hole(holes, nests, at, rng.uniform(12, 24, 2))
        if cv2.connectedComponents((holes > 0).astype(np.uint8))[0] > _FAT_CELLS:
            air = np.maximum(air, holes)
    return np.asarray(cv2.GaussianBlur(air, (0, 0), 0.8), dtype=np.float32)


def _cut_hole(air: Floats, nests: Raster, at: Reals, axes: Reals) -> None:
    """Cut an ellipse, unless it would touch a nest or, nearly, another hole."""
    shape = np.zeros(air.shape, np.uint8)
    middle = (int(at[0] / _SPACING_UM), int(at[1] / _SPACING_UM))
    cv2.ellipse(shape, middle, (int(axes[0]) + 2, int(axes[1]) + 2), 0, 0, 360, 1, -1)
    if not ((nests.values > -0.1) | (air > 0))[shape > 0].any():
        cv2.ellipse(air, middle, (int(axes[0]), int(axes[1])), 0, 0, 360, 1.0, -1)


def _lay_vessels(rng: np.random.Generator, extent: Extent, nests: Raster, air: Floats) -> Reals:
    """(V, 3) middle and radius of small vessels in the stroma, in um; their lumina are cut into `air`."""
    per_mm2 = rng.uniform(10, 90)
    n = rng.poisson(per_mm2 * extent.width_um * extent.height_um * 1e-6)
    xy = rng.uniform(0, [extent.width_um, extent.height_um], (n, 2))
    xy = xy[nests.at(xy) < -_VESSEL_CLEAR]
    vessels = np.column_stack([xy, rng.uniform(2.0, 6.5, len(xy))])
    for x, y, radius in vessels:
        middle = (round((x + extent.margin_um) * 16), round((y + extent.margin_um) * 16))
        axes = (round(radius * rng.uniform(0.8, 1.3) * 16), round(radius * rng.uniform(0.6, 1.0) * 16))
        cv2.ellipse(air, middle, axes, rng.uniform(0, 180), 0, 360, 0.85, -1, cv2.LINE_8, 4)
    return vessels


def cut_clefts(rng: np.random.Generator, extent: Extent, cover: Floats) -> Floats:
    """Air where stroma has shrunk from nests: slits along parts of their outlines, on the grid of `cover`."""
    away = cv2.distanceTransform((cover < 0.5).astype(np.uint8), cv2.DIST_L2, 5) * np.float32(extent.fine_um)
    noise = smooth_noise(rng, extent, 60.0).values
    wide = cv2.resize(noise, cover.shape[::-1]) * np.float32(2.2) - np.float32(rng.uniform(0.0, 2.5))
    return np.asarray(np.clip(np.minimum(wide, 5) - away + np.float32(0.5), 0, 1), dtype=np.float32)


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
