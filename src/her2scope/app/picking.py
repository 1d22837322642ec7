"""Stain vectors from two regions drawn on the picture: for the objective that it was seen through, or for the case."""

from __future__ import annotations

from enum import Enum
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMessageBox

from her2scope.analysis.roi import Polygon
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.regions import check_ring
from her2scope.app.model.stain_bench import Offered, Outlined, vectors_from
from her2scope.app.model.stain_words import read_again_text, unbroken
from her2scope.app.model.texts import say
from her2scope.app.view_layers import Outline
from her2scope.app.view_tools import Tool
from her2scope.app.workbench import Workbench, frame_in_view
from her2scope.base.errors import Her2ScopeError
from her2scope.base.geometry import PointsPx


class Answer(Enum):
    """What shall be done with vectors that were picked."""

    KEEP = "keep"
    CASE = "case"
    CANCEL = "cancel"


class Picking(QObject):
    """Binds the picking of stain vectors.

    Parameters
    ----------
    desk
        Whose picture is measured, and whose case is read by what is picked.
    book
        Keeps vectors under an objective of this set-up.
    """

    def __init__(self, desk: Workbench, book: LensBook) -> None:
        super().__init__(desk)
        self._desk, self._book = desk, book
        self._hematoxylin: Outlined | None = None
        desk.window.actions_["pick_stains"].triggered.connect(self.pick)
        desk.window.view.outlined.connect(self._outlined)
        desk.changed.connect(self._on_changed)
        self._tell_of_others()

    def _tell_of_others(self) -> None:
        """Say where a case goes on with other vectors than are kept here: its new fields would be read by them."""
        stain = self._desk.session.state.stain
        names = self._book.unlike(stain)
        if names:
            self._desk.telling.stand("stain", say("vectors.unlike", lenses=", ".join(names), profile=stain.name))

    @Slot()
    def _on_changed(self) -> None:
        """Take that back once the case has what is kept."""
        if not self._book.unlike(self._desk.session.state.stain):
            self._desk.telling.recovered("stain")

    @Slot()
    def pick(self) -> None:
        """Ask for two regions, one of each stain."""
        self._hematoxylin = None
        self._desk.window.view.set_tool(Tool.PICK)
        self._desk.hint("Draw round nuclei with hematoxylin alone; then round membranes with DAB alone.")

    @Slot(object, str)
    def _outlined(self, ring: PointsPx, tool: str) -> None:
        frame = frame_in_view(self._desk)
        if tool != Tool.PICK or frame is None:
            return
        try:
            check_ring(ring)
        except Her2ScopeError as error:
            self._desk.on_fault(str(error))
            return
        outlined = Outlined(frame, Polygon(ring))
        if self._hematoxylin is None:
            self._take_first(outlined, ring)
            return
        hematoxylin, self._hematoxylin = self._hematoxylin, None
        self._desk.window.actions_["tool_pan"].trigger()
        self._desk.refresh()  # the regions of the field again, in place of the first outline
        try:
            offered = vectors_from(hematoxylin, outlined, self._desk.session.state.stain)
        except Her2ScopeError as error:
            self._desk.on_fault(str(error))
            return
        self._offer(offered)

    def _take_first(self, outlined: Outlined, ring: PointsPx) -> None:
        """Ask for the other region; the first stays in view on a still picture, a moving one would leave it behind."""
        self._hematoxylin = outlined
        if self._desk.frame is not None:
            self._desk.window.view.show_outlines((Outline(ring, is_chosen=True),))
        self._desk.hint("Now draw round membranes with DAB alone.")

    def _offer(self, offered: Offered) -> None:
        """Put vectors in force in the case if the user agrees, and keep them if they are meant for good."""
        answer = self._ask(offered)
        if answer is Answer.CANCEL:
            return
        why = say(f"vectors.why_{answer.value}")
        self._desk.act(partial(self._desk.session.case.set_vectors, offered.lens, offered.vectors, why))
        if answer is Answer.KEEP and offered.lens is not None:
            self._keep(offered, offered.lens.objective)
        else:
            self._desk.hint(self._used_text(offered))

    def _used_text(self, offered: Offered) -> str:
        if offered.lens is None:
            return say("vectors.used_own")
        return say("vectors.used", lens=offered.lens.objective)

    def _keep(self, offered: Offered, objective: str) -> None:
        """Keep vectors for the set-up; where that fails they hold in the case, and it is said."""
        profile, who = self._desk.session.state.stain.name, self._desk.session.ledger.user
        try:
            self._book.take_stain(objective, profile, offered.vectors, who)
        except Her2ScopeError as error:
            self._desk.on_fault(say("vectors.lost", lens=objective, why=error))
        else:
            self._desk.hint(say("vectors.kept", lens=objective, profile=profile))
        self._desk.refresh()  # the case no longer differs from what is kept

    def _explanation(self, offered: Offered) -> str:
        """What each answer does."""
        lens, state = offered.lens, self._desk.session.state
        again = read_again_text(state.fields, state.stain, lens)
        if lens is None:
            return say("vectors.case", profile=state.stain.name, again=again)
        if lens.setup != self._book.setup:
            return say("vectors.other_setup", lens=lens.objective, setup=lens.setup, again=again)
        return say("vectors.keep", lens=lens.objective, profile=state.stain.name, again=again)

    def _ask(self, offered: Offered) -> Answer:
        """Show what was measured, what is in force, and what would be read again."""
        lens, state = offered.lens, self._desk.session.state
        title = say("vectors.title_own") if lens is None else say("vectors.title", lens=lens.objective)
        now, new = (unbroken(vectors) for vectors in (state.stain.under(lens).vectors, offered.vectors))
        text = say("vectors.ask", taken=offered.text, new=new, now=now)
        text = f"{text}\n\n{offered.caution}" if offered.caution else text
        icon = QMessageBox.Icon.Warning if offered.caution else QMessageBox.Icon.Question
        box = QMessageBox(icon, title, text, parent=self._desk.window)
        box.setInformativeText(self._explanation(offered))
        accept = QMessageBox.ButtonRole.AcceptRole
        keep = None
        if lens is not None and lens.setup == self._book.setup:
            keep = box.addButton(say("vectors.button_keep", lens=lens.objective), accept)
        case = box.addButton(say("vectors.button_case"), accept)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(cancel if offered.caution else keep or case)
        box.setEscapeButton(cancel)
        box.exec()
        clicked = box.clickedButton()
        if keep is not None and clicked is keep:
            return Answer.KEEP
        return Answer.CASE if clicked is case else Answer.CANCEL
