"""One frame to a field result: the method of paper 001 from light to cell classes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.backend import CpuBackend, FieldBackend
from her2scope.analysis.cells import Cells
from her2scope.analysis.classify import classify
from her2scope.analysis.enhancement import with_measured_crosstalk
from her2scope.analysis.hematoxylin import fine_enough, measure_hematoxylin
from her2scope.analysis.measures import coarse, measure
from her2scope.analysis.membrane import MembraneImages, MembraneParameters, Membranes, Thresholds
from her2scope.analysis.nuclei import Detector, Nuclei
from her2scope.analysis.overlay import OKABE_ITO, OverlayStyle, draw_overlay
from her2scope.analysis.quality import (
    Finding,
    Status,
    check_hematoxylin,
    check_nuclei,
    check_resolution,
    check_stain,
    judge,
    overall,
)
from her2scope.analysis.roi import Roi, inside
from her2scope.analysis.rough import RoughDetector
from her2scope.analysis.stain import StainProfile
from her2scope.analysis.white import estimate_white
from her2scope.base.frame import Frame, Lens

_T = TypeVar("_T")


@dataclass(frozen=True)
class FieldSettings:
    """What a field is analysed with.

    Parameters
    ----------
    stain
        An assay's stain profile; its vectors may depend on the objective, and each field is read by those of its own.
    detector
        Finds the nuclei.
    membrane
        How membranes are looked for.
    backend
        What does the work on whole images; any gives the same classes.
    """

    stain: StainProfile
    detector: Detector = field(default_factory=RoughDetector)
    membrane: MembraneParameters = field(default_factory=MembraneParameters)
    backend: FieldBackend = field(default_factory=CpuBackend)

    def under(self, lens: Lens | None) -> FieldSettings:
        """The settings for a field taken through `lens`: the one door to the vectors that count for it."""
        return replace(self, stain=self.stain.under(lens))


@dataclass(frozen=True)
class FieldResult:
    """A field, classified cell by cell.

    Parameters
    ----------
    name, pixel_um, shape
        Of the frame; shape is (height, width) in pixels.
    status
        Whether the field counts; a blocked one has no cells.
    reasons
        Why it is cautioned or blocked, in words.
    notes
        Remarks that are no fault: of the reader, or that white was estimated.
    cells
        The tumour cells.
    membranes
        The traced membranes; None in a field that was blocked before they were looked for.
    detector
        Name of the nucleus detector used.
    white
        The I0 used, R, G, B.
    timings_ms
        Milliseconds of each stage.
    findings
        The quality gate's findings before nuclei were counted.
    nuclei
        What the detector found.
    uncut
        (N,) bool, cells that the border rule lets count, whatever the region of interest.
    """

    name: str
    pixel_um: float
    shape: tuple[int, int]
    status: Status
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    cells: Cells
    membranes: Membranes | None
    detector: str
    white: tuple[float, float, float]
    timings_ms: dict[str, float]
    findings: tuple[Finding, ...]
    nuclei: Nuclei
    uncut: NDArray[np.bool_]


class _Stopwatch:
    """Adds up the milliseconds of named stages."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    def time(self, stage: str, step: Callable[[], _T]) -> _T:
        start = perf_counter()
        result = step()
        self.ms[stage] = (perf_counter() - start) * 1e3
        return result


def analyse_field(frame: Frame, settings: FieldSettings, roi: Roi | None = None) -> FieldResult:
    """Classify every tumour cell of a frame.

    Parameters
    ----------
    frame
        The field of view.
    settings
        Stain profile, detector and membrane parameters.
    roi
        Regions that count; None counts the whole field.
    """
    watch, settings = _Stopwatch(), settings.under(frame.lens)
    stain, membrane = settings.stain, settings.membrane
    white = frame.white or stain.white or estimate_white(frame.rgb)
    with ThreadPoolExecutor(1) as beside:
        gate = beside.submit(watch.time, "quality", lambda: _gate(frame, white, settings))
        stains = watch.time(
            "stain", lambda: settings.backend.stain(frame.rgb, stain, white, frame.pixel_um, membrane.analysed_um)
        )
        findings, membrane = gate.result()
        if overall(findings) is Status.BLOCKED:
            return _blocked(frame, settings, white, findings, watch.ms)
        detection = beside.submit(watch.time, "nuclei", lambda: settings.detector.detect(frame, stains))
        images = watch.time("enhance", lambda: settings.backend.enhance(stains, membrane))
        membranes = watch.time("membranes", lambda: settings.backend.describe(images, thresholds_of(stain), membrane))
        nuclei = detection.result()
    cells = watch.time("cells", lambda: classify(nuclei.xy_px, stains.scale, membranes, membrane))
    result = FieldResult(
        name=frame.name,
        pixel_um=frame.pixel_um,
        shape=frame.rgb.shape[:2],
        status=Status.OK,
        reasons=(),
        notes=_notes(frame, settings),
        cells=cells,
        membranes=membranes,
        detector=settings.detector.name,
        white=white,
        timings_ms=watch.ms,
        findings=findings,
        nuclei=nuclei,
        uncut=cells.counted,
    )
    return with_roi(result, roi)


