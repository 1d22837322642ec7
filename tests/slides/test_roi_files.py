"""GeoJSON regions of interest."""

import json

import numpy as np
import pytest

from her2scope.base.errors import InputError
from her2scope.slides.roi import read_roi

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[2, 2], [4, 2], [4, 4], [2, 4], [2, 2]]
FAR = [[200, 200], [210, 200], [210, 210], [200, 200]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE, HOLE]}
MULTI = {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [FAR]]}


def feature(geometry=POLYGON, **properties):
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


def read(tmp_path, document):
    text = document if isinstance(document, str) else json.dumps(document)
    (tmp_path / "roi.geojson").write_text(text)
    return read_roi(tmp_path / "roi.geojson")


def for_field(tmp_path, document, image="a.png"):
    return read(tmp_path, document).for_field(image, 300, 260)


@pytest.mark.parametrize("document", [POLYGON, feature(), collection(feature()), {**feature(), "properties": None}])
def test_polygons_in_any_wrapping(tmp_path, document):
    roi = for_field(tmp_path, document)
    assert roi.exclude == ()
    (polygon,) = roi.include
    assert polygon.ring.dtype == np.float64
    assert polygon.ring.tolist() == SQUARE[:-1]
    assert [hole.tolist() for hole in polygon.holes] == [HOLE[:-1]]


def test_multipolygons_give_each_of_their_polygons(tmp_path):
    roi = for_field(tmp_path, collection(feature(MULTI)))
    assert [(len(polygon.ring), len(polygon.holes)) for polygon in roi.include] == [(4, 1), (3, 0)]


@pytest.mark.parametrize(
    ("properties", "included"),
    [
        ({}, True),
        ({"kind": "include"}, True),
        ({"kind": "exclude"}, False),
        ({"kind": "Exclude"}, False),
        ({"classification": {"name": "exclude", "color": [1, 2, 3]}}, False),
        ({"classification": {"name": "Include"}}, True),
        ({"kind": "exclude", "classification": {"name": "Tumor"}}, False),
        ({"classification": {"color": [1, 2, 3]}, "objectType": "annotation"}, True),
    ],
)
def test_kinds(tmp_path, properties, included):
    roi = for_field(tmp_path, collection(feature(**properties)))
    assert (len(roi.include), len(roi.exclude)) == ((1, 0) if included else (0, 1))


def test_a_region_of_another_image_does_not_hold(tmp_path):
    document = collection(feature(image="a.png"), feature(kind="exclude", image="b.png"), feature(kind="exclude"))
    roi = for_field(tmp_path, document, "a.png")
    assert (len(roi.include), len(roi.exclude)) == (1, 1)
    roi = for_field(tmp_path, document, "b.png")
    assert (len(roi.include), len(roi.exclude)) == (0, 2)


def test_heights_are_left_out(tmp_path):
    document = {"type": "Polygon", "coordinates": [[[x, y, 5.0] for x, y in SQUARE]]}
    assert for_field(tmp_path, document).include[0].ring.tolist() == SQUARE[:-1]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "it is not JSON"),
        ("nonsense", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "not GeoJSON polygons"),
        ({"type": "Topology"}, "its type is 'Topology'"),
        ({"type": "FeatureCollection", "features": {}}, "not GeoJSON polygons"),
        (collection(), "holds no polygon"),
        (collection(feature({"type": "MultiPolygon", "coordinates": []})), "holds no polygon"),
        (collection(feature(), 7), "feature 2 is not a Feature"),
        (collection(feature({"type": "Point", "coordinates": [1, 2]})), "feature 1 is a Point, not a polygon"),
        (collection(feature({"type": "LineString", "coordinates": SQUARE})), "is a LineString"),
        (collection(feature(None)), "is a None"),
        (collection(feature({"type": "Polygon"})), "has no coordinates"),
        (collection(feature({"type": "Polygon", "coordinates": []})), "has no coordinates"),
        (collection(feature({"type": "Polygon", "coordinates": [SQUARE[:-1]]})), "not closed"),
        (collection(feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]})), "not closed"),
        (collection(feature({"type": "Polygon", "coordinates": [[]]})), "not closed"),
        (collection(feature({"type": "Polygon", "coordinates": [[[0, 0], [5, 5], [9, 9], [0, 0]]]})), "without area"),
        (collection(feature({"type": "Polygon", "coordinates": [[[0, 0], [1, "x"], [1, 0], [0, 0]]]})), "two finite"),
        (collection(feature({"type": "Polygon", "coordinates": [[[0, 0], [1, True], [1, 0], [0, 0]]]})), "two finite"),
        (collection(feature({"type": "Polygon", "coordinates": [[[0, 0], [1], [1, 0], [0, 0]]]})), "two finite"),
        (collection(feature({"type": "Polygon", "coordinates": [[[0, 0], [1, float("nan")], [1, 0], [0, 0]]]})),
         "two finite"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 1e999], [1, 0], [0, 0]]]}', "two finite"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 1' + "0" * 400 + '], [1, 0], [0, 0]]]}', "two finite"),
        (collection(feature(kind="tumour")), "of kind 'tumour'"),
        (collection(feature(kind=3)), "of kind 3"),
        (collection(feature(classification={"name": "Tumor"})), "of kind 'Tumor'"),
        (collection(feature(image=3)), "not a file's name"),
        (collection({**feature(), "properties": [1]}), "not a table"),
    ],
)  # fmt: skip
def test_strict(tmp_path, document, words):
    with pytest.raises(InputError) as caught:
        read(tmp_path, document)
    assert words in str(caught.value)
    assert str(caught.value).startswith("roi.geojson")


@pytest.mark.parametrize("shift", [(400, 0), (0, 300), (-50, 0), (0, -50)])
def test_a_polygon_outside_the_field_was_drawn_on_another(tmp_path, shift):
    ring = [[x + shift[0], y + shift[1]] for x, y in SQUARE]
    with pytest.raises(InputError, match=r"lies outside a\.png of 300 x 260 px"):
        for_field(tmp_path, {"type": "Polygon", "coordinates": [ring]})


def test_no_such_file(tmp_path):
    with pytest.raises(InputError, match=r"none.geojson: cannot be read as GeoJSON \(No such file"):
        read_roi(tmp_path / "none.geojson")
