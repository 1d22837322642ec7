"""Tables of cells or nuclei against truth tables: detection, cell classes and completeness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import InputError
from her2scope.base.frame import check_pixel_um
from her2scope.evaluation import metrics
from her2scope.evaluation.agreement import ClassAgreement, FieldPair, class_agreement
from her2scope.evaluation.intervals import Measure, measure
from her2scope.evaluation.matching import MATCH_RADIUS_UM, Matching, match_points
from her2scope.evaluation.tables import Points, read_found, read_pixel_sizes, read_truth, truth_files

RADII_UM = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True)
class Detection:
    """How well points were found; all fields together, intervals over fields."""

    radius_um: float
    n_truth: int
    n_found: int
    precision: Measure
    recall: Measure
    f1: Measure
    f1_by_radius: tuple[tuple[float, Measure], ...]
    fields_without_points: tuple[str, ...]


@dataclass(frozen=True)
class Evaluation:
    """Detection and, where both tables have classes, their agreement."""

    fields: int
    detection: Detection
    classes: ClassAgreement | None


def evaluate_table(
    table: Path, truth: Iterable[Path], pixel_um: float | None = None, radius_um: float = MATCH_RADIUS_UM
) -> Evaluation:
    """Compare a cells.csv or a table of nuclei with truth tables.

    Parameters
    ----------
    table
        What `her2scope score` or `her2scope nuclei` wrote.
    truth
        Files named FIELD_truth.csv, or folders of them.
    pixel_um
        Pixel size of all fields in um; None takes it from the case.json beside the table.
    radius_um
        Largest distance of a match in um.

    Raises
    ------
    InputError
        When a table cannot be used, truth is missing, or a pixel size is not known.
    """
    return evaluate(pair_fields(read_found(table), truth, table_sizes(table, pixel_um)), radius_um)


def table_sizes(table: Path, pixel_um: float | None) -> dict[str, float]:
    """Pixel sizes in um for `pair_fields`: the one given for all, else those of the case.json beside the table."""
    case = table.with_name("case.json")
    return {"": pixel_um} if pixel_um is not None else read_pixel_sizes(case) if case.exists() else {}


def pair_fields(found: Mapping[str, Points], truth: Iterable[Path], pixel_um: Mapping[str, float]) -> list[FieldPair]:
    """Bring each truth table together with the found points of its field.

    Parameters
    ----------
    found
        Points by the field's or image's name, with or without the ending of its file name.
    truth
        Truth tables, or folders of them.
    pixel_um
        Pixel size in um by the same names as `found`; the key "" holds for every other name.

    Raises
    ------
    InputError
        When a found field has no truth, two are of one field, or a pixel size is missing or out of range.
    """
    files = truth_files(truth)
    names = names_by_truth(found, files)
    sizes = sizes_by_truth(pixel_um, files)
    return [FieldPair(key, read_truth(path), found.get(names.get(key, "")), sizes[key]) for key, path in files.items()]


def evaluate(pairs: list[FieldPair], radius_um: float = MATCH_RADIUS_UM) -> Evaluation:
    """Compare found points with true ones, field by field, and sum.

    Classes are compared on counted cells alone: the membrane of a cell at the border is cut.
    """
    matches = [match_points(p.truth.xy_px, p.found_xy_px, p.pixel_um, radius_um) for p in pairs]
    has_classes = all(p.truth.classes is not None and (p.found is None or p.found.classes is not None) for p in pairs)
    has_found = any(p.found is not None for p in pairs)
    return Evaluation(
        len(pairs),
        _detection(pairs, matches, radius_um),
        class_agreement(pairs, matches) if has_classes and has_found else None,
    )


def names_by_truth(found: Iterable[str], files: Mapping[str, Path]) -> dict[str, str]:
    """The found field of each truth; InputError when one has no truth, or two have the same."""
    names: dict[str, str] = {}
    for name in found:
        key = _truth_name(name, files)
        if key is None:
            stem = Path(name).stem
            raise InputError(f"there is no truth table for the field {name!r}; give {stem}_truth.csv as well.")
        if key in names:
            raise InputError(f"{names[key]} and {name} both answer to {files[key]}; evaluate them apart.")
        names[key] = name
    return names


def _truth_name(name: str, files: Mapping[str, Path]) -> str | None:
    """The truth's name for a field; None when there is none."""
    candidates = (name, Path(name).name, Path(name).stem)
    return next((key for key in candidates if key in files), None)


def sizes_by_truth(pixel_um: Mapping[str, float], files: Mapping[str, Path]) -> dict[str, float]:
    """The pixel size in um of each truth; InputError when one is missing or out of range."""
    known = {_truth_name(name, files): size for name, size in pixel_um.items()}
    sizes = {name: known.get(name, pixel_um.get("")) for name in files}
    for name, size in sizes.items():
        if size is None:
            raise InputError(f"{name}: its pixel size is not known; give --pixel-size.")
        check_pixel_um(name, size)
    return {name: size for name, size in sizes.items() if size is not None}


def _detection(pairs: list[FieldPair], matches: list[Matching], radius_um: float) -> Detection:
    counts = _detection_counts(matches)
    return Detection(
        radius_um,
        sum(m.n_truth for m in matches),
        sum(m.n_found for m in matches),
        measure(counts, metrics.precision, "nothing was found"),
        measure(counts, metrics.recall, "there is no true point"),
        _f1(counts),
        tuple((radius, _f1(_detection_counts(_matched(pairs, radius)))) for radius in RADII_UM),
        tuple(pair.name for pair in pairs if pair.found is None),
    )


def _matched(pairs: list[FieldPair], radius_um: float) -> list[Matching]:
    return [match_points(p.truth.xy_px, p.found_xy_px, p.pixel_um, radius_um) for p in pairs]


def _detection_counts(matches: list[Matching]) -> NDArray[np.int64]:
    """(I, 3) matched, missed and extra points of each field."""
    return np.array([(len(m.truth), len(m.missed), len(m.extra)) for m in matches], np.int64).reshape(-1, 3)


def _f1(counts: NDArray[np.int64]) -> Measure:
    return measure(counts, metrics.f1, "there is no point, true or found")
