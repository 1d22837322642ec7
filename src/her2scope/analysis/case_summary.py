"""A case's score as plain data for files: text, whole numbers, finite numbers and None for not measured."""

from __future__ import annotations

from typing import TypeAlias

from her2scope.analysis.borderline import Borderline, DecidingShare
from her2scope.analysis.classes import CellClass, Counts
from her2scope.analysis.intervals import Interval
from her2scope.analysis.scoring import CaseScore, five_counts

Json: TypeAlias = "str | int | float | list[Json] | dict[str, Json] | None"


def case_summary(case: CaseScore) -> dict[str, Json]:
    """The case as a dict that JSON can hold; proportions and intervals from 0 to 1, None where not measured."""
    proportions = case.proportions
    return {
        "guideline": case.guideline,
        "fields": case.fields,
        "cells": case.counts.total,
        "counts": {**five_counts(case.counts)},
        "moderate": _moderate(case.counts),
        "proportions": None if proportions is None else {**proportions},
        "score": case.score,
        "reading": case.reading,
        "clinical": case.clinical,
        "status": case.status,
        "rule": case.rule,
        "flags": list(case.flags),
        "reasons": list(case.reasons),
        "intervals": [_share(share) for share in case.intervals],
        "borderline": None if case.borderline is None else _borderline(case.borderline),
        "ish_group": case.ish_group,
    }


def _moderate(counts: Counts) -> dict[str, Json] | None:
    """The moderate cells among the weak ones of `counts`; None where there are none, as with five classes."""
    complete, incomplete = counts[CellClass.MODERATE_COMPLETE], counts[CellClass.MODERATE_INCOMPLETE]
    return {"complete": complete, "incomplete": incomplete} if complete or incomplete else None


def _share(share: DecidingShare) -> dict[str, Json]:
    return {
        "rule": share.rule,
        "classes": list(share.classes),
        "op": share.op,
        "cutoff": share.cutoff,
        "cells": share.k,
        "of": share.n,
        "share": share.share,
        "wilson": _interval(share.wilson),
        "bootstrap": None if share.bootstrap is None else _interval(share.bootstrap),
    }


def _interval(interval: Interval) -> Json:
    return [interval.low, interval.high]


def _borderline(near: Borderline) -> dict[str, Json]:
    return {
        "text": near.text,
        "score": near.score,
        "more_cells": near.neighbours[0].more_cells,
        "more_fields": near.neighbours[0].more_fields,
        "neighbours": [
            {"score": n.score, "rule": n.share.rule, "more_cells": n.more_cells, "more_fields": n.more_fields}
            for n in near.neighbours
        ],
    }
