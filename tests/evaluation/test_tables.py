import numpy as np
import pytest

from her2scope.analysis.classes import CellClass
from her2scope.base.errors import InputError
from her2scope.evaluation.tables import read_cells, read_nuclei, read_truth, truth_files

CELLS = "field,cell,x_px,y_px,class,completeness,membrane_od,membrane_width_um,counted\n"
ROW = "a.png,1,10.5,20.0,weak_complete,0.75,0.2,0.9,true\n"
TRUTH = "x_px,y_px,class,completeness\n"


@pytest.fixture
def table(tmp_path):
    def write(text: str | bytes, name: str = "table.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_cells_are_read_field_by_field(table):
    cells = read_cells(table(CELLS + ROW + "b.png,1,1,2,unstained,0,,,false\n" + ROW.replace(",1,", ",2,")))
    assert list(cells) == ["a.png", "b.png"]
    assert cells["a.png"].xy_px.tolist() == [[10.5, 20.0], [10.5, 20.0]]
    assert cells["a.png"].classes.tolist() == [CellClass.WEAK_COMPLETE] * 2
    assert cells["a.png"].counted.tolist() == [True, True]
    assert cells["b.png"].counted.tolist() == [False]
    assert cells["b.png"].completeness.tolist() == [0.0]


def test_nuclei_are_read_image_by_image(table):
    nuclei = read_nuclei(table("image,x_px,y_px,score\na.png,1,2,0.5\nb.png,3,4,0.25\na.png,5,6,1\n"))
    assert nuclei["a.png"].xy_px.tolist() == [[1, 2], [5, 6]]
    assert nuclei["b.png"].classes is None
    assert nuclei["b.png"].counted.tolist() == [True]


def test_truth_may_leave_classes_out(table):
    truth = read_truth(table("x_px,y_px\n1,2\n"))
    assert truth.xy_px.tolist() == [[1, 2]]
    assert truth.classes is None
    assert truth.completeness is None


def test_a_completeness_that_was_not_measured_is_empty(table):
    assert np.isnan(read_truth(table(TRUTH + "1,2,unstained,\n")).completeness).tolist() == [True]


def test_a_field_without_cells_is_an_empty_table(table):
    truth = read_truth(table(TRUTH))
    assert truth.xy_px.shape == (0, 2)
    assert truth.classes.shape == (0,)


@pytest.mark.parametrize("text", ["\ufeff" + CELLS + ROW, (CELLS + ROW).replace("\n", "\r\n"), CELLS + ROW + "\n\n"])
def test_harmless_differences_are_taken(table, text):
    assert read_cells(table(text))["a.png"].xy_px.tolist() == [[10.5, 20.0]]


def test_odd_names_are_kept(table):
    assert list(read_cells(table(CELLS + ROW.replace("a.png", '"a ""1"",\n%é.png"')))) == ['a "1",\n%é.png']


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "is empty"),
        (CELLS.replace("class", "clas") + ROW, "needs field,cell"),
        (CELLS.replace("counted", "counted,counted") + ROW, "each once"),
        (CELLS.replace("cell,", "") + ROW, "needs field,cell"),
        (CELLS + ROW.replace("10.5", "ten"), r"line 2: x_px is 'ten', not a number"),
        (CELLS + ROW + ROW.replace("20.0", "nan"), r"line 3: y_px is 'nan', not a number"),
        (CELLS + ROW.replace("20.0", ""), r"y_px is '', not a number"),
        (CELLS + ROW.replace("weak_complete", "3+"), "class is '3\\+', not one of intense_complete"),
        (CELLS + ROW.replace("0.75", "1.5"), "completeness is '1.5', not from 0 to 1"),
        (CELLS + ROW.replace("true", "maybe"), "counted is 'maybe', not true or false"),
        (CELLS + ROW.replace(",true", ""), "line 2: 8 values for 9 columns"),
        (CELLS + ROW.replace(",true", ",true,x"), "line 2: 10 values for 9 columns"),
        (CELLS + '"a.png,1', "not a CSV table"),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "not a CSV table"),
    ],
)
def test_a_bad_table_is_named_with_its_line(table, text, named):
    path = table(text)
    with pytest.raises(InputError, match=named) as error:
        read_cells(path)
    assert str(path) in str(error.value)


def test_a_bad_score_of_a_nucleus_is_named(table):
    with pytest.raises(InputError, match="line 2: score is 'inf'"):
        read_nuclei(table("image,x_px,y_px,score\na.png,1,2,inf\n"))


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"cells\.csv cannot be read: No such file"):
        read_cells(tmp_path / "cells.csv")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_cells(tmp_path)


def test_truth_tables_are_found_in_folders_and_by_name(table, tmp_path):
    one, two = table(TRUTH, "b_truth.csv"), table(TRUTH, "a.1_truth.csv")
    table(CELLS, "cells.csv")
    assert truth_files([tmp_path]) == {"a.1": two, "b": one}
    assert truth_files([one]) == {"b": one}


def test_truth_that_is_none_is_refused(table, tmp_path):
    with pytest.raises(InputError, match="no truth table"):
        truth_files([tmp_path])
    with pytest.raises(InputError, match=r"cells\.csv is not a truth table"):
        truth_files([table(CELLS, "cells.csv")])
    with pytest.raises(InputError, match="is not a truth table"):
        truth_files([tmp_path / "x_truth.csv"])
    path = table(TRUTH, "a_truth.csv")
    with pytest.raises(InputError, match="same field"):
        truth_files([path, tmp_path])


def test_a_name_protected_from_spreadsheets_comes_back_as_it_was(tmp_path):
    path = tmp_path / "nuclei.csv"
    path.write_text("image,x_px,y_px,score\n'=1+1.png,3.0,4.0,0.5\n'quoted'.png,1.0,2.0,0.5\n")
    assert set(read_nuclei(path)) == {"=1+1.png", "'quoted'.png"}
