"""A case as JSON, strictly: what `folder_store` writes into case.json."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
import numpy as np

from her2scope.analysis.guideline import Action, Guideline, with_action
from her2scope.analysis.roi import Polygon, Roi
from her2scope.analysis.stain import StainProfile
from her2scope.app.model.corrections import Correction
from her2scope.app.model.frames import Packed, PackedField
from her2scope.app.model.history import AuditEntry
from her2scope.app.model.regions import check_ring
from her2scope.app.model.state import CaseState, ControlStep, IshEntry, Role, SignOff, Source, TakenField
from her2scope.base.frame import Lens

SCHEMA = 1


class SavedFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A file beside case.json: its name, and its bytes."""

    name: str
    size: int


class _Polygon(msgspec.Struct, forbid_unknown_fields=True):
    ring: list[tuple[float, float]]
    holes: list[list[tuple[float, float]]]


class _Roi(msgspec.Struct, forbid_unknown_fields=True):
    include: list[_Polygon]
    exclude: list[_Polygon]


class SavedField(msgspec.Struct, forbid_unknown_fields=True):
    """A field, and the files that hold its reading and pictures."""

    id: int
    name: str
    pixel_um: float
    shape: tuple[int, int]
    taken: str
    role: Role
    roi: _Roi
    corrections: list[Correction]
    excluded: str
    origin_um: tuple[float, float] | None
    reading: SavedFile
    frame: SavedFile
    frame_notes: list[str]
    membrane: SavedFile | None
    membrane_um: float
    membrane_stain: StainProfile
    thumbnail: SavedFile
    frame_white: tuple[float, float, float] | None = None
    source: Source | None = None
    lens: Lens | None = None

    @property
    def files(self) -> tuple[SavedFile, ...]:
        """All files of the field."""
        membrane = () if self.membrane is None else (self.membrane,)
        return self.reading, self.frame, self.thumbnail, *membrane


class SavedCase(msgspec.Struct, forbid_unknown_fields=True):
    """The file's content."""

    schema: int
    research_use_only: bool
    name: str
    stain: StainProfile
    guideline: str
    guideline_actions: dict[str, Action]
    guideline_digest: str
    fields: list[SavedField]
    control: ControlStep
    invasive_tumour: bool
    ish: IshEntry | None
    sign_off: SignOff | None
    audit: list[AuditEntry]
    next_id: int


def digest_of(guideline: Guideline) -> str:
    """What tells whether a guideline's file still says what it said."""
    return hashlib.sha256(repr(guideline).encode()).hexdigest()[:16]


def saved_case(state: CaseState, audit: tuple[AuditEntry, ...], fields: list[SavedField], next_id: int) -> SavedCase:
    """A case for the file."""
    return SavedCase(
        schema=SCHEMA,
        research_use_only=True,
        name=state.name,
        stain=state.stain,
        guideline=state.guideline.name,
        guideline_actions={rule.id: rule.action for rule in state.guideline.rules},
        guideline_digest=digest_of(state.guideline),
        fields=fields,
        control=state.control,
        invasive_tumour=state.invasive_tumour,
        ish=state.ish,
        sign_off=state.sign_off,
        audit=list(audit),
        next_id=next_id,
    )


def state_of(saved: SavedCase, load_guideline: Callable[[str], Guideline]) -> CaseState:
    """A case from the file; ConfigError when its guideline is gone, ValueError when it changed or a field repeats."""
    guideline = load_guideline(saved.guideline)
    for rule in guideline.rules:
        guideline = with_action(guideline, rule.id, saved.guideline_actions.get(rule.id, rule.action))
    if digest_of(guideline) != saved.guideline_digest:
        raise ValueError(f"its guideline {saved.guideline} was changed since")
    if len({field.id for field in saved.fields}) != len(saved.fields):
        raise ValueError("a field's number occurs twice")
    if any(field.id >= saved.next_id for field in saved.fields):
        raise ValueError("a field's number is above the last one given")
    return CaseState(
        stain=saved.stain,
        guideline=guideline,
        name=saved.name,
        fields=tuple(taken_field(field) for field in saved.fields),
        control=saved.control,
        invasive_tumour=saved.invasive_tumour,
        ish=saved.ish,
        sign_off=saved.sign_off,
    )


def saved_field(taken: TakenField, pictures: PackedField, reading: SavedFile, thumbnail: SavedFile) -> SavedField:
    """A field for the file; its pictures lie in files already."""
    return SavedField(
        id=taken.id,
        name=taken.name,
        pixel_um=taken.pixel_um,
        shape=taken.shape,
        taken=taken.taken,
        role=taken.role,
        roi=saved_roi(taken.roi),
        corrections=list(taken.corrections),
        excluded=taken.excluded,
        origin_um=taken.origin_um,
        reading=reading,
        frame=_file(pictures.frame),
        frame_notes=list(pictures.notes),
        membrane=None if pictures.membrane is None else _file(pictures.membrane),
        membrane_um=pictures.membrane_um,
        membrane_stain=pictures.stain,
        thumbnail=thumbnail,
        frame_white=pictures.white,
        source=taken.source,
        lens=taken.lens,
    )


def _file(packed: Packed) -> SavedFile:
    """The file of a picture that was put into one; AssertionError before that is a bug."""
    assert packed.path is not None
    assert packed.size is not None
    return SavedFile(packed.path.name, packed.size)


def taken_field(saved: SavedField) -> TakenField:
    """A field from the file."""
    return TakenField(
        id=saved.id,
        name=saved.name,
        pixel_um=saved.pixel_um,
        shape=saved.shape,
        taken=saved.taken,
        role=saved.role,
        roi=Roi(*(tuple(_polygon(p) for p in part) for part in (saved.roi.include, saved.roi.exclude))),
        corrections=tuple(saved.corrections),
        excluded=saved.excluded,
        origin_um=saved.origin_um,
        source=saved.source,
        lens=saved.lens,
    )


def saved_roi(roi: Roi) -> _Roi:
    """Regions for the file."""
    include, exclude = ([_saved_polygon(p) for p in part] for part in (roi.include, roi.exclude))
    return _Roi(include, exclude)


def _saved_polygon(polygon: Polygon) -> _Polygon:
    return _Polygon(polygon.ring.tolist(), [hole.tolist() for hole in polygon.holes])


def _polygon(saved: _Polygon) -> Polygon:
    ring, *holes = (np.array(points, dtype=np.float64).reshape(-1, 2) for points in (saved.ring, *saved.holes))
    for outline in (ring, *holes):
        check_ring(outline)
    return Polygon(ring, tuple(holes))
