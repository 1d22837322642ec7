"""One's own marks to measure against: annotated pictures, fields with truth tables, and tables of what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from her2scope.analysis.stain import StainProfile
from her2scope.base.errors import InputError
from her2scope.base.geometry import PointsPx
from her2scope.evaluation.compare import names_by_truth, sizes_by_truth, table_sizes
from her2scope.evaluation.detectors import Answer, Marked
from her2scope.evaluation.held_out import Question
from her2scope.evaluation.outcomes import asked_kinds, in_words
from her2scope.evaluation.stain_classes import StainClasses, around_nucleus, cell_classes, measured
from her2scope.evaluation.tables import TRUTH_SUFFIX, read_found, read_truth
from her2scope.nets.annotations import PICTURES, TABLE_NAME, check_inside, read_csv, read_folder, read_geojson
from her2scope.nets.points import Kind, Points
from her2scope.slides.images import read_field


@dataclass(frozen=True)
class Truth:
    """The marks of one image, with cell classes where a truth table tells them."""

    path: Path
    points: Points
    stains: tuple[StainClasses, ...] = ()


def own_question(folder: Path, pixel_um: float | None, profile: StainProfile) -> Question:
    """A folder of annotated pictures (points.csv, STEM.geojson) or of fields with truth tables (STEM_truth.csv).

    Parameters
    ----------
    folder
        Where pictures and marks lie.
    pixel_um
        Pixel size in um; None: as each picture states it.
    profile
        Its thresholds bound the stain classes.

    Raises
    ------
    InputError
        When there are no marks or none to be found, a picture or its pixel size is missing, or marks lie outside it.
    """
    fields = [_field(path, truth, pixel_um, profile) for path, truth in _pictures(folder).items()]
    wanted = _wanted((field.points for field in fields), folder)
    return Question(f"{folder.name or folder}, {in_words(wanted)}", fields, wanted)


def _wanted(marks: Iterable[Points], where: Path) -> tuple[Kind, ...]:
    """The kinds asked for; InputError when no mark is of a nucleus to find."""
    wanted = asked_kinds(marks)
    if not wanted:
        raise InputError(f"{where}: no mark is of kind tumour or any, so there is nothing to find; mark nuclei first.")
    return wanted


def _pictures(folder: Path) -> dict[Path, Truth]:
    """Marked pictures; truth tables where the folder has them, else annotations."""
    pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
    tables = {path: path.with_name(path.stem + TRUTH_SUFFIX) for path in pictures}
    found = {path: _truth_table(table) for path, table in tables.items() if table.is_file()}
    return found or {path: Truth(path, points) for path, points in read_folder(folder).items()}


def _truth_table(path: Path) -> Truth:
    truth = read_truth(path)
    stains = () if truth.classes is None else (cell_classes(truth.classes),)
    return Truth(path, Points.of(truth.xy_px, Kind.TUMOUR), stains)


def _field(path: Path, truth: Truth, pixel_um: float | None, profile: StainProfile) -> Marked:
    frame = read_field(path, pixel_um, str(path))
    check_inside(frame, truth.points, truth.path)
    probe = around_nucleus(profile)
    return Marked(frame, truth.points, (*truth.stains, measured(frame, profile, probe, truth.points.xy_px)))


def table_answers(table: Path, truth: Iterable[Path], pixel_um: float | None) -> tuple[list[Answer], tuple[Kind, ...]]:
    """What a table of `her2scope nuclei` or `score` found, beside truth tables or marks.

    Parameters
    ----------
    table
        nuclei.csv or cells.csv.
    truth
        FIELD_truth.csv, points.csv or STEM.geojson files, or folders of them.
    pixel_um
        Pixel size of all images; None takes it from the case.json beside the table.

    Raises
    ------
    InputError
        When a table cannot be used, an image has no marks, or a pixel size is not known.
    """
    found = read_found(table)
    truths = read_truths(truth)
    paths = {name: t.path for name, t in truths.items()}
    names = names_by_truth(found, paths)
    sizes = sizes_by_truth(table_sizes(table, pixel_um), paths)
    nothing = np.empty((0, 2))
    given = [
        Answer(_xy(found[names[name]].xy_px) if name in names else nothing, t.points, sizes[name], t.stains)
        for name, t in truths.items()
    ]
    return given, _wanted((t.points for t in truths.values()), table)


def _xy(xy_px: PointsPx) -> PointsPx:
    return np.asarray(xy_px, np.float64).reshape(-1, 2)


def read_truths(paths: Iterable[Path]) -> dict[str, Truth]:
    """Read truth tables and marks: the name of each image to its marks.

    Raises
    ------
    InputError
        When a path holds none, or two are for the same image.
    """
    truths: dict[str, Truth] = {}
    for path in paths:
        for name, truth in _truths_at(path).items():
            if name in truths:
                raise InputError(f"{truth.path} and {truths[name].path} both mark {name}; give one of them.")
            truths[name] = truth
    return truths


def _truths_at(path: Path) -> Mapping[str, Truth]:
    if not path.exists():
        raise InputError(f"{path}: no such file or folder of marks; check --truth.")
    if path.is_dir():
        return _truths_in(path)
    if path.name.endswith(TRUTH_SUFFIX):
        return {path.name.removesuffix(TRUTH_SUFFIX): _truth_table(path)}
    if path.suffix.lower() == ".geojson":
        return {path.stem: Truth(path, read_geojson(path))}
    return {name: Truth(path, points) for name, points in read_csv(path).items()}


def _truths_in(folder: Path) -> dict[str, Truth]:
    """Truth tables where the folder has them, else marks."""
    files = sorted(folder.glob(f"*{TRUTH_SUFFIX}")) or sorted(folder.glob("*.geojson"))
    table = folder / TABLE_NAME
    if not files and table.is_file():
        files = [table]
    if not files:
        raise InputError(f"{folder}: holds no marks; give FIELD{TRUTH_SUFFIX}, {TABLE_NAME} or STEM.geojson files.")
    return {name: truth for file in files for name, truth in _truths_at(file).items()}
