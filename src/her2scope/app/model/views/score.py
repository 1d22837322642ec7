"""The score on screen: proposed, with its reading, flags, and what would settle a borderline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from her2scope.analysis.borderline import Borderline
from her2scope.analysis.quality import Status
from her2scope.analysis.scoring import CaseScore
from her2scope.app.model.case_acts import proposed_text
from her2scope.app.model.counting import Counted
from her2scope.app.model.history import AuditEntry, changed_since_signed
from her2scope.app.model.stain_words import mixed_text
from her2scope.app.model.state import CaseState, ControlPhase, Role, SignOff
from her2scope.app.model.tally import Tally
from her2scope.app.model.texts import say, say_number
from her2scope.app.model.views.audit import local_time
from her2scope.app.model.views.legend import NOT_MEASURED, cells_text
from her2scope.app.model.views.tone import Tone
from her2scope.pipeline.case import is_caution


@dataclass(frozen=True)
class BorderlineView:
    """A score that could as well be another: that one, what would settle it, and all of it as one text."""

    other: str
    settle: str
    text: str


@dataclass(frozen=True)
class ScoreHeader:
    """A score on screen.

    Parameters
    ----------
    score
        "3+", "2+", "1+", "0", or a dash.
    reading, clinical
        In the guideline's words; while fields are being read, that they are.
    tone
        QUIET without a score, CAUTION when equivocal, borderline or flagged.
    flags
        What goes with the score.
    cautions
        Those of the flags that say why it may be wrong: what the quality gate found.
    reasons
        Why there is no score.
    borderline
        None when there is no doubt.
    count_text
        Cells and fields behind it.
    signed
        Who signed which score; empty until somebody did. Never filled in from the proposal.
    signed_before
        Whether the case has changed since it was signed.
    signed_differs
        Whether another score was signed than was proposed.
    guideline
        Name of the rules used.
    is_proposal
        False in nothing that this program makes: a score here is always a proposal.
    research_use
        Goes wherever the score goes.
    """

    score: str
    reading: str
    clinical: str
    tone: Tone
    flags: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    borderline: BorderlineView | None = None
    count_text: str = ""
    signed: str = ""
    signed_before: bool = False
    signed_differs: bool = False
    guideline: str = ""
    is_proposal: bool = True
    research_use: str = field(default_factory=lambda: say("research_use"))


def case_header(state: CaseState, tally: Tally, audit: Iterable[AuditEntry] = ()) -> ScoreHeader:
    """The case's score; `audit` tells whether a signature is older than what it stands beside."""
    header = _case_header(state, tally) if state.of_role(Role.CASE) else _before_fields(state, tally)
    if state.sign_off is None:
        return header
    signed, before = signed_text(state.sign_off), changed_since_signed(audit)
    words = say("score.signed_before", signed=signed) if before else signed
    return replace(header, signed=words, signed_before=before, signed_differs=state.sign_off.differs)


def _before_fields(state: CaseState, tally: Tally) -> ScoreHeader:
    """What to do first, in place of a score that nothing was measured for."""
    header = _case_header(state, tally)
    if tally.score is None or tally.score.fields or not state.invasive_tumour:
        return header
    *others, _no_field = header.reasons  # the missing field is the last of them
    return replace(header, reading=say("score.none_kept"), clinical=say("score.begin"), reasons=tuple(others))


def _case_header(state: CaseState, tally: Tally) -> ScoreHeader:
    if tally.score is None:
        reading = say("score.pending", fields=fields_text(tally.pending))
        return ScoreHeader(NOT_MEASURED, reading, "", Tone.QUIET, guideline=state.guideline.title)
    mixed = mixed_text((f for f in state.of_role(Role.CASE) if not f.excluded), state.stain)
    of_state = (*_control_flags(state, tally), *_excluded(state), *_no_slide(state), *([mixed] if mixed else []))
    flags = (*tally.score.flags, *of_state, *_detectors(tally))
    count = say("score.count", cells=cells_text(tally.score.counts.total), fields=fields_text(tally.counting))
    header = _header(tally.score, flags, count, state.guideline.title)
    return replace(header, cautions=tuple(flag for flag in flags if is_caution(flag) or flag == mixed))


