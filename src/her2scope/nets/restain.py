"""HER2 from other stains: real nuclei re-stained in hematoxylin, with DAB membranes painted around tumour nuclei.

No HER2 field with marked nuclei may be shipped, so none is trained on. Real hematoxylin is kept as it is (its texture,
crowding and overlaps cannot be drawn), the rest is rendered in optical density (base 10): cells are the Voronoi cells
of the marked nuclei, bounded at a cell's radius; their outlines carry DAB lines of the widths that Scheel 2018
measured (0.6 to 2.2 um), whole or broken, with haze over the cytoplasm, per cell and patchy over the field.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
HEMATOXYLINS = np.array([(0.650, 0.704, 0.286), (0.78, 0.58, 0.22), (0.56, 0.72, 0.40), (0.68, 0.60, 0.42)])
DABS = np.array([(0.268, 0.570, 0.776), (0.38, 0.58, 0.72), (0.22, 0.50, 0.84), (0.45, 0.60, 0.66)])
_TAN_SHARE = 0.3
_FINE = 2  # outlines are found on a grid this much finer


@dataclass(frozen=True)
class Tissue:
    """A crop of real tissue to stain.

    Parameters
    ----------
    hematoxylin, counter
        (S, S) float32, as in Absorbed.
    xy_px
        (N, 2) float64, every nucleus known.
    tumour
        (N,) bool, which of them get membranes.
    pixel_um
        Apparent pixel size of the crop.
    """

    hematoxylin: Floats
    counter: Floats
    xy_px: NDArray[np.float64]
    tumour: NDArray[np.bool_]
    pixel_um: float


@dataclass(frozen=True)
class Staining:
    """How strongly a field is stained: one draw.

    Parameters
    ----------
    line_od
        DAB optical density of the membranes (base 10).
    line_um
        Their width.
    share
        Share of the cells that is stained at all.
    completeness
        Share of a stained cell's outline that carries stain.
    haze_od
        DAB over the cytoplasm of stained cells.
    tan_od
        DAB over the cytoplasm of all tumour cells: whole nests look tan against their stroma.
    score
        What a field so stained could score, 0 to 3.
    """

    line_od: float
    line_um: float
    share: float
    completeness: float
    haze_od: float
    tan_od: float = 0.0
    score: int = 0


def draw_staining(rng: np.random.Generator) -> Staining:
    """A field that could score 0, 1+, 2+ or 3+."""
    score = int(rng.choice(4, p=[0.18, 0.20, 0.24, 0.38]))
    od = rng.uniform(*((0.05, 0.15), (0.12, 0.40), (0.3, 0.8), (0.7, 2.0))[score])
    width = rng.uniform(*((0.5, 0.8), (0.5, 0.9), (0.8, 1.4), (1.3, 3.0))[score])
    share = (rng.uniform(0, 0.2), rng.uniform(0.3, 1), rng.uniform(0.5, 1), rng.uniform(0.6, 1))[score]
    complete = (0.3, rng.uniform(0.3, 0.7), rng.uniform(0.5, 1.0), rng.uniform(0.75, 1.0))[score]
    haze = od * rng.uniform(0, 0.6) * rng.uniform(0, 1)
    tan = rng.uniform(0.03, 0.25) if rng.random() < _TAN_SHARE else 0.0
    return Staining(float(od), float(width), float(share), float(complete), float(haze), float(tan), score)


def smooth_noise(rng: np.random.Generator, side_px: int, grain_px: float) -> Floats:
    """(side, side) float32 of standard normal noise, smooth over `grain_px`."""
    cells = max(2, round(side_px / max(grain_px, 1.0)) + 1)
    coarse = rng.standard_normal((cells, cells)).astype(np.float32)
    smooth = cv2.resize(coarse, (side_px, side_px), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth, dtype=np.float32)


def _vector(rng: np.random.Generator, bases: NDArray[np.float64]) -> Floats:
    """A stain's absorbance, a random mix of known ones; scaled so that the mean of R, G and B is 1."""
    mix = rng.dirichlet(np.full(len(bases), 0.6)) @ bases
    mix = np.maximum(0.05, mix + rng.normal(0, 0.03, 3))
    return np.asarray(mix / mix.mean(), dtype=np.float32)


