"""The strip of the case's fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.quality import Status
from her2scope.app.model.counting import Counted
from her2scope.app.model.naming import field_titles
from her2scope.app.model.session import CaseSession
from her2scope.app.model.state import Role
from her2scope.app.model.texts import say, say_number
from her2scope.app.model.views.legend import NOT_MEASURED, cells_text
from her2scope.app.model.views.repeats import repeat_texts

State = Literal["ok", "caution", "blocked", "excluded", "pending"]


@dataclass(frozen=True)
class StripItem:
    """A field in the strip.

    Parameters
    ----------
    id
        The field's number.
    title, score
        Its place in the case and its name; its own score, or a dash.
    state, state_text
        Whether it counts, and in words.
    tip
        Name, pixel size, cells, reasons, corrections: all in words.
    thumbnail
        (h, w, 3) uint8 RGB.
    is_open, is_control
        Whether it is shown now; whether it is of the control.
    is_corrected
        Whether a hand changed its cells.
    can_exclude, can_reopen
        Which of the two its menu offers.
    """

    id: int
    title: str
    score: str
    state: State
    state_text: str
    tip: str
    thumbnail: NDArray[np.uint8]
    is_open: bool
    is_control: bool
    is_corrected: bool
    can_exclude: bool
    can_reopen: bool


def strip_items(session: CaseSession) -> tuple[StripItem, ...]:
    """The items of all fields, in the order taken; control and case fields are numbered apart."""
    titles, repeats = field_titles(session.state.fields), repeat_texts(session.state, session.tally())
    return tuple(_item(session, field_id, title, repeats.get(field_id, "")) for field_id, title in titles.items())


def _item(session: CaseSession, field_id: int, title: str, repeats: str) -> StripItem:
    field = session.counted(field_id)
    state = _state(field, is_pending=session.is_pending(field_id))
    scored = session.field_score(field_id)
    taken = field.taken
    return StripItem(
        id=field_id,
        title=title,
        score=NOT_MEASURED if scored is None or scored.score is None else scored.score,
        state=state,
        state_text=say(f"state.{state}"),
        tip="\n".join((*_tip(field, state), *((repeats,) if repeats else ()))),
        thumbnail=session.desk.get(field_id).thumbnail,
        is_open=field_id == session.current,
        is_control=taken.role is Role.CONTROL,
        is_corrected=bool(taken.corrections),
        can_exclude=not taken.excluded,
        can_reopen=bool(taken.excluded),
    )


def _state(field: Counted, *, is_pending: bool) -> State:
    if field.taken.excluded:
        return "excluded"
    if is_pending:
        return "pending"
    states: dict[Status, State] = {Status.OK: "ok", Status.CAUTION: "caution", Status.BLOCKED: "blocked"}
    return states[field.result.status]


def _tip(field: Counted, state: State) -> list[str]:
    taken, result = field.taken, field.result
    lines = [
        say("strip.name", name=taken.name, pixel_um=f"{taken.pixel_um:.3f}"),
        say("strip.cells", cells=cells_text(result.cells.counts().total), state=say(f"state.{state}")),
        *result.reasons,
    ]
    if taken.excluded:
        lines.append(say("score.excluded", why=taken.excluded))
    if taken.corrections:
        lines.append(say_number("strip.corrected", len(taken.corrections)))
    return lines
