"""How well nucleus detectors do on marked images: per source and stain class, with bootstrap intervals over images.

Three questions are asked of every detector: how well it finds tumour nuclei (what was found at marks that do not tell
is left out of account), how many nuclei of other kinds it takes for tumour, and how well it finds nuclei of any kind,
for sources whose marks do not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.nuclei import Detector
from her2scope.analysis.stain import StainProfile
from her2scope.base.frame import Frame
from her2scope.base.geometry import PointsPx
from her2scope.evaluation.intervals import Measure, measure
from her2scope.evaluation.metrics import f1, precision, ratio, recall
from her2scope.evaluation.outcomes import Outcome, outcome
from her2scope.evaluation.stain_classes import NO_CLASS, NOT_OF_FOUND, StainClasses, field_stains
from her2scope.nets.points import Kind, Points
from her2scope.nets.predict import LinkNetDetector
from her2scope.nets.validation import MATCH_UM

Finder = Callable[[Frame], PointsPx]
"""From a field to (N, 2) places of nuclei."""
RADII_UM = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
_FOUND_RIGHT, _FOUND, _MARKED_FOUND, _MARKED = range(4)


@dataclass(frozen=True)
class Marked:
    """A field and its marks, in the field's own pixels.

    Parameters
    ----------
    frame, points
        The field and its marks.
    stains
        The ways to sort its nuclei by stain; none where the source tells of none.
    """

    frame: Frame
    points: Points
    stains: tuple[StainClasses, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a detector found in one image, beside what should be found."""

    found: PointsPx
    points: Points
    pixel_um: float
    stains: tuple[StainClasses, ...] = ()

    def outcome(self, wanted: Sequence[Kind], radius_um: float = MATCH_UM) -> Outcome:
        """What counts for and against the detector."""
        return outcome(self.found, self.points, wanted, radius_um / self.pixel_um)


@dataclass(frozen=True)
class ClassFinding:
    """A detector on the nuclei of one stain class.

    Parameters
    ----------
    scheme, name
        How nuclei were sorted, and the class.
    images
        How many images have such nuclei, marked or found.
    marked, found
        How many should be found; how many were found, None where what is found has no class.
    precision, recall, f1
        At 5 um.
    """

    scheme: str
    name: str
    images: int
    marked: int
    found: int | None
    precision: Measure
    recall: Measure
    f1: Measure


@dataclass(frozen=True)
class Finding:
    """A detector on the images of one source.

    Parameters
    ----------
    source, detector, images
        What was measured.
    marked, found
        Nuclei that should be found, and that were.
    precision, recall, f1
        Of the kinds asked for, at 5 um.
    others_taken
        Share of the other nuclei that were taken for the kinds asked for.
    f1_by_radius
        F1 at each of RADII_UM.
    classes
        The same by stain class.
    """

    source: str
    detector: str
    images: int
    marked: int
    found: int
    precision: Measure
    recall: Measure
    f1: Measure
    others_taken: Measure
    f1_by_radius: tuple[Measure, ...]
    classes: tuple[ClassFinding, ...] = ()


def tumour_finder(detector: Detector, profile: StainProfile | None = None) -> Finder:
    """What a detector reports as tumour, in fields stained as a profile says."""
    stain = profile or StainProfile("default")
    return lambda frame: detector.detect(frame, field_stains(frame, stain)).xy_px


def any_finder(detector: LinkNetDetector) -> Finder:
    """Nuclei of any kind."""
    return lambda frame: detector.detect_all(frame).xy_px


def judge(names: tuple[str, str], given: Sequence[Answer], wanted: Sequence[Kind]) -> Finding:
    """Measure what was found.

    Parameters
    ----------
    names
        Of the source and of the detector.
    given
        One answer an image.
    wanted
        The kinds that should be found.
    """
    outcomes = [answer.outcome(wanted) for answer in given]
    counts = _rows([o.detection for o in outcomes], 3)
    matched, missed, extra = counts.sum(axis=0).tolist()
    return Finding(
        *names,
        len(given),
        matched + missed,
        matched + extra,
        measure(counts, precision, "nothing was found"),
        measure(counts, recall, "nothing is marked"),
        _f1(counts),
        measure(_rows([(o.others_taken, o.others) for o in outcomes], 2), _share, "no other nuclei are marked"),
        tuple(_f1(_rows([a.outcome(wanted, r).detection for a in given], 3)) for r in RADII_UM),
        tuple(_by_class(given, outcomes)),
    )


def _rows(rows: Sequence[tuple[int, ...]], columns: int) -> NDArray[np.int64]:
    """(I, columns), a row for each image."""
    return np.asarray(rows, np.int64).reshape(-1, columns)


def _f1(counts: NDArray[np.int64]) -> Measure:
    return measure(counts, f1, "nothing is found or marked")


def _share(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return ratio(counts[..., 0], counts[..., 1])


def _by_class(given: Sequence[Answer], outcomes: Sequence[Outcome]) -> list[ClassFinding]:
    """Every stain class of every scheme that the images have, classes without a nucleus left out."""
    schemes = {stains.scheme: stains for answer in given for stains in answer.stains}
    findings = []
    for scheme, first in schemes.items():
        sorted_by = [(s, a, o) for a, o in zip(given, outcomes, strict=True) for s in a.stains if s.scheme == scheme]
        for name in first.order:
            rows = _rows([_class_counts(s, a.found, o, name) for s, a, o in sorted_by], 4)
            rows = rows[rows.any(axis=1)]
            if len(rows):
                findings.append(_class_finding(scheme, name, rows, has_found=first.of_found is not None))
    return findings


def _class_counts(stains: StainClasses, found: PointsPx, judged: Outcome, name: str) -> tuple[int, ...]:
    """Right ones of the found, found, found ones of the marked, and marked, of one class in one image."""
    of_found = np.full(len(found), NO_CLASS) if stains.of_found is None else stains.of_found(found)
    called, real = judged.counted & (of_found == name), judged.wanted & (stains.marks == name)
    right, hit = called & judged.matched_found, real & judged.matched_marks
    return int(right.sum()), int(called.sum()), int(hit.sum()), int(real.sum())


def _class_finding(scheme: str, name: str, rows: NDArray[np.int64], *, has_found: bool) -> ClassFinding:
    total = rows.sum(axis=0)
    nothing = "none was found" if has_found else NOT_OF_FOUND
    return ClassFinding(
        scheme,
        name,
        len(rows),
        int(total[_MARKED]),
        int(total[_FOUND]) if has_found else None,
        measure(rows, lambda n: ratio(n[:, _FOUND_RIGHT], n[:, _FOUND]), nothing),
        measure(rows, lambda n: ratio(n[:, _MARKED_FOUND], n[:, _MARKED]), "none is marked"),
        measure(rows, _class_f1, "none is marked or found") if has_found else Measure(None, note=NOT_OF_FOUND),
    )


def _class_f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 where a nucleus may be of one class as marked and of its neighbour class as found."""
    right = counts[:, _FOUND_RIGHT] + counts[:, _MARKED_FOUND]
    return ratio(right, counts[:, _FOUND] + counts[:, _MARKED])
