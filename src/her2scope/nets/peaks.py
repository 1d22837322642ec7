"""From heatmaps to nuclei: local maxima with sub-pixel places, tumour told from other by the stronger heatmap."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.nuclei import local_maxima
from her2scope.base.geometry import PointsPx

Floats = NDArray[np.float32]
SMOOTH_PX = 0.7
"""Heatmaps are smoothed by so much: in bfloat16 neighbours are often equal, and smoothing decides between them."""


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
    apart_px: float = 1.0


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


@dataclass(frozen=True)
class Windows:
    """Local maxima with the 3 x 3 heatmap pixels around each.

    Parameters
    ----------
    rows, columns
        (N,) intp, places of the maxima in reading order.
    total, tumour
        (N, 3, 3) float32 of the smoothed heatmaps: both together, and tumour alone; edge pixels repeat.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    total: Floats
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
    tumour, other = (cv2.GaussianBlur(np.maximum(h, 0), (5, 5), SMOOTH_PX) for h in heat)
    total = np.asarray(tumour + other, dtype=np.float32)
    rows, columns = local_maxima(total, rule.apart_px, rule.floor).T
    around = (_windows(np.asarray(image, np.float32), rows, columns) for image in (total, tumour))
    return read_windows(Windows(rows, columns, *around))


def _windows(image: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
    span = np.arange(3)
    padded = np.pad(image, 1, mode="edge")
    return np.asarray(padded[rows[:, None, None] + span[:, None], columns[:, None, None] + span])


def read_windows(windows: Windows) -> Peaks:
    """Places to a fraction of a pixel (a parabola through three values each way), heights and kinds."""
    middle = windows.total[:, 1, 1]
    x = windows.columns + _vertex(windows.total[:, 1, 0], middle, windows.total[:, 1, 2])
    y = windows.rows + _vertex(windows.total[:, 0, 1], middle, windows.total[:, 2, 1])
    whole = np.maximum(1e-6, windows.total.sum(axis=(1, 2)))
    share = windows.tumour.sum(axis=(1, 2)) / whole
    xy = np.stack([x, y], axis=1).astype(np.float64)
    return Peaks(xy, np.minimum(middle, 1).astype(np.float32), share.astype(np.float32))


def _vertex(before: Floats, middle: Floats, after: Floats) -> Floats:
    """Where between -0.5 and 0.5 the parabola through three values has its top."""
    bend = before + after - 2 * middle
    shift = np.where(bend < -1e-6, 0.5 * (before - after) / np.minimum(bend, -1e-6), 0.0)
    return np.asarray(np.clip(shift, -0.5, 0.5), dtype=np.float32)
