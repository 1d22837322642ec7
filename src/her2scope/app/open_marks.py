"""Remembers which case is open, so that the next start can offer the one that a crash or a kill has left."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile

from her2scope.app.autosave import Autosave
from her2scope.app.model.kept_cases import KeptCase, kept_case
from her2scope.app.workbench import Workbench


class OpenMarks:
    """Marks in a folder: a file with the path of each open case, and a lock that its program holds while it lives.

    A mark that cannot be written is done without: it only spares a search after a crash.

    Parameters
    ----------
    folder
        Where they lie; made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._marked: Path | None = None
        self._lock: QLockFile | None = None

    def mark(self, case: Path) -> None:
        """Say that a case is open, in place of the one before."""
        if case == self._marked:
            return
        self.clear()
        path = self._folder / f"{hashlib.sha256(str(case).encode()).hexdigest()[:16]}.case"
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = _lock_of(path)
            if lock.tryLock(0):
                path.write_text(str(case.absolute()), encoding="utf-8")
                self._marked, self._lock = case, lock

    def clear(self) -> None:
        """Say that the case was closed."""
        if self._marked is not None and self._lock is not None:
            _remove(Path(self._lock.fileName()).with_suffix(".case"))
            self._lock.unlock()
        self._marked = self._lock = None

    def take_left(self) -> KeptCase | None:
        """The case kept last of those whose program ended without closing them; their marks are gone then."""
        left = []
        for path in sorted(self._folder.glob("*.case")):
            lock = _lock_of(path)
            if lock.tryLock(0):  # nobody who lives holds it
                with suppress(OSError, UnicodeDecodeError):
                    left.append(kept_case(Path(path.read_text(encoding="utf-8"))))
                _remove(path)
                lock.unlock()
        return max((case for case in left if case is not None), key=lambda case: case.changed, default=None)


def mark_while_open(desk: Workbench, autosave: Autosave, marks: OpenMarks) -> None:
    """Mark the case from its first save until its window is closed."""
    autosave.kept.connect(lambda: marks.mark(autosave.folder))
    desk.window.closing.connect(marks.clear)
    if autosave.is_worth_keeping:
        marks.mark(autosave.folder)


def _lock_of(mark: Path) -> QLockFile:
    lock = QLockFile(str(mark.with_suffix(".lock")))
    lock.setStaleLockTime(0)  # only a dead program's lock is stale, however old
    return lock


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
