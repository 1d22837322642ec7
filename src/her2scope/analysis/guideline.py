"""A scoring guideline as data: rules in order of precedence, readings and ISH groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from her2scope.analysis.classes import CellClass, Counts
from her2scope.base.errors import ConfigError, InputError

Score: TypeAlias = Literal["0", "1+", "2+", "3+"]
Status: TypeAlias = Literal["positive", "equivocal", "negative"]
Action: TypeAlias = Literal["score", "flag", "off"]
Op: TypeAlias = Literal["gt", "ge"]

SCORES: tuple[Score, ...] = get_args(Score)
"""Weakest first."""

WITH_MODERATE = {
    CellClass.WEAK_COMPLETE: (CellClass.MODERATE_COMPLETE, CellClass.WEAK_COMPLETE),
    CellClass.WEAK_INCOMPLETE: (CellClass.MODERATE_INCOMPLETE, CellClass.WEAK_INCOMPLETE),
}
"""Moderate counts as weak-to-moderate: a rule that names a weak class takes in the moderate one."""


@dataclass(frozen=True)
class ShareCutoff:
    """A share of the counted cells above ("gt") or at least at ("ge") a percentage.

    Parameters
    ----------
    op
        "gt" or "ge".
    percent
        The cut-off as an exact number, so that 10 of 100 is never more than 10%.

    Raises
    ------
    ConfigError
        When the percentage is outside 0 to 100, or can never or always be passed.
    """

    op: Op
    percent: Fraction

    def __post_init__(self) -> None:
        """Refuse cut-offs that decide nothing."""
        if not 0 <= self.percent <= 100:
            raise ConfigError(f"percent = {float(self.percent):g} is outside 0 to 100; give a percentage of the cells.")
        if self.op == "ge" and self.percent == 0:
            raise ConfigError('op = "ge" with percent = 0 is always true; write op = "gt" for any such cell.')
        if self.op == "gt" and self.percent == 100:
            raise ConfigError('op = "gt" with percent = 100 is never true; write op = "ge" for all cells.')

    def passes(self, k: int, n: int) -> bool:
        """Whether `k` of `n` cells pass; decided on integers, for `n` above 0."""
        return 100 * k > self.percent * n if self.op == "gt" else 100 * k >= self.percent * n


@dataclass(frozen=True)
class ClusterCutoff:
    """A largest cluster of at least `cells` cells, at any percentage."""

    cells: int

    def __post_init__(self) -> None:
        """Refuse clusters of no cell."""
        if self.cells < 1:
            raise ConfigError(f"cluster_cells = {self.cells} is no cluster; give 1 cell or more.")


@dataclass(frozen=True)
class Measured:
    """What rules look at: the counts, and the largest cluster of each cluster rule (by rule id)."""

    counts: Counts
    clusters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One rule of a guideline.

    Parameters
    ----------
    id
        Its name inside the guideline.
    classes
        The cell classes whose cells are added up; weak classes with their moderate ones.
    cutoff
        A share of the counted cells, or a cluster.
    score
        The score it gives.
    action
        "score" decides; "flag" only adds the flag, and the rules go on; "off" does nothing.
    flag
        What is reported beside the score when the rule passes; may be empty.
    """

    id: str
    classes: tuple[CellClass, ...]
    cutoff: ShareCutoff | ClusterCutoff
    score: Score
    action: Action = "score"
    flag: str = ""

    def cells(self, counts: Counts) -> int:
        """How many counted cells are of the rule's classes."""
        return sum(counts[c] for c in self.classes)

    def passes(self, measured: Measured) -> bool:
        """Whether the rule's condition holds, whatever its action; there must be counted cells."""
        if isinstance(self.cutoff, ClusterCutoff):
            return measured.clusters[self.id] >= self.cutoff.cells
        return self.cutoff.passes(self.cells(measured.counts), measured.counts.total)


@dataclass(frozen=True)
class Outcome:
    """How a score is read: its words, and what it means for the patient's HER2 status."""

    reading: str
    clinical: str
    status: Status