def nuclei_of_other_stain(frame: Frame, settings: FieldSettings, result: FieldResult) -> Nuclei | None:
    """Nuclei of a field that was blocked for its stain alone, such as H&E, for who wants nuclei and no score.

    None where it was not blocked, or for another reason: glass, darkness and noise have no nuclei.
    """
    finding = check_stain(measure(frame.rgb, frame.pixel_um, result.white))
    if result.membranes is not None or finding not in result.findings:
        return None
    analysed_um, stain = settings.membrane.analysed_um, settings.under(frame.lens).stain
    stains = settings.backend.stain(frame.rgb, stain, result.white, frame.pixel_um, analysed_um)
    return settings.detector.detect(frame, stains)


def _gate(
    frame: Frame, white: tuple[float, float, float], settings: FieldSettings
) -> tuple[tuple[Finding, ...], MembraneParameters]:
    """What is found before nuclei are counted, and how membranes are looked for in this field."""
    small = coarse(frame.rgb, frame.pixel_um, white)
    found, membrane = judge(measure(frame.rgb, frame.pixel_um, white, small)), settings.membrane
    if overall(found) is Status.BLOCKED:
        return found, membrane
    measured = measure_hematoxylin(fine_enough(small, frame.rgb, frame.pixel_um, white), settings.stain)
    purple, too_coarse = check_hematoxylin(measured, settings.stain.name), check_resolution(frame.pixel_um)
    if measured is not None and purple is not None:
        membrane = with_measured_crosstalk(membrane, measured.dab_share)
    return (*found, *(finding for finding in (too_coarse, purple) if finding is not None)), membrane


def thresholds_of(stain: StainProfile) -> Thresholds:
    """The thresholds of a stain profile."""
    return Thresholds(stain.t_weak, stain.t_intense, stain.t_moderate)


def _notes(frame: Frame, settings: FieldSettings) -> tuple[str, ...]:
    if frame.white is not None or settings.stain.white is not None:
        return frame.notes
    return (*frame.notes, "white was estimated from the field's brightest background; take it from empty glass")


def with_thresholds(result: FieldResult, settings: FieldSettings, roi: Roi | None = None) -> FieldResult:
    """The same field at the thresholds of `settings.stain`; computes only what depends on them."""
    if result.membranes is None:
        return result
    images: MembraneImages = result.membranes.images
    watch, thresholds = _Stopwatch(), thresholds_of(settings.stain)
    membranes = watch.time("membranes", lambda: settings.backend.describe(images, thresholds, settings.membrane))
    scale = result.pixel_um / images.pixel_um
    cells = watch.time("cells", lambda: classify(result.nuclei.xy_px, scale, membranes, settings.membrane))
    timings_ms = {**result.timings_ms, **watch.ms}
    changed = replace(result, cells=cells, uncut=cells.counted, membranes=membranes, timings_ms=timings_ms)
    return with_roi(changed, roi)


def with_roi(result: FieldResult, roi: Roi | None) -> FieldResult:
    """Count only the cells inside a region of interest (None: the whole field), and judge the field by them."""
    if result.membranes is None:
        return result
    cells = replace(result.cells, counted=result.uncut)
    if roi is not None:
        cells = replace(cells, counted=cells.counted & inside(cells.xy_px, roi.include, roi.exclude))
    few = check_nuclei(int(cells.counted.sum()))
    findings = result.findings if few is None else (*result.findings, few)
    status = overall(findings)
    reasons = tuple(f.reason for f in findings)
    return replace(result, cells=cells, status=status, reasons=reasons)


def overlay(result: FieldResult, style: OverlayStyle = OKABE_ITO) -> NDArray[np.uint8]:
    """The field's RGBA overlay, (H, W, 4) uint8; empty where the field was blocked before analysis."""
    if result.membranes is None:
        return np.zeros((*result.shape, 4), dtype=np.uint8)
    return draw_overlay(result.shape, result.cells, result.membranes, result.pixel_um, style)


def _blocked(
    frame: Frame,
    settings: FieldSettings,
    white: tuple[float, float, float],
    findings: tuple[Finding, ...],
    timings_ms: dict[str, float],
) -> FieldResult:
    none = np.zeros((0, 2))
    empty = np.zeros(0, dtype=np.float32)
    return FieldResult(
        name=frame.name,
        pixel_um=frame.pixel_um,
        shape=frame.rgb.shape[:2],
        status=Status.BLOCKED,
        reasons=tuple(f.reason for f in findings),
        notes=_notes(frame, settings),
        cells=Cells(none, np.zeros(0, dtype=np.uint8), empty, empty, empty, np.zeros(0, dtype=np.bool_)),
        membranes=None,
        detector=settings.detector.name,
        white=white,
        timings_ms=timings_ms,
        findings=findings,
        nuclei=Nuclei(none, empty),
        uncut=np.zeros(0, dtype=np.bool_),
    )
