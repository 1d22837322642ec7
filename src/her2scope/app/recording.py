"""The windows that belong to the case's record: the ISH result, and the list of all changes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from her2scope.app.audit_window import AuditWindow
from her2scope.app.ish_dialog import IshDialog
from her2scope.app.model.views.ish import IshView, ish_view
from her2scope.app.workbench import Workbench


class Recording(QObject):
    """Binds the ISH result and the list of changes.

    Parameters
    ----------
    desk
        Whose case.
    """

    def __init__(self, desk: Workbench) -> None:
        super().__init__(desk)
        self._desk = desk
        self.audit = AuditWindow(desk.window)
        actions = desk.window.actions_
        actions["ish"].triggered.connect(self.ask_ish)
        actions["audit"].triggered.connect(self.show_audit)
        desk.window.case_panel.ish_asked.connect(self.ask_ish)
        desk.changed.connect(self._on_changed)

    def _ish(self) -> IshView:
        return ish_view(self._desk.session.state, self._desk.session.tally())

    @Slot()
    def _on_changed(self) -> None:
        self._desk.window.case_panel.show_ish(self._ish())
        if self.audit.isVisible():
            self._fill_audit()

    @Slot()
    def ask_ish(self) -> None:
        """Ask for the ISH result of a 2+, or say why there is none to enter."""
        session, view = self._desk.session, self._ish()
        if not view.can_enter and not view.entered:
            self._desk.hint(view.hint)
            return
        dialog = IshDialog(view, session.state.guideline, session.state.ish, self._desk.window)
        if not dialog.exec():
            return
        if dialog.takes_back:
            self._desk.act(partial(session.case.clear_ish, dialog.why))
        elif dialog.entry is not None:
            self._desk.act(partial(session.case.enter_ish, dialog.entry, dialog.why))

    @Slot()
    def show_audit(self) -> None:
        """Open the list of changes beside the window."""
        self._fill_audit()
        self.audit.show()
        self.audit.raise_()
        self.audit.activateWindow()

    def _fill_audit(self) -> None:
        self.audit.show_audit(self._desk.session.ledger.history.audit)
