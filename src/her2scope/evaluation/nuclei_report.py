"""Findings on nucleus detectors as text for the terminal, as Markdown for a model card, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from her2scope.evaluation.detectors import RADII_UM, ClassFinding, Finding
from her2scope.evaluation.intervals import Measure
from her2scope.nets.validation import MATCH_UM

_NAME, _CELL = 48, 24
_COLUMNS = ("precision", "recall", "F1")


def to_text(found: Sequence[Finding]) -> str:
    """Lay out findings for the terminal: a paragraph for each source, its detectors side by side."""
    lines = [f"Matches within {MATCH_UM:g} um; brackets are 95% bootstrap intervals over images"]
    for source, group in groupby(found, lambda finding: finding.source):
        lines += ["", *_source_lines(source, list(group))]
    return "\n".join(lines)


def _source_lines(source: str, group: list[Finding]) -> Iterator[str]:
    first = group[0]
    yield f"{source}: {_plural(first.images, 'image')}, {_plural(first.marked, 'nucle', 'us', 'i')} to find"
    yield _row("", (*_COLUMNS, "others taken"))
    for finding in group:
        measures = (finding.precision, finding.recall, finding.f1, finding.others_taken)
        yield _row(finding.detector, map(_brief, measures))
        for scheme, classes in groupby(finding.classes, lambda c: c.scheme):
            yield _row(f"  by {scheme}")
            yield from (_row(f"    {_class_name(c)}", map(_brief, (c.precision, c.recall, c.f1))) for c in classes)
    yield _row("F1 at", [f"{radius:g} um" for radius in RADII_UM], 9)
    for finding in group:
        yield _row(finding.detector, [_number(m) for m in finding.f1_by_radius], 9)
    yield from (f"  ({note})" for note in _notes(group))


def _class_name(found: ClassFinding) -> str:
    """Such as "weak complete, 310 in 6 images"."""
    return f"{found.name}, {found.marked} in {_plural(found.images, 'image')}"


def _plural(count: int, noun: str, one: str = "", many: str = "s") -> str:
    return f"{count} {noun}{one if count == 1 else many}"


def _row(name: str, cells: Sequence[str] | Iterator[str] = (), width: int = _CELL) -> str:
    return f"  {name:{_NAME}}{''.join(f' {cell:{width}}' for cell in cells)}".rstrip()


def _brief(value: Measure) -> str:
    """The number and its interval; what is missing is said under the table."""
    if value.value is None:
        return "not defined"
    return f"{value.value:.3f}" + ("" if value.low is None else f" ({value.low:.3f} to {value.high:.3f})")


def _number(value: Measure) -> str:
    return "-" if value.value is None else f"{value.value:.3f}"


def _notes(group: Sequence[Finding]) -> Iterator[str]:
    """What is to be said about missing values and intervals, each thing once with what it holds for."""
    holds: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for finding in group:
        rows = [("all", (*_named(finding), ("others taken", finding.others_taken)))]
        rows += [(found.name, _named(found)) for found in finding.classes]
        for where, column, value in ((where, *pair) for where, pairs in rows for pair in pairs):
            if value.note:
                said = f"not defined, {value.note}" if value.value is None else value.note
                columns, names = holds.setdefault(said, ({}, {}))
                columns[column], names[where] = None, None
    for said, (columns, names) in holds.items():
        yield f"{said}: {', '.join(columns)} of {', '.join(names)}"


def _named(row: Finding | ClassFinding) -> tuple[tuple[str, Measure], ...]:
    return tuple(zip(_COLUMNS, (row.precision, row.recall, row.f1), strict=True))


def to_markdown(found: Sequence[Finding]) -> str:
    """Three tables: at 5 um, by stain class, and F1 against the match radius."""
    lines = [*_head("source", "detector", "images", "nuclei", *_COLUMNS, "others taken")]
    lines += [
        _line(f.source, f.detector, f.images, f.marked, f.precision, f.recall, f.f1, f.others_taken) for f in found
    ]
    lines += ["", *_head("source", "detector", "by", "class", "images", "nuclei", *_COLUMNS)]
    for f in found:
        for c in f.classes:
            who = (f.source, f.detector, c.scheme, c.name, c.images, c.marked)
            lines.append(_line(*who, c.precision, c.recall, c.f1))
    lines += ["", *_head("F1 at radius", "detector", *(f"{radius:g} um" for radius in RADII_UM))]
    lines += [_line(f.source, f.detector, *map(_number, f.f1_by_radius)) for f in found]
    return "\n".join(lines) + "\n"


def _head(*cells: str) -> tuple[str, str]:
    return _line(*cells), "|" + "---|" * len(cells)


def _line(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def document(found: Sequence[Finding]) -> dict[str, Any]:
    """Every number."""
    return {"match_um": MATCH_UM, "radii_um": RADII_UM, "findings": [asdict(finding) for finding in found]}
