"""Heavy work, described: the window's side runs `run()` on a worker and hands the outcome to `CaseSession.accept`.

A job holds all that it needs and touches nothing else, so that it may run in any thread. An outcome that came too
late (its field is gone, its stain profile is no longer in force) is dropped when it is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.classify import classify
from her2scope.analysis.membrane import MembraneImages
from her2scope.analysis.overlay import OKABE_ITO, OverlayStyle
from her2scope.analysis.quality import Status, overall
from her2scope.analysis.stain import StainProfile
from her2scope.app.model.counting import Reading, same_light
from her2scope.app.model.frames import PackedField, pack_field, with_membrane
from her2scope.app.model.record import CaseRecord, CaseStore
from her2scope.base.frame import Frame
from her2scope.pipeline.field import FieldResult, FieldSettings, analyse_field, overlay, thresholds_of


@dataclass(frozen=True)
class Read:
    """A field read again."""

    field_id: int
    reading: Reading


@dataclass(frozen=True)
class Opened:
    """A field's frame, and its reading with membranes, for the view."""

    field_id: int
    frame: Frame
    reading: Reading


@dataclass(frozen=True)
class PackedUp:
    """A field's pictures, packed."""

    field_id: int
    packed: PackedField


@dataclass(frozen=True)
class Drawn:
    """The overlay of a field at a stain profile: (H, W, 4) uint8 RGBA."""

    field_id: int
    stain: StainProfile
    rgba: NDArray[np.uint8]


@dataclass(frozen=True)
class Saved:
    """The case was kept.

    Parameters
    ----------
    field_id
        0.
    version
        Of the session when it was as it is kept.
    pictures
        Where the fields' pictures lie now, by field number.
    lost
        Fields whose picture is not there any more.
    """

    field_id: int
    version: tuple[int, int]
    pictures: Mapping[int, PackedField]
    lost: int = 0


Outcome: TypeAlias = "Read | Opened | PackedUp | Drawn | Saved"


class Job(Protocol):
    """Work for a worker."""

    @property
    def field_id(self) -> int:
        """The field that it is about."""

    def run(self) -> Outcome:
        """Do the work; raises Her2ScopeError with one sentence when it cannot be done."""


@dataclass(frozen=True)
class PackJob:
    """Pack a field's pictures (about half a second at 3008 x 3008), or its membrane images anew.

    Parameters
    ----------
    field_id
        The field.
    pictures
        Its frame, or what is packed of it.
    reading
        The reading whose membranes are packed.
    """

    field_id: int
    pictures: PackedField | Frame
    reading: Reading

    def run(self) -> PackedUp:
        """Pack."""
        membranes = self.reading.result.membranes
        images = None if membranes is None else membranes.images
        if isinstance(self.pictures, Frame):
            return PackedUp(self.field_id, pack_field(self.pictures, images, self.reading.stain))
        return PackedUp(self.field_id, with_membrane(self.pictures, images, self.reading.stain))


@dataclass(frozen=True)
class ReadJob:
    """Read a field again with other settings: only its thresholds where these alone changed, else the whole field.

    Parameters
    ----------
    field_id, reading
        The field, and what was read before.
    pictures
        Its pictures: packed, or still whole.
    settings
        To read it with; where its vectors depend on the objective, by those of the field's own.
    """

    field_id: int
    reading: Reading
    pictures: PackedField | Frame
    settings: FieldSettings

    def run(self) -> Read:
        """Read."""
        return Read(self.field_id, self._read())

    @property
    def _stain(self) -> StainProfile:
        return self.settings.under(self.pictures.lens).stain

    def _read(self) -> Reading:
        result, stain = self.reading.result, self._stain
        if same_light(self.reading.stain, stain) and overall(result.findings) is Status.BLOCKED:
            return Reading(result, stain)
        images = self._images()
        if images is None:
            return Reading(analyse_field(load(self.pictures), self.settings), stain)
        return Reading(with_images(result, images, self.settings), stain)

    def _images(self) -> MembraneImages | None:
        """The membrane images, where they were made by the white and vectors now wanted."""
        membranes = self.reading.result.membranes
        if not same_light(self.reading.stain, self._stain):
            return None
        if membranes is not None:
            return membranes.images
        if isinstance(self.pictures, Frame) or not same_light(self.pictures.stain, self._stain):
            return None
        return self.pictures.load_images()


@dataclass(frozen=True)
class OpenJob:
    """Bring a field's frame and membranes back for the view."""

    field_id: int
    reading: Reading
    pictures: PackedField | Frame
    settings: FieldSettings

    def run(self) -> Opened:
        """Load and read."""
        job = ReadJob(self.field_id, self.reading, self.pictures, self.settings)
        return Opened(self.field_id, load(self.pictures), job.run().reading)


@dataclass(frozen=True)
class SaveJob:
    """Keep the case; its outcome lets pictures in memory go, for they lie on disk then."""

    store: CaseStore
    record: CaseRecord
    version: tuple[int, int]
    field_id: int = 0

    def run(self) -> Saved:
        """Save; OutputError when it cannot be: the case stays in memory."""
        pictures = self.store.save(self.record)
        kept = {taken.id for taken in self.record.state.fields}
        lost = sum(field_id in kept and not packed.frame.is_there for field_id, packed in pictures.items())
        return Saved(self.field_id, self.version, pictures, lost)


@dataclass(frozen=True)
class DrawJob:
    """Draw a field's overlay."""

    field_id: int
    result: FieldResult
    stain: StainProfile
    style: OverlayStyle = OKABE_ITO

    def run(self) -> Drawn:
        """Draw."""
        return Drawn(self.field_id, self.stain, overlay(self.result, self.style))


def load(pictures: PackedField | Frame) -> Frame:
    """The frame, unpacked where it is packed."""
    return pictures if isinstance(pictures, Frame) else pictures.load_frame()


def with_images(result: FieldResult, images: MembraneImages, settings: FieldSettings) -> FieldResult:
    """The whole field at other thresholds, from its membrane images: what a new analysis would give.

    A result that is held without its membranes is taken too, which `pipeline.field.with_thresholds` cannot.
    """
    membranes = settings.backend.describe(images, thresholds_of(settings.stain), settings.membrane)
    scale = result.pixel_um / images.pixel_um
    cells = classify(result.nuclei.xy_px, scale, membranes, settings.membrane)
    return replace(result, cells=cells, uncut=cells.counted, membranes=membranes)
