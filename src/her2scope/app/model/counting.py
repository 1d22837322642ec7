"""A field as it counts: the machine's reading, then the corrections, then the regions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.membrane import MembraneParameters
from her2scope.analysis.overlaps import counted_before
from her2scope.analysis.placed import PlacedCells
from her2scope.analysis.quality import Status, check_nuclei, overall
from her2scope.analysis.roi import inside
from her2scope.analysis.stain import StainProfile, check_plain
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
        The profile in force then, with the vectors of the field's objective: plain.

    Raises
    ------
    ValueError
        When the profile is not plain: a reading says which vectors it was had with.
    """

    result: FieldResult
    stain: StainProfile

    def __post_init__(self) -> None:
        """Refuse a profile that does not say which vectors were used."""
        check_plain(self.stain)


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


@dataclass(frozen=True)
class Repeat:
    """Cells of a field that another, taken before it, counts already: that field's number, and how many."""

    first: int
    cells: int


@dataclass(frozen=True)
class Once:
    """A field as it goes into the score: no cell counts twice.

    Parameters
    ----------
    field_id
        The field's number.
    result
        Its reading, in which cells that an earlier field holds do not count.
    repeats
        Those cells, by the field that counts them.
    """

    field_id: int
    result: FieldResult
    repeats: tuple[Repeat, ...]


def counting(fields: Iterable[Counted]) -> tuple[Once, ...]:
    """What goes into the score: excluded fields left out, and cells that an earlier field holds once.

    Blocked fields stay in, for the score names them; `score_fields` counts none of their cells.
    """
    return _once([field for field in fields if not field.taken.excluded])


def _once(fields: Sequence[Counted]) -> tuple[Once, ...]:
    ids = [field.taken.id for field in fields]
    firsts = counted_before([_placed(field) for field in fields])
    return tuple(_counted_once(field, first, ids) for field, first in zip(fields, firsts, strict=True))


def _placed(field: Counted) -> PlacedCells:
    """Its cells on its slide; nowhere where it is blocked, or no record says which slide its origin belongs to."""
    source, result = field.taken.source, field.result
    if source is None or result.status is Status.BLOCKED:
        return PlacedCells(result.cells, result.pixel_um)
    return PlacedCells(result.cells, result.pixel_um, field.taken.origin_um, source.slide)


def _counted_once(field: Counted, first: NDArray[np.intp], ids: Sequence[int]) -> Once:
    cells = replace(field.result.cells, counted=field.result.cells.counted & (first < 0))
    places, numbers = np.unique(first[first >= 0], return_counts=True)
    repeats = tuple(Repeat(ids[k], n) for k, n in zip(places.tolist(), numbers.tolist(), strict=True))
    return Once(field.taken.id, replace(field.result, cells=cells), repeats)


def same_light(a: StainProfile, b: StainProfile) -> bool:
    """Whether two profiles differ in thresholds at most, so that the stain images stand; ValueError if not plain."""
    check_plain(a)
    check_plain(b)
    return (a.white, a.hematoxylin, a.dab) == (b.white, b.hematoxylin, b.dab)


def reads_same(a: StainProfile, b: StainProfile) -> bool:
    """Whether two plain profiles read a field alike; names and the control's limits change no cell."""
    return same_light(a, b) and thresholds_of(a) == thresholds_of(b)
