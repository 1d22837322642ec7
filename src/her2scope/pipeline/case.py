"""Fields to a case: which count, their own scores, the control, and the case's score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from her2scope.analysis.clusters import cluster_sizes
from her2scope.analysis.control import CalibrationOffer, ControlVerdict, check_control, offer_t_intense
from her2scope.analysis.guideline import Guideline
from her2scope.analysis.placed import PlacedCells
from her2scope.analysis.quality import Status
from her2scope.analysis.scoring import CaseContext, CaseScore, score_case, score_field
from her2scope.analysis.stain import ControlLimits
from her2scope.base.errors import InputError
from her2scope.pipeline.field import FieldResult

_CAUTION = "caution in"


@dataclass(frozen=True)
class ControlReading:
    """What the positive control says: whether the assay worked, and the t_intense that it offers (or why none)."""

    verdict: ControlVerdict
    offer: CalibrationOffer | None
    no_offer: str


def read_control(fields: Sequence[FieldResult], limits: ControlLimits) -> ControlReading:
    """Judge the control's fields, and offer a t_intense from them.

    Parameters
    ----------
    fields
        Analysed control fields; blocked ones bring no cells, and so cannot make a control pass.
    limits
        What the stain profile asks of a control.
    """
    cells = [field.cells for field in fields if field.status is not Status.BLOCKED]
    verdict = check_control(cells, limits)
    try:
        return ControlReading(verdict, offer_t_intense(cells), "")
    except InputError as error:
        return ControlReading(verdict, None, str(error))


def score_fields(
    fields: Sequence[FieldResult],
    guideline: Guideline,
    *,
    control: ControlReading | None = None,
    invasive_tumour: bool = True,
) -> CaseScore:
    """Score a case from its fields; blocked ones are named, not counted.

    Parameters
    ----------
    fields
        Analysed fields of one case.
    guideline
        The rules.
    control
        The positive control; None when none was run.
    invasive_tumour
        False when the pathologist declares that there is none.
    """
    counted = [field for field in fields if field.status is not Status.BLOCKED]
    context = CaseContext(
        invasive_tumour=invasive_tumour,
        control=None if control is None else control.verdict,
        blocked_fields=len(fields) - len(counted),
        clusters=cluster_sizes([_placed(field) for field in counted], guideline) if counted else None,
        pixel_um=tuple(field.pixel_um for field in counted),
    )
    scored = score_case([field.cells.counts() for field in counted], guideline, context=context)
    return replace(scored, flags=(*scored.flags, *_cautions(counted)))


def _cautions(counted: Sequence[FieldResult]) -> list[str]:
    """What cautioned fields bring to the case: each reason once, with how many fields carry it."""
    reasons = Counter(reason for field in counted for reason in _reasons_of_case(field))
    return [f"{_CAUTION} {n} of {len(counted)} counted fields: {reason}" for reason, n in reasons.items()]


def is_caution(flag: str) -> bool:
    """Whether a flag of a case comes from cautioned fields: what was measured may be wrong."""
    return flag.startswith(_CAUTION)


def _reasons_of_case(field: FieldResult) -> list[str]:
    """A field's reasons in the words that serve the whole case."""
    words = {finding.reason: finding.of_case for finding in field.findings if finding.of_case}
    return [words.get(reason, reason) for reason in field.reasons]


def reference_score(field: FieldResult, guideline: Guideline) -> CaseScore | None:
    """The score that one field would have by itself, for orientation; None when it was blocked."""
    if field.status is Status.BLOCKED:
        return None
    return score_field(field.cells.counts(), guideline, clusters=cluster_sizes([_placed(field)], guideline))


def _placed(field: FieldResult) -> PlacedCells:
    return PlacedCells(field.cells, field.pixel_um)
