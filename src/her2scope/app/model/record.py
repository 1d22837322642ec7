"""The narrow door behind which a case is kept: what goes through it, and who keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from her2scope.app.model.frames import PackedField
from her2scope.app.model.held import Held
from her2scope.app.model.history import AuditEntry
from her2scope.app.model.state import CaseState


@dataclass(frozen=True)
class CaseRecord:
    """All of a case that must survive the program's end; undo and redo do not, the audit list does.

    Parameters
    ----------
    state
        What was decided.
    audit
        Every change.
    held
        Readings and pictures by field number: of the case's fields, and of those that undo may bring back.
    next_id
        Number of the next field.
    """

    state: CaseState
    audit: tuple[AuditEntry, ...]
    held: Mapping[int, Held]
    next_id: int


class CaseStore(Protocol):
    """Keeps one case. Slow: the window's side calls it on a worker (see `jobs.SaveJob`)."""

    def save(self, case: CaseRecord) -> Mapping[int, PackedField]:
        """Keep a case, whole or not at all.

        Returns
        -------
        mapping
            Where the fields' pictures lie now, by field number, so that they need not stay in memory.

        Raises
        ------
        OutputError
            When it cannot be kept; what was kept before stands, and the case is safe in memory.
        """

    def load(self) -> CaseRecord | None:
        """The case kept last; None when there is none.

        Raises
        ------
        InputError
            When it is broken; nothing is changed or removed.
        """
