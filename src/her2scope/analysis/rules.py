"""A guideline's rules, gone through in order of precedence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from her2scope.analysis.guideline import Measured, Rule, Score


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
