"""Local maxima of heatmaps on the device that made them: only the peaks and their surroundings leave it.

The same steps as peaks.find_peaks, which is their reference: smoothing, maxima of a square, 3 x 3 pixels around each.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from her2scope.nets.peaks import SMOOTH_PX, PeakRule, Peaks, Windows, read_windows


def find_peaks_on_device(heat: Tensor, rule: PeakRule) -> Peaks:
    """Every nucleus of a pair of heatmaps that lie on a device.

    Parameters
    ----------
    heat
        (2, H, W) float32: tumour, other; H and W at least 3.
    rule
        Its floor and distance.
    """
    with torch.inference_mode():
        smooth = _smoothed(heat.clamp(min=0))
        maps = torch.stack([smooth.sum(dim=0), smooth[0]])
        side = 2 * max(1, round(rule.apart_px)) + 1
        highest = functional.max_pool2d(maps[:1], side, stride=1, padding=side // 2)[0]
        rows, columns = torch.nonzero((maps[0] >= highest) & (maps[0] > rule.floor), as_tuple=True)
        around = _windows(maps, rows, columns).cpu().numpy()
        places = torch.stack([rows, columns]).cpu().numpy().astype(np.intp)
    first = _first_of_plateau(places[0], places[1])
    return read_windows(Windows(places[0][first], places[1][first], around[first, 0], around[first, 1]))


def _smoothed(heat: Tensor) -> Tensor:
    kernel = torch.from_numpy(cv2.getGaussianKernel(5, SMOOTH_PX, cv2.CV_32F)).to(heat.device)
    padded = functional.pad(heat[:, None], (2, 2, 2, 2), mode="reflect")
    across = functional.conv2d(padded, kernel.reshape(1, 1, 1, 5))
    return functional.conv2d(across, kernel.reshape(1, 1, 5, 1))[:, 0]


def _windows(maps: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """(N, 2, 3, 3) of both maps around each place; edge pixels repeat."""
    padded = functional.pad(maps[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    span = torch.arange(3, device=maps.device)
    y = rows[:, None, None] + span[:, None]
    x = columns[:, None, None] + span
    return padded[:, y, x].permute(1, 0, 2, 3)


def _first_of_plateau(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.bool_]:
    """False for a place with an equal neighbour before it in reading order; places are in that order."""
    taken = {(-9, -9)}
    first = np.ones(len(rows), bool)
    for index, (y, x) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        near = ((y - 1, x - 1), (y - 1, x), (y - 1, x + 1), (y, x - 1))
        first[index] = not any(place in taken for place in near)
        taken.add((y, x))
    return first
