"""From counts to a score, by a guideline's rules in order of precedence (GUIDELINES.md).

Decided on integers. What was not measured gives no score, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from her2scope.analysis.borderline import (
    Borderline,
    DecidingShare,
    Neighbour,
    borderline,
    deciding_shares,
    neighbour,
)
from her2scope.analysis.classes import FIVE_CLASSES, Counts
from her2scope.analysis.control import ControlVerdict
from her2scope.analysis.guideline import (
    WITH_MODERATE,
    Guideline,
    Measured,
    Score,
    Status,
)
from her2scope.analysis.intervals import BootstrapParams
from her2scope.analysis.rules import Decision, decide, score_without
from her2scope.base.errors import InputError

INDETERMINATE = "indeterminate"
COARSE_PIXEL_UM = 0.3
"""Between 40x (0.212 um/px) and 20x (0.424): above it, a 1+ membrane line (0.64 um) is under about two pixels."""


@dataclass(frozen=True)
class CaseContext:
    """What is known of a case beside its counts.

    Parameters
    ----------
    invasive_tumour
        False when no invasive tumour is declared: there is nothing to score.
    control
        Verdict on the positive control; None where none was run.
    blocked_fields
        Fields that the quality gate blocked; they are not among the counts.
    clusters
        Largest cluster for each cluster rule (`clusters.cluster_sizes`); None where not measured.
    pixel_um
        Pixel sizes of the fields in um, for the warning about weak scores from 20x alone; empty where unknown.
    """

    invasive_tumour: bool = True
    control: ControlVerdict | None = None
    blocked_fields: int = 0
    clusters: Mapping[str, int] | None = None
    pixel_um: tuple[float, ...] = ()


@dataclass(frozen=True)
class CaseScore:
    """The score that the program proposes for a case or a field; the final one is the pathologist's.

    Parameters
    ----------
    guideline
        Its name.
    score
        None when indeterminate.
    reading, clinical, status
        The score in the guideline's words, and what it means; status None when indeterminate.
    rule
        Id of the rule that decided; None where no rule matched or nothing was decided.
    flags
        What goes with the score.
    reasons
        Why there is no score; empty when there is one.
    counts, fields
        All counted cells, and the number of fields they come from.
    intervals
        The deciding proportions: of every rule up to the one that decided.
    borderline
        None, or the neighbouring score and what would settle it.
    ish_group
        1 to 5 once entered by hand.
    """

    guideline: str
    score: Score | None
    reading: str
    clinical: str
    status: Status | None
    rule: str | None
    flags: tuple[str, ...]
    reasons: tuple[str, ...]
    counts: Counts
    fields: int
    intervals: tuple[DecidingShare, ...] = field(default=())
    borderline: Borderline | None = None
    ish_group: int | None = None

    @property
    def proportions(self) -> dict[str, float] | None:
        """Share of each of the five classes, 0 to 1, moderate among weak; None (not measured) for no cells."""
        if self.counts.total == 0:
            return None
        return {label: k / self.counts.total for label, k in five_counts(self.counts).items()}


def five_counts(counts: Counts) -> dict[str, int]:
    """Counts by the labels of the five classes; moderate counts as weak-to-moderate."""
    return {c.label: sum(counts[part] for part in WITH_MODERATE.get(c, (c,))) for c in FIVE_CLASSES}


NO_CONTEXT = CaseContext()
DEFAULT_BOOTSTRAP = BootstrapParams()


def score_case(
    fields: Sequence[Counts],
    guideline: Guideline,
    *,
    context: CaseContext = NO_CONTEXT,
    bootstrap: BootstrapParams = DEFAULT_BOOTSTRAP,
) -> CaseScore:
    """Score a case from the counts of its fields that were not blocked.

    Parameters
    ----------
    fields
        One Counts each; fields that overlap must have been counted once (`overlaps.count_once`).
    guideline
        Rules, minimum numbers and words.
    context
        Control, blocked fields, clusters and so on.
    bootstrap
        Draws and seed of the interval over fields.

    Raises
    ------
    InputError
        For a negative count.
    """
    flags = _case_flags(fields, guideline, context)
    reasons = [*_gate_reasons(context), *_count_reasons(fields, guideline, context)]
    if not reasons:
        reasons = _missing_clusters(guideline, context.clusters)
    if reasons:
        return _indeterminate(fields, guideline, reasons, flags)
    return _decided(fields, guideline, context, bootstrap, flags)


def score_field(counts: Counts, guideline: Guideline, *, clusters: Mapping[str, int] | None = None) -> CaseScore:
    """The reference score of one field: the same rules, with the minimum of cells for a field and none of fields."""
    flags = [guideline.caution] if guideline.caution else []
    reasons = _few_cells([counts], guideline.minimum_cells_per_field) or _missing_clusters(guideline, clusters)
    if reasons:
        return _indeterminate([counts], guideline, reasons, flags)
    return _decided([counts], guideline, CaseContext(clusters=clusters), DEFAULT_BOOTSTRAP, flags)


def _gate_reasons(context: CaseContext) -> list[str]:
    reasons = []
    if not context.invasive_tumour:
        reasons.append("No invasive tumour is declared; declare it where there is one.")
    if context.control is not None and not context.control.passed:
        reasons += context.control.reasons
    return reasons


def _count_reasons(fields: Sequence[Counts], guideline: Guideline, context: CaseContext) -> list[str]:
    if fields:
        return _few_cells(fields, guideline.minimum_cells)
    if context.blocked_fields:
        return [f"Every field is blocked ({context.blocked_fields}); take fields that pass the quality gate."]
    return ["No field is taken; take fields of invasive tumour."]


def _few_cells(fields: Sequence[Counts], minimum: int) -> list[str]:
    if any(k < 0 for counts in fields for k in counts.by_class):
        raise InputError("A field has a negative count of cells; count its cells again.")
    cells = Counts.sum(fields).total
    if cells >= minimum:
        return []
    return [f"{cells} tumour cells are counted, fewer than the {minimum} needed; take more fields."]


def _missing_clusters(guideline: Guideline, clusters: Mapping[str, int] | None) -> list[str]:
    missing = [rule.id for rule in guideline.cluster_rules if clusters is None or rule.id not in clusters]
    if not missing:
        return []
    return [f"Clusters of stained cells are not measured, which {guideline.name} needs; give the cells' positions."]


def _indeterminate(
    fields: Sequence[Counts], guideline: Guideline, reasons: Sequence[str], flags: Sequence[str]
) -> CaseScore:
    return CaseScore(
        guideline=guideline.name,
        score=None,
        reading=INDETERMINATE,
        clinical="no score",
        status=None,
        rule=None,
        flags=tuple(flags),
        reasons=tuple(reasons),
        counts=Counts.sum(fields),
        fields=len(fields),
    )


def _case_flags(fields: Sequence[Counts], guideline: Guideline, context: CaseContext) -> list[str]:
    flags = [guideline.caution] if guideline.caution else []
    if len(fields) < guideline.minimum_fields:
        flags.append(f"{len(fields)} of the {guideline.minimum_fields} fields asked for")
    if fields and context.blocked_fields:
        flags.append(
            f"blocked and not counted: {context.blocked_fields} of {context.blocked_fields + len(fields)} fields"
        )
    return flags


def _decided(
    fields: Sequence[Counts],
    guideline: Guideline,
    context: CaseContext,
    bootstrap: BootstrapParams,
    case_flags: Sequence[str],
) -> CaseScore:
    total = Counts.sum(fields)
    measured = Measured(total, context.clusters or {})
    decision = decide(guideline.rules, measured)
    outcome = guideline.outcome(decision.score, total)
    tried = [r for r in decision.tried if r.action == "score"]
    shares = deciding_shares(tried, fields, bootstrap)
    return CaseScore(
        guideline=guideline.name,
        score=decision.score,
        reading=outcome.reading,
        clinical=outcome.clinical,
        status=outcome.status,
        rule=decision.rule.id if decision.rule else None,
        flags=(*decision.flags, *case_flags, *_coarse(decision.score, context)),
        reasons=(),
        counts=total,
        fields=len(fields),
        intervals=shares,
        borderline=borderline(_neighbours(shares, guideline, measured, decision, fields)),
    )


def _coarse(score: Score, context: CaseContext) -> list[str]:
    if score in {"0", "1+"} and context.pixel_um and min(context.pixel_um) > COARSE_PIXEL_UM:
        return ["0, 0+ and 1+ should be called at 40x: these fields are all coarser"]
    return []


def _neighbours(
    shares: Sequence[DecidingShare],
    guideline: Guideline,
    measured: Measured,
    decision: Decision,
    fields: Sequence[Counts],
) -> list[Neighbour]:
    filled = sum(1 for counts in fields if counts.total)
    near = []
    for share in (s for s in shares if s.straddles):
        score = _other_score(share.rule, guideline, measured, decision)
        if score != decision.score:
            near.append(neighbour(share, score, filled))
    return near


def _other_score(rule_id: str, guideline: Guideline, measured: Measured, decision: Decision) -> Score:
    """The score if the rule had gone the other way: its own, or, for the one that decided, that without it."""
    if decision.rule is not None and rule_id == decision.rule.id:
        return score_without(decision.rule, guideline.rules, measured)
    return next(rule.score for rule in guideline.rules if rule.id == rule_id)
