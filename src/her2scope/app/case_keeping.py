"""The case as a whole: control step, signature, reasons, and going on to another case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog, QMessageBox

from her2scope.app.autosave import Autosave
from her2scope.app.case_list import CaseList
from her2scope.app.dialogs import ControlDialog, SignDialog, ask_reason
from her2scope.app.help_windows import AboutWindow, HelpWindow
from her2scope.app.main_window import TITLE
from her2scope.app.model.kept_cases import kept_cases
from her2scope.app.model.kept_score import kept_score
from her2scope.app.model.signing import sign
from her2scope.app.model.state import ControlPhase, Role
from her2scope.app.model.texts import say
from her2scope.app.model.views.control import control_view
from her2scope.app.model.views.score import case_header
from her2scope.app.workbench import Workbench


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
    autosave
        Keeps it on disk.
    cases
        Folder of the cases.
    """

    def __init__(self, desk: Workbench, autosave: Autosave, cases: Path) -> None:
        super().__init__(desk)
        self._desk, self._autosave, self._cases = desk, autosave, cases
        self.control = ControlDialog(desk.window)
        self.next_case: Next | None = None
        desk.changed.connect(self._on_changed)
        self._bind()

    def _bind(self) -> None:
        window, case, control = self._desk.window, self._desk.session.case, self.control
        window.case_panel.sign_asked.connect(self.sign)
        window.actions_["new_case"].triggered.connect(self._new)
        window.actions_["open_case"].triggered.connect(self._open)
        window.actions_["name_case"].triggered.connect(self.rename)
        window.actions_["sign"].triggered.connect(self.sign)
        window.actions_["no_tumour"].triggered.connect(self._declare)
        window.actions_["control_step"].triggered.connect(self.show_control)
        window.actions_["help"].triggered.connect(lambda: HelpWindow(window.pedals, window).exec())
        window.actions_["about"].triggered.connect(lambda: AboutWindow(window).exec())
        window.strip.exclusion_asked.connect(self._exclude)
        control.accept_offer.clicked.connect(self._accept_offer)
        control.finish.clicked.connect(self._finish_control)
        control.reopen.clicked.connect(lambda: self._desk.act(case.reopen_control))
        control.skip.clicked.connect(self._skip)

    @Slot()
    def _on_changed(self) -> None:
        state = self._desk.session.state
        is_open = self.control.isVisible() and state.control.phase is ControlPhase.OPEN
        self._desk.role = Role.CONTROL if is_open else Role.CASE
        self._desk.window.actions_["no_tumour"].setChecked(not state.invasive_tumour)
        self._desk.window.setWindowTitle(f"{state.name} | {TITLE}" if state.name else TITLE)
        self.control.show_view(control_view(state, self._desk.session.tally()))

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
        this = self._autosave.folder
        cases = [case for case in kept_cases((self._cases, this.parent)) if case.folder != this.resolve()]
        dialog = CaseList(cases, this.parent, self._desk.window)
        self._read_scores(dialog, [case.folder for case in cases if case.fields is not None])
        if dialog.exec() and dialog.folder is not None:
            self._leave_for(dialog.folder)

    def _read_scores(self, dialog: CaseList, folders: Sequence[Path]) -> None:
        """Read the proposed scores one after the other while the list is open: other work comes between them."""
        if not folders:
            return
        first, *others = folders

        def show(score: tuple[str, str]) -> None:
            if dialog.isVisible():
                dialog.show_score(first, *score)
                self._read_scores(dialog, others)

        self._desk.patient.submit("score of a kept case", partial(kept_score, self._autosave.store_in(first)), show)

    @property
    def this_case(self) -> Next:
        """The case in hand, to come back to; a new one where nothing was done in it."""
        return Next(self._autosave.folder if self._autosave.is_worth_keeping else None)

    def reopen(self) -> None:
        """Keep this case, and open it again: with devices that were changed."""
        self._leave_for(self.this_case.folder)

    def begin(self) -> None:
        """Keep this case, and begin another."""
        self._leave_for(None)

    def _leave_for(self, folder: Path | None) -> None:
        self.next_case = Next(folder)
        if not self._desk.window.close():
            self.next_case = None

    @Slot()
    def show_control(self) -> None:
        """Open the control step beside the window."""
        self.control.show()
        self._desk.window.activateWindow()  # the keys stay with the main window
        self._on_changed()
        self.control.finished.connect(self._on_changed)

    def _accept_offer(self) -> None:
        reading = self._desk.session.tally().control
        self._desk.act(lambda: self._desk.session.case.accept_offer(None if reading is None else reading.offer))

    @Slot()
    def _finish_control(self) -> None:
        """Close the step, and its window: it would lie on the case's fields."""
        self._desk.act(self._desk.session.case.finish_control)
        if self._desk.session.state.control.phase is not ControlPhase.OPEN:
            self.control.close()

    def _skip(self) -> None:
        reason = ask_reason(self.control, "Skip the control", "Why is there no positive control? It is recorded.")
        if reason is not None:
            self._desk.act(partial(self._desk.session.case.skip_control, reason))
            if self._desk.session.state.control.phase is not ControlPhase.OPEN:
                self.control.close()

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
    def rename(self) -> None:
        """Ask what the case is called."""
        state, question = self._desk.session.state, "Name or number of the case, never the patient's name:"
        name, done = QInputDialog.getText(self._desk.window, "Name the case", question, text=state.name)
        if done and name.strip() != state.name:
            self._desk.act(partial(self._desk.session.case.rename, name))

    @Slot()
    def sign(self) -> None:
        """Ask for the pathologist's own score."""
        session = self._desk.session
        proposed = case_header(session.state, session.tally())
        words = proposed.reading if proposed.reading != proposed.score else proposed.clinical
        score, caution = session.tally().score, say("sign.unkept") if self._desk.analysed is not None else ""
        dialog = SignDialog(
            f"{proposed.score} ({words})",
            session.ledger.user,
            self._desk.window,
            proposed="" if score is None else score.score or "none",
            caution=caution,
        )
        if dialog.exec() and dialog.score is not None:
            session.ledger.user = dialog.name
            self._desk.act(partial(sign, session, dialog.score, dialog.comment))
