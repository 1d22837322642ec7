"""What a case is, as frozen data: all that a person decided; what the machine read is held beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from her2scope.analysis.guideline import Guideline, Score
from her2scope.analysis.roi import Roi
from her2scope.analysis.stain import StainProfile
from her2scope.app.model.corrections import Correction
from her2scope.base.frame import Lens

Proposed = Score | Literal["none", ""]
"""A score that was proposed; "none" where there was none, empty where nothing is recorded of it."""


class Role(StrEnum):
    """What a field is taken for."""

    CASE = "case"
    CONTROL = "control"


class ControlPhase(StrEnum):
    """Where the control step stands."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class ControlStep:
    """The control step; `reason` says why it was skipped."""

    phase: ControlPhase = ControlPhase.OPEN
    reason: str = ""


@dataclass(frozen=True)
class Source:
    """What a field is taken with.

    Parameters
    ----------
    setup
        Name of the device set-up.
    specimen
        What its camera looks at, in words.
    slide
        Tells the slide from others: stage positions are compared within one alone. Of a real stage it is the
        session's, since a slide may be exchanged between two.
    """

    setup: str
    specimen: str
    slide: str

    def looks_like(self, other: Source) -> bool:
        """Whether nothing known tells the two apart: the same set-up over the same specimen."""
        return (self.setup, self.specimen) == (other.setup, other.specimen)


@dataclass(frozen=True)
class TakenField:
    """A field kept in the case, with what a person decided about it.

    Parameters
    ----------
    id
        Its number, never used twice in a session.
    name, pixel_um, shape
        Of its frame; shape is (height, width) in pixels.
    taken
        When, ISO 8601.
    role
        Case or control.
    roi, corrections
        Regions and corrected cells.
    excluded
        Why it does not count; empty when it does.
    origin_um
        Where its top-left pixel lies on the slide (x, y in um); None where unknown.
    source
        What it was taken with; None in cases kept before that was recorded.
    lens
        What it was taken through, by which its stain vectors are chosen; None where nobody said, and in cases kept
        before that was recorded.
    """

    id: int
    name: str
    pixel_um: float
    shape: tuple[int, int]
    taken: str
    role: Role = Role.CASE
    roi: Roi = field(default_factory=Roi)
    corrections: tuple[Correction, ...] = ()
    excluded: str = ""
    origin_um: tuple[float, float] | None = None
    source: Source | None = None
    lens: Lens | None = None


@dataclass(frozen=True)
class IshEntry:
    """An ISH result, entered by hand.

    Parameters
    ----------
    group
        1 to 5.
    recounted
        Whether a second observer has counted.
    ratio, copies
        HER2/CEP17 ratio and HER2 signals per cell; None where only the group is known.
    """

    group: int
    recounted: bool = False
    ratio: float | None = None
    copies: float | None = None


@dataclass(frozen=True)
class SignOff:
    """The pathologist's own score; the program never fills it in.

    Parameters
    ----------
    score, who, when, comment
        Which score, signed by whom, when (ISO 8601), with what comment.
    proposed
        What the program proposed then, "none" where it proposed no score; empty in cases kept before that was
        recorded.
    """

    score: Score
    who: str
    when: str
    comment: str = ""
    proposed: Proposed = ""

    @property
    def differs(self) -> bool:
        """Whether another score is signed than was proposed."""
        return self.proposed not in {"", self.score}


@dataclass(frozen=True)
class CaseState:
    """All that undo gives back.

    Parameters
    ----------
    stain
        Profile in force, with its thresholds, and with the vectors of each objective that has its own.
    guideline
        Rules in force.
    name
        What the user calls the case.
    fields
        In the order taken, control fields among them.
    control
        The control step.
    invasive_tumour
        False when declared that there is none.
    ish, sign_off
        None until entered.
    """

    stain: StainProfile
    guideline: Guideline
    name: str = ""
    fields: tuple[TakenField, ...] = ()
    control: ControlStep = field(default_factory=ControlStep)
    invasive_tumour: bool = True
    ish: IshEntry | None = None
    sign_off: SignOff | None = None

    def find(self, field_id: int) -> TakenField:
        """The field of that number; KeyError when the case has none."""
        for taken in self.fields:
            if taken.id == field_id:
                return taken
        raise KeyError(field_id)

    def of_role(self, role: Role) -> tuple[TakenField, ...]:
        """The fields of one role, in the order taken."""
        return tuple(taken for taken in self.fields if taken.role is role)

    def with_field(self, changed: TakenField) -> CaseState:
        """The case with one field replaced by its changed self."""
        return replace(self, fields=tuple(changed if taken.id == changed.id else taken for taken in self.fields))

    def with_fields(self, fields: Iterable[TakenField]) -> CaseState:
        """The case with other fields."""
        return replace(self, fields=tuple(fields))
