"""The audit list and the undo entries in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from her2scope.app.model.history import AuditEntry, History
from her2scope.app.model.texts import say
from her2scope.base.spreadsheet import protect
from her2scope.report.tables import table_csv

_TOPICS = {
    "threshold": ("did.stain", "did.vectors"),
    "cell": ("did.correct", "did.uncorrect"),
    "region": ("did.roi",),
    "field": ("did.take", "did.take_control", "did.delete", "did.exclude", "did.reopen"),
    "control": ("did.use_case", "did.use_control", "did.control_skipped", "did.control_open", "did.control_done"),
    "ish": ("did.ish", "did.no_ish"),
    "case": ("did.rename", "did.guideline", "did.no_tumour", "did.tumour", "did.sign", "did.unsign"),
}
_TOPIC_OF = {key: topic for topic, keys in _TOPICS.items() for key in keys}
AUDIT_HEADER = ("when_utc", "who", "topic", "what", "why")


@dataclass(frozen=True)
class UndoView:
    """Undo and redo: whether there is anything, and what, for the menu."""

    can_undo: bool
    undo_text: str
    can_redo: bool
    redo_text: str


@dataclass(frozen=True)
class AuditRow:
    """A change in words.

    Parameters
    ----------
    when
        In the time of this machine, to the second.
    when_utc
        As recorded, ISO 8601.
    who, what, why
        In words; who made it is never empty.
    topic
        A key of `audit_topics`; empty for a change whose kind was not recorded.
    """

    when: str
    when_utc: str
    who: str
    what: str
    why: str
    topic: str

    @property
    def text(self) -> str:
        """The row as one line."""
        line = say("audit.line", when=self.when, who=self.who, what=self.what)
        return f"{line} ({self.why})" if self.why else line


def undo_view(history: History) -> UndoView:
    """What undo and redo would do."""
    back, forth = history.next_undo, history.next_redo
    return UndoView(
        back is not None,
        say("undo.nothing") if back is None else say("undo.what", what=back.note.what),
        forth is not None,
        say("redo.nothing") if forth is None else say("redo.what", what=forth.note.what),
    )


def audit_topics() -> tuple[tuple[str, str], ...]:
    """What the list can be narrowed to: (key, name); the first is everything."""
    return (("", say("audit.all")), *((topic, say(f"audit.{topic}")) for topic in _TOPICS))


def audit_rows(audit: Sequence[AuditEntry], topic: str = "", words: str = "") -> tuple[AuditRow, ...]:
    """The changes, the newest first.

    Parameters
    ----------
    audit
        As recorded.
    topic
        Only those of this topic; empty: all.
    words
        Only those that hold each of these words somewhere, capital or small.
    """
    wanted = words.casefold().split()
    rows = [_row(entry) for entry in reversed(audit)]
    return tuple(row for row in rows if topic in {"", row.topic} and all(w in row.text.casefold() for w in wanted))


def audit_text(rows: Iterable[AuditRow]) -> str:
    """The rows as plain text, a line each."""
    return "".join(f"{row.text}\n" for row in rows)


def audit_csv(rows: Iterable[AuditRow]) -> bytes:
    """The rows as CSV with a header; values that a spreadsheet would run are made harmless."""
    columns = ((row.when_utc, row.who, row.topic, row.what, row.why) for row in rows)
    return table_csv(AUDIT_HEADER, ([protect(value) for value in values] for values in columns))


def _row(entry: AuditEntry) -> AuditRow:
    note = entry.note
    what = note.what if entry.action == "done" else say(f"audit.{entry.action}", what=note.what)
    who = note.who or say("audit.nobody")
    return AuditRow(local_time(note.when), note.when, who, what, note.why, _TOPIC_OF.get(note.key, ""))


def local_time(when: str) -> str:
    """An ISO 8601 time as people here write it, to the second; as it stands where it is none."""
    try:
        return datetime.fromisoformat(when).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return when
