"""What a person can decide about the whole case."""

from __future__ import annotations

from dataclasses import replace

from her2scope.analysis.control import CalibrationOffer
from her2scope.analysis.guideline import Guideline, Score
from her2scope.analysis.ish import group_of
from her2scope.analysis.stain import StainProfile
from her2scope.analysis.stain_vectors import StainVectors
from her2scope.app.model.ledger import Ledger
from her2scope.app.model.stain_words import changes_text
from her2scope.app.model.state import ControlPhase, ControlStep, IshEntry, Proposed, SignOff
from her2scope.app.model.texts import say
from her2scope.base.errors import InputError
from her2scope.base.frame import Lens


def ish_text(entry: IshEntry) -> str:
    """An ISH result in words."""
    parts = [say("ish.entered", group=entry.group)]
    if entry.ratio is not None and entry.copies is not None:
        parts.append(say("ish.count", ratio=f"{entry.ratio:.2f}", copies=f"{entry.copies:.1f}"))
    if entry.recounted:
        parts.append(say("ish.recounted"))
    return ", ".join(parts)


def proposed_text(proposed: Proposed) -> str:
    """What was proposed, in words."""
    return say("sign.none") if proposed == "none" else proposed


class CaseActs:
    """Acts on the case as a whole."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def set_stain(self, profile: StainProfile, why: str = "") -> None:
        """Put a stain profile in force; fields are read again by the jobs that follow."""
        t_weak, t_intense = f"{profile.t_weak:.3f}", f"{profile.t_intense:.3f}"
        note = self._ledger.note("did.stain", why, name=profile.name, t_weak=t_weak, t_intense=t_intense)
        changes = changes_text(self._ledger.state.stain, profile)
        if changes:
            note = replace(note, what=f"{note.what}. {say('vectors.elsewhere', changes=changes)}")
        self._ledger.edit_case("stain", profile, note)

    def set_vectors(self, lens: Lens | None, vectors: StainVectors, why: str = "") -> None:
        """Read fields taken through `lens` by other stain vectors; None: all whose objective has none of its own."""
        before = self._ledger.state.stain
        after = before.with_vectors(lens, vectors)
        changes = changes_text(before, after) or say("vectors.same")
        self._ledger.edit_case("stain", after, self._ledger.note("did.vectors", why, name=after.name, changes=changes))

    def set_thresholds(
        self, t_weak: float, t_intense: float, t_moderate: float | None = None, *, why: str = ""
    ) -> None:
        """Put thresholds (DAB OD, base 10) in force.

        Raises
        ------
        ConfigError
            When they are out of range or order.
        """
        stain = replace(self._ledger.state.stain, t_weak=t_weak, t_intense=t_intense, t_moderate=t_moderate)
        self.set_stain(stain, why)

    def accept_offer(self, offer: CalibrationOffer | None) -> None:
        """Put the control's t_intense in force; InputError when it offers none."""
        if offer is None:
            raise InputError(say("error.no_offer"))
        stain = self._ledger.state.stain
        t_intense = round(offer.t_intense, 3)
        self.set_stain(replace(stain, t_intense=t_intense), say("why.offer", od=f"{offer.mean_od:.2f}"))

    def rename(self, name: str) -> None:
        """Name the case."""
        self._ledger.edit_case("name", name.strip(), self._ledger.note("did.rename", name=name.strip()))

    def set_guideline(self, guideline: Guideline, why: str = "") -> None:
        """Score by other rules."""
        self._ledger.edit_case("guideline", guideline, self._ledger.note("did.guideline", why, name=guideline.name))

    def declare_tumour(self, why: str = "") -> None:
        """Declare that there is invasive tumour to score."""
        self._ledger.edit_case("invasive_tumour", True, self._ledger.note("did.tumour", why))

    def declare_no_tumour(self, why: str = "") -> None:
        """Declare that there is no invasive tumour: no score is given."""
        self._ledger.edit_case("invasive_tumour", False, self._ledger.note("did.no_tumour", why))

    def skip_control(self, reason: str) -> None:
        """Go on without a positive control; InputError without a reason, which is recorded."""
        if not reason.strip():
            raise InputError(say("error.no_reason"))
        step = ControlStep(ControlPhase.SKIPPED, reason.strip())
        self._ledger.edit_case("control", step, self._ledger.note("did.control_skipped", reason.strip()))

    def finish_control(self) -> None:
        """Close the control step: the control fields taken are the control."""
        self._ledger.edit_case("control", ControlStep(ControlPhase.DONE), self._ledger.note("did.control_done"))

    def reopen_control(self, why: str = "") -> None:
        """Take control fields (again)."""
        self._ledger.edit_case("control", ControlStep(), self._ledger.note("did.control_open", why))

    def enter_ish(self, entry: IshEntry, why: str = "") -> None:
        """Enter an ISH result by hand; it resolves a 2+.

        Raises
        ------
        InputError
            When only one of ratio and copies is given, or they belong to another group.
        """
        if (entry.ratio is None) is not (entry.copies is None):
            raise InputError(say("error.ish_half"))
        if entry.ratio is not None and entry.copies is not None:
            group = group_of(self._ledger.state.guideline, entry.ratio, entry.copies)
            if group != entry.group:
                raise InputError(say("error.ish_group", group=group, entered=entry.group))
        self._ledger.edit_case("ish", entry, self._ledger.note("did.ish", why, entry=ish_text(entry)))

    def clear_ish(self, why: str = "") -> None:
        """Take the ISH group back."""
        self._ledger.edit_case("ish", None, self._ledger.note("did.no_ish", why))

    def sign(self, score: Score, comment: str, proposed: Score | None) -> None:
        """Record the pathologist's own score beside the one proposed; `signing.sign` knows that one.

        Raises
        ------
        InputError
            When nobody is named, or the score differs from the proposal and the comment does not say why.
        """
        if not self._ledger.user.strip():
            raise InputError(say("error.signer"))
        who, when = self._ledger.user.strip(), self._ledger.when()
        entry = SignOff(score, who, when, comment.strip(), proposed or "none")
        if entry.differs and not entry.comment:
            raise InputError(say("error.sign_why", proposed=proposed_text(entry.proposed)))
        note = self._ledger.note("did.sign", entry.comment, score=score)
        if entry.differs:
            what = say("sign.other", what=note.what, proposed=proposed_text(entry.proposed))
            note = replace(note, what=what)
        self._ledger.edit_case("sign_off", entry, note)

    def unsign(self, why: str = "") -> None:
        """Take the signature back."""
        self._ledger.edit_case("sign_off", None, self._ledger.note("did.unsign", why))
