"""Membrane description (paper 001, 3.2): masks, skeleton, complete faces, from the images of `enhancement`.

One addition to the paper's thresholds, with a setting of its own that switches it off. A nucleus within d of any
stained pixel counts as stained, so one grain of background would stain a cell: components of the mask smaller than
`min_speck_um2` are no membrane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.bits import PackedMask, pack
from her2scope.analysis.regions import Regions, faces, without_specks
from her2scope.analysis.stain import OD_STEP
from her2scope.analysis.thinning import thin
from her2scope.base.errors import ConfigError


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
    crosstalk_most
        The most that it may become in a field whose own hematoxylin is measured to read as DAB, 0 to 1; no more than
        `crosstalk_share`: it never changes.
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
    crosstalk_most: float = 0.75
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
        for name in ("haze_share", "crosstalk_share", "crosstalk_most"):
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


def describe(images: MembraneImages, thresholds: Thresholds, parameters: MembraneParameters) -> Membranes:
    """Masks, skeleton and faces at the given thresholds; all that a threshold changes, and nothing else.

    Parameters
    ----------
    images
        From `enhancement.membrane_images`.
    thresholds
        See Thresholds.
    parameters
        See MembraneParameters.
    """
    masks = without_grains(masks_at(images, thresholds), images, parameters)
    return traced(images, masks, thin(masks[0]), thresholds, parameters)


def mask_levels(thresholds: Thresholds) -> tuple[int, ...]:
    """Thresholds in steps of OD_STEP: weak, which is put to `line`; intense and moderate (if any), put to `dab`."""
    given = (thresholds.t_weak, thresholds.t_intense, thresholds.t_moderate)
    return tuple(int(np.ceil(t / OD_STEP - 1e-6)) for t in given if t is not None)


def masks_at(images: MembraneImages, thresholds: Thresholds) -> tuple[PackedMask, ...]:
    """Packed pixels at or above each of `mask_levels`."""
    weak, *stronger = mask_levels(thresholds)
    return pack(images.line >= weak), *(pack(images.dab >= level) for level in stronger)


def without_grains(
    masks: tuple[PackedMask, ...], images: MembraneImages, parameters: MembraneParameters
) -> tuple[PackedMask, ...]:
    """The masks of `masks_at`, each without components too small for a membrane; the stronger inside M_weak."""
    min_px = parameters.min_speck_um2 / images.pixel_um**2
    weak, *stronger = (without_specks(mask, images.line.shape[1], min_px) for mask in masks)
    return weak, *(weak & mask for mask in stronger)


def traced(
    images: MembraneImages,
    masks: tuple[PackedMask, ...],
    skeleton: PackedMask,
    thresholds: Thresholds,
    parameters: MembraneParameters,
) -> Membranes:
    """Stain levels with their faces.

    Parameters
    ----------
    images, thresholds, parameters
        As for `describe`.
    masks
        From `without_grains`.
    skeleton
        Packed C_weak, the thinned first of them.
    """

    def level(mask: PackedMask) -> StainLevel:
        found = faces(skeleton & mask, images.line.shape[1])
        complete, cut = _cell_faces(found, images.pixel_um, parameters)
        return StainLevel(mask, skeleton & mask, found, complete, cut)

    weak, intense, *moderate = map(level, masks)
    return Membranes(images, weak, intense, moderate[0] if moderate else None, thresholds)


def _cell_faces(
    found: Regions, pixel_um: float, parameters: MembraneParameters
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which faces are complete cells, and which are cells that the border may have cut."""
    area_um2 = found.area_px * pixel_um**2
    fits = area_um2 <= parameters.max_cell_um2
    return fits & (area_um2 >= parameters.min_cell_um2) & ~found.on_border, fits & found.on_border
