"""Autosave in a folder: case.json beside PNGs and readings, written whole or not at all.

Every file but case.json is named by its content, so that nothing is ever overwritten: a save writes the new files,
then replaces case.json in one step, then removes files that it wrote itself and no longer needs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.guideline import Guideline
from her2scope.app.model.counting import Reading
from her2scope.app.model.frames import Packed, PackedField, pack_field, pack_png, unpack_png
from her2scope.app.model.held import Held
from her2scope.app.model.record import CaseRecord
from her2scope.app.model.saved_case import (
    SCHEMA,
    SavedCase,
    SavedField,
    SavedFile,
    saved_case,
    saved_field,
    state_of,
)
from her2scope.app.model.saved_reading import decode_reading, encode_reading
from her2scope.app.model.texts import say
from her2scope.base.errors import ConfigError, InputError
from her2scope.base.frame import Frame
from her2scope.report.files import ResultFolder, cannot_write

CASE = "case.json"


class _Version(msgspec.Struct):
    schema: int


class FolderStore:
    """Keeps one case in a folder; a CaseStore.

    Parameters
    ----------
    folder
        Where; made when it is not there. A case.json in it that this store has not loaded is moved aside, never
        overwritten.
    load_guideline
        Gives a guideline by its name.
    """

    def __init__(self, folder: str | Path, load_guideline: Callable[[str], Guideline]) -> None:
        self.folder = Path(folder)
        self._load_guideline = load_guideline
        self._owns_case = False
        self._mine: set[str] = set()
        self._written = _Written()

    def save(self, case: CaseRecord) -> Mapping[int, PackedField]:
        """Keep a case; see CaseStore."""
        self._move_stranger_aside()
        with ResultFolder(self.folder) as staged:
            files = _Files(staged, self.folder, self._mine)
            pictures = {i: files.put_pictures(held) for i, held in case.held.items()}
            fields = [
                saved_field(
                    taken,
                    pictures[taken.id],
                    self._written.reading(case.held[taken.id].reading, files),
                    self._written.thumbnail(case.held[taken.id].thumbnail, files),
                )
                for taken in case.state.fields
            ]
            staged.write(CASE, msgspec.json.encode(saved_case(case.state, case.audit, fields, case.next_id)))
        self._owns_case = True
        self._written.keep_only(files.used)
        self._tidy(files.used - files.found)
        return pictures

    def load(self) -> CaseRecord | None:
        """The case kept last; see CaseStore."""
        path = self.folder / CASE
        if not path.exists():
            return None
        try:
            record = self._decoded(path.read_bytes())
        except OSError as error:
            raise InputError(say("error.case_unread", path=path, why=error.strerror)) from error
        except (ValueError, InputError) as error:  # msgspec's errors are ValueErrors too
            raise InputError(say("error.case_broken", path=path, why=str(error).rstrip("."))) from error
        self._owns_case = True
        return record

    def _decoded(self, data: bytes) -> CaseRecord:
        schema = msgspec.json.decode(data, type=_Version).schema
        if schema != SCHEMA:
            raise ValueError(say("error.case_schema", schema=schema, known=SCHEMA))
        try:
            saved = msgspec.json.decode(data, type=SavedCase)
        except ConfigError as error:  # a stain profile that cannot be
            raise ValueError(str(error).rstrip(".")) from error
        state = state_of(saved, self._load_guideline)
        held = {field.id: self._held(field) for field in saved.fields}
        self._mine = {file.name for field in saved.fields for file in field.files}
        return CaseRecord(state, tuple(saved.audit), held, saved.next_id)

    def _held(self, field: SavedField) -> Held:
        reading = decode_reading(self._data(field.reading))
        membrane = None if field.membrane is None else self._checked(field.membrane)
        pictures = PackedField(
            field.name, field.pixel_um, tuple(field.frame_notes), self._checked(field.frame), membrane,
            field.membrane_um, field.membrane_stain, field.frame_white, field.lens,
        )  # fmt: skip
        return Held(reading, pictures, unpack_png(self._data(field.thumbnail), field.thumbnail.name))

    def _data(self, file: SavedFile) -> bytes:
        path = self._checked(file).path
        if path is None or not path.exists():
            raise ValueError(f"{file.name} is missing")
        data = path.read_bytes()
        if len(data) != file.size:
            raise ValueError(f"{file.name} has {len(data)} of {file.size} bytes")
        return data

    def _checked(self, file: SavedFile) -> Packed:
        """A file of the case; ValueError when its name leads elsewhere."""
        if Path(file.name).name != file.name:
            raise ValueError(f"{file.name!r} is not a file beside it")
        return Packed(None, self.folder / file.name, file.size)

    def _move_stranger_aside(self) -> None:
        path = self.folder / CASE
        if self._owns_case or not path.exists():
            return
        number = 1
        while (aside := path.with_name(f"case-before-{number}.json")).exists():
            number += 1
        try:
            path.replace(aside)
        except OSError as error:
            raise cannot_write(self.folder, error) from error

    def _tidy(self, used: set[str]) -> None:
        """Remove files of this store that no field needs any more; one that cannot be removed does no harm."""
        for name in self._mine - used:
            try:
                (self.folder / name).unlink(missing_ok=True)
            except OSError:
                used.add(name)
        self._mine = used


class _Files:
    """Stages files named by their content, each once; remembers which are in use, and which were found there."""

    def __init__(self, staged: ResultFolder, folder: Path, mine: set[str]) -> None:
        self._staged = staged
        self._folder = folder
        self._mine = mine
        self.used: set[str] = set()
        self.found: set[str] = set()

    def put(self, kind: str, suffix: str, data: bytes) -> SavedFile:
        name = f"{kind}-{hashlib.sha256(data).hexdigest()[:24]}{suffix}"
        path = self._folder / name
        if name not in self._mine and path.exists():
            self.found.add(name)  # another case's; not ours to remove
        if name not in self.used and not (path.exists() and path.stat().st_size == len(data)):
            self._staged.write(name, data)
        self.used.add(name)
        return SavedFile(name, len(data))

    def has(self, file: SavedFile) -> bool:
        """Whether a file of this case lies there still; it is in use then."""
        there = file.name in self._mine and (self._folder / file.name).exists()
        self.used |= {file.name} if there else set()
        return there

    def put_pictures(self, held: Held) -> PackedField:
        """The field's pictures as files of the folder; packed first where they are not."""
        pictures = held.pictures
        if isinstance(pictures, Frame):
            membranes = held.reading.result.membranes
            pictures = pack_field(pictures, None if membranes is None else membranes.images, held.reading.stain)
        membrane = None if pictures.membrane is None else self._put_packed("membrane", pictures.membrane)
        return replace(pictures, frame=self._put_packed("frame", pictures.frame), membrane=membrane)

    def _put_packed(self, kind: str, packed: Packed) -> Packed:
        if packed.path is not None and packed.path.parent == self._folder:
            self.used.add(packed.path.name)
            return packed
        file = self.put(kind, ".png", packed.png())
        return Packed(None, self._folder / file.name, file.size)


class _Written:
    """Remembers which files readings and thumbnails were written to, so that an autosave encodes only what is new.

    Readings are known by their cells and stain profile, which stay when the membranes are let go: holding on to a
    reading would hold its membranes.
    """

    def __init__(self) -> None:
        self._files: dict[tuple[int, ...], tuple[tuple[object, ...], SavedFile]] = {}  # objects keep their ids

    def reading(self, reading: Reading, files: _Files) -> SavedFile:
        parts = (reading.result.cells, reading.stain)
        return self._put(parts, files, lambda: files.put("reading", ".json", encode_reading(reading)))

    def thumbnail(self, thumbnail: NDArray[np.uint8], files: _Files) -> SavedFile:
        return self._put((thumbnail,), files, lambda: files.put("small", ".png", pack_png(thumbnail)))

    def keep_only(self, names: set[str]) -> None:
        self._files = {key: entry for key, entry in self._files.items() if entry[1].name in names}

    def _put(self, parts: tuple[object, ...], files: _Files, write: Callable[[], SavedFile]) -> SavedFile:
        key = tuple(id(part) for part in parts)
        known = self._files.get(key)
        if known is not None and files.has(known[1]):
            return known[1]
        self._files[key] = (parts, write())
        return self._files[key][1]
