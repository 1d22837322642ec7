"""Marked nuclei in files: one table for a folder, or GeoJSON points beside each picture; the same marks in both.

A table has the columns image, x_px, y_px, kind; GeoJSON is a FeatureCollection of Point features in pixel coordinates
with the property "kind". Kinds are tumour, other, any and ignore; a mark without one is a tumour nucleus, so that a
table of `her2scope nuclei` can be corrected and read back.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from her2scope.base.errors import InputError
from her2scope.base.frame import Frame
from her2scope.nets.points import Kind, Points
from her2scope.slides.images import read_picture
from her2scope.slides.pixel_size import DISAGREES, is_plausible

TABLE_NAME = "points.csv"
PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}
_EDGE_PX = 1.0  # marks are rounded, and may be drawn on the outermost pixel's far side
_Mark = tuple[float, float, Kind]


def points_csv(marks: Mapping[str, Points]) -> str:
    """The text of a table of marks, images in the order given."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("image", "x_px", "y_px", "kind"))
    for image, points in marks.items():
        for (x, y), kind in zip(points.xy_px, points.kind, strict=True):
            writer.writerow((image, f"{x:.2f}", f"{y:.2f}", Kind(int(kind)).name.lower()))
    return text.getvalue()


def points_geojson(points: Points) -> str:
    """The text of a GeoJSON file of marks."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(float(x), 2), round(float(y), 2)]},
            "properties": {"kind": Kind(int(kind)).name.lower()},
        }
        for (x, y), kind in zip(points.xy_px, points.kind, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1)


def read_csv(path: Path) -> dict[str, Points]:
    """Read a table of marks: the name of each image to its marks.

    Raises
    ------
    InputError
        When the file, a column or a value is not as it should be; the sentence names file and line.
    """
    marks: dict[str, list[_Mark]] = {}
    reader = csv.DictReader(io.StringIO(_text(path)))
    if not {"image", "x_px", "y_px"} <= set(reader.fieldnames or ()):
        raise InputError(f"{path}: a table of nuclei needs the columns image, x_px and y_px; correct its first line.")
    for line, row in enumerate(reader, 2):
        where = f"{path}, line {line}"
        mark = (_number(row["x_px"], where), _number(row["y_px"], where), _kind(row.get("kind") or "tumour", where))
        marks.setdefault(row["image"], []).append(mark)
    return {image: _points(rows) for image, rows in marks.items()}


def read_geojson(path: Path) -> Points:
    """Read GeoJSON marks; other geometries than points are passed over.

    Raises
    ------
    InputError
        When the file is not GeoJSON, or a point is not as it should be.
    """
    try:
        features = json.loads(_text(path))["features"]
        points = [f for f in features if f["geometry"]["type"] == "Point"]
        return _points([_feature(f, f"{path}, point {i}") for i, f in enumerate(points, 1)])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(f"{path}: not a GeoJSON FeatureCollection of points; write it again.") from error


def _feature(feature: dict[str, Any], where: str) -> _Mark:
    x, y = feature["geometry"]["coordinates"][:2]
    return _number(x, where), _number(y, where), _kind((feature.get("properties") or {}).get("kind", "tumour"), where)


def _points(marks: list[_Mark]) -> Points:
    xy = np.array([mark[:2] for mark in marks], np.float64).reshape(-1, 2)
    return Points(xy, np.array([mark[2] for mark in marks], np.uint8))


def _number(value: object, where: str) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{where}: {value!r} is not a coordinate in pixels; correct it.")
    return number


def _kind(name: str, where: str) -> Kind:
    try:
        return Kind[str(name).upper()]
    except KeyError:
        raise InputError(f"{where}: {name!r} is no kind of nucleus; use tumour, other, any or ignore.") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the marks cannot be read; check that it is a text file.") from error


def read_folder(folder: Path) -> dict[Path, Points]:
    """Read an annotated folder: pictures whose marks are in points.csv or in STEM.geojson beside them.

    Raises
    ------
    InputError
        When no picture has marks, or the table names a picture that is not there.
    """
    table = read_csv(folder / TABLE_NAME) if (folder / TABLE_NAME).is_file() else {}
    missing = [name for name in table if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder / TABLE_NAME}: {missing[0]} is not in the folder; add the picture or remove its rows."
        )
    marks = {folder / name: points for name, points in table.items()}
    for picture in sorted(p for p in folder.glob("*") if p.suffix.lower() in PICTURES):
        if picture.with_suffix(".geojson").is_file():
            marks[picture] = read_geojson(picture.with_suffix(".geojson"))
    if not marks:
        raise InputError(f"{folder}: no picture has marks; add {TABLE_NAME} or a .geojson beside each picture.")
    return marks


def read_fields(folder: Path, pixel_um: float) -> Iterator[tuple[Frame, Points]]:
    """The pictures of an annotated folder with their marks.

    Raises
    ------
    InputError
        As `read_folder`, and when a picture cannot be read, states another pixel size, or has marks outside it.
    """
    for path, points in read_folder(folder).items():
        picture = read_picture(path, str(path))
        stated = next((size for size in picture.pixel_sizes if is_plausible(size)), None)
        if stated is not None and abs(stated.x_um / pixel_um - 1) > DISAGREES:
            raise InputError(
                f"{path}: the picture states {stated.x_um:.4g} um per pixel, not {pixel_um:g}; correct pixel_um."
            )
        frame = Frame(path.name, picture.rgb, pixel_um)
        check_inside(frame, points, path)
        yield frame, points


def check_inside(frame: Frame, points: Points, where: Path) -> None:
    """InputError when marks lie outside a picture, as those of another one do; `where` names them."""
    height, width = frame.rgb.shape[:2]
    xy = points.xy_px
    outside = int(((xy < -_EDGE_PX) | (xy > (width - 1 + _EDGE_PX, height - 1 + _EDGE_PX))).any(axis=1).sum())
    if outside:
        raise InputError(
            f"{where}: {outside} of {len(xy)} marks lie outside {frame.name} ({width} x {height} px); give the marks "
            "of this picture, in its own pixels."
        )
