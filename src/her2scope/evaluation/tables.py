"""The tables that are compared: cells.csv, FIELD_truth.csv and nuclei tables; read strictly."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.classes import CellClass
from her2scope.base.errors import InputError
from her2scope.base.geometry import PointsPx
from her2scope.base.spreadsheet import unprotect

TRUTH_SUFFIX = "_truth.csv"
TRUTH_COLUMNS = ("x_px", "y_px")
TRUTH_OPTIONAL = ("class", "completeness")
NUCLEI_COLUMNS = ("image", "x_px", "y_px", "score")
CELLS_COLUMNS = (
    "field", "cell", "x_px", "y_px", "class", "completeness", "membrane_od", "membrane_width_um", "counted",
)  # fmt: skip
FLAGS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class Points:
    """Points of one field, and what is known of them.

    Parameters
    ----------
    xy_px
        (N, 2) float64, x right and y down, in the field's own pixels.
    classes
        (N,) int64 values of CellClass; None where the table has none.
    completeness
        (N,) float64, 0 to 1, NaN where not measured; None where the table has none.
    counted
        (N,) bool; all True where the table does not say.
    """

    xy_px: PointsPx
    classes: NDArray[np.int64] | None
    completeness: NDArray[np.float64] | None
    counted: NDArray[np.bool_]


@dataclass(frozen=True)
class _Row:
    """One line of a table; its methods raise InputError naming file, line and column."""

    path: Path
    line: int
    cells: dict[str, str]

    def number(self, column: str) -> float:
        try:
            value = float(self.cells[column])
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.bad(column, "a number")
        return value

    def share(self, column: str) -> float:
        if self.cells[column] == "":
            return math.nan
        value = self.number(column)
        if not 0.0 <= value <= 1.0:
            raise self.bad(column, "from 0 to 1")
        return value

    def cell_class(self, column: str) -> int:
        try:
            return int(CellClass.from_label(self.cells[column]))
        except KeyError:
            raise self.bad(column, f"one of {', '.join(c.label for c in CellClass)}") from None

    def flag(self, column: str) -> bool:
        try:
            return FLAGS[self.cells[column].lower()]
        except KeyError:
            raise self.bad(column, "true or false") from None

    def bad(self, column: str, wanted: str) -> InputError:
        value = self.cells[column]
        return InputError(f"{self.path}, line {self.line}: {column} is {value!r}, not {wanted}; correct the table.")


@dataclass(frozen=True)
class _Table:
    """A table whose header was checked."""

    columns: tuple[str, ...]
    rows: list[_Row]


def read_cells(path: Path) -> dict[str, Points]:
    """Read a cells.csv as `her2scope score` writes it: the name of each field to its cells.

    Raises
    ------
    InputError
        When the file cannot be read, a column is missing or unknown, or a value is not what it should be.
    """
    return _by_name(_table(path, CELLS_COLUMNS), "field")


def read_nuclei(path: Path) -> dict[str, Points]:
    """Read a table of `her2scope nuclei`: the name of each image to its nuclei; InputError as for `read_cells`."""
    table = _table(path, NUCLEI_COLUMNS)
    for row in table.rows:
        row.number("score")
    return _by_name(table, "image")


def read_found(path: Path) -> dict[str, Points]:
    """Read a cells.csv or a table of nuclei, whichever it is; InputError as for `read_cells`."""
    (_, header), *_ = _lines(path)
    return read_nuclei(path) if "image" in header else read_cells(path)


def read_pixel_sizes(case: Path) -> dict[str, float]:
    """Read the pixel size in um of each image from a case.json.

    Raises
    ------
    InputError
        When the file cannot be read or does not say.
    """
    try:
        fields = json.loads(case.read_text(encoding="utf-8"))["fields"]
        return {str(field["image"]): float(field["pixel_um"]) for field in fields}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{case} does not tell the pixel sizes of its fields; give --pixel-size.") from error


def read_truth(path: Path) -> Points:
    """Read a FIELD_truth.csv: x_px, y_px, and class and completeness where known; InputError as for `read_cells`."""
    return _points(_table(path, TRUTH_COLUMNS, TRUTH_OPTIONAL))


def truth_files(paths: Iterable[Path]) -> dict[str, Path]:
    """Find the truth tables among files and in folders: the name of each field to its FIELD_truth.csv.

    Raises
    ------
    InputError
        When there is none, a path is neither a folder nor such a table, or two are for the same field.
    """
    found: dict[str, Path] = {}
    for path in _expanded(paths):
        name = path.name.removesuffix(TRUTH_SUFFIX)
        if name == path.name or not path.is_file():
            raise InputError(f"{path} is not a truth table; give a folder or files named FIELD{TRUTH_SUFFIX}.")
        if name in found:
            raise InputError(f"{path} and {found[name]} are truth for the same field; give one of them.")
        found[name] = path
    if not found:
        raise InputError(f"no truth table was given; give a folder or files named FIELD{TRUTH_SUFFIX}.")
    return found


def _expanded(paths: Iterable[Path]) -> Iterator[Path]:
    """The paths with each folder replaced by the truth tables in it."""
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob(f"*{TRUTH_SUFFIX}"))
        else:
            yield path


def _by_name(table: _Table, column: str) -> dict[str, Points]:
    """Split a table into the points of each image."""
    grouped: dict[str, list[_Row]] = {}
    for row in table.rows:
        grouped.setdefault(unprotect(row.cells[column]), []).append(row)
    return {name: _points(_Table(table.columns, rows)) for name, rows in grouped.items()}


def _points(table: _Table) -> Points:
    """The values of a table that the comparisons need."""
    rows = table.rows
    xy = np.array([(row.number("x_px"), row.number("y_px")) for row in rows], np.float64).reshape(-1, 2)
    classes = completeness = None
    if "class" in table.columns:
        classes = np.array([row.cell_class("class") for row in rows], np.int64)
    if "completeness" in table.columns:
        completeness = np.array([row.share("completeness") for row in rows], np.float64)
    counted = np.array([row.flag("counted") if "counted" in table.columns else True for row in rows], np.bool_)
    return Points(xy, classes, completeness, counted)


def _table(path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> _Table:
    """Read a table; the header and the number of values of each line are checked."""
    (_, header), *lines = _lines(path)
    _check_header(path, header, required, optional)
    for number, values in lines:
        if len(values) != len(header):
            raise InputError(
                f"{path}, line {number}: {len(values)} values for {len(header)} columns; correct the table."
            )
    return _Table(header, [_Row(path, number, dict(zip(header, values, strict=True))) for number, values in lines])


def _check_header(path: Path, header: tuple[str, ...], required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    missing = [column for column in required if column not in header]
    unknown = [column for column in header if column not in required + optional]
    if missing or unknown or len(set(header)) < len(header):
        raise InputError(
            f"{path} has the columns {','.join(header)[:200]!r}; it needs {','.join(required)}"
            + (f" and may have {','.join(optional)}" if optional else "")
            + ", each once."
        )


def _lines(path: Path) -> list[tuple[int, tuple[str, ...]]]:
    """Line number and values of each line that is not empty; the first is the header."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, tuple(values)) for values in reader if values]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is not a CSV table in UTF-8"
        raise InputError(f"{path} cannot be read: {reason}; give a CSV table.") from error
    if not lines:
        raise InputError(f"{path} is empty; a table starts with its column names.")
    return lines
