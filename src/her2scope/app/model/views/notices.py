"""Everything that a person should know now, the most serious first; a window shows it as banners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from her2scope.app.model.texts import say
from her2scope.app.model.views.control import ControlView
from her2scope.app.model.views.microscope import ObjectiveView
from her2scope.app.model.views.tone import Tone

_ORDER = (Tone.FAULT, Tone.CAUTION, Tone.OK, Tone.QUIET)


@dataclass(frozen=True)
class Notice:
    """One thing to know: where it comes from (a banner of the same key is replaced), the sentence, how serious."""

    key: str
    text: str
    tone: Tone


def notices(
    objective: ObjectiveView, control: ControlView, faults: Sequence[Notice] = (), autosave_fault: str = ""
) -> tuple[Notice, ...]:
    """All that stands at present.

    Parameters
    ----------
    objective, control
        Their views.
    faults
        Of devices and jobs, one for each key.
    autosave_fault
        Why the case could not be saved; empty when it was.
    """
    found = list(faults)
    if autosave_fault:
        found.append(Notice("autosave", say("autosave.fault", why=autosave_fault), Tone.FAULT))
    if objective.warning:
        found.append(Notice("objective", objective.warning, objective.tone))
    if control.tone is Tone.FAULT:
        found += [Notice(f"control {i}", reason, Tone.FAULT) for i, reason in enumerate(control.reasons)]
    return tuple(sorted(found, key=lambda notice: _ORDER.index(notice.tone)))
