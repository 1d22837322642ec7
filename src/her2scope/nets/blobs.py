"""Nucleus candidates in a hematoxylin image: a first guess where a source marks only some nuclei, or none."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.nuclei import local_maxima, sparse

Floats = NDArray[np.float32]
_NUCLEUS_UM = 1.6  # sigma of the bump that answers a nucleus
_SURROUND_UM = 5.0
_APART_UM = 4.5


@dataclass(frozen=True)
class Blobs:
    """Candidates of an image.

    Parameters
    ----------
    xy_px
        (N, 2) float64.
    strength
        (N,) float32, contrast against the surroundings in units of the strongest nuclei.
    area_um2
        (N,) float64, area of the dark patch under each (shared patches are divided).
    roundness
        (N,) float64, minor by major axis of the patch, 0 to 1.
    """

    xy_px: NDArray[np.float64]
    strength: Floats
    area_um2: NDArray[np.float64]
    roundness: NDArray[np.float64]


def find_blobs(hematoxylin: Floats, pixel_um: float) -> Blobs:
    """Dark blobs of a nucleus's size.

    Parameters
    ----------
    hematoxylin
        (H, W) float32, about 1 at dark nuclei.
    pixel_um
        Its pixel size.
    """
    small = cv2.GaussianBlur(hematoxylin, (0, 0), _NUCLEUS_UM / pixel_um)
    contrast = small - cv2.GaussianBlur(hematoxylin, (0, 0), _SURROUND_UM / pixel_um)
    yx = local_maxima(contrast.astype(np.float32), 2.0 / pixel_um, 0.02)
    strength = contrast[yx[:, 0], yx[:, 1]]
    order = np.argsort(-strength, kind="stable")
    xy = yx[order][:, ::-1].astype(np.float64)
    kept = sparse(xy, _APART_UM / pixel_um)
    xy, strength = xy[kept], strength[order][kept]
    area, roundness = _patches(contrast > 0.02, xy, pixel_um)
    return Blobs(xy, strength.astype(np.float32), area, roundness)


def _patches(
    mask: NDArray[np.bool_], xy: NDArray[np.float64], pixel_um: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Area in um2 and roundness of the patch that each point lies in, cut where points meet."""
    seeds = np.full(mask.shape, 255, np.uint8)
    x, y = xy.astype(np.intp).T
    seeds[y, x] = 0
    _, owner = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    order = owner[y, x]
    owner[~mask] = 0
    n = int(order.max(initial=0)) + 1
    rows, columns = np.nonzero(owner)
    label = owner[rows, columns]
    count = np.maximum(1, np.bincount(label, minlength=n)).astype(np.float64)
    mean_x, mean_y = (np.bincount(label, v, n) / count for v in (columns, rows))
    dx, dy = columns - mean_x[label], rows - mean_y[label]
    xx, yy, xy_ = (np.bincount(label, v, n) / count + e for v, e in ((dx * dx, 0.1), (dy * dy, 0.1), (dx * dy, 0.0)))
    spread = np.sqrt(((xx - yy) / 2) ** 2 + xy_**2)
    ratio = np.sqrt(np.maximum((xx + yy) / 2 - spread, 0.0) / ((xx + yy) / 2 + spread))
    return count[order] * pixel_um**2, ratio[order]
