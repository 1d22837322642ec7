"""What a field must pass before it counts: each check is a function of a few measures, with a measured threshold.

The measures were taken on 20 HER2 tiles of one public set (0.8 um/px), 39 EndoNuke tiles (DAB and hematoxylin),
30 BreCaHAD and 3 BCSS fields and 107 DSB2018 tiles (H&E-like), blurred and noisy copies of them, and synthetic
tissue; where a check's docstring gives a range, it was seen there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
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
_TISSUE_OD = 0.03
_STAINED_OD = 0.05


class Status(StrEnum):
    """Whether a field counts."""

    OK = "ok"
    CAUTION = "caution"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Finding:
    """What a check found: how bad, and the reason in words that say what to do."""

    status: Status
    reason: str


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
    fold: float
    clipped: float


def measure(rgb: NDArray[np.uint8], pixel_um: float, white: tuple[float, float, float]) -> Measures:
    """Take the measures of a field.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8.
    pixel_um
        Its pixel size in um.
    white
        I0 of R, G, B.
    """
    small_um = max(pixel_um, _COARSE_UM, pixel_um * max(rgb.shape[:2]) / _COARSE_SIDE)
    small = _shrunk(rgb, pixel_um, small_um)
    od = optical_density(small, white)
    smooth = np.asarray(cv2.GaussianBlur(od, (0, 0), _SMOOTH_UM / small_um), dtype=np.float32)
    tissue = _sum(smooth) >= 3 * _TISSUE_OD
    sharpness, noise = _detail(rgb, pixel_um, tissue)
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
        fold=float((smooth[..., 0] >= 0.8).mean()),
        clipped=float((small[..., 0][tissue] == 255).mean()) if tissue.any() else float("nan"),
    )


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


def check_exposure(m: Measures) -> Finding | None:
    """Too dark a picture, or tissue clipped to white."""
    if m.white < 60:
        return Finding(Status.BLOCKED, "the picture is black or far too dark: raise the light or the exposure time")
    if m.median_level < max(35.0, 0.3 * m.white):
        return Finding(
            Status.BLOCKED,
            "most of the picture is black (fluorescence, dark field or a closed shutter): use bright-field light",
        )
    if m.white < 110:
        return Finding(Status.CAUTION, "underexposed: raise the light until empty glass is nearly white")
    if m.clipped > 0.2:
        return Finding(Status.CAUTION, "tissue is overexposed (red clipped at 255): lower the light, then take white")
    return None


def check_light(m: Measures) -> Finding | None:
    """Background that is not white: seen 0.78 or more (H&E of one laboratory), 0.94 or more on DAB slides."""
    if m.white_balance < 0.5:
        return Finding(
            Status.BLOCKED,
            "the brightest background is strongly coloured, not white glass: use bright-field light, then take white",
        )
    if m.white_balance < 0.7:
        return Finding(Status.CAUTION, "the white balance is far off: take white from empty glass")
    return None


def check_tissue(m: Measures) -> Finding | None:
    """Empty glass, or too little tissue to stand for anything."""
    if m.tissue < 0.01:
        return Finding(Status.BLOCKED, "empty glass: no tissue in the field; move to tumour")
    if m.tissue < 0.05:
        return Finding(Status.BLOCKED, f"too little tissue ({100 * m.tissue:.0f}% of the field); move to tumour")
    if m.tissue < 0.15:
        return Finding(Status.CAUTION, f"little tissue ({100 * m.tissue:.0f}% of the field)")
    return None


def check_noise(m: Measures) -> Finding | None:
    """A picture of noise: seen 0.5 to 1.4 on tissue, 4.6 on noise."""
    if m.noise > 3.0:
        return Finding(Status.BLOCKED, "the picture is noise, not tissue; check camera, gain and cable")
    if m.noise > 1.6:
        return Finding(Status.CAUTION, "the picture is noisy: lower the gain")
    return None


def check_stain(m: Measures) -> Finding | None:
    """Not DAB and hematoxylin: grey (colour 0; seen 0.05 or more), or H&E (pink 0.38 or more; H-DAB up to 0.10)."""
    if m.colour < 0.03:
        return Finding(Status.BLOCKED, "the picture is grey: HER2 scoring needs the colours of DAB and hematoxylin")
    if m.pink > 0.25:
        return Finding(Status.BLOCKED, "not a DAB stain: it looks like H&E; use the HER2 immunohistochemistry slide")
    if m.pink > 0.15:
        return Finding(Status.CAUTION, "the stain is unusually pink for DAB and hematoxylin: check slide and white")
    return None


def check_focus(m: Measures) -> Finding | None:
    """Out of focus: seen 0.56 or more on HER2 tiles in focus; 0.41 and 0.37 after a blur of 1.2 and 1.6 um (sigma)."""
    if m.sharpness < 0.36:
        return Finding(Status.BLOCKED, "out of focus: focus and take the field again")
    if m.sharpness < 0.45:
        return Finding(Status.CAUTION, "slightly out of focus: thin membranes may be missed")
    return None


def check_folds(m: Measures) -> Finding | None:
    """Folds, ink and dirt: broad areas dark in red too; seen 0.09 at most on clean fields."""
    if m.fold > 0.35:
        return Finding(Status.BLOCKED, "a fold, ink or dirt covers much of the field; move to clean tissue")
    if m.fold > 0.10:
        return Finding(Status.CAUTION, "a fold, ink or dirt is in the field; exclude it with a region")
    return None


def check_nuclei(counted: int) -> Finding | None:
    """Too few counted tumour nuclei for the field to say anything."""
    if counted < 5:
        return Finding(Status.BLOCKED, f"too few tumour nuclei ({counted} counted); move to tumour")
    if counted < 50:
        return Finding(Status.CAUTION, f"few tumour nuclei ({counted} counted)")
    return None


CHECKS: tuple[Callable[[Measures], Finding | None], ...] = (
    check_exposure,
    check_light,
    check_tissue,
    check_noise,
    check_stain,
    check_focus,
    check_folds,
)


def judge(m: Measures) -> tuple[Finding, ...]:
    """All findings on a field's measures; only the first that blocks, for the rest would follow from it."""
    found = [finding for check in CHECKS if (finding := check(m)) is not None]
    blocking = [finding for finding in found if finding.status is Status.BLOCKED]
    return (blocking[0],) if blocking else tuple(found)


def overall(findings: tuple[Finding, ...]) -> Status:
    """The worst status among findings; ok when there are none."""
    order = (Status.OK, Status.CAUTION, Status.BLOCKED)
    return max((f.status for f in findings), key=order.index, default=Status.OK)
