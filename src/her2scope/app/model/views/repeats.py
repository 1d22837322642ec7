"""Cells that a field does not add to the case, since fields before it count them already."""

from __future__ import annotations

from collections.abc import Mapping

from her2scope.app.model.naming import field_titles
from her2scope.app.model.state import CaseState
from her2scope.app.model.tally import Tally
from her2scope.app.model.texts import say
from her2scope.app.model.views.legend import cells_text


def repeat_texts(state: CaseState, tally: Tally) -> Mapping[int, str]:
    """By number of the field, how many of its cells are left out, which fields count them, and how many it adds."""
    titles = field_titles(state.fields)
    return {
        field_id: say(
            "repeats.all",
            parts=", ".join(
                say("repeats.part", cells=cells_text(entry.cells), title=titles[entry.first]) for entry in repeats
            ),
            added=cells_text(tally.added[field_id]),
        )
        for field_id, repeats in tally.repeats.items()
    }
