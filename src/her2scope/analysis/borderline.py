"""Deciding proportions near their cut-offs: which score is next, and what would settle it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.classes import CellClass, Counts
from her2scope.analysis.guideline import Op, Rule, Score, ShareCutoff
from her2scope.analysis.intervals import (
    FEWEST_FIELDS,
    BootstrapParams,
    Interval,
    bootstrap,
    cells_to_settle,
    fields_to_settle,
    resample_fields,
    wilson,
)

_MOST_CELLS, _MOST_FIELDS = 20_000, 50
"""More than anybody takes at a microscope: beyond it the numbers are given, but not recommended in words."""


@dataclass(frozen=True)
class DecidingShare:
    """A proportion that a rule decided on, with how sure it is.

    Parameters
    ----------
    rule, classes, op, cutoff
        The rule's id, the labels of its classes, "gt" or "ge", and its cut-off from 0 to 1.
    k, n
        Cells of its classes, and all counted cells.
    wilson
        95% interval over cells.
    bootstrap
        95% interval over fields; None with fewer than three fields.
    """

    rule: str
    classes: tuple[str, ...]
    op: Op
    cutoff: float
    k: int
    n: int
    wilson: Interval
    bootstrap: Interval | None

    @property
    def share(self) -> float:
        """The proportion, 0 to 1."""
        return self.k / self.n

    @property
    def straddles(self) -> bool:
        """Whether an interval holds the cut-off; a cut-off of 0 asks for presence, which no interval settles."""
        over_fields = self.bootstrap is not None and self.bootstrap.straddles(self.cutoff)
        return self.cutoff > 0 and (self.wilson.straddles(self.cutoff) or over_fields)


@dataclass(frozen=True)
class Neighbour:
    """A score that the cells seen do not rule out, and what would rule it out at the present proportion.

    Parameters
    ----------
    score
        The neighbouring score.
    share
        The deciding proportion whose interval holds the cut-off.
    more_cells, more_fields
        How many more like these would settle it; None when the proportion lies on the cut-off.
    """

    score: Score
    share: DecidingShare
    more_cells: int | None
    more_fields: int | None


@dataclass(frozen=True)
class Borderline:
    """A score that could as well be a neighbouring one.

    Parameters
    ----------
    text
        For the report: which proportion, its interval, the neighbouring score and what would settle it.
    neighbours
        One or more, the one hardest to settle first.
    """

    text: str
    neighbours: tuple[Neighbour, ...]

    @property
    def score(self) -> Score:
        """The neighbouring score that is hardest to settle."""
        return self.neighbours[0].score


def deciding_shares(
    rules: Iterable[Rule], fields: Sequence[Counts], params: BootstrapParams
) -> tuple[DecidingShare, ...]:
    """The proportions of those `rules` that decide by one, with their intervals.

    Parameters
    ----------
    rules
        Those before and including the one that matched.
    fields
        Counts of the fields, at least one cell in all; fields without cells are left out of the bootstrap.
    params
        Draws and seed of the bootstrap.
    """
    total = Counts.sum(fields)
    filled = np.array([f.by_class for f in fields if f.total], dtype=np.int64)
    drawn = resample_fields(filled, params) if len(filled) >= FEWEST_FIELDS else None
    return tuple(_deciding(rule, rule.cutoff, total, drawn) for rule in rules if isinstance(rule.cutoff, ShareCutoff))


def _deciding(rule: Rule, cutoff: ShareCutoff, total: Counts, drawn: NDArray[np.int64] | None) -> DecidingShare:
    k, n = rule.cells(total), total.total
    return DecidingShare(
        rule=rule.id,
        classes=_named(rule.classes),
        op=cutoff.op,
        cutoff=float(cutoff.percent / 100),
        k=k,
        n=n,
        wilson=wilson(k, n),
        bootstrap=None if drawn is None else bootstrap(drawn, rule.classes),
    )


def _named(classes: Iterable[CellClass]) -> tuple[str, ...]:
    return tuple(c.label for c in classes)


def neighbour(share: DecidingShare, score: Score, fields: int) -> Neighbour:
    """The neighbouring `score` behind a straddled cut-off, with what would settle it.

    `fields` is the number of fields with cells; cells and fields are asked for together, so each is the larger of
    what the Wilson interval and the bootstrap need.
    """
    cells = cells_to_settle(share.k, share.n, share.cutoff)
    if cells is None:
        return Neighbour(score, share, None, None)
    per_field = share.n / fields
    more_fields = math.ceil(cells / per_field)
    if share.bootstrap is not None:
        more_fields = max(more_fields, fields_to_settle(share.share, share.cutoff, share.bootstrap, fields) or 0)
    if not share.wilson.straddles(share.cutoff):
        cells = math.ceil(more_fields * per_field)
    return Neighbour(score, share, cells, more_fields)


def borderline(neighbours: Sequence[Neighbour]) -> Borderline | None:
    """Put the neighbours into words; None when there is none."""
    if not neighbours:
        return None
    ordered = tuple(sorted(neighbours, key=lambda n: math.inf if n.more_cells is None else n.more_cells, reverse=True))
    return Borderline(" ".join(_sentence(n) for n in ordered), ordered)


def _sentence(near: Neighbour) -> str:
    share = near.share
    held = share.wilson if share.wilson.straddles(share.cutoff) else share.bootstrap or share.wilson
    over = "cells" if held is share.wilson else "fields"
    return (
        f"Borderline with {near.score}: '{share.rule}' is {share.k} of {share.n} cells ({100 * share.share:.1f}%), and "
        f"its 95% interval over {over}, {100 * held.low:.1f} to {100 * held.high:.1f}%, holds the cut-off of "
        f"{100 * share.cutoff:g}%; {_remedy(near)}."
    )


def _remedy(near: Neighbour) -> str:
    if near.more_cells is None or near.more_fields is None:
        return "the proportion lies on the cut-off, where no number of cells settles it"
    if near.more_cells > _MOST_CELLS or near.more_fields > _MOST_FIELDS:
        return "it lies so close to the cut-off that more fields will hardly settle it"
    cells = f"{near.more_cells} more {'cell' if near.more_cells == 1 else 'cells'}"
    fields = f"{near.more_fields} more {'field' if near.more_fields == 1 else 'fields'}"
    return f"at this proportion it takes about {cells} and {fields} to settle it"
