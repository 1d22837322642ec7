"""Nuclei: their shape and chromatin, and where in a tumour cell the nucleus lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from her2scope.synth.grid import PointsUm
from her2scope.synth.mesh import Indices, Mesh
from her2scope.synth.staining import INTENSE, WEAK, Stain
from her2scope.synth.truth import REACH_UM, NearestStain, Rings

_SHIFTS_UM = (1.0, 2.2)
_CLEAR_UM = 1.3  # a nucleus further than this from the reach, to either side, is not in doubt

COLUMNS = (
    "x", "y", "long", "short", "cos", "sin", "oval", "oval_at", "pear", "pear_at",
    "od", "pale", "rim", "mottle", "soft", "grain_x", "grain_y",
)  # fmt: skip
"""What `paint.paint_nuclei` reads of each nucleus: place, half axes and softness of the outline (lengths in um), the
direction of the long axis, how far and where the outline departs from an ellipse, hematoxylin optical density (base
10), how much paler the middle and darker the rim, and the contrast and place of its chromatin texture."""


def shapes(rng: np.random.Generator, xy_um: PointsUm, **columns: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, len(COLUMNS)) nuclei at points; what `columns` does not name is drawn at random.

    Parameters
    ----------
    rng
        Source of randomness.
    xy_um
        (N, 2) middles.
    **columns
        Any of COLUMNS, or `angle` in radians, each (N,) or one number.
    """
    n = len(xy_um)
    angle = columns.pop("angle", rng.uniform(0, np.pi, n))
    table: dict[str, float | NDArray[np.float64]] = {
        "x": xy_um[:, 0], "y": xy_um[:, 1], "cos": np.cos(angle), "sin": np.sin(angle),
        "oval": rng.normal(0, 0.03, n), "oval_at": rng.uniform(0, 6.3, n),
        "pear": rng.normal(0, 0.05, n), "pear_at": rng.uniform(0, 6.3, n),
        "soft": rng.uniform(0.3, 0.9, n), "grain_x": rng.uniform(0, 512, n), "grain_y": rng.uniform(0, 512, n),
        **columns,
    }  # fmt: skip
    return np.stack([np.broadcast_to(table[name], n) for name in COLUMNS], axis=1).astype(np.float64)


def place_nuclei(rng: np.random.Generator, mesh: Mesh, stain: Stain, rings: Rings) -> PointsUm:
    """(C, 2) nucleus of each cell: near its middle, where its distance to stain leaves no doubt, as far as that goes.

    Places up to 2.2 um from the middle are tried; the one whose distances to weak and to intense stain lie clearest
    of the method's reach is taken.
    """
    around = rng.uniform(0, 2 * np.pi) + np.arange(8) * np.pi / 4
    ring = np.stack([np.cos(around), np.sin(around)], axis=1)
    shifts = np.vstack([np.zeros((1, 2)), *(radius * ring for radius in _SHIFTS_UM)])
    cells = np.flatnonzero(mesh.tumour & (rings.least < INTENSE))
    score = np.full((len(shifts), len(cells)), _CLEAR_UM)
    for level in (WEAK, INTENSE):
        nearest = NearestStain(mesh, stain, level)
        for row, shift in zip(score, shifts, strict=True):
            margin = _margin(rings, level, cells, nearest.um(mesh.centre_um[cells] + shift))
            np.minimum(row, margin, out=row)
    score += 0.25 * rng.random(score.shape)
    nuclei = mesh.centre_um + shifts[rng.integers(0, 1 + len(ring), len(mesh.tumour))]
    nuclei[cells] = mesh.centre_um[cells] + shifts[score.argmax(axis=0)]
    return np.asarray(nuclei)


def _margin(rings: Rings, level: int, cells: Indices, away_um: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far in um a nucleus' distance to stain is from doubt; a closed ring of the level leaves none."""
    beyond = away_um - REACH_UM
    margin = np.where(rings.most[cells] >= level, -beyond, np.abs(beyond))
    return np.where(rings.least[cells] >= level, np.inf, margin)


def tumour_nuclei(rng: np.random.Generator, mesh: Mesh, cells: Indices, xy_um: PointsUm) -> NDArray[np.float64]:
    """(N + nucleoli, len(COLUMNS)) nuclei of tumour cells, 6 to 11 um long, most of them vesicular."""
    n = len(cells)
    angle, aspect = (value[cells] for value in _lie(mesh))
    radius = 4.0 * (mesh.area_um2[cells] / 140) ** 0.3 * rng.lognormal(0, 0.09, n)
    stretch = np.sqrt(np.clip(aspect**0.8 * rng.lognormal(0.06, 0.1, n), 1, 1.7))
    dark = np.clip(rng.beta(1.3, 3.5, n), 0, 1)
    whole = shapes(
        rng, xy_um, long=np.clip(radius * stretch, 3.0, 5.5), short=np.clip(radius / stretch, 2.6, 5.0),
        angle=angle + rng.normal(0, 0.3, n), od=(0.24 + 0.24 * dark) * rng.lognormal(0, 0.12, n),
        pale=0.35 * (1 - dark), rim=rng.uniform(0.1, 0.5, n) * (1 - dark), mottle=rng.uniform(0.1, 0.25, n),
        soft=np.clip(rng.lognormal(-0.55, 0.45, n), 0.3, 2.0),
    )  # fmt: skip
    return np.vstack([whole, _nucleoli(rng, whole[dark < 0.5])])


def _lie(mesh: Mesh) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(C,) direction of each cell's long axis in radians, and its length over its width."""
    xx, yy, xy = np.zeros((3, len(mesh.area_um2)))
    for side in mesh.sides:
        dx, dy = (mesh.sample_um - mesh.centre_um[side]).T
        products = np.stack([dx * dx, dy * dy, dx * dy]) * mesh.length_um
        xx, yy, xy = np.stack([xx, yy, xy]) + [np.bincount(side, row, minlength=len(xx)) for row in products]
    half, spread = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    aspect = np.sqrt((half + spread) / np.maximum(half - spread, 1e-9))
    return np.arctan2(2 * xy, xx - yy) / 2, np.clip(aspect, 1, 3)


def _nucleoli(rng: np.random.Generator, nuclei: NDArray[np.float64]) -> NDArray[np.float64]:
    """One or two dark dots in some of the nuclei."""
    nuclei = nuclei[rng.random(len(nuclei)) < 0.6]
    nuclei = np.repeat(nuclei, rng.integers(1, 3, len(nuclei)), axis=0)
    n = len(nuclei)
    radius, angle = nuclei[:, 3] * np.sqrt(rng.uniform(0, 0.3, n)), rng.uniform(0, 2 * np.pi, n)
    xy = nuclei[:, :2] + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    size = rng.uniform(0.5, 0.95, n)
    od = nuclei[:, 10] * rng.uniform(1.1, 1.6, n)
    return shapes(rng, xy, long=size * 1.15, short=size, od=od, pale=0.0, rim=0.0, mottle=0.0, soft=0.5)
