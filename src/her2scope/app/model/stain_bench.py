"""The technician's bench: white from empty glass, stain vectors from picked regions."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.roi import Polygon, in_polygon
from her2scope.analysis.stain import StainProfile, optical_density
from her2scope.analysis.stain_estimation import estimate_from_regions
from her2scope.analysis.stain_vectors import StainVectors
from her2scope.analysis.white import estimate_white, white_from_glass
from her2scope.app.model.regions import check_ring
from her2scope.app.model.texts import say
from her2scope.base.errors import InputError
from her2scope.base.frame import Frame, Lens

DARKEST_GLASS = 110.0
"""Of the brightest channel, 0 to 255: the quality gate calls a field below it underexposed."""
DIRTY_SHARE = 0.02
"""Largest share of a glass frame that may differ by 0.03 OD from smooth light. Light that falls off by up to 45% to
the corners gave at most 0.011, dense synthetic tissue in 1% of the frame 0.010 and in 2% 0.05, whole fields of it 0.49
and more."""
_DIRTY_OD = 0.03
_BLOCKS = 96
CLIPPED_SHARE = 0.01
_MOST_PIXELS = 200_000
DOUBTFUL_SHARE = 0.1
"""Vectors by which the same DAB reads more or less by a larger share than this are offered with a caution, since the
thresholds stay. On synthetic 2+ tissue, vectors by which DAB read 19% more made 28% of the cells intense incomplete
instead of 4%."""


@dataclass(frozen=True)
class White:
    """Red, green and blue of empty glass, 1 to 255, and in words."""

    rgb: tuple[float, float, float]
    text: str


@dataclass(frozen=True)
class Outlined:
    """A region drawn on a field, in its own pixels."""

    frame: Frame
    region: Polygon


@dataclass(frozen=True)
class Offered:
    """Stain vectors for a person to accept or not.

    Parameters
    ----------
    lens
        What the regions were seen through; None where the picture does not say.
    vectors
        As measured.
    text
        What they rest on, in words, and how much more or less DAB they read.
    caution
        What speaks against them; empty where nothing does.
    """

    lens: Lens | None
    vectors: StainVectors
    text: str
    caution: str = ""


def white_from(frame: Frame) -> White:
    """The white of a frame of empty glass.

    Parameters
    ----------
    frame
        Nothing but glass, in the light that fields are taken in.

    Raises
    ------
    InputError
        When the frame is too dark, clipped, or not empty.
    """
    sample = np.ascontiguousarray(frame.rgb[::4, ::4])
    white = white_from_glass(sample)
    if max(white) < DARKEST_GLASS:
        raise InputError(say("white.dark", level=f"{max(white):.0f}"))
    if float((sample == 255).all(axis=2).mean()) > CLIPPED_SHARE:
        raise InputError(say("white.clipped"))
    if dirty_share(frame.rgb) > DIRTY_SHARE:
        raise InputError(say("white.not_empty"))
    levels = ", ".join(f"{level:.0f}" for level in white)
    return White(white, say("white.taken", levels=levels))


def dirty_share(rgb: NDArray[np.uint8]) -> float:
    """The share of a frame that differs from smooth light by more than 0.03 OD (base 10).

    Smooth light is a second-order surface fitted to the frame's green, averaged in 96 x 96 blocks: it takes up the
    lamp's fall-off to the corners, and the averaging takes off the camera's noise.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8.
    """
    green = cv2.resize(rgb[..., 1], (_BLOCKS, _BLOCKS), interpolation=cv2.INTER_AREA).astype(np.float64).ravel()
    y, x = (axis.ravel() for axis in np.mgrid[-1 : 1 : _BLOCKS * 1j, -1 : 1 : _BLOCKS * 1j])
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    light = np.maximum(terms @ np.linalg.lstsq(terms, green, rcond=None)[0], 1.0)
    return float((np.abs(np.log10(light / np.maximum(green, 1.0))) > _DIRTY_OD).mean())


def vectors_from(hematoxylin: Outlined, dab: Outlined, stain: StainProfile) -> Offered:
    """The stain vectors of two regions, one of each stain alone.

    Parameters
    ----------
    hematoxylin, dab
        Each with the picture on which it was drawn: a live picture may have moved on between the two.
    stain
        In force; a frame's white, or else the profile's, or else one estimated from the frame, is I0. Of two estimated
        ones the brighter is nearer to glass.

    Raises
    ------
    Her2ScopeError
        When the regions were seen through different objectives, a region holds nothing or no stain, or both hold the
        same.
    """
    frames = (hematoxylin.frame, dab.frame)
    seen = [(frame.lens, frame.pixel_um) for frame in frames]
    if seen[0] != seen[1]:
        first, second = (_seen_text(*one) for one in seen)
        raise InputError(say("vectors.two_lenses", first=first, second=second))
    whites = [frame.white or stain.white or estimate_white(frame.rgb) for frame in frames]
    red, green, blue = (max(levels) for levels in zip(*whites, strict=True))
    white, lens = (red, green, blue), hematoxylin.frame.lens
    brown = _pixels(dab)
    estimate = estimate_from_regions(_pixels(hematoxylin), brown, white)
    vectors = StainVectors(estimate.hematoxylin, estimate.dab)
    od = optical_density(brown, white).mean(axis=0, dtype=np.float64)
    more = dab_read(od, vectors) / max(dab_read(od, stain.under(lens).vectors), 1e-3) - 1
    taken = say("vectors.taken", angle=f"{estimate.angle_deg:.0f}", pixels=estimate.pixels)
    text = f"{taken}. {_reads_text(more)}"
    return Offered(lens, vectors, text, say("vectors.doubtful") if abs(more) > DOUBTFUL_SHARE else "")


def dab_read(od: NDArray[np.float64], vectors: StainVectors) -> float:
    """The DAB of a colour by vectors.

    Parameters
    ----------
    od
        (3,) optical density of R, G, B.
    vectors
        Of both stains, of any length.
    """
    both = np.stack([np.asarray(one) / np.linalg.norm(one) for one in (vectors.hematoxylin, vectors.dab)], axis=1)
    return float(np.linalg.lstsq(both, od)[0][1])


def _reads_text(more: float) -> str:
    percent = round(100 * abs(more))
    if percent == 0:
        return say("vectors.reads_same")
    return say("vectors.reads_more" if more > 0 else "vectors.reads_less", percent=percent)


def _seen_text(lens: Lens | None, pixel_um: float) -> str:
    return say("objective.known", name=lens.objective if lens else say("vectors.no_lens"), pixel_um=f"{pixel_um:.3f}")


def _pixels(outlined: Outlined) -> NDArray[np.uint8]:
    """(N, 3) uint8 pixels inside a region, N at most about 200,000."""
    frame, region = outlined.frame, outlined.region
    check_ring(region.ring)
    height, width = frame.rgb.shape[:2]
    low = np.maximum(np.floor(region.ring.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(region.ring.max(axis=0)), (width - 1, height - 1)).astype(int)
    if (high < low).any():
        raise InputError(say("error.region_outside"))
    step = max(1, int(np.sqrt((high - low + 1).prod() / _MOST_PIXELS)))
    y, x = np.mgrid[low[1] : high[1] + 1 : step, low[0] : high[0] + 1 : step]
    y, x = y.ravel(), x.ravel()
    inside = in_polygon(np.column_stack([x, y]).astype(np.float64), region)
    return np.asarray(frame.rgb[y[inside], x[inside]], dtype=np.uint8)
