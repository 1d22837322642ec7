"""What makes a guideline's rules unusable together: each check raises one sentence with its key."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from her2scope.analysis.guideline import ClusterCutoff, Guideline, Rule, ShareCutoff
from her2scope.base.errors import ConfigError

_MOST_TOGETHER = 3
"""How many earlier rules are looked at together: all of a real guideline, without 2**n groups of a long one."""


def check_guideline(guideline: Guideline) -> None:
    """Refuse a guideline that cannot score.

    Raises
    ------
    ConfigError
        For no rules, rules of one id, a rule that can never be reached, a score without a reading, a minimum below
        1, a cluster rule without reach, and ISH groups other than 1 to 5 or given twice.
    """
    _check_ids(guideline)
    _check_outcomes(guideline)
    _check_numbers(guideline)
    _check_ish(guideline)
    for index, rule in enumerate(guideline.rules):
        _check_reachable(rule, guideline.rules[:index])


def _check_ids(guideline: Guideline) -> None:
    if not any(rule.action == "score" for rule in guideline.rules):
        raise ConfigError('rules: none has the action "score"; give at least one that decides.')
    ids = [rule.id for rule in guideline.rules]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise ConfigError(f"rules: two have the id '{twice[0]}'; give each its own.")
    silent = [rule.id for rule in guideline.rules if rule.action == "flag" and not rule.flag]
    if silent:
        raise ConfigError(
            f"rules '{silent[0]}': the key 'flag' is missing, which action = \"flag\" needs; add its text."
        )


def _check_outcomes(guideline: Guideline) -> None:
    needed = {"0", *(rule.score for rule in guideline.rules)}
    missing = sorted(needed - set(guideline.outcomes))
    if missing:
        raise ConfigError(f'outcomes."{missing[0]}" is missing; add its reading, status and clinical text.')


def _check_numbers(guideline: Guideline) -> None:
    for key in ("minimum_cells", "minimum_cells_per_field", "minimum_fields"):
        if getattr(guideline, key) < 1:
            raise ConfigError(f"{key} = {getattr(guideline, key)} must be 1 or more, since no score rests on nothing.")
    reach = guideline.cluster_reach_um
    has_clusters = any(isinstance(rule.cutoff, ClusterCutoff) for rule in guideline.rules)
    if has_clusters and (reach is None or not 0 < reach <= 1000):
        raise ConfigError("cluster_reach_um must be above 0 and at most 1000, since a rule has cluster_cells; add it.")
    if reach is not None and not has_clusters:
        raise ConfigError("cluster_reach_um is given but no rule has cluster_cells; remove it or add the rule's key.")


def _check_ish(guideline: Guideline) -> None:
    groups = [entry.group for entry in guideline.ish]
    if any(not 1 <= group <= 5 for group in groups) or len(set(groups)) < len(groups):
        raise ConfigError("ish: groups are 1 to 5, each at most once; correct the group numbers.")


def _check_reachable(rule: Rule, earlier: tuple[Rule, ...]) -> None:
    deciding = [r for r in earlier if r.action == "score"]
    for size in range(1, min(len(deciding), _MOST_TOGETHER) + 1):
        for group in combinations(deciding, size):
            if _always_covered(rule, group):
                names = " or ".join(f"'{r.id}'" for r in group)
                raise ConfigError(
                    f"rules: '{rule.id}' can never be reached, because {names} before it always decides first; "
                    "move it up, or change its classes or cut-off."
                )


def _always_covered(rule: Rule, group: tuple[Rule, ...]) -> bool:
    """Whether `rule` passing implies that one rule of `group` passes.

    When all of the group fail, the cells of their classes together are at most the sum of their cut-offs: where that
    sum does not reach the rule's own cut-off, the rule fails too.
    """
    classes = {c for earlier in group for c in earlier.classes}
    if not set(rule.classes) <= classes:
        return False
    if isinstance(rule.cutoff, ClusterCutoff):
        return len(group) == 1 and _covers_cluster(group[0], rule.cutoff)
    cutoffs = [earlier.cutoff for earlier in group]
    shares = [c for c in cutoffs if isinstance(c, ShareCutoff)]
    return len(shares) == len(cutoffs) and _sum_covers(shares, rule.cutoff)


def _sum_covers(earlier: list[ShareCutoff], cutoff: ShareCutoff) -> bool:
    total = sum((c.percent for c in earlier), Fraction(0))
    strict = cutoff.op == "gt" or any(c.op == "ge" for c in earlier)
    return total < cutoff.percent or (total == cutoff.percent and strict)


def _covers_cluster(earlier: Rule, cutoff: ClusterCutoff) -> bool:
    if isinstance(earlier.cutoff, ClusterCutoff):
        return earlier.cutoff.cells <= cutoff.cells
    return earlier.cutoff.percent == 0
