"""Rough nuclei without a network (paper 001, 3.1 and fig. 3): the detector of last resort.

Nuclei are blue blobs outside stained regions and pale blobs (DAB minima) inside them. A blob is where the image
curves down along both axes (Hessian, smoothed to a nucleus's radius), so that fibres and membranes are none; small
dense and slender blue ones (lymphocytes, stroma) are dropped. The search runs at 0.848 um per pixel, where a nucleus
is 7 to 13 px wide (0.6 um found no more, in twice the time), and is refined below a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.enhancement import disk
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
    blue_sigma_um, pale_sigma_um
        Smoothing that answers most to a nucleus, in hematoxylin and in DAB.
    fine_sigma_um
        Smoothing that answers to a lymphocyte and to a fibre's width.
    relative_floor
        Weakest blob, as a share of the field's strong ones (90th percentile of its maxima).
    absolute_floor
        Weakest blob of all, in OD.
    max_fine
        A blob whose fine response is a greater share of its own is small and dense, or slender,
    max_slender
        and is dropped when it curves across less than this share of what it curves along.
    stained_od
        DAB OD from which a region counts as stained.
    min_tissue_od
        Least OD of hematoxylin and DAB together: below it a pale spot is glass, not a nucleus.
    spacing_um
        Least distance between two nuclei.
    """

    pixel_um: float = 0.848
    blue_sigma_um: float = 2.5
    pale_sigma_um: float = 3.0
    fine_sigma_um: float = 1.5
    relative_floor: float = 0.10
    absolute_floor: float = 0.005
    max_fine: float = 0.65
    max_slender: float = 0.5
    stained_od: float = 0.35
    min_tissue_od: float = 0.10
    spacing_um: float = 6.5


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
        tissue = cv2.GaussianBlur(hematoxylin + dab, (0, 0), 1.5) > p.min_tissue_od
        blue, pale = blue_nuclei(hematoxylin, p), pale_nuclei(dab, p)
        blue, pale = blue[~_at(region, blue)], pale[_at(region & tissue, pale)]
        found = np.concatenate([pale, blue])
        found = found[np.argsort(-found[:, 2], kind="stable")]
        found = found[sparse(found[:, :2].astype(np.float64), p.spacing_um / p.pixel_um)]
        xy = (found[:, :2].astype(np.float64) + 0.5) / (scale * stains.scale) - 0.5
        last = np.array(frame.rgb.shape[1::-1], dtype=np.float64) - 1
        return Nuclei(np.clip(xy, 0, last), found[:, 2])


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
    wide = cv2.dilate((dab >= p.stained_od).astype(np.uint8), disk(2.0 / p.pixel_um))
    return cv2.morphologyEx(wide, cv2.MORPH_CLOSE, disk(4.0 / p.pixel_um)) > 0


def blue_nuclei(hematoxylin: _Image, p: RoughParameters) -> _Image:
    """Blue blobs of a tumour nucleus's size.

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
    across, along = blob_response(hematoxylin, p.blue_sigma_um / p.pixel_um)
    narrow, _ = blob_response(hematoxylin, p.fine_sigma_um / p.pixel_um)
    fine = cv2.dilate(narrow, np.ones((5, 5), np.uint8))
    found = _peaks(across, p)
    y, x = found[:, 0], found[:, 1]
    small = fine[y, x] > p.max_fine * across[y, x]
    slender = across[y, x] < p.max_slender * along[y, x]
    return _with_score(across, found[~(small & slender)])


def pale_nuclei(dab: _Image, p: RoughParameters) -> _Image:
    """Blobs paler than the stain around them; like `blue_nuclei`.

    Parameters
    ----------
    dab
        (H, W) float32 OD (base 10).
    p
        See RoughParameters.
    """
    across, _ = blob_response(-dab, p.pale_sigma_um / p.pixel_um)
    return _with_score(across, _peaks(across, p))


def blob_response(image: _Image, sigma_px: float) -> tuple[_Image, _Image]:
    """How much a smoothed image curves down, along its flatter and its steeper axis, times sigma squared.

    Parameters
    ----------
    image
        (H, W) float32.
    sigma_px
        Gaussian smoothing in pixels.

    Returns
    -------
    tuple of ndarray
        Two (H, W) float32, minus the larger and minus the smaller eigenvalue of the Hessian; units of the image.
    """
    smooth = cv2.GaussianBlur(image, (0, 0), sigma_px)
    across, along = _curvatures(cv2.copyMakeBorder(smooth, 1, 1, 1, 1, cv2.BORDER_REFLECT_101), sigma_px**2)
    return across, along


@numba.njit(cache=True, nogil=True, fastmath=True, boundscheck=False)
def _curvatures(padded, weight):  # type: ignore[no-untyped-def]  # numba
    """Minus the eigenvalues of the Hessian of an image with a border of one pixel, times `weight`."""
    height, width = padded.shape[0] - 2, padded.shape[1] - 2
    across = np.empty((height, width), np.float32)
    along = np.empty((height, width), np.float32)
    half, quarter = np.float32(weight / 2), np.float32(weight / 4)
    for y in range(height):
        up, middle, down = padded[y], padded[y + 1], padded[y + 2]
        for x in range(width):
            twice = 2 * middle[x + 1]
            xx = twice - middle[x] - middle[x + 2]
            yy = twice - up[x + 1] - down[x + 1]
            xy = quarter * (up[x] + down[x + 2] - up[x + 2] - down[x])
            mean, difference = half * (xx + yy), half * (xx - yy)
            spread = np.sqrt(difference * difference + xy * xy)
            across[y, x], along[y, x] = mean - spread, mean + spread
    return across, along


def _peaks(response: _Image, p: RoughParameters) -> NDArray[np.intp]:
    """(N, 2) maxima (y, x) of a response that are strong for this field."""
    found = local_maxima(response, 1.5 / p.pixel_um, p.absolute_floor)
    if not len(found):
        return found
    values = response[found[:, 0], found[:, 1]]
    return found[values >= p.relative_floor * np.percentile(values, 90)]


def _with_score(image: _Image, peaks: NDArray[np.intp]) -> _Image:
    """(N, 3) x, y refined by a parabola through the neighbours, and height / (height + 0.05)."""
    padded = np.pad(image, 1, mode="edge")
    y, x = peaks[:, 0] + 1, peaks[:, 1] + 1
    top = padded[y, x]
    dx = _parabola(padded[y, x - 1], top, padded[y, x + 1])
    dy = _parabola(padded[y - 1, x], top, padded[y + 1, x])
    return np.stack([x - 1 + dx, y - 1 + dy, top / (top + np.float32(0.05))], axis=1).astype(np.float32)


def _parabola(before: _Image, top: _Image, after: _Image) -> _Image:
    bend = 2 * top - before - after
    shift = np.where(bend > 1e-9, (after - before) / np.maximum(2 * bend, 1e-9), 0)
    return np.clip(shift, -0.5, 0.5).astype(np.float32)
