"""A scored case in lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from her2scope.analysis.classes import Counts
from her2scope.analysis.readings import compare_readings
from her2scope.analysis.scoring import CaseScore, five_counts
from her2scope.report.case_json import ReportedCase, ReportedControl, ReportedField

INITIALS = {
    "intense_complete": "IC",
    "intense_incomplete": "II",
    "weak_complete": "WC",
    "weak_incomplete": "WI",
    "unstained": "N",
}


def summary_lines(case: ReportedCase, out: Path) -> Iterator[str]:
    """What was found, field by field, and the case's score."""
    if case.control is not None:
        yield from _control_lines(case.control)
    for field in case.fields:
        yield from _field_lines(field)
    score = case.score
    yield f"Case: {_score_words(score)}; {score.counts.total} cells counted"
    yield f"  {_shares(score.counts)}"
    for sentence in (*score.reasons, *score.flags):
        yield f"  {sentence}"
    if score.borderline is not None:
        yield f"  borderline: {score.borderline.text}"
    yield f"Proposed by {case.software} with {case.guideline.name}, {case.stain.name} stain, {case.detector} nuclei."
    yield f"For research use only. Results are in {out}."


def _score_words(score: CaseScore) -> str:
    """Score, reading and what it means, each once."""
    given = score.score or "no score"
    first = given if score.reading == given else f"{given}, {score.reading}"
    return first if score.clinical == given else f"{first} ({score.clinical})"


def _control_lines(control: ReportedControl) -> Iterator[str]:
    verdict, offer = control.reading.verdict, control.reading.offer
    yield f"Control: {'passed' if verdict.passed else 'failed'}, {verdict.cells} cells counted"
    for sentence in (*verdict.reasons, control.reading.no_offer, control.no_patches):
        if sentence:
            yield f"  {sentence}"
    if offer is not None:
        yield f"  offers t_intense = {offer.t_intense:.2f}: accept it with --intense {offer.t_intense:.2f}"


def _field_lines(field: ReportedField) -> Iterator[str]:
    result = field.result
    counts = result.cells.counts()
    score = "-" if field.score is None else field.score.score or "-"
    patches = "" if field.patches is None else f", {field.patches.score or '-'} by patches"
    yield f"{result.name}: {result.status.value}, {score}{patches}; {counts.total} cells counted"
    if counts.total:
        yield f"  {_shares(counts)}"
    for sentence in (*result.reasons, *result.notes):
        yield f"  {sentence}"
    if field.patches is not None:
        comparison = compare_readings(None if field.score is None else field.score.score, field.patches.score)
        if comparison:
            yield f"  {comparison}"


def _shares(counts: Counts) -> str:
    """Percentages of the five classes."""
    total = max(1, counts.total)
    return "  ".join(f"{INITIALS[label]} {100 * k / total:.1f}%" for label, k in five_counts(counts).items())
