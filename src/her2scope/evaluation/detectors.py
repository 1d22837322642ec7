"""How well nucleus detectors do on held-out images: per source, with bootstrap intervals over its images.

Three questions are asked of every detector: how well it finds tumour nuclei (what was found at marks that do not tell
is left out of account), how many nuclei of other kinds it takes for tumour, and how well it finds nuclei of any kind,
for sources whose marks do not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.nuclei import Detector
from her2scope.analysis.stain import StainProfile, stain_images
from her2scope.analysis.white import estimate_white
from her2scope.base.frame import Frame
from her2scope.base.geometry import MIN_SIDE_PX, PointsPx
from her2scope.evaluation.intervals import Measure, measure
from her2scope.evaluation.metrics import f1, precision, ratio, recall
from her2scope.nets.picture_size import WORKING_UM
from her2scope.nets.points import Kind, Points
from her2scope.nets.predict import LinkNetDetector
from her2scope.nets.samples import draw_painted
from her2scope.nets.sources import Source
from her2scope.nets.validation import MATCH_UM, judged, match
from her2scope.synth.tissue import render_field

Finder = Callable[[Frame], PointsPx]
"""From a field to (N, 2) places of nuclei."""
EVERY = (Kind.TUMOUR, Kind.OTHER, Kind.ANY)
RADII_UM = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
_ANALYSED_UM = 0.424
_PAINTED_EACH = 4


@dataclass(frozen=True)
class Marked:
    """A field and its marks, in the field's own pixels."""

    frame: Frame
    points: Points


@dataclass(frozen=True)
class Finding:
    """A detector on the images of one source.

    Parameters
    ----------
    source, detector, images
        What was measured.
    precision, recall, f1
        Of the kinds asked for, at 5 um.
    others_taken
        Share of the other nuclei that were taken for the kinds asked for.
    f1_by_radius
        F1 at each of RADII_UM.
    """

    source: str
    detector: str
    images: int
    precision: Measure
    recall: Measure
    f1: Measure
    others_taken: Measure
    f1_by_radius: tuple[float, ...]

    def row(self) -> str:
        """A line of a Markdown table."""
        cells = (self.source, self.detector, self.images, self.precision, self.recall, self.f1, self.others_taken)
        return "| " + " | ".join(str(c) for c in cells) + " |"


def tumour_finder(detector: Detector) -> Finder:
    """What a detector reports as tumour."""
    stain = StainProfile("default")

    def find(frame: Frame) -> PointsPx:
        white = estimate_white(frame.rgb)
        return detector.detect(frame, stain_images(frame.rgb, stain, white, frame.pixel_um, _ANALYSED_UM)).xy_px

    return find


def any_finder(detector: LinkNetDetector) -> Finder:
    """Nuclei of any kind."""
    return lambda frame: detector.detect_all(frame).xy_px


def judge_finder(names: tuple[str, str], finder: Finder, fields: Sequence[Marked], wanted: tuple[Kind, ...]) -> Finding:
    """Measure on fields.

    Parameters
    ----------
    names
        Of the source and of the detector.
    finder
        The detector.
    fields
        Held-out fields.
    wanted
        The kinds that it should find.
    """
    found = [finder(field.frame) for field in fields]
    counts = _counts(found, fields, wanted, MATCH_UM)
    by_radius = tuple(_f1(_counts(found, fields, wanted, radius)) for radius in RADII_UM)
    return Finding(
        names[0],
        names[1],
        len(fields),
        measure(counts, precision, "nothing was found"),
        measure(counts, recall, "nothing is marked"),
        measure(counts, f1, "nothing is found or marked"),
        measure(_taken(found, fields, wanted), _share, "no other nuclei are marked"),
        by_radius,
    )


def _f1(counts: NDArray[np.int64]) -> float:
    return float(f1(counts.sum(axis=0, dtype=np.float64)[None])[0])


def _share(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return ratio(counts[..., 0], counts[..., 1])


def _counts(
    found: Sequence[PointsPx], fields: Sequence[Marked], wanted: tuple[Kind, ...], radius_um: float
) -> NDArray[np.int64]:
    """(I, 3) matched, missed and extra of each field."""
    rows = []
    for xy, field in zip(found, fields, strict=True):
        a = judged(xy, field.points, wanted, radius_um / field.frame.pixel_um)
        rows.append((a.matched, a.marked - a.matched, a.found - a.matched))
    return np.asarray(rows, np.int64).reshape(-1, 3)


def _taken(found: Sequence[PointsPx], fields: Sequence[Marked], wanted: tuple[Kind, ...]) -> NDArray[np.int64]:
    """(I, 2) other nuclei that were taken for the wanted kinds, and how many there are."""
    rows = []
    for xy, field in zip(found, fields, strict=True):
        radius = MATCH_UM / field.frame.pixel_um
        other = field.points.select(*({Kind.OTHER} - set(wanted)))
        free = np.delete(xy, match(xy, field.points.select(*wanted), radius)[:, 0], axis=0)
        rows.append((len(match(free, other, radius)), len(other)))
    return np.asarray(rows, np.int64).reshape(-1, 2)


def as_field(source: Source) -> Marked:
    """A source's image in its own stain; tiles too small for a frame are enlarged."""
    rgb, xy, pixel_um = source.stain.rgb, source.points.xy_px, source.pixel_um
    factor = max(1.0, (MIN_SIDE_PX + 1) / min(rgb.shape[:2]), pixel_um)
    if factor > 1:
        rgb = np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)
        xy, pixel_um = (xy + 0.5) * factor - 0.5, pixel_um / factor
    return Marked(Frame(source.name, rgb, pixel_um), Points(xy, source.points.kind))


def painted_fields(sources: Iterable[Source], seed: int) -> list[Marked]:
    """Crops of held-out sources, re-stained as HER2."""
    fields = []
    for index, source in enumerate(sources):
        for k in range(_PAINTED_EACH):
            rgb, points = draw_painted(np.random.default_rng([seed, index, k]), source)
            fields.append(Marked(Frame(f"{source.name} painted {k}", rgb, WORKING_UM), points))
    return fields


def synthetic_fields(cases: Sequence[str], seeds: Iterable[int], pixel_um: float, size_px: int) -> list[Marked]:
    """Fresh synthetic HER2 fields."""
    fields = []
    for seed in seeds:
        field = render_field(cases[seed % len(cases)], seed, pixel_um=pixel_um, size_px=size_px)
        points = Points.of(field.truth.xy_px, Kind.TUMOUR).joined(Points.of(field.truth.other_xy_px, Kind.OTHER))
        fields.append(Marked(Frame(f"synthetic {seed}", field.rgb, pixel_um), points))
    return fields
