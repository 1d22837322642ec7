"""What lies on the desk beside the case: the machine's readings, the pictures, and the work still to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from her2scope.analysis.membrane import MembraneParameters
from her2scope.app.model.counting import Counted, Reading, count, reads_same
from her2scope.app.model.frames import PackedField
from her2scope.app.model.held import Held
from her2scope.app.model.jobs import (
    Job,
    Opened,
    OpenJob,
    Outcome,
    PackedUp,
    PackJob,
    Read,
    ReadJob,
)
from her2scope.app.model.state import TakenField
from her2scope.pipeline.field import FieldSettings

JobKey = tuple[int, int, object]

_KINDS: dict[type, int] = {Opened: 1, Read: 2, PackedUp: 3}
"""Kinds of jobs by what comes out of them, the most urgent first."""


class Desk:
    """Holds readings and pictures by field number, hands out each job once, and takes outcomes in."""

    def __init__(self) -> None:
        self._held: dict[int, Held] = {}
        self._given: set[JobKey] = set()
        self._counted: dict[int, tuple[Reading, Counted]] = {}
        self.shown: Opened | None = None

    def put(self, field_id: int, held: Held) -> None:
        """Hold a field."""
        self._held[field_id] = held

    def get(self, field_id: int) -> Held:
        """What is held of a field; KeyError when nothing is."""
        return self._held[field_id]

    @property
    def held(self) -> Mapping[int, Held]:
        """All that is held, by field number; a copy."""
        return dict(self._held)

    def counted(self, taken: TakenField, membrane: MembraneParameters) -> Counted:
        """A field as it counts; worked out anew only when its reading, its regions or its corrections changed."""
        reading, known = self._held[taken.id].reading, self._counted.get(taken.id)
        if known is None or known[0] is not reading or known[1].taken is not taken:
            known = self._counted[taken.id] = (reading, count(reading, taken, membrane))
        return known[1]

    def keep_only(self, field_ids: set[int]) -> None:
        """Let go of all other fields."""
        self._held = {field_id: held for field_id, held in self._held.items() if field_id in field_ids}
        self._counted = {field_id: known for field_id, known in self._counted.items() if field_id in field_ids}

    def show(self, opened: Opened | None) -> None:
        """Show a field, whose membranes are held meanwhile; those of all others are let go where they can be had."""
        self.shown = opened
        kept = None if opened is None else opened.field_id
        self._held = {i: held if i == kept else held.light() for i, held in self._held.items()}

    def is_stale(self, field_id: int, settings: FieldSettings) -> bool:
        """Whether a field was read with another profile than the one in force."""
        held = self._held[field_id]
        return not reads_same(held.reading.stain, held.settings(settings).stain)

    def jobs(self, fields: Iterable[TakenField], current: int | None, settings: FieldSettings) -> Iterator[Job]:
        """The jobs not handed out yet: the current field first, then stale fields, then packing."""
        due = sorted(self._due(fields, current, settings), key=lambda entry: entry[0][0])
        for key, job in due:
            if key not in self._given:
                self._given = {given for given in self._given if given[:2] != key[:2]} | {key}  # it takes their place
                yield job

    def _due(
        self, fields: Iterable[TakenField], current: int | None, settings: FieldSettings
    ) -> Iterator[tuple[JobKey, Job]]:
        for taken in fields:
            i, held, stale = taken.id, self._held[taken.id], self.is_stale(taken.id, settings)
            unseen = i == current and (self.shown is None or self.shown.field_id != i)
            own = held.settings(settings)
            if unseen:
                yield (_KINDS[Opened], i, own.stain), OpenJob(i, held.reading, held.pictures, own)
            elif stale:
                yield (_KINDS[Read], i, own.stain), ReadJob(i, held.reading, held.pictures, own)
            if not held.is_packed:
                yield (_KINDS[PackedUp], i, held.reading.stain), PackJob(i, held.pictures, held.reading)

    def forget_given(self) -> None:
        """Hand all due jobs out again, after a change or a fault."""
        self._given.clear()

    def accept(self, outcome: Outcome, current: int | None, settings: FieldSettings) -> bool:
        """Take an outcome in; False when it came too late."""
        done = _KINDS.get(type(outcome))
        self._given = {key for key in self._given if (key[0], key[1]) != (done, outcome.field_id)}
        held = self._held.get(outcome.field_id)
        if held is None:
            return False
        if isinstance(outcome, PackedUp):
            return self._repacked(outcome.field_id, replace(held, pictures=outcome.packed))
        if not isinstance(outcome, Read | Opened):
            return False
        if not reads_same(outcome.reading.stain, held.settings(settings).stain):
            return False
        self._held[outcome.field_id] = replace(held, reading=outcome.reading)
        if outcome.field_id != current:
            self._held[outcome.field_id] = self._held[outcome.field_id].light()
        elif isinstance(outcome, Opened):
            self.show(outcome)
        elif self.shown is not None:
            self.shown = replace(self.shown, reading=outcome.reading)
        return True

    def moved(self, pictures: Mapping[int, PackedField]) -> None:
        """Take over where the pictures lie after the case was saved."""
        for field_id, packed in pictures.items():
            if field_id in self._held:
                self._repacked(field_id, replace(self._held[field_id], pictures=packed))

    def _repacked(self, field_id: int, held: Held) -> bool:
        """Hold other pictures; False where they were made by a white and vectors no longer in force."""
        if not held.is_packed:
            return False
        is_shown = self.shown is not None and self.shown.field_id == field_id
        self._held[field_id] = held if is_shown else held.light()
        return True
