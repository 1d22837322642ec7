"""Keeps the case on disk by itself; when that fails, says so, goes on trying, and says when it is safe again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMessageBox

from her2scope.app.model.jobs import Saved, SaveJob
from her2scope.app.model.record import CaseStore
from her2scope.app.model.views.autosave import Kept, autosave_item, fault_text, lost_text, recovered_text
from her2scope.app.workbench import Workbench
from her2scope.base.errors import Her2ScopeError

_SAVE_AFTER_MS = 1500
_RETRY_MS = 10_000
_SOURCE = "autosave"


class FolderCaseStore(CaseStore, Protocol):
    """A CaseStore that keeps its case in a folder."""

    folder: Path


class Autosave(QObject):
    """Keeps a case in a folder; `kept` tells that it is kept there now.

    Parameters
    ----------
    desk
        Whose case.
    store
        Keeps it.
    open_store
        Makes a store for another folder.
    retry_ms
        How long after a failure it is tried again.
    """

    kept = Signal()

    def __init__(
        self,
        desk: Workbench,
        store: FolderCaseStore,
        open_store: Callable[[Path], FolderCaseStore],
        retry_ms: int = _RETRY_MS,
    ) -> None:
        super().__init__(desk)
        self._desk, self._store, self._open_store, self._retry_ms = desk, store, open_store, retry_ms
        self._one_at_a_time = threading.Lock()
        self._when, self._fault, self._lost = "", "", 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.save)
        desk.changed.connect(self._on_changed)
        desk.window.may_close.append(self._may_close)
        desk.window.actions_["keep_elsewhere"].triggered.connect(self.keep_elsewhere)

    @property
    def folder(self) -> Path:
        """Where the case is kept."""
        return self._store.folder

    @property
    def is_worth_keeping(self) -> bool:
        """Whether anything was done in the case."""
        return bool(self._desk.session.ledger.history.audit)

    @Slot()
    def save(self) -> None:
        """Keep the case, on the worker."""
        job = self._due()
        if job is not None:
            self._desk.patient.submit("save", partial(self._attempt, job), self._on_attempted)

    def save_now(self) -> bool:
        """Keep the case before this returns; whether it is kept."""
        job = self._due()
        if job is not None:
            self._on_attempted(self._attempt(job))
        return not self._fault

    @Slot()
    def keep_elsewhere(self) -> None:
        """Ask for another folder, and keep the case there from now on."""
        chosen = QFileDialog.getExistingDirectory(self._desk.window, "Keep the case in another folder")
        if chosen:
            self.move_to(Path(chosen) / self.folder.name)

    def move_to(self, folder: Path) -> bool:
        """Keep the case in another folder from now on; whether it is kept there. What the old one holds stays."""
        if folder == self.folder:
            return self.save_now()
        before, self._store = self._store, self._open_store(folder)
        outcome = self._attempt(self._desk.session.save_job(self._store, anyway=True))
        if isinstance(outcome, str):
            self._store = before
            self._desk.on_fault(outcome)
            return False
        self._on_attempted(outcome)
        return True

    def store_in(self, folder: Path) -> FolderCaseStore:
        """What keeps the case of another folder."""
        return self._open_store(folder)

    def _due(self) -> SaveJob | None:
        """A job that keeps the case; None when it is kept, or nothing was done in it yet."""
        return self._desk.session.save_job(self._store) if self.is_worth_keeping else None

    def _attempt(self, job: SaveJob | None) -> Saved | str | None:
        """Save, one at a time; why not, when it fails: nothing here may cost the case."""
        if job is None:
            return None
        with self._one_at_a_time:
            try:
                return job.run()
            except Her2ScopeError as error:
                return str(error)
            except Exception as error:  # noqa: BLE001  # a thread's end
                return f"A mistake in the program ({type(error).__name__}: {error}); please report it."

    def _on_attempted(self, outcome: Saved | str | None) -> None:
        if isinstance(outcome, str):
            self._fault = outcome
            self._desk.telling.stand(_SOURCE, fault_text(outcome))
            self._timer.start(self._retry_ms)
        elif outcome is not None:
            self._on_saved(outcome)
        self._show()

    def _on_saved(self, saved: Saved) -> None:
        self._desk.session.accept(saved)
        self._when = datetime.now().astimezone().strftime("%H:%M")
        if self._fault:
            self._fault = ""
            self._desk.telling.recovered(_SOURCE)
            self._desk.hint(recovered_text(str(self.folder)))
        if saved.lost > self._lost:
            self._desk.on_fault(lost_text(saved.lost))
        self._lost = saved.lost
        self.kept.emit()

    @Slot()
    def _on_changed(self) -> None:
        if self._due() is not None and not self._timer.isActive():
            self._timer.start(_SAVE_AFTER_MS)
        self._show()

    def _show(self) -> None:
        kept = Kept(str(self.folder), self._when, self._due() is not None, self._fault)
        self._desk.window.status.show_item(autosave_item(kept))

    def _may_close(self) -> bool:
        """Whether the window may go: when the case is kept, or the user gives it up."""
        while not self.save_now():
            box = QMessageBox(QMessageBox.Icon.Warning, "The case is not saved", self._fault, parent=self._desk.window)
            box.setInformativeText("Closing now loses what is not saved.")
            again = box.addButton("Try again", QMessageBox.ButtonRole.AcceptRole)
            elsewhere = box.addButton("Keep it elsewhere…", QMessageBox.ButtonRole.ActionRole)
            lose = box.addButton("Close without saving", QMessageBox.ButtonRole.DestructiveRole)
            box.addButton(QMessageBox.StandardButton.Cancel)
            box.setDefaultButton(again)
            box.exec()
            if box.clickedButton() is elsewhere:
                self.keep_elsewhere()
            elif box.clickedButton() is not again:
                return box.clickedButton() is lose
        return True
