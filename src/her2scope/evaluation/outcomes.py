"""What a detector found in one image against its marks: what counts for it, what against, and what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.base.geometry import PointsPx
from her2scope.evaluation.matching import match_points
from her2scope.nets.points import Kind, Points

EVERY = (Kind.TUMOUR, Kind.OTHER, Kind.ANY)
"""Nuclei of every kind."""
TUMOUR = (Kind.TUMOUR,)


def asked_kinds(marks: Iterable[Points]) -> tuple[Kind, ...]:
    """Which kinds marks can measure: tumour where any says so, else nuclei of every kind; none where none is told."""
    kinds = {int(kind) for points in marks for kind in np.unique(points.kind)}
    return TUMOUR if Kind.TUMOUR in kinds else EVERY if Kind.ANY in kinds else ()


def in_words(wanted: Sequence[Kind]) -> str:
    """The kinds asked for."""
    return "tumour" if tuple(wanted) == TUMOUR else "any nucleus"


@dataclass(frozen=True)
class Outcome:
    """One image.

    Parameters
    ----------
    pairs
        (K, 2) int64, indices of what was found and of the mark it was found at.
    wanted
        (N,) bool, which marks should be found.
    counted
        (M,) bool, which of the found count: not those at marks that do not tell whether they should be found.
    others
        How many nuclei of other kinds are marked.
    others_taken
        How many of them were taken for the wanted kinds.
    """

    pairs: NDArray[np.int64]
    wanted: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    others: int
    others_taken: int

    @property
    def detection(self) -> tuple[int, int, int]:
        """Matched, missed and extra nuclei."""
        matched = len(self.pairs)
        return matched, int(self.wanted.sum()) - matched, int(self.counted.sum()) - matched

    @property
    def matched_found(self) -> NDArray[np.bool_]:
        """(M,) bool, which of the found are right."""
        return _at(self.pairs[:, 0], len(self.counted))

    @property
    def matched_marks(self) -> NDArray[np.bool_]:
        """(N,) bool, which marks were found."""
        return _at(self.pairs[:, 1], len(self.wanted))


def outcome(found: PointsPx, marks: Points, wanted: Sequence[Kind], radius_px: float) -> Outcome:
    """Bring found nuclei and marks together.

    Parameters
    ----------
    found
        (M, 2) float64 found nuclei, in the image's pixels.
    marks
        Every mark of the image.
    wanted
        The kinds that should be found.
    radius_px
        Farthest that a found nucleus may be from its mark.
    """
    should = _of_kind(marks, wanted)
    pairs = _match(found, marks, should, radius_px)
    free = np.flatnonzero(~_at(pairs[:, 0], len(found)))
    unclear = _of_kind(marks, {Kind.ANY, Kind.IGNORE} - set(wanted))
    counted = np.ones(len(found), np.bool_)
    counted[free[_match(found[free], marks, unclear, radius_px)[:, 0]]] = False
    other = _of_kind(marks, {Kind.OTHER} - set(wanted))
    taken = len(_match(found[free], marks, other, radius_px))
    return Outcome(pairs, should, counted, int(other.sum()), taken)


def _match(found: PointsPx, marks: Points, chosen: NDArray[np.bool_], radius_px: float) -> NDArray[np.int64]:
    """(K, 2) pairs of found nuclei and chosen marks, as indices into all of them."""
    matching = match_points(marks.xy_px[chosen], found, 1.0, radius_px)
    return np.stack([matching.found, np.flatnonzero(chosen)[matching.truth]], axis=1)


def _of_kind(marks: Points, kinds: Sequence[Kind] | set[Kind]) -> NDArray[np.bool_]:
    return np.isin(marks.kind, [int(kind) for kind in kinds])


def _at(indices: NDArray[np.int64], length: int) -> NDArray[np.bool_]:
    there = np.zeros(length, np.bool_)
    there[indices] = True
    return there
