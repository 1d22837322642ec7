"""Rough nuclei without a network (paper 001, 3.1 and fig. 3): the detector of last resort.

Nuclei are blue maxima outside stained regions and DAB minima inside them; thin and small blue nuclei (stroma,
lymphocytes) are dropped. Positions are found at about 0.85 um per pixel, where a nucleus is 8 to 12 px wide,
and refined below a pixel; a match counts within 5 um.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.membrane import disk
from her2scope.analysis.nuclei import Nuclei, local_maxima, sparse
from her2scope.analysis.stain import OD_STEP, StainImages
from her2scope.base.frame import Frame

_Image = NDArray[np.float32]


@dataclass(frozen=True)
class RoughParameters:
    """Lengths in um, OD base 10.

    Parameters
    ----------
    pixel_um
        Resolution of the search.
    nucleus_radius_um
        Radius of a typical tumour nucleus.
    min_inner_radius_um
        A blue nucleus whose widest inscribed circle is smaller is stromal or immune.
    min_hematoxylin_od
        Least OD by which a blue nucleus stands out from around it.
    min_dip_od
        Least OD by which a nucleus inside stain is paler than around it.
    stained_od
        DAB OD from which a region counts as stained.
    min_tissue_od
        Least OD of hematoxylin and DAB together: below it a pale spot is glass, not a nucleus.
    spacing_um
        Least distance between two nuclei.
    """

    pixel_um: float = 0.848
    nucleus_radius_um: float = 4.0
    min_inner_radius_um: float = 2.2
    min_hematoxylin_od: float = 0.02
    min_dip_od: float = 0.06
    stained_od: float = 0.35
    min_tissue_od: float = 0.10
    spacing_um: float = 5.0


@dataclass(frozen=True)
class RoughDetector:
    """Paper 001's rough detector."""

    parameters: RoughParameters = field(default_factory=RoughParameters)

    @property
    def name(self) -> str:
        """What results call it."""
        return "rough"

    def detect(self, frame: Frame, stains: StainImages) -> Nuclei:
        """Tumour nuclei of a frame from its stain images."""
        p = self.parameters
        scale = stains.pixel_um / p.pixel_um
        hematoxylin, dab = _resized(stains.hematoxylin, scale), _resized(stains.dab, scale)
        region = stained_region(dab, p)
        blue = blue_nuclei(hematoxylin, p)
        pale = pale_nuclei(dab, p)
        blue = blue[~_at(region, blue)]
        pale = pale[_at(region & (cv2.GaussianBlur(hematoxylin + dab, (0, 0), 1.0) > p.min_tissue_od), pale)]
        found = np.concatenate([pale, blue])
        found = found[np.argsort(-found[:, 2], kind="stable")]
        found = found[sparse(found[:, :2].astype(np.float64), p.spacing_um / p.pixel_um)]
        xy = (found[:, :2].astype(np.float64) + 0.5) / (scale * stains.scale) - 0.5
        inside = (xy >= -0.5).all(axis=1) & (xy < np.array(frame.rgb.shape[1::-1]) - 0.5).all(axis=1)
        return Nuclei(xy[inside], found[inside, 2])


def _resized(image: NDArray[np.uint8], scale: float) -> _Image:
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return small.astype(np.float32) * np.float32(OD_STEP)


def _at(mask: NDArray[np.bool_], points: _Image) -> NDArray[np.bool_]:
    x = np.clip(np.rint(points[:, 0]).astype(np.intp), 0, mask.shape[1] - 1)
    y = np.clip(np.rint(points[:, 1]).astype(np.intp), 0, mask.shape[0] - 1)
    return mask[y, x]


def stained_region(dab: _Image, p: RoughParameters) -> NDArray[np.bool_]:
    """Where nuclei are to be sought in DAB: stain, dilated by 2 um, its nucleus-sized holes filled.

    Parameters
    ----------
    dab
        (H, W) float32 OD (base 10).
    p
        See RoughParameters.
    """
    stained = (dab >= p.stained_od).astype(np.uint8)
    wide = cv2.dilate(stained, disk(2.0 / p.pixel_um))
    wide = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, disk(p.nucleus_radius_um / p.pixel_um))
    return wide > 0


def blue_nuclei(hematoxylin: _Image, p: RoughParameters) -> _Image:
    """Hematoxylin maxima in the nucleus mask, without small and thin nuclei.

    Parameters
    ----------
    hematoxylin
        (H, W) float32 OD (base 10).
    p
        See RoughParameters.

    Returns
    -------
    ndarray
        (N, 3) float32: x, y in pixels of the image (sub-pixel), score 0 to 1.
    """
    contrast = _blob_contrast(hematoxylin, p)
    cut = max(p.min_hematoxylin_od, otsu(contrast[contrast > p.min_hematoxylin_od]))
    mask = (contrast > 0.5 * cut).astype(np.uint8)
    inner_um = cv2.distanceTransform(mask, cv2.DIST_L2, 5) * np.float32(p.pixel_um)
    widest = cv2.dilate(inner_um, np.ones((5, 5), np.uint8))
    peaks = local_maxima(contrast, p.nucleus_radius_um / 2 / p.pixel_um, float(cut) * 0.6)
    peaks = peaks[widest[peaks[:, 0], peaks[:, 1]] >= p.min_inner_radius_um]
    return _with_score(contrast, peaks, float(cut))


def pale_nuclei(dab: _Image, p: RoughParameters) -> _Image:
    """DAB minima: nuclei paler than the stain around them; like `blue_nuclei`.

    Parameters
    ----------
    dab
        (H, W) float32 OD (base 10).
    p
        See RoughParameters.
    """
    dip = _blob_contrast(-dab, p)
    peaks = local_maxima(dip, p.nucleus_radius_um / 2 / p.pixel_um, p.min_dip_od)
    return _with_score(dip, peaks, 2 * p.min_dip_od)


def _blob_contrast(image: _Image, p: RoughParameters) -> _Image:
    """Difference of Gaussians that answers most to disks of a nucleus's radius."""
    sigma = p.nucleus_radius_um / p.pixel_um / np.sqrt(2.0)
    fine = cv2.GaussianBlur(image, (0, 0), 0.7 * sigma)
    return fine - cv2.GaussianBlur(image, (0, 0), 2.2 * sigma)


def otsu(values: _Image) -> float:
    """Otsu's threshold of a sample; 0 when it is empty or flat."""
    if values.size == 0 or values.max() <= values.min():
        return 0.0
    low, high = float(values.min()), float(values.max())
    levels = ((values - low) / (high - low) * 255).astype(np.uint8)
    level, _ = cv2.threshold(levels.reshape(1, -1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return low + level / 255 * (high - low)


def _with_score(image: _Image, peaks: NDArray[np.intp], half: float) -> _Image:
    """(N, 3) x, y refined by a parabola through the neighbours, and height / (height + half)."""
    y = np.clip(peaks[:, 0], 1, image.shape[0] - 2)
    x = np.clip(peaks[:, 1], 1, image.shape[1] - 2)
    top = image[y, x]
    dx = _parabola(image[y, x - 1], top, image[y, x + 1])
    dy = _parabola(image[y - 1, x], top, image[y + 1, x])
    return np.stack([x + dx, y + dy, top / (top + half)], axis=1).astype(np.float32)


def _parabola(before: _Image, top: _Image, after: _Image) -> _Image:
    bend = 2 * top - before - after
    shift = np.where(bend > 1e-9, (after - before) / np.maximum(2 * bend, 1e-9), 0)
    return np.clip(shift, -0.5, 0.5).astype(np.float32)
