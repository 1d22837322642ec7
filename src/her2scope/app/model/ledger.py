"""The case's state and the only way to change it: a command, done and recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from her2scope.app.model.commands import CaseKey, Command, EditCase, EditField, FieldKey, Note
from her2scope.app.model.history import AuditEntry, History
from her2scope.app.model.state import CaseState
from her2scope.app.model.texts import say


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Ledger:
    """State, undo stack and audit list.

    Parameters
    ----------
    state
        Of a new case, or of one opened again.
    user
        Who works; goes into every note.
    now
        The clock; a test gives its own.
    """

    def __init__(self, state: CaseState, user: str = "", now: Callable[[], datetime] = utc_now) -> None:
        self.state = state
        self.user = user
        self.history = History()
        self.version = 0
        self._now = now

    def reopen(self, state: CaseState, audit: tuple[AuditEntry, ...]) -> None:
        """Go on with a case that was kept: with its audit list, and nothing to undo."""
        self.state = state
        self.history = History(audit)

    def when(self) -> str:
        """The time, ISO 8601 to the second."""
        return self._now().isoformat(timespec="seconds")

    def note(self, what: str, why: str = "", **values: object) -> Note:
        """A note on a change now; `what` is a key of the texts."""
        return Note(self.user, self.when(), say(what, **values), why, what)

    def do(self, command: Command) -> None:
        """Do a command and record it."""
        self.state = self.history.do(self.state, command)
        self.version += 1

    def edit_field(self, field_id: int, key: FieldKey, after: object, note: Note) -> None:
        """Set one thing of a field; KeyError when the case has no such field."""
        self.do(EditField(note, field_id, key, getattr(self.state.find(field_id), key), after))

    def edit_case(self, key: CaseKey, after: object, note: Note) -> None:
        """Set one thing of the case."""
        self.do(EditCase(note, key, getattr(self.state, key), after))

    def undo(self) -> None:
        """Take the last change back; nothing happens when there is none."""
        self.state = self.history.undo(self.state, self._stamp)
        self.version += 1

    def redo(self) -> None:
        """Do the change taken back last again; nothing happens when there is none."""
        self.state = self.history.redo(self.state, self._stamp)
        self.version += 1

    def _stamp(self, note: Note) -> Note:
        return replace(note, who=self.user, when=self.when())
