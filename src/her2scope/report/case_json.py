"""case.json: a scored case as the schema of its first version; computes nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from her2scope.analysis.case_summary import case_summary
from her2scope.analysis.guideline import SCORES, Guideline
from her2scope.analysis.patches import PatchReading
from her2scope.analysis.readings import compare_readings
from her2scope.analysis.scoring import CaseScore, five_counts
from her2scope.analysis.stain import StainProfile
from her2scope.pipeline.case import ControlReading
from her2scope.pipeline.field import FieldResult

SCHEMA = 1


@dataclass(frozen=True)
class ReportedField:
    """A field of the case or of its control, with what was written for it.

    Parameters
    ----------
    result
        The field.
    score
        The score that it would have by itself; None where it was blocked or none is asked for.
    pictures
        Paths of its pictures in the result folder by kind: "overlay", "patches".
    patches
        Its reading by patches against the control; None where none was made.
    """

    result: FieldResult
    score: CaseScore | None
    pictures: dict[str, str]
    patches: PatchReading | None = None


@dataclass(frozen=True)
class ReportedControl:
    """The positive control's fields and what they say; `no_patches`: why fields cannot be read by patches."""

    reading: ControlReading
    fields: tuple[ReportedField, ...]
    no_patches: str = ""


@dataclass(frozen=True)
class ReportedCase:
    """All that case.json holds.

    Parameters
    ----------
    software
        Name and version of the program.
    guideline, stain, detector
        What the case was scored with.
    fields
        Its fields, in the order taken.
    score
        The case's score.
    control
        The positive control; None where none was run.
    unread
        Sentences on images that could not be read.
    """

    software: str
    guideline: Guideline
    stain: StainProfile
    detector: str
    fields: tuple[ReportedField, ...]
    score: CaseScore
    control: ReportedControl | None = None
    unread: tuple[str, ...] = ()


def case_document(case: ReportedCase) -> dict[str, Any]:
    """The case as plain data for `to_json`."""
    return {
        "schema": SCHEMA,
        "software": case.software,
        "research_use_only": True,
        "guideline": case.guideline.name,
        "stain": case.stain.name,
        "detector": case.detector,
        "fields": [_field(field) for field in case.fields],
        "case": case_summary(case.score),
        "control": None if case.control is None else _control(case.control),
        "unread": list(case.unread),
        "guideline_source": {key: getattr(case.guideline, key) for key in ("title", "source", "version", "file")},
        "stain_profile": _profile(case.stain),
    }


def _profile(stain: StainProfile) -> dict[str, Any]:
    """The profile; where its vectors depend on the objective, those of each too."""
    values = asdict(stain)
    return values if stain.lenses else {key: value for key, value in values.items() if key != "lenses"}


def _field(field: ReportedField) -> dict[str, Any]:
    result = field.result
    height, width = result.shape
    return {
        "image": result.name,
        "pixel_um": result.pixel_um,
        "status": result.status.value,
        "reasons": list(result.reasons),
        "counts": five_counts(result.cells.counts()),
        "score": None if field.score is None else field.score.score,
        "timings_ms": result.timings_ms,
        "reading": None if field.score is None else field.score.reading,
        "detected": len(result.cells.classes),
        "counted": result.cells.counts().total,
        "width_px": width,
        "height_px": height,
        "white": list(result.white),
        "notes": list(result.notes),
        "pictures": field.pictures,
        "patches": None if field.patches is None else _patches(field.patches, field.score),
    }


def _patches(patches: PatchReading, score: CaseScore | None) -> dict[str, Any]:
    """The second reading of a field, and a sentence where it differs from that by cells."""
    return {
        "score": patches.score,
        "valid": patches.valid,
        "counts": dict(zip(SCORES, patches.counts, strict=True)),
        "comparison": compare_readings(None if score is None else score.score, patches.score),
    }


def _control(control: ReportedControl) -> dict[str, Any]:
    """The control's verdict and offer beside its fields."""
    return {
        "verdict": asdict(control.reading.verdict),
        "offer": None if control.reading.offer is None else asdict(control.reading.offer),
        "no_offer": control.reading.no_offer,
        "no_patches": control.no_patches,
        "fields": [_field(field) for field in control.fields],
    }
