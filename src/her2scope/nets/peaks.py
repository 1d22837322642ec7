"""From heatmaps to nuclei: local maxima with sub-pixel places, tumour told from other by the stronger heatmap."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.nuclei import local_maxima
from her2scope.base.geometry import PointsPx

Floats = NDArray[np.float32]
_SMOOTH_PX = 0.7  # bfloat16 heatmaps have equal neighbours: smoothing decides between them


@dataclass(frozen=True)
class PeakRule:
    """What counts as a nucleus.

    Parameters
    ----------
    floor
        Smallest height of a peak of the summed heatmaps, 0 to 1.
    tumour_share
        Smallest share of the tumour heatmap in the sum for a nucleus to be tumour.
    apart_px
        Two nuclei are farther apart than this in x or in y, in heatmap pixels (1 um).
    """

    floor: float = 0.30
    tumour_share: float = 0.5
    apart_px: float = 3.0


@dataclass(frozen=True)
class Peaks:
    """Nuclei of a heatmap.

    Parameters
    ----------
    xy
        (N, 2) float64 in heatmap pixels.
    score
        (N,) float32, height of the summed heatmaps, 0 to 1.
    tumour
        (N,) float32, share of the tumour heatmap, 0 to 1.
    """

    xy: PointsPx
    score: Floats
    tumour: Floats


def find_peaks(heat: Floats, rule: PeakRule) -> Peaks:
    """Every nucleus of a pair of heatmaps.

    Parameters
    ----------
    heat
        (2, H, W) float32: tumour, other.
    rule
        Its floor and distance; the share is not applied here.
    """
    tumour, other = (cv2.GaussianBlur(np.maximum(h, 0), (5, 5), _SMOOTH_PX) for h in heat)
    total = np.asarray(tumour + other, dtype=np.float32)
    rows, columns = local_maxima(total, rule.apart_px, rule.floor).T
    height = total[rows, columns]
    share = _around(np.asarray(tumour, np.float32), rows, columns) / np.maximum(1e-6, _around(total, rows, columns))
    return Peaks(_refined(total, rows, columns), np.minimum(height, 1).astype(np.float32), share.astype(np.float32))


def _around(image: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
    """Sum over the 3 x 3 pixels around each place."""
    summed = cv2.boxFilter(image, -1, (3, 3), normalize=False, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(summed[rows, columns], dtype=np.float32)


def _refined(total: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> PointsPx:
    """Places of the maxima to a fraction of a pixel: a parabola through three values each way."""
    padded = np.pad(total, 1, mode="edge")
    y, x = rows + 1, columns + 1
    middle = padded[y, x]
    shifts = []
    for dy, dx in ((0, 1), (1, 0)):
        before, after = padded[y - dy, x - dx], padded[y + dy, x + dx]
        bend = before + after - 2 * middle
        shift = np.where(bend < -1e-6, 0.5 * (before - after) / np.minimum(bend, -1e-6), 0.0)
        shifts.append(np.clip(shift, -0.5, 0.5))
    return np.stack([columns + shifts[0], rows + shifts[1]], axis=1).astype(np.float64)