def membranes(rng: np.random.Generator, tissue: Tissue, staining: Staining) -> tuple[Floats, Floats]:
    """Lines and haze of a field's membranes.

    Returns
    -------
    tuple of ndarray
        Two (S, S) float32 in optical density of DAB (base 10): lines, and haze over the cells.
    """
    side = tissue.hematoxylin.shape[0]
    nothing = np.zeros((side, side), np.float32)
    if not tissue.tumour.any():
        return nothing, nothing
    owner, distance = _owners(rng, tissue)
    radius = rng.uniform(5.5, 9.5) * rng.lognormal(0, 0.12, len(tissue.xy_px))
    inside = tissue.tumour[owner] & (distance < radius[owner])
    strength = _strengths(rng, tissue, staining)
    cell = np.where(inside, owner + 1, 0)
    reach = _outline_distance(cell) * np.float32(tissue.pixel_um / _FINE)
    near = strength[owner] * (tissue.tumour[owner] & (distance < radius[owner] + 2))
    width = staining.line_um * (0.8 + 0.4 * rng.random())
    profile = np.exp(-((reach / (0.6 * width)) ** 2)).astype(np.float32)
    gaps = _gaps(rng, side * _FINE, staining.completeness, tissue.pixel_um / _FINE)
    lines = profile * near.astype(np.float32) * gaps * np.float32(staining.line_od)
    haze = (inside * (strength[owner] * staining.haze_od + staining.tan_od)).astype(np.float32)
    soft = cv2.GaussianBlur(_coarse(haze, side), (0, 0), 1.2)
    return _coarse(lines, side), np.asarray(soft, dtype=np.float32)


def _coarse(image: Floats, side: int) -> Floats:
    return np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _owners(rng: np.random.Generator, tissue: Tissue) -> tuple[NDArray[np.intp], Floats]:
    """Nearest nucleus of every fine pixel and its distance in um; borders sway by about a micrometre."""
    side = tissue.hematoxylin.shape[0] * _FINE
    seeds = np.full((side, side), 255, np.uint8)
    xy = np.clip(np.rint((tissue.xy_px + 0.5) * _FINE - 0.5), 0, side - 1).astype(np.intp)
    seeds[xy[:, 1], xy[:, 0]] = 0
    distance, label = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    point = np.zeros(int(label.max()) + 1, np.intp)
    point[label[xy[:, 1], xy[:, 0]]] = np.arange(len(xy))
    sway_px = _FINE / tissue.pixel_um
    grid_x, grid_y = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    grid_x += smooth_noise(rng, side, 5 * sway_px) * np.float32(0.7 * sway_px)
    grid_y += smooth_noise(rng, side, 5 * sway_px) * np.float32(0.7 * sway_px)
    swayed = cv2.remap(
        point[label].astype(np.float32), grid_x, grid_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
    )
    return swayed.astype(np.intp), distance * np.float32(tissue.pixel_um / _FINE)


def _strengths(rng: np.random.Generator, tissue: Tissue, staining: Staining) -> NDArray[np.float64]:
    """How strongly each cell is stained, 0 to about 1.3; patchy, so that neighbours resemble each other."""
    side = tissue.hematoxylin.shape[0]
    patchy = smooth_noise(rng, side, rng.uniform(20, 120) / tissue.pixel_um)
    xy = np.clip(tissue.xy_px, 0, side - 1).astype(np.intp)
    mood = patchy[xy[:, 1], xy[:, 0]] + 0.5 * rng.standard_normal(len(xy))
    stained = mood <= np.quantile(mood, min(1.0, staining.share))
    return np.asarray(stained * rng.uniform(0.7, 1.15, len(xy)))


def _outline_distance(cell: NDArray[np.intp]) -> Floats:
    """Distance in fine pixels to the nearest border between two cells, or a cell and none; far where none is."""
    same = np.full(cell.shape, 255, np.uint8)
    same[:, 1:][cell[:, 1:] != cell[:, :-1]] = 0
    same[1:][cell[1:] != cell[:-1]] = 0
    distance = cv2.distanceTransform(same, cv2.DIST_L2, 5)
    return np.asarray(np.minimum(distance, np.float32(2 * max(cell.shape))), dtype=np.float32)


def _gaps(rng: np.random.Generator, side: int, completeness: float, pixel_um: float) -> Floats:
    """1 where an outline carries stain, 0 in its gaps, and slow changes of strength."""
    if completeness >= 0.97:
        return np.float32(1) + np.float32(0.12) * smooth_noise(rng, side, 5 / pixel_um)
    noise = smooth_noise(rng, side, 4.0 / pixel_um)
    cut = np.float32(np.quantile(noise[::8, ::8], 1 - completeness))
    return np.asarray(np.clip((noise - cut) * 3 + 0.5, 0, 1), dtype=np.float32)


def restain(rng: np.random.Generator, tissue: Tissue, staining: Staining | None = None) -> Floats:
    """Paint a crop as HER2 IHC.

    Parameters
    ----------
    rng
        Source of every draw.
    tissue
        Real nuclei and which of them are tumour.
    staining
        How strongly; None draws it, first of all.

    Returns
    -------
    ndarray
        (S, S, 3) float32, optical density (base 10) of R, G, B.
    """
    return _stained(rng, tissue, *membranes(rng, tissue, staining or draw_staining(rng)), _counterstain(rng, tissue))


