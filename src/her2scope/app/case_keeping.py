"""The case as a whole: control step, signature, reasons, a new case, and the autosave."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QFileDialog, QMessageBox

from her2scope.app.dialogs import ControlDialog, SignDialog, ask_reason
from her2scope.app.help_windows import AboutWindow, HelpWindow
from her2scope.app.model.jobs import Outcome, SaveJob
from her2scope.app.model.record import CaseStore
from her2scope.app.model.state import ControlPhase, Role
from her2scope.app.model.views.control import control_view
from her2scope.app.model.views.score import case_header
from her2scope.app.workbench import Workbench
from her2scope.base.errors import Her2ScopeError

_SAVE_AFTER_MS = 1500


@dataclass(frozen=True)
class Next:
    """The case to go on with: the folder that it is kept in, None for a new one."""

    folder: Path | None


class CaseKeeping(QObject):
    """Binds the actions on the case.

    Parameters
    ----------
    desk
        Whose case.
    store
        Keeps it.
    """

    def __init__(self, desk: Workbench, store: CaseStore) -> None:
        super().__init__(desk)
        self._desk, self._store = desk, store
        self.control = ControlDialog(desk.window)
        self.next_case: Next | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save)
        desk.changed.connect(self._on_changed)
        desk.window.closing.connect(self._save_now)
        self._bind()

    def _bind(self) -> None:
        window, case, control = self._desk.window, self._desk.session.case, self.control
        window.case_panel.sign_asked.connect(self.sign)
        window.actions_["new_case"].triggered.connect(self._new)
        window.actions_["open_case"].triggered.connect(self._open)
        window.actions_["sign"].triggered.connect(self.sign)
        window.actions_["no_tumour"].triggered.connect(self._declare)
        window.actions_["control_step"].triggered.connect(self.show_control)
        window.actions_["help"].triggered.connect(lambda: HelpWindow(window).exec())
        window.actions_["about"].triggered.connect(lambda: AboutWindow(window).exec())
        window.strip.exclusion_asked.connect(self._exclude)
        control.accept_offer.clicked.connect(self._accept_offer)
        control.finish.clicked.connect(lambda: self._desk.act(case.finish_control))
        control.reopen.clicked.connect(lambda: self._desk.act(case.reopen_control))
        control.skip.clicked.connect(self._skip)

    @Slot()
    def save(self) -> None:
        """Keep the case, on the worker; a full disk is said, and the case stays in memory."""
        job = self._due()
        if job is not None:
            self._desk.patient.submit("save", job.run, self._on_saved)

    def _on_saved(self, outcome: Outcome) -> None:
        self._desk.session.accept(outcome)

    @Slot()
    def _on_changed(self) -> None:
        state = self._desk.session.state
        is_open = self.control.isVisible() and state.control.phase is ControlPhase.OPEN
        self._desk.role = Role.CONTROL if is_open else Role.CASE
        self._desk.window.actions_["no_tumour"].setChecked(not state.invasive_tumour)
        self.control.show_view(control_view(state, self._desk.session.tally()))
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _new(self) -> None:
        """Keep this case and begin another."""
        question = "Begin another case? This one is kept and can be opened again."
        yes = QMessageBox.StandardButton.Yes
        if QMessageBox.question(self._desk.window, "New case", question) == yes:
            self._leave_for(None)

    @Slot()
    def _open(self) -> None:
        """Keep this case and go on with another."""
        folder = QFileDialog.getExistingDirectory(self._desk.window, "Open the folder of a case")
        if folder:
            self._leave_for(Path(folder))

    def _leave_for(self, folder: Path | None) -> None:
        if self._save_now():
            self.next_case = Next(folder)
            self._desk.window.close()

    @Slot()
    def _save_now(self) -> bool:
        """Keep the case before the window goes; False when it could not be kept, which is said."""
        job = self._due()
        try:
            if job is not None:
                self._desk.session.accept(job.run())
        except Her2ScopeError as error:
            self._desk.on_fault(str(error))
            return False
        return True

    def _due(self) -> SaveJob | None:
        """A job that keeps the case; None when it is kept, or nothing was done in it yet."""
        job = self._desk.session.save_job(self._store)
        return None if job is None or not job.record.audit else job

    @Slot()
    def show_control(self) -> None:
        """Open the control step beside the window."""
        self.control.show()
        self._on_changed()
        self.control.finished.connect(self._on_changed)

    def _accept_offer(self) -> None:
        reading = self._desk.session.tally().control
        self._desk.act(lambda: self._desk.session.case.accept_offer(None if reading is None else reading.offer))

    def _skip(self) -> None:
        reason = ask_reason(self.control, "Skip the control", "Why is there no positive control? It is recorded.")
        if reason is not None:
            self._desk.act(partial(self._desk.session.case.skip_control, reason))

    @Slot(int)
    def _exclude(self, field_id: int) -> None:
        reason = ask_reason(self._desk.window, "Leave the field out", "Why does it not count? It is recorded.")
        if reason is not None:
            self._desk.act(partial(self._desk.session.fields.exclude, field_id, reason))

    @Slot()
    def _declare(self) -> None:
        case = self._desk.session.case
        wanted = self._desk.window.actions_["no_tumour"].isChecked()
        self._desk.act(case.declare_no_tumour if wanted else case.declare_tumour)

    @Slot()
    def sign(self) -> None:
        """Ask for the pathologist's own score."""
        session = self._desk.session
        proposed = case_header(session.state, session.tally())
        dialog = SignDialog(f"{proposed.score} ({proposed.reading})", session.ledger.user, self._desk.window)
        if dialog.exec() and dialog.score is not None:
            session.ledger.user = dialog.name
            self._desk.act(partial(session.case.sign, dialog.score, dialog.comment))
