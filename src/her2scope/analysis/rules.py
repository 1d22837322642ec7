"""A guideline's rules, gone through in order of precedence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from her2scope.analysis.classes import CellClass, Counts
from her2scope.analysis.guideline import Measured, Rule, Score, ShareCutoff

_FINE = 10**6
"""Parts of a cell, so that scaled counts stay whole numbers."""


@dataclass(frozen=True)
class Decision:
    """How the rules went: the score, the rule that gave it, the rules tried up to it, and their flags."""

    score: Score
    rule: Rule | None
    tried: tuple[Rule, ...]
    flags: tuple[str, ...]


def decide(rules: Sequence[Rule], measured: Measured) -> Decision:
    """Go through the rules in order; the first that passes and has the action "score" decides, else the score is 0.

    Parameters
    ----------
    rules
        In order of precedence; those that are "off" are passed over.
    measured
        At least one counted cell, and the cluster of every cluster rule.
    """
    live = [rule for rule in rules if rule.action != "off"]
    before = list(takewhile(lambda r: r.action == "flag" or not r.passes(measured), live))
    matched = live[len(before)] if len(before) < len(live) else None
    tried = (*before, matched) if matched else tuple(before)
    flags = tuple(rule.flag for rule in tried if rule.flag and rule.passes(measured))
    return Decision(matched.score if matched else "0", matched, tried, flags)


def score_without(rule: Rule, rules: Sequence[Rule], measured: Measured) -> Score:
    """The score if the rule that decided were just missed, and later rules decided instead.

    Its cells are taken down to its cut-off and the other cells up in proportion, so that a rule with the same cells
    and cut-off is missed with it: 11% intense complete and nothing else would be 0, not 2+.
    """
    later = rules[list(rules).index(rule) + 1 :]
    if not isinstance(rule.cutoff, ShareCutoff):
        return decide(later, measured).score
    return decide(later, Measured(_just_missed(rule, rule.cutoff, measured.counts), measured.clusters)).score


def _just_missed(rule: Rule, cutoff: ShareCutoff, counts: Counts) -> Counts:
    """Counts in parts of a cell, whose share of the rule's cells just misses its cut-off."""
    total, old = counts.total * _FINE, rule.cells(counts)
    exact = cutoff.percent * total / 100
    inside = int(exact) if cutoff.op == "gt" else -int(-exact // 1) - 1
    scaled = {
        c: counts[c] * inside // old if c in rule.classes else counts[c] * (total - inside) // (counts.total - old)
        for c in CellClass
        if counts[c]
    }
    missing = total - sum(scaled.values())  # roundings, and all other cells where there were none
    return Counts.of({**scaled, CellClass.UNSTAINED: scaled.get(CellClass.UNSTAINED, 0) + missing})