def field_header(
    shown: Counted | None, score: CaseScore | None, guideline_title: str, repeats: str = ""
) -> ScoreHeader:
    """A field's own score, for orientation.

    Parameters
    ----------
    shown
        As it counts; None when none is shown.
    score
        Its reference score; None where it is blocked or being read.
    guideline_title
        Name of the rules.
    repeats
        That cells of it are left out of the case, since others count them; empty where none are.
    """
    if shown is None:
        return ScoreHeader(NOT_MEASURED, say("score.no_field"), "", Tone.QUIET)
    count = cells_text(shown.result.cells.counts().total)
    if shown.result.status is Status.BLOCKED:
        reading, reasons = say("score.blocked"), shown.result.reasons
        return ScoreHeader(NOT_MEASURED, reading, "", Tone.FAULT, reasons=reasons, guideline=guideline_title)
    if score is None:
        return ScoreHeader(NOT_MEASURED, say("score.reading"), "", Tone.QUIET, guideline=guideline_title)
    excluded = (say("score.excluded", why=shown.taken.excluded),) if shown.taken.excluded else ()
    again = (repeats,) if repeats else ()
    flags = (*shown.result.reasons, *excluded, *again, *score.flags)
    return replace(_header(score, flags, count, guideline_title), cautions=shown.result.reasons)


def _header(score: CaseScore, flags: tuple[str, ...], count: str, guideline: str) -> ScoreHeader:
    near = None if score.borderline is None else _borderline(score.borderline)
    if score.score is None:
        tone = Tone.QUIET
    else:
        tone = Tone.CAUTION if flags or near is not None or score.status == "equivocal" else Tone.OK
    return ScoreHeader(
        score=score.score or NOT_MEASURED,
        reading=score.reading,
        clinical=score.clinical,
        tone=tone,
        flags=flags,
        reasons=score.reasons,
        borderline=near,
        count_text=count,
        guideline=guideline,
    )


def _borderline(near: Borderline) -> BorderlineView:
    hardest = near.neighbours[0]
    if hardest.more_cells is None or hardest.more_fields is None:
        settle = say("borderline.never")
    else:
        settle = say("borderline.settle", cells=cells_text(hardest.more_cells), fields=fields_text(hardest.more_fields))
    return BorderlineView(near.score, settle, near.text)


def _control_flags(state: CaseState, tally: Tally) -> tuple[str, ...]:
    if state.control.phase is ControlPhase.SKIPPED:
        return (say("flag.control_skipped", why=state.control.reason),)
    if tally.control is None:
        return (say("flag.no_control"),)
    return ()


def _excluded(state: CaseState) -> tuple[str, ...]:
    excluded = sum(1 for taken in state.of_role(Role.CASE) if taken.excluded)
    return (say("flag.excluded", fields=fields_text(excluded)),) if excluded else ()


def _no_slide(state: CaseState) -> tuple[str, ...]:
    """Fields kept before slides were recorded had their overlaps left out; now nothing tells whether they overlap."""
    taken = [f for f in state.of_role(Role.CASE) if f.origin_um is not None and f.source is None and not f.excluded]
    return (say("flag.no_slide", fields=fields_text(len(taken))),) if len(taken) > 1 else ()


def _detectors(tally: Tally) -> tuple[str, ...]:
    return (say("flag.detectors", names=", ".join(tally.detectors)),) if len(tally.detectors) > 1 else ()


def fields_text(fields: int) -> str:
    """A number of fields in words."""
    return say_number("fields", fields)


def signed_text(entry: SignOff) -> str:
    """Who signed which score and when, what was proposed where that is another, and the comment."""
    values = {"score": entry.score, "who": entry.who, "when": local_time(entry.when)}
    text = say("score.signed", **values)
    if entry.differs:
        text = say("score.signed_other", **values, proposed=proposed_text(entry.proposed))
    return f"{text}: {entry.comment}" if entry.comment else text