def restain_nuclei(rng: np.random.Generator, tissue: Tissue) -> Floats:
    """Paint a crop as the IHC of a nuclear antigen (ER, PR, Ki-67): some tumour nuclei brown, no membranes.

    Parameters
    ----------
    rng, tissue
        As in `restain`.
    """
    side = tissue.hematoxylin.shape[0]
    stained = tissue.tumour & (rng.random(len(tissue.xy_px)) < rng.uniform(0.05, 1.0))
    seeds = np.full((side, side), 255, np.uint8)
    x, y = np.clip(np.rint(tissue.xy_px[stained]), 0, side - 1).astype(np.intp).T
    seeds[y, x] = 0
    reach_px = cv2.distanceTransform(seeds, cv2.DIST_L2, 5)
    near = np.clip((6.0 - reach_px * np.float32(tissue.pixel_um)) / 1.5, 0, 1) if stained.any() else seeds * 0.0
    patchy = np.maximum(0.25, 1 + 0.35 * smooth_noise(rng, side, 18 / tissue.pixel_um))
    brown = near * patchy * np.power(np.clip(tissue.hematoxylin, 0, 1.6), rng.uniform(0.6, 1.2)) * rng.uniform(0.2, 1.3)
    blue = _counterstain(rng, tissue) * (1 - rng.uniform(0.4, 0.95) * near)
    return _stained(rng, tissue, np.asarray(brown, np.float32), np.zeros_like(seeds, np.float32), blue)


def _stained(rng: np.random.Generator, tissue: Tissue, lines: Floats, haze: Floats, blue: Floats) -> Floats:
    """Both stains in optical density, with background, smears and what strong DAB hides."""
    side = tissue.hematoxylin.shape[0]
    background = rng.exponential(0.03) * (1 + 0.4 * smooth_noise(rng, side, 30)) * (0.3 + tissue.counter)
    clump = 1 + 0.25 * smooth_noise(rng, side, 2.5)
    spared = 1 - rng.uniform(0, 0.95) * np.clip(cv2.GaussianBlur(tissue.hematoxylin, (0, 0), 1.0), 0, 1)
    brown = lines + np.maximum(0, haze * clump * spared) + np.maximum(0, background)
    brown = brown.astype(np.float32) + _smear(rng, side)
    if lines.max() > 0.7:  # strong DAB hides hematoxylin, and leaves nuclei as pale holes in brown
        blue = blue * np.float32(rng.uniform(0.35, 1.0)) * np.where(brown > 0.5, np.float32(0.7), np.float32(1))
    mixed = blue[..., None] * _vector(rng, HEMATOXYLINS) + brown[..., None] * _vector(rng, DABS)
    return np.asarray(mixed, dtype=np.float32)


def _counterstain(rng: np.random.Generator, tissue: Tissue) -> Floats:
    """Hematoxylin of random strength and contrast; a little of the counterstain stays, as in real IHC."""
    power = rng.uniform(0.6, 1.6)
    strength = float(np.exp(rng.uniform(np.log(0.10), np.log(0.75))))
    faint = rng.uniform(0.0, 0.3)
    if rng.random() < 0.3:  # pale, vesicular nuclei: rims darker than centres
        body = cv2.GaussianBlur(tissue.hematoxylin, (0, 0), 1.3 / tissue.pixel_um)
        pale = np.clip(tissue.hematoxylin - rng.uniform(0.3, 0.7) * np.maximum(0, body - 0.3), 0, None)
    else:
        pale = tissue.hematoxylin
    blue = np.power(np.clip(pale, 0, 1.6), power) + faint * tissue.counter + rng.uniform(0, 0.04)
    return np.asarray(strength * blue, dtype=np.float32)


def _smear(rng: np.random.Generator, side: int) -> Floats:
    """Unspecific brown: sometimes a soft patch, sometimes granules of pigment or debris."""
    brown = np.zeros((side, side), np.float32)
    if rng.random() < 0.2:
        patch = smooth_noise(rng, side, rng.uniform(20, 80))
        brown += np.float32(rng.uniform(0.05, 0.4)) * np.clip(patch - 0.8, 0, 1)
    if rng.random() < 0.2:
        for _ in range(int(rng.integers(1, 25))):
            x, y = rng.uniform(0, side, 2)
            axes = tuple(int(a) for a in rng.integers(1, 7, 2))
            spot = np.zeros_like(brown)
            cv2.ellipse(spot, (int(x), int(y)), axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1, cv2.LINE_AA)
            brown = np.maximum(brown, spot * np.float32(rng.uniform(0.3, 1.8)))
    return brown
