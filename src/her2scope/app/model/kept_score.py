"""The score that is proposed for a kept case; it is read with its fields, so that a list never shows an old one."""

from __future__ import annotations

from her2scope.app.model.record import CaseStore
from her2scope.app.model.session import CaseSession
from her2scope.app.model.views.score import case_header
from her2scope.base.errors import Her2ScopeError
from her2scope.pipeline.field import FieldSettings


def kept_score(store: CaseStore) -> tuple[str, str]:
    """Score and, for a tool tip, reading of a kept case; what cannot be read says why. Takes some time a field."""
    try:
        record = store.load()
    except Her2ScopeError as error:
        return "cannot be read", str(error)
    if record is None:
        return "is gone", "The case is no longer in its folder."
    session = CaseSession.opened(record, FieldSettings(record.state.stain))
    header = case_header(session.state, session.tally())
    return header.score, "\n".join((header.reading, *header.reasons, *header.flags))