@dataclass(frozen=True)
class IshWindow:
    """Where an ISH count lies that belongs to a group: from the first number of each pair to below the second.

    Parameters
    ----------
    ratio
        HER2/CEP17 ratio.
    copies
        HER2 signals per cell.
    """

    ratio: tuple[float, float]
    copies: tuple[float, float]

    def __post_init__(self) -> None:
        """Refuse a window that holds nothing."""
        if not (0 <= self.ratio[0] < self.ratio[1] and 0 <= self.copies[0] < self.copies[1]):
            raise ConfigError("an ISH group's ratio and copies must each go from a number to a larger one; correct it.")

    def holds(self, ratio: float, copies: float) -> bool:
        """Whether a count lies in it."""
        return self.ratio[0] <= ratio < self.ratio[1] and self.copies[0] <= copies < self.copies[1]


@dataclass(frozen=True)
class IshGroup:
    """What a dual-probe ISH group, entered by hand, makes of a 2+.

    Parameters
    ----------
    group
        1 to 5.
    finding
        The ratio and copy number that define the group.
    status, clinical
        The result, after the recount where one is needed.
    recount
        Words for the recount that must come first; empty when none is needed.
    window
        `finding` in numbers; None where the guideline's file does not give them.
    """

    group: int
    finding: str
    status: Status
    clinical: str
    recount: str = ""
    window: IshWindow | None = None


@dataclass(frozen=True)
class Guideline:
    """A scoring guideline; checked as a whole by `guideline_checks.check_guideline`.

    Parameters
    ----------
    name, title, source, version
        Which guideline it is, and where its words come from.
    rules
        In order of precedence; the first that passes and has the action "score" decides, else the score is "0".
    outcomes, stained_outcomes
        The reading of each score; the second, where it has one, when at least one cell is stained.
    minimum_cells, minimum_cells_per_field
        Fewer counted cells give a case, or a single field, no score.
    minimum_fields
        Fewer fields are flagged.
    cluster_reach_um
        Cells nearer than this, in um between centres, belong to one cluster; None without cluster rules.
    ish
        What ISH groups make of a 2+; empty when the guideline knows none.
    note, caution
        What a reader should know; a caution goes with every score.
    file
        The file it was read from, for reports.
    """

    name: str
    title: str
    source: str
    version: str
    rules: tuple[Rule, ...]
    outcomes: Mapping[Score, Outcome]
    minimum_cells: int
    minimum_cells_per_field: int
    minimum_fields: int
    stained_outcomes: Mapping[Score, Outcome] = field(default_factory=dict)
    cluster_reach_um: float | None = None
    ish: tuple[IshGroup, ...] = ()
    note: str = ""
    caution: str = ""
    file: str = ""

    def outcome(self, score: Score, counts: Counts) -> Outcome:
        """How `score` is read for these counts."""
        stained = self.stained_outcomes.get(score) if counts.stained else None
        return stained if stained is not None else self.outcomes[score]

    @property
    def cluster_rules(self) -> tuple[Rule, ...]:
        """The rules that need the cells' positions."""
        return tuple(r for r in self.rules if isinstance(r.cutoff, ClusterCutoff) and r.action != "off")


def with_action(guideline: Guideline, rule_id: str, action: Action) -> Guideline:
    """The guideline with one of its optional rules switched to "score", "flag" or "off".

    Raises
    ------
    InputError
        When the guideline has no rule of that id.
    """
    if rule_id not in {rule.id for rule in guideline.rules}:
        ids = ", ".join(f"'{rule.id}'" for rule in guideline.rules)
        raise InputError(f"{guideline.name} has no rule '{rule_id}'; choose one of {ids}.")
    rules = tuple(replace(r, action=action) if r.id == rule_id else r for r in guideline.rules)
    return replace(guideline, rules=rules)


def expand_moderate(classes: tuple[CellClass, ...]) -> tuple[CellClass, ...]:
    """The classes with each weak one joined by its moderate one, strongest first, each once."""
    return tuple(sorted({c for named in classes for c in WITH_MODERATE.get(named, (named,))}))
