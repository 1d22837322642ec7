"""How much of a field's own hematoxylin the stain profile reads as DAB.

Hematoxylin that is purpler than a profile's lies between its two stain vectors, and part of every nucleus reads as
DAB. True DAB on a nucleus (haze, brown cytoplasm) reads alike, so two things are asked of the bluest nuclei: what
they read beyond the least stained spot around them (haze goes on there, hematoxylin does not), and whether they are
of one colour (brown nuclei are not).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.measures import Coarse, coarse
from her2scope.analysis.stain import StainProfile, unmixing_matrix

_COARSEST_UM = 2.6
_MIDDLE_UM = 860.0
_NUCLEAR_OD = 0.15
_ABOVE_MEAN_OD = 0.06
_MEAN_UM = 10.0
_FLOOR_UM = 5.0
_MIN_AREA_UM2 = 300.0
_MOST_PIXELS = 8000
_BLUEST, _NEXT, _DARK = 10, 20, 90
_ONE_COLOUR = 0.2
"""Ratio between the bluest tenths: 0.02 to 0.17 seen on purple fields, 0.27 and more beside brown nuclei (EndoNuke)."""
_BROWN_RATIO = 1.0
_BROWN_SHARE = 0.72
"""From here on hematoxylin would absorb more blue than red."""


@dataclass(frozen=True)
class Hematoxylin:
    """A field's hematoxylin, as its stain profile reads it.

    Parameters
    ----------
    dab_share
        DAB OD that it reads as, over its hematoxylin OD; 0 where its colour is the profile's.
    dark_od
        Hematoxylin OD (base 10) of dark nuclei: the 90th percentile over nuclear pixels.
    """

    dab_share: float
    dark_od: float


def measure_hematoxylin(small: Coarse, profile: StainProfile) -> Hematoxylin | None:
    """Take a profile's measure of the hematoxylin of a field; see the module.

    Parameters
    ----------
    small
        The field, fine enough to show nuclei (`fine_enough`).
    profile
        Its stain vectors.

    Returns
    -------
    Hematoxylin or None
        None where no ten nuclei show, or hardly any of them is blue: nothing is measured then.
    """
    to_stains = np.ascontiguousarray(unmixing_matrix(profile)[:, :2].T, dtype=np.float32)
    amounts = np.asarray(cv2.transform(small.od, to_stains), dtype=np.float32)
    places = np.flatnonzero(_nuclear(np.ascontiguousarray(amounts[..., 0]), small.pixel_um))
    if len(places) * small.pixel_um**2 < _MIN_AREA_UM2:
        return None
    places = places[:: 1 + len(places) // _MOST_PIXELS]
    hematoxylin, dab = (amounts.reshape(-1, 2)[places, stain] for stain in (0, 1))
    floor = _least_around(amounts, small.pixel_um).reshape(-1, 2)[places]
    ratio = dab / hematoxylin
    bluest, following = np.percentile(ratio, (_BLUEST, _NEXT))
    if bluest > _BROWN_RATIO or following - bluest > _ONE_COLOUR:
        return None
    blue = ratio <= bluest
    more = [float((stain - least)[blue].sum()) for stain, least in ((hematoxylin, floor[:, 0]), (dab, floor[:, 1]))]
    share = more[1] / more[0]
    return None if share > _BROWN_SHARE else Hematoxylin(share, float(np.percentile(hematoxylin, _DARK)))


def fine_enough(small: Coarse, rgb: NDArray[np.uint8], pixel_um: float, white: tuple[float, float, float]) -> Coarse:
    """The coarse field where it shows nuclei, else the middle of the field, finer.

    Parameters
    ----------
    small
        From `measures.coarse`.
    rgb, pixel_um, white
        What it was made from.
    """
    if small.pixel_um <= max(_COARSEST_UM, pixel_um):
        return small
    height, width = rgb.shape[:2]
    side = round(_MIDDLE_UM / pixel_um)
    top, left = max(0, (height - side) // 2), max(0, (width - side) // 2)
    return coarse(rgb[top : top + side, left : left + side], pixel_um, white)


def _nuclear(hematoxylin: NDArray[np.float32], pixel_um: float) -> NDArray[np.bool_]:
    """Pixels that stand out in hematoxylin."""
    side = _side_px(_MEAN_UM, pixel_um)
    mean = cv2.blur(hematoxylin, (side, side))
    return np.asarray((hematoxylin >= _NUCLEAR_OD) & (hematoxylin - mean >= _ABOVE_MEAN_OD), dtype=np.bool_)


def _least_around(amounts: NDArray[np.float32], pixel_um: float) -> NDArray[np.float32]:
    """The least of each stain in the square around a pixel, noise smoothed."""
    side = _side_px(_FLOOR_UM, pixel_um)
    return np.asarray(cv2.erode(cv2.blur(amounts, (3, 3)), np.ones((side, side), np.uint8)), dtype=np.float32)


def _side_px(radius_um: float, pixel_um: float) -> int:
    return 2 * round(radius_um / pixel_um) + 1
