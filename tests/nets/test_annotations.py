"""Marks in files: written and read back, and what is wrong named with its line."""

import json

import numpy as np
import pytest
from image_files import encode, tissue

from her2scope.base.errors import InputError
from her2scope.nets.annotations import points_csv, points_geojson, read_csv, read_fields, read_folder, read_geojson
from her2scope.nets.points import Kind, Points

MARKS = Points(np.array([(1.5, 2.25), (10.0, 0.0)]), np.array([Kind.TUMOUR, Kind.OTHER], np.uint8))


def _same(a, b):
    np.testing.assert_allclose(a.xy_px, b.xy_px)
    np.testing.assert_array_equal(a.kind, b.kind)


def test_table_comes_back(tmp_path):
    (tmp_path / "p.csv").write_text(points_csv({"a b.png": MARKS}))
    _same(read_csv(tmp_path / "p.csv")["a b.png"], MARKS)


def test_geojson_comes_back(tmp_path):
    (tmp_path / "p.geojson").write_text(points_geojson(MARKS))
    _same(read_geojson(tmp_path / "p.geojson"), MARKS)


def test_a_table_of_found_nuclei_marks_tumour(tmp_path):
    (tmp_path / "n.csv").write_text("image,x_px,y_px,score\na.png,1,2,0.9\n")
    assert read_csv(tmp_path / "n.csv")["a.png"].kind.tolist() == [Kind.TUMOUR]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x,y\n1,2\n", "needs the columns"),
        ("image,x_px,y_px\na.png,1,nan\n", "line 2: 'nan' is not a coordinate"),
        ("image,x_px,y_px,kind\na.png,1,2,tumor\n", "line 2: 'tumor' is no kind"),
        ("image,x_px,y_px\na.png,1\n", "line 2"),
    ],
)
def test_bad_tables(tmp_path, text, wanted):
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(InputError, match=wanted):
        read_csv(tmp_path / "p.csv")


@pytest.mark.parametrize("text", ["", "[]", '{"features": [{"geometry": {"type": "Point"}}]}'])
def test_bad_geojson(tmp_path, text):
    (tmp_path / "p.geojson").write_text(text)
    with pytest.raises(InputError, match="not a GeoJSON"):
        read_geojson(tmp_path / "p.geojson")


def test_a_folder_mixes_table_and_geojson(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "points.csv").write_text(points_csv({"a.png": MARKS}))
    (tmp_path / "b.geojson").write_text(json.dumps({"features": []}))
    marks = read_folder(tmp_path)
    assert {p.name: len(m.kind) for p, m in marks.items()} == {"a.png": 2, "b.png": 0}


def test_a_folder_without_marks(tmp_path):
    with pytest.raises(InputError, match="no picture has marks"):
        read_folder(tmp_path)


def test_a_table_that_names_a_missing_picture(tmp_path):
    (tmp_path / "points.csv").write_text(points_csv({"gone.png": MARKS}))
    with pytest.raises(InputError, match=r"gone\.png is not in the folder"):
        read_folder(tmp_path)


class TestPictures:
    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / "a.png").write_bytes(encode(tissue(), dpi=(25400 / 0.25,) * 2))
        (tmp_path / "b.jpg").write_bytes(encode(tissue(), "JPEG"))
        (tmp_path / "points.csv").write_text(points_csv({"a.png": MARKS, "b.jpg": MARKS}))
        return tmp_path

    def test_come_with_their_marks(self, folder):
        (a, marks), (b, _) = read_fields(folder, 0.25)
        np.testing.assert_array_equal(a.rgb, tissue())
        assert (a.name, b.name, b.pixel_um) == ("a.png", "b.jpg", 0.25)
        _same(marks, MARKS)

    def test_of_another_pixel_size(self, folder):
        with pytest.raises(InputError, match=r"a\.png: the picture states 0\.25 um per pixel, not 0\.5"):
            list(read_fields(folder, 0.5))

    def test_with_the_marks_of_another(self, folder):
        far = Points(MARKS.xy_px + np.array([295.0, 0.0]), MARKS.kind)
        (folder / "points.csv").write_text(points_csv({"b.jpg": far}))
        with pytest.raises(InputError, match=r"1 of 2 marks lie outside b\.jpg"):
            list(read_fields(folder, 0.25))

    def test_that_cannot_be_read(self, folder):
        (folder / "b.jpg").write_bytes(b"no picture")
        with pytest.raises(InputError, match=r"b\.jpg: not an image"):
            list(read_fields(folder, 0.25))
