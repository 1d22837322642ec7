"""Asks before the window goes while presses still wait for their results."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox

from her2scope.app.main_window import TITLE
from her2scope.app.model.texts import say, say_number
from her2scope.app.platform_noise import is_seen
from her2scope.app.workbench import Workbench


def may_leave(desk: Workbench) -> bool:
    """Whether the window may go: asked while presses wait, which would end without anybody to see it."""
    if not desk.presses.waiting or not is_seen():
        return True
    text = say_number("close", desk.presses.waiting)
    box = QMessageBox(QMessageBox.Icon.Question, TITLE, text, parent=desk.window)
    box.setInformativeText(say("close.lost"))
    wait = box.addButton("Wait", QMessageBox.ButtonRole.RejectRole)
    close = box.addButton("Close without them", QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(wait)
    box.exec()
    return box.clickedButton() is close
