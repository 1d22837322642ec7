"""What the network should say: Gaussian bumps at marked nuclei, and where nothing is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from her2scope.nets.points import Kind, Points

Floats = NDArray[np.float32]
SIGMA_PX = 2.0
"""Width of a bump in heatmap pixels of 1 um, where no other nucleus is near."""
CROWDED = 0.35
"""Width of a bump in distances to the nearest other nucleus, where that is narrower: between two bumps the map then
falls to a third, however close they are, and both are found."""
_LEAST_SIGMA_PX = 1.0
_REACH_PX = 6
_UNKNOWN_PX = 5.0  # nothing is asked this near a mark that does not tell
_ANSWERS = {Kind.TUMOUR: (0, 2), Kind.OTHER: (1, 2), Kind.ANY: (2,), Kind.IGNORE: ()}


@dataclass(frozen=True)
class Target:
    """Three heatmaps and where each counts: tumour, other, and their sum (any nucleus).

    Parameters
    ----------
    heat
        (3, H, W) float32, 0 to 1.
    known
        (3, H, W) float32, 1 where the map counts, 0 where not.
    """

    heat: Floats
    known: Floats


def make_target(points: Points, shape: tuple[int, int], stride: int) -> Target:
    """Render the target of an image.

    Parameters
    ----------
    points
        Marks in the input's pixels.
    shape
        Rows and columns of the heatmap.
    stride
        Input pixels per heatmap pixel.
    """
    xy = (points.xy_px + 0.5) / stride - 0.5
    heat = np.zeros((3, *shape), np.float32)
    known = np.ones((3, *shape), np.float32)
    sigma = _sigmas(xy, points.kind != Kind.IGNORE)
    for kind, answers in _ANSWERS.items():
        mine = points.kind == kind
        here = xy[mine]
        for channel in range(3):
            if channel in answers:
                _bumps(heat[channel], here, sigma[mine])
            elif kind in (Kind.ANY, Kind.IGNORE):
                _forget(known[channel], here)
    return Target(heat, known)


def _windows(shape: tuple[int, int], xy: NDArray[np.float64]) -> tuple[NDArray[np.intp], ...]:
    """Rows, columns and owner of the pixels near each point, inside the image."""
    span = np.arange(-_REACH_PX, _REACH_PX + 1)
    near = np.rint(xy).astype(np.intp)
    rows = np.broadcast_to(near[:, 1, None, None] + span[:, None], (len(xy), span.size, span.size)).ravel()
    columns = np.broadcast_to(near[:, 0, None, None] + span, (len(xy), span.size, span.size)).ravel()
    owner = np.repeat(np.arange(len(xy)), span.size**2)
    inside = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    return rows[inside], columns[inside], owner[inside]


def _squared(xy: NDArray[np.float64], window: tuple[NDArray[np.intp], ...]) -> NDArray[np.float64]:
    rows, columns, owner = window
    return np.asarray((columns - xy[owner, 0]) ** 2 + (rows - xy[owner, 1]) ** 2)


def _sigmas(xy: NDArray[np.float64], is_nucleus: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Width of each mark's bump by its nearest nucleus; marks that are no nuclei do not crowd."""
    sigma = np.full(len(xy), SIGMA_PX)
    nuclei = xy[is_nucleus]
    if len(nuclei) > 1:
        nearest = cKDTree(nuclei).query(nuclei, k=2)[0][:, 1]
        sigma[is_nucleus] = np.clip(CROWDED * nearest, _LEAST_SIGMA_PX, SIGMA_PX)
    return sigma


def _bumps(heat: Floats, xy: NDArray[np.float64], sigma: NDArray[np.float64]) -> None:
    window = _windows((heat.shape[0], heat.shape[1]), xy)
    value = np.exp(_squared(xy, window) / (-2 * sigma[window[2]] ** 2)).astype(np.float32)
    np.maximum.at(heat, (window[0], window[1]), value)


def _forget(known: Floats, xy: NDArray[np.float64]) -> None:
    window = _windows((known.shape[0], known.shape[1]), xy)
    near = _squared(xy, window) < _UNKNOWN_PX**2
    known[window[0][near], window[1][near]] = 0.0
