"""How well found nuclei agree with marks: one-to-one matches within a radius, precision, recall and F1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from her2scope.base.geometry import PointsPx
from her2scope.nets.points import Kind, Points

MATCH_UM = 5.0


@dataclass(frozen=True)
class Agreement:
    """Counts of an image, or of many added up.

    Parameters
    ----------
    matched, found, marked
        Nuclei found and marked, found, and marked.
    """

    matched: int = 0
    found: int = 0
    marked: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        """Add counts."""
        return Agreement(self.matched + other.matched, self.found + other.found, self.marked + other.marked)

    @property
    def precision(self) -> float:
        """Matched of found; 0 where nothing was found."""
        return self.matched / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Matched of marked; 0 where nothing was marked."""
        return self.matched / self.marked if self.marked else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.matched / (self.found + self.marked) if self.found + self.marked else 0.0


def match(found: PointsPx, marked: PointsPx, radius_px: float) -> NDArray[np.intp]:
    """Pairs of found and marked points, nearest pairs first, each point at most once.

    Returns
    -------
    ndarray
        (K, 2) intp, indices into `found` and `marked`.
    """
    if not len(found) or not len(marked):
        return np.zeros((0, 2), np.intp)
    pairs = cKDTree(found).sparse_distance_matrix(cKDTree(marked), radius_px, output_type="coo_matrix")
    free_found, free_marked = np.ones(len(found), bool), np.ones(len(marked), bool)
    kept = []
    for k in np.argsort(pairs.data, kind="stable"):
        i, j = int(pairs.row[k]), int(pairs.col[k])
        if free_found[i] and free_marked[j]:
            free_found[i] = free_marked[j] = False
            kept.append((i, j))
    return np.asarray(kept, np.intp).reshape(-1, 2)


def agreement(found: PointsPx, marked: PointsPx, radius_px: float) -> Agreement:
    """Count the matches of one image."""
    return Agreement(len(match(found, marked, radius_px)), len(found), len(marked))


def judged(found: PointsPx, marks: Points, wanted: tuple[Kind, ...], radius_px: float) -> Agreement:
    """Agreement on some kinds of nuclei; what was found at marks that do not tell counts neither for nor against.

    Parameters
    ----------
    found
        (N, 2) float64 found nuclei.
    marks
        Every mark of the image.
    wanted
        The kinds that should be found.
    radius_px
        Farthest that a match may be.
    """
    right = marks.select(*wanted)
    pairs = match(found, right, radius_px)
    rest = np.delete(found, pairs[:, 0], axis=0)
    unknown = marks.select(*({Kind.ANY, Kind.IGNORE} - set(wanted)))
    excused = len(match(rest, unknown, radius_px))
    return Agreement(len(pairs), len(found) - excused, len(right))
