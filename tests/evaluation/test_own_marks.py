"""One's own marks: annotated folders, folders of rendered fields, and tables beside marks."""

import cv2
import numpy as np
import pytest

from her2scope.analysis.stain import StainProfile
from her2scope.base.errors import InputError
from her2scope.evaluation.outcomes import EVERY, TUMOUR
from her2scope.evaluation.own_marks import own_question, read_truths, table_answers
from her2scope.nets.points import Kind

PROFILE = StainProfile("p")
MARKS = "image,x_px,y_px,kind\n"
TRUTH = "x_px,y_px,class,completeness\n10,20,unstained,0\n30,40,intense_complete,1\n"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(folder / name), np.full((300, 400, 3), 200, np.uint8))
    return folder


def _write(path, text):
    path.write_text(text)
    return path


class TestFolders:
    def test_marks_in_a_table(self, folder):
        _write(folder / "points.csv", MARKS + "a.png,10,20,tumour\na.png,50,60,other\nb.png,399,299,ignore\n")
        question = own_question(folder, 0.5, PROFILE)
        assert question.name == "own, tumour"
        assert question.wanted == TUMOUR
        assert [len(f.points.kind) for f in question.fields] == [2, 1]
        assert question.fields[0].frame.pixel_um == 0.5
        assert [s.scheme for s in question.fields[0].stains] == ["DAB around the nucleus"]

    def test_marks_that_do_not_tell_ask_for_any_nucleus(self, folder):
        _write(folder / "points.csv", MARKS + "a.png,10,20,any\na.png,50,60,other\n")
        assert own_question(folder, 0.5, PROFILE).wanted == EVERY

    def test_rendered_fields(self, folder):
        _write(folder / "b_truth.csv", TRUTH)
        question = own_question(folder, 0.5, PROFILE)
        (field,) = question.fields
        assert field.points.kind.tolist() == [Kind.TUMOUR] * 2
        assert field.stains[0].marks.tolist() == ["unstained", "intense complete"]

    @pytest.mark.parametrize(
        ("marks", "says"),
        [
            ("", "not a table|needs the columns"),
            (MARKS, "no picture has marks"),
            (MARKS + "a.png,10,20,other\n", "nothing to find"),
            (MARKS + "c.png,10,20,tumour\n", "c.png is not in the folder"),
            (MARKS + "a.png,10,20,tumour\na.png,500,20,tumour\n", "1 of 2 marks lie outside .*400 x 300"),
        ],
    )
    def test_marks_that_cannot_be_used(self, folder, marks, says):
        _write(folder / "points.csv", marks)
        with pytest.raises(InputError, match=says):
            own_question(folder, 0.5, PROFILE)

    def test_no_marks_at_all(self, folder):
        with pytest.raises(InputError, match="no picture has marks"):
            own_question(folder, 0.5, PROFILE)

    def test_no_pixel_size(self, folder):
        _write(folder / "points.csv", MARKS + "a.png,10,20,tumour\n")
        with pytest.raises(InputError, match="--pixel-size"):
            own_question(folder, None, PROFILE)


class TestTables:
    @pytest.fixture
    def table(self, tmp_path):
        return _write(tmp_path / "n.csv", "image,x_px,y_px,score\na.png,10,20,1\na.png,52,60,0.5\n")

    def test_against_points(self, table, folder):
        marks = _write(folder / "points.csv", MARKS + "a.png,10,20,tumour\na.png,50,60,other\nb.png,1,1,tumour\n")
        for truth in (marks, folder):
            (a, b), wanted = table_answers(table, [truth], 0.5)
            assert wanted == TUMOUR
            assert a.outcome(wanted).detection == (1, 0, 1)
            assert a.outcome(wanted).others_taken == 1
            assert b.outcome(wanted).detection == (0, 1, 0)  # nothing was found in it

    def test_against_truth_and_geojson(self, table, folder):
        _write(folder / "a_truth.csv", TRUTH)
        ((a,), _) = table_answers(table, [folder], 0.5)
        assert a.outcome(TUMOUR).detection == (1, 1, 1)
        assert a.stains[0].scheme == "cell class"
        geo = '{"features": [{"geometry": {"type": "Point", "coordinates": [10, 20]}, "properties": {}}]}'
        ((a,), _) = table_answers(table, [_write(folder / "a.geojson", geo)], 0.5)
        assert a.outcome(TUMOUR).detection == (1, 0, 1)

    def test_of_other_images(self, table, folder):
        _write(folder / "points.csv", MARKS + "z.png,10,20,tumour\n")
        with pytest.raises(InputError, match=r"'a\.png'"):
            table_answers(table, [folder], 0.5)

    def test_without_a_pixel_size(self, table, folder):
        _write(folder / "a_truth.csv", TRUTH)
        with pytest.raises(InputError, match="--pixel-size"):
            table_answers(table, [folder], None)

    def test_marks_that_are_not_there(self, table, folder, tmp_path):
        for truth, says in ((tmp_path / "none", "no such file or folder"), (folder, "holds no marks")):
            with pytest.raises(InputError, match=says):
                table_answers(table, [truth], 0.5)

    def test_two_marks_for_one_image(self, folder):
        one = _write(folder / "a_truth.csv", TRUTH)
        with pytest.raises(InputError, match="both mark a"):
            read_truths([one, folder])
