"""Undo and redo through one stack of commands, and the audit list that forgets nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from her2scope.app.model.commands import Command, Note
from her2scope.app.model.state import CaseState


@dataclass(frozen=True)
class AuditEntry:
    """A change, in the order in which changes happened; taking one back is a change too."""

    action: Literal["done", "undone", "redone"]
    note: Note


_LEAVE_SIGNED = frozenset({"did.rename", "did.ish", "did.no_ish"})
"""Changes that leave what was signed as it was."""


def changed_since_signed(audit: Iterable[AuditEntry]) -> bool:
    """Whether the last signature that stands is followed by a change of what was signed.

    The name and the ISH result leave it as it was. Cases kept before changes had keys tell nothing.
    """
    standing: list[str] = []
    for entry in audit:
        if entry.action != "undone":
            standing.append(entry.note.key)
        elif standing:
            standing.pop()
    if "did.sign" not in standing:
        return False
    signed = len(standing) - standing[::-1].index("did.sign")
    return any(key not in _LEAVE_SIGNED for key in standing[signed:])


class History:
    """The commands done and undone.

    Parameters
    ----------
    audit
        What happened before, of a case that was opened again.
    """

    def __init__(self, audit: tuple[AuditEntry, ...] = ()) -> None:
        self._done: list[Command] = []
        self._undone: list[Command] = []
        self.audit: list[AuditEntry] = list(audit)

    @property
    def next_undo(self) -> Command | None:
        """What undo would take back."""
        return self._done[-1] if self._done else None

    @property
    def next_redo(self) -> Command | None:
        """What redo would do again."""
        return self._undone[-1] if self._undone else None

    @property
    def field_ids(self) -> set[int]:
        """Fields that undo or redo may still bring back."""
        return {c.field_id for c in (*self._done, *self._undone) if c.field_id is not None}

    def do(self, state: CaseState, command: Command) -> CaseState:
        """Do a command; what was undone before it can no longer be redone."""
        after = command.do(state)
        self._done.append(command)
        self._undone.clear()
        self.audit.append(AuditEntry("done", command.note))
        return after

    def undo(self, state: CaseState, stamp: Callable[[Note], Note]) -> CaseState:
        """Take the last command back; the same case when there is none. `stamp` puts who and when to the audit."""
        if not self._done:
            return state
        before = self._done[-1].undo(state)
        self._undone.append(self._done.pop())
        self.audit.append(AuditEntry("undone", stamp(self._undone[-1].note)))
        return before

    def redo(self, state: CaseState, stamp: Callable[[Note], Note]) -> CaseState:
        """Do the last undone command again; the same case when there is none."""
        if not self._undone:
            return state
        after = self._undone[-1].do(state)
        self._done.append(self._undone.pop())
        self.audit.append(AuditEntry("redone", stamp(self._done[-1].note)))
        return after
