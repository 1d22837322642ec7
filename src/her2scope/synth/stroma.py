"""What is not tumour: collagen, spindle cells, lymphocytes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.synth.grid import Extent, Floats, PointsUm, Raster
from her2scope.synth.ground import Ground
from her2scope.synth.nuclei import shapes

_FIBRE_SPACING_UM = 0.7
_LYMPHOCYTE_UM = 5.8  # distance between lymphocytes that touch


@dataclass(frozen=True)
class Stroma:
    """The stroma of a field.

    Parameters
    ----------
    fibres
        Streaks of collagen, mean about 0 and standard deviation about 1.
    nuclei
        (M, len(COLUMNS)) nuclei, all of them in stroma.
    """

    fibres: Raster
    nuclei: NDArray[np.float64]


def grow_stroma(rng: np.random.Generator, extent: Extent, ground: Ground, free: Raster) -> Stroma:
    """Fill what the nests leave; `free` is 1 where stroma lies, 0 in cells and air."""
    spindles = _spindles(rng, extent, ground, free)
    lymphocytes = _lymphocytes(rng, extent, free)
    return Stroma(_fibres(rng, extent, ground), np.vstack([spindles, lymphocytes]))


def _fibres(rng: np.random.Generator, extent: Extent, ground: Ground) -> Raster:
    """Noise smeared along the stroma's grain (line integral convolution, twice, so that streaks may bend)."""
    shape = extent.shape(_FIBRE_SPACING_UM)
    size = shape[::-1]
    along_x = cv2.resize(ground.along_x.values, size)
    along_y = cv2.resize(ground.along_y.values, size)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    streaks = cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), 0.8)
    for _ in range(2):
        total = np.zeros(shape, np.float32)
        for step in np.linspace(-12, 12, 13, dtype=np.float32):
            total += cv2.remap(
                streaks, x + step * along_x, y + step * along_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
            )
        streaks = total
    streaks -= streaks.mean()
    return Raster(np.asarray(streaks / streaks.std(), dtype=np.float32), _FIBRE_SPACING_UM, -extent.margin_um)


def _scatter(rng: np.random.Generator, extent: Extent, per_mm2: float, free: Raster) -> PointsUm:
    """Points at random in the stroma."""
    n = rng.poisson(per_mm2 * 1e-6 * (extent.width_um + 20) * (extent.height_um + 20))
    xy = rng.uniform(-10, [extent.width_um + 10, extent.height_um + 10], (n, 2))
    return np.asarray(xy[free.at(xy) > 0.97])


def _spindles(rng: np.random.Generator, extent: Extent, ground: Ground, free: Raster) -> NDArray[np.float64]:
    xy = _apart(_scatter(rng, extent, rng.uniform(1500, 4500), free), 7.0)
    angle = np.arctan2(ground.along_y.at(xy), ground.along_x.at(xy)) + rng.normal(0, 0.2, len(xy))
    n = len(xy)
    return shapes(
        rng, xy, long=rng.uniform(3.5, 7.5, n), short=rng.uniform(0.9, 1.9, n), angle=angle,
        od=rng.uniform(0.3, 0.65, n), pale=0.1, rim=0.1, mottle=0.12,
    )  # fmt: skip


def _lymphocytes(rng: np.random.Generator, extent: Extent, free: Raster) -> NDArray[np.float64]:
    """Small dark round nuclei, a few alone and most in clusters."""
    parts = [_scatter(rng, extent, 60.0, free)]
    for centre in _scatter(rng, extent, rng.choice([2.0, 10.0, 30.0]), free):
        n = int(rng.integers(15, 120))
        around = centre + rng.normal(0, 2.2 * np.sqrt(n), (n, 2)) * rng.uniform(0.6, 1.4, 2)
        parts.append(around[free.at(around) > 0.9])
    xy = _apart(np.vstack(parts), _LYMPHOCYTE_UM)
    n = len(xy)
    radius = rng.uniform(2.4, 3.1, n)
    return shapes(
        rng, xy, long=radius * rng.uniform(1.0, 1.15, n), short=radius, od=rng.uniform(0.55, 0.85, n),
        pale=0.05, rim=0.1, mottle=0.2,
    )  # fmt: skip


def _apart(xy_um: PointsUm, distance_um: float) -> PointsUm:
    """The points, in order, that lie at least a distance from every one taken before."""
    taken: dict[tuple[int, int], list[PointsUm]] = {}
    kept = []
    for point in xy_um:
        i, j = (int(v) for v in point // distance_um)
        near = [q for di in (-1, 0, 1) for dj in (-1, 0, 1) for q in taken.get((i + di, j + dj), [])]
        if all(np.hypot(*(point - q)) >= distance_um for q in near):
            taken.setdefault((i, j), []).append(point)
            kept.append(point)
    return np.array(kept).reshape(-1, 2)


def free_of(cells: Floats, air: Floats) -> Floats:
    """1 where neither cells nor air are, with a small step back from both."""
    taken = cv2.dilate(np.maximum(cells, air), np.ones((5, 5), np.uint8))
    return np.asarray(1 - taken, dtype=np.float32)
