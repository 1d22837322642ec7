"""A field as it counts: the machine's reading, then the corrections, then the regions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.membrane import MembraneParameters
from her2scope.analysis.overlaps import count_once
from her2scope.analysis.placed import PlacedCells
from her2scope.analysis.quality import Status, check_nuclei, overall
from her2scope.analysis.roi import inside
from her2scope.analysis.stain import StainProfile
from her2scope.app.model.corrections import CorrectedCells, apply
from her2scope.app.model.state import TakenField
from her2scope.pipeline.field import FieldResult, thresholds_of


@dataclass(frozen=True)
class Reading:
    """What the machine read in a field, and the stain profile that it read it with.

    Parameters
    ----------
    result
        As analysed, of the whole field, without regions and corrections. Its membranes may be left out to save
        memory; whether it was blocked is then told by its findings.
    stain
        The profile in force then.
    """

    result: FieldResult
    stain: StainProfile


@dataclass(frozen=True)
class Counted:
    """A field as it counts.

    Parameters
    ----------
    taken
        The field, with regions and corrections.
    result
        The reading with corrected cells, those that count marked, and the status that follows.
    corrected
        Which cells a hand set, and the machine's row of each.
    """

    taken: TakenField
    result: FieldResult
    corrected: CorrectedCells

    @property
    def counts(self) -> bool:
        """Whether the case counts it: neither excluded nor blocked."""
        return not self.taken.excluded and self.result.status is not Status.BLOCKED


def count(reading: Reading, taken: TakenField, membrane: MembraneParameters) -> Counted:
    """Lay a person's corrections and regions over a reading.

    Where there are no corrections this gives what `pipeline.field.with_roi` gives; it differs in that it needs no
    membranes, so that fields can be held without them.
    """
    result = reading.result
    whole = replace(result.cells, counted=result.uncut)
    corrected = apply(whole, taken.corrections, result.pixel_um, result.shape, membrane.reach_um)
    if overall(result.findings) is Status.BLOCKED:
        none = replace(corrected.cells, counted=np.zeros(len(corrected.cells.classes), dtype=np.bool_))
        return Counted(taken, replace(result, cells=none, uncut=none.counted), corrected)
    cells = replace(corrected.cells, counted=corrected.cells.counted & _within(taken, corrected))
    few = check_nuclei(int(cells.counted.sum()))
    findings = result.findings if few is None else (*result.findings, few)
    judged = replace(
        result,
        cells=cells,
        uncut=corrected.cells.counted,
        status=overall(findings),
        reasons=tuple(finding.reason for finding in findings),
    )
    return Counted(taken, judged, corrected)


def _within(taken: TakenField, corrected: CorrectedCells) -> NDArray[np.bool_]:
    return inside(corrected.cells.xy_px, taken.roi.include, taken.roi.exclude)


def counting(fields: Iterable[Counted]) -> tuple[FieldResult, ...]:
    """The results that go into the score: excluded fields left out, and cells that an earlier field holds once.

    Blocked fields stay in, for the score names them; `score_fields` counts none of their cells.
    """
    return _once([field for field in fields if not field.taken.excluded])


def _once(fields: Sequence[Counted]) -> tuple[FieldResult, ...]:
    blocked = [field.result.status is Status.BLOCKED for field in fields]
    placed = [
        PlacedCells(field.result.cells, field.result.pixel_um, None if block else field.taken.origin_um)
        for field, block in zip(fields, blocked, strict=True)
    ]
    return tuple(
        replace(field.result, cells=once.cells) for field, once in zip(fields, count_once(placed), strict=True)
    )


def same_light(a: StainProfile, b: StainProfile) -> bool:
    """Whether two profiles differ in thresholds at most, so that the stain images stand."""
    return (a.white, a.hematoxylin, a.dab) == (b.white, b.hematoxylin, b.dab)


def reads_same(a: StainProfile, b: StainProfile) -> bool:
    """Whether two profiles read a field alike; names and the control's limits change no cell."""
    return same_light(a, b) and thresholds_of(a) == thresholds_of(b)
