"""The audit list and the undo entries in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from her2scope.app.model.history import AuditEntry, History
from her2scope.app.model.texts import say


@dataclass(frozen=True)
class UndoView:
    """Undo and redo: whether there is anything, and what, for the menu."""

    can_undo: bool
    undo_text: str
    can_redo: bool
    redo_text: str


def undo_view(history: History) -> UndoView:
    """What undo and redo would do."""
    back, forth = history.next_undo, history.next_redo
    return UndoView(
        back is not None,
        say("undo.nothing") if back is None else say("undo.what", what=back.note.what),
        forth is not None,
        say("redo.nothing") if forth is None else say("redo.what", what=forth.note.what),
    )


def audit_lines(audit: Sequence[AuditEntry]) -> tuple[str, ...]:
    """One line for each change: when, who, what, why; the newest first."""
    return tuple(_line(entry) for entry in reversed(audit))


def _line(entry: AuditEntry) -> str:
    note = entry.note
    who = note.who or say("audit.nobody")
    line = say(f"audit.{entry.action}", when=note.when, who=who, what=note.what)
    return f"{line} ({note.why})" if note.why else line
