"""Lymphocytes for training: real nuclei, cut out of marked instances, set small, dark and close into other tissue.

The data sets hold few lymphocytes that are known to be such, and a dense sheet of them is what a detector takes for
tumour most easily (seen on real HER2 fields). Here each is a real nucleus with its chromatin, scaled to a lymphocyte's
size (4.8 to 7.5 um), in sheets that replace the tissue or scattered between its nuclei, marked Kind.OTHER.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.nets.points import Kind, Points
from her2scope.nets.restain import smooth_noise

Floats = NDArray[np.float32]
CUTOUT_PX = 32
"""Side of a stored cut-out; the nucleus fills three quarters of it."""
_FILL = 0.75
_LEAST_PX = 9.0
_ROUND = 0.68
_FULL = 0.66  # of its bounding box; a disc fills 0.79
_KEEP_OFF_UM = 4.5
_SHEET_SHARE = 0.5
_GONE, _DOUBTFUL = 0.5, 0.15


def cutouts(labels: NDArray[np.int32], hematoxylin: Floats) -> Iterator[Floats]:
    """Round instances of an image, one by one.

    Parameters
    ----------
    labels
        (H, W) int32, 0 for background.
    hematoxylin
        (H, W) float32, about 1 at dark nuclei.

    Yields
    ------
    ndarray
        (CUTOUT_PX, CUTOUT_PX) float32, hematoxylin with mean 1 inside the nucleus and 0 outside it.
    """
    for label in np.unique(labels[labels > 0]):
        mask = (labels == label).astype(np.uint8)
        x, y, width, height = cv2.boundingRect(mask)
        at_border = x == 0 or y == 0 or x + width == labels.shape[1] or y + height == labels.shape[0]
        small = min(width, height) < _LEAST_PX or int(mask.sum()) < _FULL * width * height
        if at_border or small or min(width, height) < _ROUND * max(width, height):
            continue
        yield _cutout(mask, hematoxylin, (x + (width - 1) / 2, y + (height - 1) / 2), max(width, height))


def _cutout(mask: NDArray[np.uint8], hematoxylin: Floats, centre: tuple[float, float], size: int) -> Floats:
    zoom = size / (_FILL * CUTOUT_PX)
    middle = (CUTOUT_PX - 1) / 2
    matrix = np.array([[zoom, 0, centre[0] - zoom * middle], [0, zoom, centre[1] - zoom * middle]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.6)
    held = cv2.warpAffine(soft * hematoxylin, matrix, (CUTOUT_PX, CUTOUT_PX), flags=flags)
    inside = cv2.warpAffine(mask.astype(np.float32), matrix, (CUTOUT_PX, CUTOUT_PX), flags=flags) > 0.5
    return np.asarray(held / max(0.05, float(held[inside].mean())), np.float32)


@dataclass(frozen=True)
class Infiltrate:
    """One draw of how lymphocytes lie.

    Parameters
    ----------
    is_sheet
        Whether they replace the tissue of a region, or lie between its nuclei.
    diameter_um
        Mean diameter of a nucleus.
    pitch_um
        Mean distance of neighbours.
    cover
        Share of the crop that a sheet takes.
    level
        Hematoxylin of a nucleus, on the tissue's scale.
    """

    is_sheet: bool
    diameter_um: float
    pitch_um: float
    cover: float
    level: float


def draw_infiltrate(rng: np.random.Generator) -> Infiltrate:
    """A lymphoid sheet, or scattered lymphocytes."""
    is_sheet = bool(rng.random() < _SHEET_SHARE)
    diameter = rng.uniform(4.8, 7.5)
    pitch = diameter * (rng.uniform(0.95, 1.45) if is_sheet else rng.uniform(1.6, 5.0))
    return Infiltrate(is_sheet, float(diameter), float(pitch), float(rng.uniform(0.25, 1.0)), rng.uniform(0.75, 1.35))


def infiltrated(
    rng: np.random.Generator, hematoxylin: Floats, points: Points, stock: NDArray[np.float32], pixel_um: float
) -> tuple[Floats, Points]:
    """A crop with lymphocytes set into it.

    Parameters
    ----------
    rng
        Source of every draw.
    hematoxylin
        (S, S) float32, about 1 at dark nuclei.
    points
        Marks in its pixels.
    stock
        (N, CUTOUT_PX, CUTOUT_PX) float32 from `cutouts`.
    pixel_um
        Pixel size of the crop.

    Returns
    -------
    tuple
        The crop's hematoxylin, and its marks: those under a sheet are gone, those at its edge Kind.IGNORE.
    """
    draw = draw_infiltrate(rng)
    side = hematoxylin.shape[0]
    xy = _places(rng, side, draw.pitch_um / pixel_um)
    if draw.is_sheet:
        region = _region(rng, side, draw.cover, pixel_um)
        hematoxylin = _cleared(rng, hematoxylin, region)
        points = _without(points, region)
        x, y = np.clip(np.rint(xy), 0, side - 1).astype(np.intp).T
        xy = xy[region[y, x] > _GONE]
    xy = xy[_free(xy, points, _KEEP_OFF_UM / pixel_um)]
    set_in = hematoxylin.copy()
    for place in xy:
        size = draw.diameter_um * rng.lognormal(0, 0.1) / (_FILL * pixel_um)
        level = draw.level * rng.lognormal(0, 0.12)
        _set(set_in, _turned(rng, stock, size) * np.float32(level), place)
    return set_in, points.joined(Points.of(xy, Kind.OTHER))


def _places(rng: np.random.Generator, side: int, pitch: float) -> NDArray[np.float64]:
    """A hexagonal grid, shaken, with gaps."""
    columns, rows = (np.arange(-pitch, side + pitch, step) for step in (pitch, pitch * 0.87))
    x, y = np.meshgrid(columns, rows)
    x[::2] += pitch / 2
    xy = np.stack([x.ravel(), y.ravel()], axis=1) + rng.normal(0, 0.16 * pitch, (x.size, 2))
    kept = rng.random(len(xy)) > rng.uniform(0.02, 0.3)
    inside = ((xy > -4) & (xy < side + 4)).all(axis=1)
    return np.asarray(xy[kept & inside])


def _region(rng: np.random.Generator, side: int, cover: float, pixel_um: float) -> Floats:
    """1 inside a soft-edged region of a crop, 0 outside."""
    noise = smooth_noise(rng, side, rng.uniform(40, 120) / pixel_um)
    inside = (noise <= np.quantile(noise[::4, ::4], cover)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(inside, (0, 0), 2.0 / pixel_um), np.float32)


def _cleared(rng: np.random.Generator, hematoxylin: Floats, region: Floats) -> Floats:
    ground = np.quantile(hematoxylin[::4, ::4], rng.uniform(0.1, 0.4))
    veil = ground * (1 + 0.2 * smooth_noise(rng, hematoxylin.shape[0], 6.0))
    return np.asarray(hematoxylin + region * (np.maximum(0, veil) - hematoxylin), np.float32)


def _without(points: Points, region: Floats) -> Points:
    side = region.shape[0]
    x, y = np.clip(np.rint(points.xy_px), 0, side - 1).astype(np.intp).T
    under = region[y, x]
    kind = np.where(under > _DOUBTFUL, np.uint8(Kind.IGNORE), points.kind)
    kept = under <= _GONE
    return Points(points.xy_px[kept], kind[kept].astype(np.uint8))


def _free(xy: NDArray[np.float64], points: Points, apart_px: float) -> NDArray[np.bool_]:
    if not len(points.xy_px) or not len(xy):
        return np.ones(len(xy), np.bool_)
    squared = ((xy[:, None] - points.xy_px[None]) ** 2).sum(axis=2)
    return np.asarray(squared.min(axis=1) > apart_px**2)


def _turned(rng: np.random.Generator, stock: NDArray[np.float32], size_px: float) -> Floats:
    """A random cut-out, turned, at about `size_px` a side."""
    side = max(4, round(size_px))
    cutout = np.rot90(stock[int(rng.integers(len(stock)))], int(rng.integers(4)))
    return np.asarray(cv2.resize(cutout, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def _set(canvas: Floats, nucleus: Floats, place: NDArray[np.float64]) -> None:
    """Lay a nucleus over a canvas, in place; where both are dark the darker one stays."""
    k = nucleus.shape[0]
    left, top = (int(c) for c in np.rint(place - (k - 1) / 2))
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(canvas.shape[1], left + k), min(canvas.shape[0], top + k)
    if x0 < x1 and y0 < y1:
        part = canvas[y0:y1, x0:x1]
        np.maximum(part, nucleus[y0 - top : y1 - top, x0 - left : x1 - left], out=part)
