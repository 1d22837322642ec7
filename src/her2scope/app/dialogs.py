"""Small questions: a reason, a signature, the control step. None fills in an answer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QInputDialog,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)

from her2scope.analysis.guideline import SCORES, Score
from her2scope.app.model.case_acts import proposed_text
from her2scope.app.model.state import Proposed
from her2scope.app.model.texts import say
from her2scope.app.model.views.control import ControlView
from her2scope.app.model.views.tone import Tone
from her2scope.app.parts import column, explain, heading, label, restyle, row, wrapped
from her2scope.app.tones import TEXT_STYLES

RESEARCH = "Research use only: the score is proposed, the pathologist decides."


def ask_reason(parent: QWidget, title: str, question: str) -> str | None:
    """One line of text; None when it was cancelled."""
    text, done = QInputDialog.getText(parent, title, question)
    return text.strip() if done else None


class SignDialog(QDialog):
    """The pathologist's own score: nothing is chosen beforehand, and the name must be written.

    Parameters
    ----------
    proposal
        What the program proposes, in words.
    user
        Who works.
    parent
        The window.
    proposed
        The score that the program proposes, or that there is none: another one needs a comment. Empty: none does.
    caution
        What to mind before signing; empty where there is nothing.
    """

    def __init__(
        self, proposal: str, user: str, parent: QWidget | None = None, *, proposed: Proposed = "", caution: str = ""
    ) -> None:
        """Ask, with the proposal shown as a proposal."""
        super().__init__(parent)
        self._proposed = proposed
        self.setWindowTitle("Sign off: research use only")
        self._group = QButtonGroup(self)
        scores = row()
        for score in SCORES:
            button = QRadioButton(score)
            button.setToolTip(f"Your own score is {score}")
            self._group.addButton(button)
            scores.addWidget(button)
        self._name, self._comment = QLineEdit(user), QPlainTextEdit()
        explain(self._name, "Name of the pathologist", "Goes into the record with the score")
        explain(self._comment, "Comment", "Recorded with the score")
        self._name.setPlaceholderText("Your name: nobody is named yet")
        self._comment.setPlaceholderText("Comment (optional)")
        self._comment.setFixedHeight(70)
        self._buttons = QDialogButtonBox()
        self.ok = self._buttons.addButton("Sign", QDialogButtonBox.ButtonRole.AcceptRole)
        self.ok.setObjectName("primary")
        self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._group.buttonToggled.connect(lambda *_: self._check())
        self._name.textChanged.connect(lambda _: self._check())
        self._comment.textChanged.connect(self._check)
        self.caution = wrapped(caution, "caution")
        words = wrapped(f"The program proposes: {proposal}. Choose your own score.", "small")
        parts = (words, heading("Your score"), scores, self._name, self._comment, wrapped(RESEARCH, "small"))
        minded = (self.caution,) if caution else ()
        self.setLayout(column(*minded, *parts, self._buttons, margins=(18, 16, 18, 14)))
        self.setMinimumWidth(420)
        self._check()

    @property
    def score(self) -> Score | None:
        """The score chosen; None while none is."""
        button = self._group.checkedButton()
        return None if button is None else next(score for score in SCORES if score == button.text())

    @property
    def name(self) -> str:
        """Who signs."""
        return self._name.text().strip()

    @property
    def comment(self) -> str:
        """What goes with it."""
        return self._comment.toPlainText().strip()

    @property
    def differs(self) -> bool:
        """Whether the score chosen is another than the one proposed."""
        return self.score is not None and self._proposed not in {"", self.score}

    def _check(self) -> None:
        why = say("sign.why", proposed=proposed_text(self._proposed))
        self._comment.setPlaceholderText(why if self.differs else "Comment (optional)")
        self._comment.viewport().update()  # Qt goes on showing the placeholder it had
        missing = (
            (self.score is None, say("sign.choose")),
            (not self.name, say("sign.name")),
            (self.differs and not self.comment, why),
        )
        said = [sentence for is_missing, sentence in missing if is_missing]
        self.ok.setEnabled(not said)
        self.ok.setToolTip(said[0] if said else say("sign.ready"))


class ControlDialog(QDialog):
    """The control step; stays open beside the main window while control fields are taken."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Lay it out; `show_view` fills it."""
        super().__init__(parent)
        self.setWindowTitle("Positive control: research use only")
        self.setWindowFlag(Qt.WindowType.Tool)
        self._title = wrapped("", "reading")
        self._measured, self._reasons, self._offer = wrapped("", "small"), wrapped("", "bad"), wrapped("")
        self.accept_offer = QPushButton("Use the offered t_intense")
        self.finish = QPushButton("Control done: take case fields")
        self.finish.setObjectName("primary")
        self.skip = QPushButton("Skip with a reason…")
        self.reopen = QPushButton("Take control fields again")
        for button, tip in (
            (self.accept_offer, "Put the control's own threshold for intense in force; undo takes it back"),
            (self.finish, "Fields kept from now on belong to the case"),
            (self.skip, "Go on without a control; the reason is recorded"),
            (self.reopen, "Open the control step again"),
        ):
            button.setToolTip(tip)
            button.setAutoDefault(False)  # Return keeps a field, and must never skip the control
        how = wrapped(
            "While this step is open, kept fields belong to the control. Stop at stained control tissue, press "
            "the pedal, and keep the field.",
            "small",
        )
        self._how = how
        buttons = column(self.accept_offer, self.finish, row(self.skip, self.reopen))
        self.setLayout(
            column(
                self._title, how, self._measured, self._reasons, self._offer, 6, -1, buttons, margins=(18, 16, 18, 16)
            )
        )
        self.setFixedWidth(420)

    def show_view(self, view: ControlView) -> None:
        """Show where the step stands."""
        self._title.setText(view.title)
        restyle(self._title, "reading" if TEXT_STYLES[view.tone] in {"small", "good"} else TEXT_STYLES[view.tone])
        self._how.setVisible(view.can_skip)
        measured = (
            view.taken,
            say("control.measured", share=view.intense_complete, od=view.membrane_od),
            view.limits,
        )
        self._measured.setText("\n".join((*measured, *((view.drift,) if view.drift else ()), *view.repeats)))
        self._reasons.setText("\n".join(view.reasons))
        self._reasons.setVisible(bool(view.reasons))
        self._offer.setText(view.offer)
        self._offer.setVisible(bool(view.offer))
        restyle(self._reasons, "bad" if view.tone is Tone.FAULT else "small")
        for button, can in ((self.accept_offer, view.can_accept), (self.finish, view.can_finish)):
            button.setEnabled(can)
        for button, can in ((self.skip, view.can_skip), (self.reopen, view.can_reopen)):
            button.setVisible(can)
        self._keep_buttons_in_place()

    def _keep_buttons_in_place(self) -> None:
        """The dialog grows and never shrinks: no other button slips under a mouse that has just clicked."""
        self.adjustSize()
        self.setMinimumHeight(self.height())


def note(text: str) -> QWidget:
    """A quiet line for a dialog."""
    return label(text, "muted")
