"""What the quality gate judges a field by: light, tissue, stain, detail.

The measures were taken on 20 HER2 tiles of one public set (0.8 um/px), 39 EndoNuke tiles (DAB and hematoxylin),
30 BreCaHAD and 3 BCSS fields and 107 DSB2018 tiles (H&E-like), blurred and noisy copies of them, and synthetic
tissue; where a check of `quality` gives a range, it was seen there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.stain import optical_density

_FOCUS_UM = 0.424
_COARSE_UM = 1.696
_COARSE_SIDE = 512
_SMOOTH_UM = 2.1
_TILE = 192
_TILES = 16
_BLOCKS = 4
_TISSUE_OD = 0.03
_STAINED_OD = 0.05


@dataclass(frozen=True)
class Measures:
    """What the checks judge by.

    Parameters
    ----------
    white
        Brightest channel of the white reference, 0 to 255.
    white_balance
        Darkest channel of the white reference over its brightest, 0 to 1.
    median_level
        Median over the field of each pixel's brightest channel, 0 to 255.
    tissue
        Share of the field that is tissue (mean OD, base 10, over the channels of 0.03 or more).
    colour
        Mean spread of the three ODs over their sum in tissue; 0 is grey. NaN without tissue.
    pink
        Share of stained pixels whose green OD is over 1.35 times the red and the blue one. NaN without stain.
    sharpness
        Detail of 0.4 to 0.8 um over detail of 0.8 to 1.7 um, in tissue. NaN without tissue.
    noise
        Detail below 0.4 um over detail of 0.4 to 0.8 um, in tissue. NaN without tissue.
    fall
        Darkest over brightest of the plane that the background's brightness lies on, 0 to 1.
    fall_certainty
        The plane's span over what the background strays from it (logarithms): how surely it is light, not tissue.
    fold
        Share of the field that is dark in red too over 4 um: folds, ink, dirt.
    clipped
        Share of tissue whose red channel is at 255.
    """

    white: float
    white_balance: float
    median_level: float
    tissue: float
    colour: float
    pink: float
    sharpness: float
    noise: float
    fall: float
    fall_certainty: float
    fold: float
    clipped: float


@dataclass(frozen=True)
class Coarse:
    """A field made small, so that measures of the whole of it are cheap.

    Parameters
    ----------
    rgb
        (h, w, 3) uint8, at most about 512 px a side.
    od
        (h, w, 3) float32 OD (base 10) of R, G, B.
    pixel_um
        Side of its pixels in um: 1.7, or more in fields of more than 870 um.
    """

    rgb: NDArray[np.uint8]
    od: NDArray[np.float32]
    pixel_um: float


def coarse(rgb: NDArray[np.uint8], pixel_um: float, white: tuple[float, float, float]) -> Coarse:
    """Make a field small; parameters as for `measure`."""
    small_um = max(pixel_um, _COARSE_UM, pixel_um * max(rgb.shape[:2]) / _COARSE_SIDE)
    small = _shrunk(rgb, pixel_um, small_um)
    return Coarse(small, optical_density(small, white), small_um)


def measure(
    rgb: NDArray[np.uint8], pixel_um: float, white: tuple[float, float, float], made_small: Coarse | None = None
) -> Measures:
    """Take the measures of a field.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8.
    pixel_um
        Its pixel size in um.
    white
        I0 of R, G, B.
    made_small
        The same field from `coarse`, where it is at hand.
    """
    field = made_small or coarse(rgb, pixel_um, white)
    small, od = field.rgb, field.od
    smooth = np.asarray(cv2.GaussianBlur(od, (0, 0), _SMOOTH_UM / field.pixel_um), dtype=np.float32)
    tissue = _sum(smooth) >= 3 * _TISSUE_OD
    sharpness, noise = _detail(rgb, pixel_um, tissue)
    fall, certainty = _light_fall(small, white)
    brightest = np.maximum(np.maximum(small[..., 0], small[..., 1]), small[..., 2])
    stained = od[tissue & (_sum(od) > 3 * _STAINED_OD)]
    return Measures(
        white=max(white),
        white_balance=min(white) / max(white),
        median_level=float(np.median(brightest)),
        tissue=float(tissue.mean()),
        colour=_colour(stained),
        pink=_pink(stained),
        sharpness=sharpness,
        noise=noise,
        fall=fall,
        fall_certainty=certainty,
        fold=float((smooth[..., 0] >= 0.8).mean()),
        clipped=float((small[..., 0][tissue] == 255).mean()) if tissue.any() else float("nan"),
    )


def _light_fall(small: NDArray[np.uint8], white: tuple[float, float, float]) -> tuple[float, float]:
    """Fall of the light over the field, from the brightest neutral spots of 4 x 4 blocks, and its certainty."""
    smooth = cv2.GaussianBlur(small, (0, 0), 1.0).astype(np.float32) / np.asarray(white, dtype=np.float32)
    neutral = np.minimum(np.minimum(smooth[..., 0], smooth[..., 1]), smooth[..., 2])
    places = np.array([(i, j) for i in range(_BLOCKS) for j in range(_BLOCKS)])
    rows, columns = (np.array_split(np.arange(n), _BLOCKS) for n in neutral.shape)
    bright = [np.percentile(neutral[np.ix_(rows[i], columns[j])], 98) for i, j in places]
    design = np.column_stack([np.ones(len(places)), (places + 0.5) / _BLOCKS])
    level = np.log(np.maximum(bright, 1e-3))
    plane, *_ = np.linalg.lstsq(design, level, rcond=None)
    span = float(np.abs(plane[1:]).sum())
    return float(np.exp(-span)), span / (float(np.std(level - design @ plane)) + 0.02)


def _sum(od: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum of the three channels; several times faster than a reduction over the last axis."""
    return od[..., 0] + od[..., 1] + od[..., 2]


