"""Tables as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import CellClass
from her2scope.analysis.nuclei import Nuclei
from her2scope.base.spreadsheet import protect
from her2scope.report.text import utf8
from her2scope.synth.truth import Truth

CELLS_HEADER = (
    "field", "cell", "x_px", "y_px", "class", "completeness", "membrane_od", "membrane_width_um", "counted",
)  # fmt: skip
NUCLEI_HEADER = ("image", "x_px", "y_px", "score")
TRUTH_HEADER = ("x_px", "y_px", "class", "completeness")


SPECIAL = re.compile(r"[,\"\r\n]")


def cells_csv(fields: Iterable[tuple[str, Cells]]) -> bytes:
    """Write the cells of named fields, one row each; cells are numbered from 1 in each field.

    Numbers that were not measured are empty.
    """
    return table_csv(CELLS_HEADER, (row for name, cells in fields for row in _cell_rows(name, cells)))


def _cell_rows(name: str, cells: Cells) -> Iterable[Sequence[str]]:
    """One row a cell."""
    for k in range(len(cells.classes)):
        yield (
            protect(name),
            str(k + 1),
            _number(cells.xy_px[k, 0], 2),
            _number(cells.xy_px[k, 1], 2),
            CellClass(int(cells.classes[k])).label,
            _number(cells.completeness[k], 3),
            _number(cells.membrane_od[k], 4),
            _number(cells.membrane_width_um[k], 3),
            "true" if cells.counted[k] else "false",
        )


def nuclei_csv(fields: Iterable[tuple[str, Nuclei]]) -> bytes:
    """Write the nuclei of named images: image,x_px,y_px,score."""
    rows = (
        (protect(name), _number(x, 2), _number(y, 2), _number(score, 4))
        for name, nuclei in fields
        for (x, y), score in zip(nuclei.xy_px, nuclei.score, strict=True)
    )
    return table_csv(NUCLEI_HEADER, rows)


def truth_csv(truth: Truth) -> bytes:
    """Write the true cells of a synthetic field: x_px,y_px,class,completeness."""
    rows = (
        (_number(x, 2), _number(y, 2), CellClass(int(cell_class)).label, _number(completeness, 3))
        for (x, y), cell_class, completeness in zip(truth.xy_px, truth.classes, truth.completeness, strict=True)
    )
    return table_csv(TRUTH_HEADER, rows)


def _number(value: float | np.floating, digits: int) -> str:
    """A number of so many digits; empty where it was not measured."""
    return f"{value:.{digits}f}" if math.isfinite(value) else ""


def table_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The bytes of a table."""
    lines = [",".join(header), *(",".join(_quoted(value) for value in row) for row in rows), ""]
    return utf8("\n".join(lines))


def _quoted(value: str) -> str:
    """Quote a value where RFC 4180 asks for it; csv.writer leaves a lone carriage return bare."""
    return '"' + value.replace('"', '""') + '"' if SPECIAL.search(value) else value
