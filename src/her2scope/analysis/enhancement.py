"""The DAB image made ready for thresholds (paper 001, 3.1 and 3.2.1): a bilateral filter, and two additions to it.

Each has a setting of its own that switches it off:

* Haze. In strongly stained tumour the nuclei themselves read DAB OD 0.4 to 0.7 (membrane above and below them in
  the section), far over t_weak: the mask has no holes there, and the plainest 3+ field would read incomplete. Stain
  that is broader than a membrane line is haze (a morphological opening finds it), and is taken off, but never more
  than `haze_share` of the strongest stain nearby: a solid brown cell stays brown.
* Crosstalk. A laboratory's hematoxylin is seldom that of its profile, and a dark nucleus then reads DAB 0.14 to 0.38
  of its hematoxylin OD (vectors measured on two public sets, against Ruifrok & Johnston's). Where hematoxylin is
  strong, `crosstalk_share` of it is no membrane; more of it where a field's own hematoxylin is measured to read so.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.membrane import MembraneImages, MembraneParameters
from her2scope.analysis.stain import OD_STEP, StainImages
from her2scope.base.geometry import Um, to_px

BILATERAL_SIDE = 5
"""Diameter of the bilateral filter, in pixels."""


def with_measured_crosstalk(parameters: MembraneParameters, dab_share: float) -> MembraneParameters:
    """The parameters for a field whose hematoxylin reads as DAB to a measured share of its OD.

    That share is taken off beside the usual one, as it would be with a profile of the field's own, within
    `crosstalk_most`: the profile is the cure, this is for who has none yet.
    """
    if parameters.crosstalk_share == 0:
        return parameters
    wanted = min(parameters.crosstalk_share + dab_share, parameters.crosstalk_most)
    return replace(parameters, crosstalk_share=max(parameters.crosstalk_share, wanted))


def membrane_images(stains: StainImages, parameters: MembraneParameters) -> MembraneImages:
    """Enhance the DAB image: bilateral filter; and for the lines, haze and crosstalk taken off.

    Parameters
    ----------
    stains
        Hematoxylin and DAB.
    parameters
        See MembraneParameters.
    """
    smooth = smoothed(stains.dab, parameters)
    off = cv2.convertScaleAbs(stains.hematoxylin, alpha=parameters.crosstalk_share)
    if parameters.haze_share > 0:
        off = cv2.max(off, haze(smooth, stains.pixel_um, parameters))
    return MembraneImages(smooth, np.asarray(cv2.subtract(smooth, off), dtype=np.uint8), stains.pixel_um)


def smoothed(dab: NDArray[np.uint8], parameters: MembraneParameters) -> NDArray[np.uint8]:
    """Bilateral filter of an (H, W) uint8 image in steps of OD_STEP, rounded to the nearest step.

    OpenCV's version from IPP, which some machines take, cuts fractions off in place of rounding (half of all pixels
    one step lower), so it is left out: every machine gives the same classes.
    """
    before = cv2.ipp.useIPP()
    cv2.ipp.setUseIPP(False)  # of this thread alone
    try:
        smooth = cv2.bilateralFilter(dab, BILATERAL_SIDE, parameters.bilateral_od / OD_STEP, parameters.bilateral_px)
    finally:
        cv2.ipp.setUseIPP(before)
    return np.asarray(smooth, dtype=np.uint8)


def haze(smooth: NDArray[np.uint8], pixel_um: float, parameters: MembraneParameters) -> NDArray[np.uint8]:
    """Stain too broad to be a membrane, at most `haze_share` of the local maximum.

    Parameters
    ----------
    smooth
        (H, W) uint8, bilateral-filtered DAB OD in steps of OD_STEP.
    pixel_um
        Its pixel size in um.
    parameters
        See MembraneParameters.

    Returns
    -------
    ndarray
        (H, W) uint8, in steps of OD_STEP, nowhere above `smooth`.
    """
    broad = cv2.morphologyEx(smooth, cv2.MORPH_OPEN, disk(to_px(Um(parameters.haze_radius_um), pixel_um)))
    side = haze_side_px(pixel_um, parameters)
    local_max = cv2.dilate(smooth, np.ones((side, side), np.uint8))
    limit = cv2.convertScaleAbs(local_max, alpha=parameters.haze_share)
    return np.minimum(broad, limit)


def haze_side_px(pixel_um: float, parameters: MembraneParameters) -> int:
    """Side of the square of haze's local maximum."""
    return 2 * round(to_px(Um(parameters.haze_reach_um), pixel_um)) + 1


def disk(radius_px: float) -> NDArray[np.uint8]:
    """(2r + 1, 2r + 1) uint8 disk: 1 where dx^2 + dy^2 <= radius_px^2, r = floor(radius_px)."""
    r = int(radius_px)
    y, x = np.ogrid[-r : r + 1, -r : r + 1]
    return np.asarray(x * x + y * y <= radius_px * radius_px, dtype=np.uint8)