def _shrunk(image: NDArray[np.uint8], pixel_um: float, target_um: float) -> NDArray[np.uint8]:
    scale = pixel_um / target_um
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _colour(stained: NDArray[np.float32]) -> float:
    if not len(stained):
        return float("nan")
    red, green, blue = stained.T
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return float((spread / _sum(stained)).mean())


def _pink(stained: NDArray[np.float32]) -> float:
    if not len(stained):
        return float("nan")
    return float((stained[:, 1] > 1.35 * np.maximum(stained[:, 0], stained[:, 2])).mean())


def _detail(rgb: NDArray[np.uint8], pixel_um: float, tissue: NDArray[np.bool_]) -> tuple[float, float]:
    """Sharpness and noise of the green channel, over the tiles of the field with most tissue."""
    energy = np.zeros(3)
    for top, left, side in _tissue_tiles(rgb.shape[:2], pixel_um, tissue):
        tile = np.ascontiguousarray(rgb[top : top + side, left : left + side, 1])
        energy += _band_energy(tile, pixel_um)
    if energy[2] <= 0:
        return float("nan"), float("nan")
    fine, middle, coarse = np.sqrt(energy)
    return float(middle / coarse), float(fine / max(middle, 1e-6))


def _tissue_tiles(shape: tuple[int, int], pixel_um: float, tissue: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """(top, left, side) in the field's pixels of the tiles that hold most tissue, at most _TILES."""
    side = min(*shape, round(_TILE * max(_FOCUS_UM, pixel_um) / pixel_um))
    corners = [(y, x) for y in range(0, shape[0] - side + 1, side) for x in range(0, shape[1] - side + 1, side)]
    per_px = tissue.shape[0] / shape[0], tissue.shape[1] / shape[1]

    def share(corner: tuple[int, int]) -> float:
        rows, columns = (
            slice(int(at * k), max(int(at * k) + 1, int((at + side) * k))) for at, k in zip(corner, per_px, strict=True)
        )
        return float(tissue[rows, columns].mean())

    shares = {corner: share(corner) for corner in corners}
    best = sorted((c for c in corners if shares[c] > 0), key=lambda c: -shares[c])[:_TILES]
    return [(y, x, side) for y, x in best]


def _band_energy(tile: NDArray[np.uint8], pixel_um: float) -> NDArray[np.float64]:
    """(3,) variance in the bands below 0.4, 0.4 to 0.8 and 0.8 to 1.7 um (Gaussian sigmas), inside a tile."""
    green = _shrunk(tile, pixel_um, _FOCUS_UM)
    unit = _FOCUS_UM / max(pixel_um, _FOCUS_UM)
    green = green.astype(np.float32)
    levels = [green] + [cv2.GaussianBlur(green, (0, 0), s * unit) for s in (1.0, 2.0, 4.0)]
    return np.array([np.var(a - b) for a, b in pairwise(levels)])
