"""`her2scope evaluate`: tables of cells or nuclei against truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from her2scope.cli.say import tell
from her2scope.cli.settings import software
from her2scope.evaluation.compare import Evaluation, evaluate_table
from her2scope.evaluation.summary import to_text
from her2scope.report.files import write_whole
from her2scope.report.json_file import to_json


@dataclass(frozen=True)
class EvaluateRequest:
    """What the user asked of `evaluate`."""

    table: Path
    truth: tuple[Path, ...]
    pixel_um: float | None = None
    radius_um: float = 5.0
    json: Path | None = None


def run(request: EvaluateRequest) -> int:
    """Compare, say the numbers, and write them when asked."""
    table = request.table / "cells.csv" if request.table.is_dir() else request.table
    evaluation = evaluate_table(table, request.truth, request.pixel_um, request.radius_um)
    for line in to_text(evaluation).splitlines():
        tell(line)
    if request.json is not None:
        write_whole(request.json, to_json(_document(evaluation)))
    return 0


def _document(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as plain data, with classes by name."""
    document = {"software": software(), **asdict(evaluation)}
    if evaluation.classes is not None:
        document["classes"]["classes"] = [c.label for c in evaluation.classes.classes]
    return document
