"""What is not tumour: collagen, spindle cells, vessels, lymphocytes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.synth.grid import Extent, Floats, PointsUm, Raster, smooth_noise
from her2scope.synth.ground import Ground
from her2scope.synth.nuclei import shapes

_LYMPHOCYTE_UM = 5.8  # distance between lymphocytes that touch


@dataclass(frozen=True)
class Stroma:
    """The stroma of a field.

    Parameters
    ----------
    collagen
        Amount of collagen: streaks and slits, about 1 on average.
    nuclei
        (M, len(COLUMNS)) nuclei, all of them in stroma.
    hematoxylin, dab
        Optical density (base 10) of collagen.
    """

    collagen: Raster
    nuclei: NDArray[np.float64]
    hematoxylin: float
    dab: float


def grow_stroma(rng: np.random.Generator, extent: Extent, ground: Ground, free: Raster) -> Stroma:
    """Fill what the nests leave; `free` is 1 where stroma lies, 0 in cells and air."""
    parts = [_endothelium(rng, ground, free), _spindles(rng, extent, ground, free), _lymphocytes(rng, extent, free)]
    collagen = _collagen(rng, extent, ground)
    return Stroma(collagen, np.vstack(parts), rng.uniform(0.035, 0.075), rng.uniform(0.01, 0.06))


def _collagen(rng: np.random.Generator, extent: Extent, ground: Ground) -> Raster:
    """Fibres of two sizes, denser here and looser there, with slits between bundles."""
    spacing = extent.fine_um
    fine, coarse = _streaks(rng, extent, ground, 0.4), _streaks(rng, extent, ground, 1.6)
    shape = fine.shape[::-1]
    loose = cv2.resize(smooth_noise(rng, extent, 70.0).values, shape)
    slits = np.clip((coarse + np.float32(0.5) * loose + np.float32(2.0)) * np.float32(1.5), 0, 1)
    amount = (1 + np.float32(0.34) * fine + np.float32(0.38) * coarse + np.float32(0.22) * loose) * slits
    return Raster(np.asarray(np.maximum(amount, 0.05), dtype=np.float32), spacing, -extent.margin_um)


def _streaks(rng: np.random.Generator, extent: Extent, ground: Ground, width_um: float) -> Floats:
    """Noise smeared along the stroma's grain (line integral convolution), first over near, then over far samples."""
    shape = extent.shape(extent.fine_um)
    along = [cv2.resize(way.values, shape[::-1]) / extent.fine_um for way in (ground.along_x, ground.along_y)]
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    streaks = _dots(rng, shape, width_um / extent.fine_um)
    for reach in (1.0, 5.0):
        total = np.zeros(shape, np.float32)
        for step in np.linspace(-2, 2, 5, dtype=np.float32) * np.float32(reach * (0.3 + 0.6 * width_um)):
            total += cv2.remap(
                streaks, x + step * along[0], y + step * along[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
            )
        streaks = total
    streaks -= streaks.mean()
    return np.asarray(streaks / streaks.std(), dtype=np.float32)


def _dots(rng: np.random.Generator, shape: tuple[int, int], width_px: float) -> Floats:
    """Noise with dots of a width, drawn no finer than that."""
    step = max(1.0, width_px / 2)
    coarse = (int(shape[0] / step) + 2, int(shape[1] / step) + 2)
    dots = cv2.GaussianBlur(rng.standard_normal(coarse).astype(np.float32), (0, 0), 0.8)
    return np.asarray(cv2.resize(dots, shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _endothelium(rng: np.random.Generator, ground: Ground, free: Raster) -> NDArray[np.float64]:
    """Flat nuclei around the vessels."""
    vessels = np.repeat(ground.vessels_um, rng.integers(2, 6, len(ground.vessels_um)), axis=0)
    n = len(vessels)
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = vessels[:, 2] * 1.1 + 1.3
    xy = vessels[:, :2] + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    kept = _apart_at(xy, 4.0) & (free.at(xy) > 0.3)
    n = int(kept.sum())
    return shapes(
        rng, xy[kept], long=rng.uniform(2.8, 4.5, n), short=rng.uniform(0.9, 1.5, n), angle=angle[kept] + np.pi / 2,
        od=rng.uniform(0.35, 0.6, n), pale=0.1, rim=0.1, mottle=0.12,
    )  # fmt: skip


def _scatter(rng: np.random.Generator, extent: Extent, per_mm2: float, free: Raster) -> PointsUm:
    """Points at random in the stroma."""
    n = rng.poisson(per_mm2 * 1e-6 * (extent.width_um + 20) * (extent.height_um + 20))
    xy = rng.uniform(-10, [extent.width_um + 10, extent.height_um + 10], (n, 2))
    return np.asarray(xy[free.at(xy) > 0.97])


def _spindles(rng: np.random.Generator, extent: Extent, ground: Ground, free: Raster) -> NDArray[np.float64]:
    """Fibroblasts along the grain: thin dark ones, and plumper pale ones."""
    xy = _scatter(rng, extent, rng.uniform(1200, 4500), free)
    xy = xy[_apart_at(xy, 6.5)]
    angle = np.arctan2(ground.along_y.at(xy), ground.along_x.at(xy)) + rng.normal(0, 0.22, len(xy))
    n = len(xy)
    plump = rng.random(n) < 0.35
    return shapes(
        rng, xy, angle=angle,
        long=np.where(plump, rng.uniform(3.2, 5.5, n), rng.uniform(3.5, 8.0, n)),
        short=np.where(plump, rng.uniform(1.6, 2.6, n), rng.uniform(0.7, 1.5, n)),
        od=np.where(plump, rng.uniform(0.2, 0.4, n), rng.uniform(0.3, 0.65, n)),
        pale=np.where(plump, 0.35, 0.1), rim=np.where(plump, 0.2, 0.0), mottle=0.14,
    )  # fmt: skip


def _lymphocytes(rng: np.random.Generator, extent: Extent, free: Raster) -> NDArray[np.float64]:
    """Small dark round nuclei, a few alone and most in clusters."""
    parts = [_scatter(rng, extent, 60.0, free)]
    for centre in _scatter(rng, extent, rng.choice([2.0, 10.0, 30.0]), free):
        n = int(rng.integers(15, 120))
        around = centre + rng.normal(0, 2.2 * np.sqrt(n), (n, 2)) * rng.uniform(0.6, 1.4, 2)
        parts.append(around[free.at(around) > 0.9])
    xy = np.vstack(parts)
    xy = xy[_apart_at(xy, _LYMPHOCYTE_UM)]
    n = len(xy)
    radius = rng.uniform(2.4, 3.1, n)
    return shapes(
        rng, xy, long=radius * rng.uniform(1.0, 1.15, n), short=radius, od=rng.uniform(0.55, 0.85, n),
        pale=0.05, rim=0.1, mottle=0.2,
    )  # fmt: skip


def _apart_at(xy_um: PointsUm, distance_um: float) -> NDArray[np.bool_]:
    """Which points, taken in order, lie at least a distance from every one taken before."""
    taken: dict[tuple[int, int], list[PointsUm]] = {}
    kept = np.zeros(len(xy_um), bool)
    for k, point in enumerate(xy_um):
        i, j = (int(v) for v in point // distance_um)
        near = [q for di in (-1, 0, 1) for dj in (-1, 0, 1) for q in taken.get((i + di, j + dj), [])]
        if all(np.hypot(*(point - q)) >= distance_um for q in near):
            taken.setdefault((i, j), []).append(point)
            kept[k] = True
    return kept


def free_of(cover: Floats, air: Floats, spacing_um: float) -> Floats:
    """1 where neither cells nor air are, with a small step back from both."""
    side = 2 * round(2.0 / spacing_um) + 1
    taken = cv2.dilate(np.maximum(cover, air), np.ones((side, side), np.uint8))
    return np.asarray(1 - taken, dtype=np.float32)
