"""The bar chart of proportions, with intervals and the guideline's cut-off."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from her2scope.analysis.classes import CellClass, Counts
from her2scope.analysis.guideline import Guideline, ShareCutoff
from her2scope.analysis.intervals import wilson
from her2scope.analysis.overlay import OKABE_ITO, OverlayStyle, Rgb
from her2scope.analysis.scoring import CaseScore
from her2scope.app.model.texts import say
from her2scope.app.model.views.legend import class_label, share_text, shown_classes


@dataclass(frozen=True)
class Bar:
    """One class.

    Parameters
    ----------
    cell_class, name, colour
        Which class, its name, and its RGB colour.
    share
        Proportion, 0 to 1; None for no cells: not measured.
    low, high
        95% Wilson interval of the proportion, 0 to 1; None likewise.
    value
        The proportion in words.
    tip
        Proportion, cells and interval in words.
    """

    cell_class: CellClass
    name: str
    colour: Rgb
    share: float | None
    low: float | None
    high: float | None
    value: str
    tip: str


@dataclass(frozen=True)
class DecidingRow:
    """A proportion that a rule decided on.

    Parameters
    ----------
    rule
        The rule's name.
    share, low, high, cutoff
        0 to 1; the interval is the wider of the one over cells and the one over fields.
    is_borderline
        Whether an interval holds the cut-off.
    text
        All of it in words.
    """

    rule: str
    share: float
    low: float
    high: float
    cutoff: float
    is_borderline: bool
    text: str


@dataclass(frozen=True)
class Chart:
    """Bars of the classes, rows of the rules that were tried, and the cut-off's line (0 to 1; None: no such rule)."""

    bars: tuple[Bar, ...]
    deciding: tuple[DecidingRow, ...]
    cutoff: float | None


def chart(
    score: CaseScore | None, guideline: Guideline, *, split: bool = False, style: OverlayStyle = OKABE_ITO
) -> Chart:
    """The chart of a case or a field; bars without numbers while there is no score at hand.

    Parameters
    ----------
    score
        Of the case or field; None while it is being read.
    guideline
        Whose cut-off is drawn.
    split
        Whether t_moderate splits moderate from weak.
    style
        Colours in use.
    """
    counts = Counts() if score is None else score.counts
    bars = tuple(_bar(c, counts, style) for c in shown_classes(counts, split=split))
    return Chart(bars, () if score is None else _deciding(score), main_cutoff(guideline))


def main_cutoff(guideline: Guideline) -> float | None:
    """The cut-off that most of the guideline's deciding rules share, 0 to 1 (0.1: the 10% line)."""
    percents = [
        rule.cutoff.percent
        for rule in guideline.rules
        if isinstance(rule.cutoff, ShareCutoff) and rule.action == "score" and rule.cutoff.percent > 0
    ]
    return float(Counter(percents).most_common(1)[0][0] / 100) if percents else None


def _bar(cell_class: CellClass, counts: Counts, style: OverlayStyle) -> Bar:
    k, n = counts[cell_class], counts.total
    name, value, colour = class_label(cell_class), share_text(k, n), style.colours[cell_class]
    if n == 0:
        return Bar(cell_class, name, colour, None, None, None, value, say("chart.nothing", name=name))
    interval = wilson(k, n)
    low, high = f"{100 * interval.low:.1f}", f"{100 * interval.high:.1f}"
    tip = say("chart.bar", name=name, value=value, k=k, n=n, low=low, high=high)
    return Bar(cell_class, name, colour, k / n, interval.low, interval.high, value, tip)


def _deciding(score: CaseScore) -> tuple[DecidingRow, ...]:
    rows = []
    for share in score.intervals:
        both = [share.wilson, *([share.bootstrap] if share.bootstrap is not None else [])]
        low, high = min(i.low for i in both), max(i.high for i in both)
        text = say(
            "chart.deciding",
            rule=share.rule,
            share=f"{100 * share.share:.1f}",
            low=f"{100 * low:.1f}",
            high=f"{100 * high:.1f}",
            op=say(f"op.{share.op}"),
            cutoff=f"{100 * share.cutoff:g}",
        )
        rows.append(DecidingRow(share.rule, share.share, low, high, share.cutoff, share.straddles, text))
    return tuple(rows)
