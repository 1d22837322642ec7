"""The pathologist's own score, recorded beside the one that the program proposes."""

from __future__ import annotations

from her2scope.analysis.guideline import Score
from her2scope.app.model.session import CaseSession
from her2scope.app.model.texts import say
from her2scope.base.errors import InputError


def sign(session: CaseSession, score: Score, comment: str = "") -> None:
    """Sign a case.

    Raises
    ------
    InputError
        While fields are being read; when nobody is named; when the score differs from the one proposed now and the
        comment does not say why.
    """
    proposed = session.tally().score
    if proposed is None:
        raise InputError(say("error.sign_pending"))
    session.case.sign(score, comment, proposed.score)
