"""Commands: small frozen data that change a case and change it back, with who, when and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol

from her2scope.app.model.state import CaseState, TakenField

FieldKey = Literal["roi", "corrections", "excluded", "role"]
CaseKey = Literal["stain", "guideline", "name", "control", "invasive_tumour", "ish", "sign_off"]


@dataclass(frozen=True)
class Note:
    """What is recorded of a change.

    Parameters
    ----------
    who
        Made it; may be empty.
    when
        ISO 8601.
    what, why
        In words; `why` may be empty.
    key
        Of the text of `what`, by which changes are sorted; empty in cases kept before it was recorded.
    """

    who: str
    when: str
    what: str
    why: str = ""
    key: str = ""


class Command(Protocol):
    """A change of the case that can be taken back."""

    @property
    def note(self) -> Note:
        """Who, when, what, why."""

    @property
    def field_id(self) -> int | None:
        """The field that it is about; None for the whole case."""

    def do(self, state: CaseState) -> CaseState:
        """The case after the change."""

    def undo(self, state: CaseState) -> CaseState:
        """The case before the change."""


@dataclass(frozen=True)
class AddField:
    """Take a field into the case, as its last."""

    note: Note
    taken: TakenField

    @property
    def field_id(self) -> int:
        """The field taken."""
        return self.taken.id

    def do(self, state: CaseState) -> CaseState:
        """The case with the field."""
        return state.with_fields((*state.fields, self.taken))

    def undo(self, state: CaseState) -> CaseState:
        """The case without the field."""
        return state.with_fields(taken for taken in state.fields if taken.id != self.taken.id)


@dataclass(frozen=True)
class RemoveField:
    """Delete a field from the place where it stood."""

    note: Note
    taken: TakenField
    index: int

    @property
    def field_id(self) -> int:
        """The field deleted."""
        return self.taken.id

    def do(self, state: CaseState) -> CaseState:
        """The case without the field."""
        return state.with_fields(taken for taken in state.fields if taken.id != self.taken.id)

    def undo(self, state: CaseState) -> CaseState:
        """The case with the field at its old place."""
        fields = list(state.fields)
        fields.insert(self.index, self.taken)
        return state.with_fields(fields)


@dataclass(frozen=True)
class EditField:
    """Set one thing of a field: its regions, corrections or exclusion.

    `before` and `after` are values of TakenField's `key`.
    """

    note: Note
    field_id: int
    key: FieldKey
    before: object
    after: object

    def do(self, state: CaseState) -> CaseState:
        """The case with the new value."""
        return self._set(state, self.after)

    def undo(self, state: CaseState) -> CaseState:
        """The case with the old value."""
        return self._set(state, self.before)

    def _set(self, state: CaseState, value: object) -> CaseState:
        return state.with_field(replace(state.find(self.field_id), **{self.key: value}))  # type: ignore[arg-type]


@dataclass(frozen=True)
class EditCase:
    """Set one thing of the case: its stain profile, guideline, control step, ...

    `before` and `after` are values of CaseState's `key`.
    """

    note: Note
    key: CaseKey
    before: object
    after: object

    @property
    def field_id(self) -> None:
        """The whole case."""
        return

    def do(self, state: CaseState) -> CaseState:
        """The case with the new value."""
        return replace(state, **{self.key: self.after})  # type: ignore[arg-type]

    def undo(self, state: CaseState) -> CaseState:
        """The case with the old value."""
        return replace(state, **{self.key: self.before})  # type: ignore[arg-type]
