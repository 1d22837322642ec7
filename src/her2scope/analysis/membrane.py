"""Membrane description (paper 001, 3.2): enhanced DAB, masks, skeleton, complete faces.

Three additions to the paper's thresholds, each with a setting of its own that switches it off:

* Haze. In strongly stained tumour the nuclei themselves read DAB OD 0.4 to 0.7 (membrane above and below them in
  the section), far over t_weak: the mask has no holes there, and the plainest 3+ field would read incomplete. Stain
  that is broader than a membrane line is haze (a morphological opening finds it), and is taken off, but never more
  than `haze_share` of the strongest stain nearby: a solid brown cell stays brown.
* Crosstalk. A laboratory's hematoxylin is seldom that of its profile, and a dark nucleus then reads DAB 0.14 to 0.38
  of its hematoxylin OD (vectors measured on two public sets, against Ruifrok & Johnston's). Where hematoxylin is
  strong, `crosstalk_share` of it is no membrane.
* Specks. A nucleus within d of any stained pixel counts as stained, so one grain of background would stain a cell:
  components of the mask smaller than `min_speck_um2` are no membrane.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.bits import PackedMask, pack
from her2scope.analysis.regions import Regions, faces, without_specks
from her2scope.analysis.stain import OD_STEP, StainImages
from her2scope.analysis.thinning import thin
from her2scope.base.errors import ConfigError
from her2scope.base.geometry import Um, to_px


@dataclass(frozen=True)
class MembraneParameters:
    """Lengths in um, areas in um2; see METHOD for the symbols.

    Parameters
    ----------
    analysed_um
        Pixel size at which membranes are analysed.
    bilateral_od
        Range sigma of the bilateral filter, in OD.
    bilateral_px
        Its spatial sigma, in analysed pixels; its diameter is 5.
    haze_radius_um
        Stain broader than this radius is haze, not membrane.
    haze_share
        Most of the local maximum that may be taken off as haze, 0 (the paper's way) to 1.
    haze_reach_um
        Radius of that local maximum.
    crosstalk_share
        Share of the hematoxylin OD that may be misread as DAB, 0 (the paper's way) to 1.
    min_speck_um2
        Smallest stained component that may be membrane.
    min_cell_um2, max_cell_um2
        Area that a face must have to be a cell.
    reach_um
        d, the distance within which a membrane belongs to a nucleus: about a tumour cell's radius.
    """

    analysed_um: float = 0.424
    bilateral_od: float = 0.10
    bilateral_px: float = 1.5
    haze_radius_um: float = 1.8
    haze_share: float = 0.5
    haze_reach_um: float = 6.0
    crosstalk_share: float = 0.25
    min_speck_um2: float = 3.0
    min_cell_um2: float = 25.0
    max_cell_um2: float = 700.0
    reach_um: float = 7.0

    def __post_init__(self) -> None:
        """Refuse what is not a positive number, or out of order."""
        for name in ("analysed_um", "bilateral_od", "bilateral_px", "haze_radius_um", "haze_reach_um", "reach_um"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise ConfigError(f"membrane.{name} = {value:g} must be a positive number.")
        for name in ("haze_share", "crosstalk_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"membrane.{name} = {getattr(self, name):g} must be 0 to 1.")
        if not self.min_speck_um2 >= 0:
            raise ConfigError(f"membrane.min_speck_um2 = {self.min_speck_um2:g} must be 0 or more.")
        if not 0 < self.min_cell_um2 < self.max_cell_um2 < np.inf:
            raise ConfigError("membrane.min_cell_um2 must be above 0 and below membrane.max_cell_um2.")


@dataclass(frozen=True)
class Thresholds:
    """Thresholds on DAB OD (base 10), ascending; t_moderate None: five classes."""

    t_weak: float
    t_intense: float
    t_moderate: float | None = None


@dataclass(frozen=True)
class StainLevel:
    """One level of stain: its mask M and the faces that its part of the skeleton closes.

    Parameters
    ----------
    mask
        Packed M: at or above the threshold, specks removed.
    skeleton
        Packed C = C_weak AND M.
    faces
        The 4-connected regions of the background of C.
    complete
        (L,) bool: faces that are cells, away from the border and of a cell's area.
    cut
        (L,) bool: faces small enough to be a cell that touch the border.
    """

    mask: PackedMask
    skeleton: PackedMask
    faces: Regions
    complete: NDArray[np.bool_]
    cut: NDArray[np.bool_]


@dataclass(frozen=True)
class MembraneImages:
    """The DAB images that thresholds are put to; nothing in them depends on a threshold.

    Parameters
    ----------
    dab
        (H, W) uint8, bilateral-filtered DAB OD (base 10) in steps of OD_STEP: how strong a stain is.
    line
        (H, W) uint8, the same without haze and crosstalk: where a membrane is.
    pixel_um
        Side of their pixels in um.
    """

    dab: NDArray[np.uint8]
    line: NDArray[np.uint8]
    pixel_um: float


@dataclass(frozen=True)
class Membranes:
    """All that a field's DAB says of its membranes.

    Parameters
    ----------
    images
        The images the thresholds were put to.
    weak, intense
        Stain levels at t_weak and t_intense.
    moderate
        Stain level at t_moderate, or None with five classes.
    thresholds
        The thresholds used.
    pixel_um
        Side of a pixel in um.
    """

    images: MembraneImages
    weak: StainLevel
    intense: StainLevel
    moderate: StainLevel | None
    thresholds: Thresholds


def membrane_images(stains: StainImages, parameters: MembraneParameters) -> MembraneImages:
    """Enhance the DAB image: bilateral filter; and for the lines, haze and crosstalk taken off.

    Parameters
    ----------
    stains
        Hematoxylin and DAB.
    parameters
        See MembraneParameters.
    """
    smooth = np.asarray(
        cv2.bilateralFilter(stains.dab, 5, parameters.bilateral_od / OD_STEP, parameters.bilateral_px), dtype=np.uint8
    )
    off = cv2.convertScaleAbs(stains.hematoxylin, alpha=parameters.crosstalk_share)
    if parameters.haze_share > 0:
        off = cv2.max(off, haze(smooth, stains.pixel_um, parameters))
    return MembraneImages(smooth, np.asarray(cv2.subtract(smooth, off), dtype=np.uint8), stains.pixel_um)


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
    side = 2 * round(to_px(Um(parameters.haze_reach_um), pixel_um)) + 1
    local_max = cv2.dilate(smooth, np.ones((side, side), np.uint8))
    limit = cv2.convertScaleAbs(local_max, alpha=parameters.haze_share)
    return np.minimum(broad, limit)


def disk(radius_px: float) -> NDArray[np.uint8]:
    """(2r + 1, 2r + 1) uint8 disk: 1 where dx^2 + dy^2 <= radius_px^2, r = floor(radius_px)."""
    r = int(radius_px)
    y, x = np.ogrid[-r : r + 1, -r : r + 1]
    return np.asarray(x * x + y * y <= radius_px * radius_px, dtype=np.uint8)


def describe(images: MembraneImages, thresholds: Thresholds, parameters: MembraneParameters) -> Membranes:
    """Masks, skeleton and faces at the given thresholds; all that a threshold changes, and nothing else.

    M_weak = line >= t_weak; a stronger M = M_weak AND dab >= its threshold, so that it is inside M_weak.

    Parameters
    ----------
    images
        From `membrane_images`.
    thresholds
        See Thresholds.
    parameters
        See MembraneParameters.
    """
    weak_mask = _mask(images, images.line, thresholds.t_weak, parameters)
    skeleton = thin(weak_mask)

    def level(mask: PackedMask) -> StainLevel:
        found = faces(skeleton & mask, images.line.shape[1])
        complete, cut = _cell_faces(found, images.pixel_um, parameters)
        return StainLevel(mask, skeleton & mask, found, complete, cut)

    def stronger(threshold: float) -> StainLevel:
        return level(weak_mask & _mask(images, images.dab, threshold, parameters))

    moderate = None if thresholds.t_moderate is None else stronger(thresholds.t_moderate)
    return Membranes(images, level(weak_mask), stronger(thresholds.t_intense), moderate, thresholds)


def _mask(
    images: MembraneImages, image: NDArray[np.uint8], threshold_od: float, parameters: MembraneParameters
) -> PackedMask:
    """Packed image >= threshold, without components too small for a membrane."""
    level = int(np.ceil(threshold_od / OD_STEP - 1e-6))
    min_px = parameters.min_speck_um2 / images.pixel_um**2
    return without_specks(pack(image >= level), image.shape[1], min_px)


def _cell_faces(
    found: Regions, pixel_um: float, parameters: MembraneParameters
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which faces are complete cells, and which are cells that the border may have cut."""
    area_um2 = found.area_px * pixel_um**2
    fits = area_um2 <= parameters.max_cell_um2
    return fits & (area_um2 >= parameters.min_cell_um2) & ~found.on_border, fits & found.on_border
