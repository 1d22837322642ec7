from dataclasses import asdict
from json import dumps

import numpy as np
import pytest

from her2scope.analysis.classes import CellClass
from her2scope.base.errors import InputError
from her2scope.evaluation.agreement import FieldPair
from her2scope.evaluation.compare import evaluate, evaluate_table, pair_fields
from her2scope.evaluation.summary import to_text
from her2scope.evaluation.tables import Points

IC, II, MC, WC, U = (
    CellClass.INTENSE_COMPLETE, CellClass.INTENSE_INCOMPLETE, CellClass.MODERATE_COMPLETE, CellClass.WEAK_COMPLETE,
    CellClass.UNSTAINED,
)  # fmt: skip
PIXEL_UM = 0.25


def points(classes, shift_px=0.0, counted=None, completeness=None):
    """Cells 100 px apart in a row, moved sideways."""
    xy = np.stack([100.0 * np.arange(len(classes)) + shift_px, np.zeros(len(classes))], axis=1)
    complete = np.array([1.0] * len(classes) if completeness is None else completeness)
    flags = np.array([True] * len(classes) if counted is None else counted, np.bool_)
    return Points(xy, np.array(classes, np.int64), complete, flags)


def nuclei(count, shift_px=0.0):
    return Points(points([U] * count, shift_px).xy_px, None, None, np.ones(count, np.bool_))


def table(agreement):
    return {
        (a, b): n
        for a, row in zip([*agreement.classes, None], agreement.confusion, strict=True)
        for b, n in zip([*agreement.classes, None], row, strict=True)
        if n
    }


def test_detection_and_classes_of_two_fields():
    pairs = [
        FieldPair("a", points([IC, IC, WC, U]), points([IC, II, WC, U, U], 4.0), PIXEL_UM),
        FieldPair("b", points([IC, WC]), points([IC], 4.0), PIXEL_UM),
    ]
    found = evaluate(pairs)
    assert (found.detection.n_truth, found.detection.n_found) == (6, 6)
    assert found.detection.precision.value == pytest.approx(5 / 6)
    assert found.detection.recall.value == pytest.approx(5 / 6)
    assert found.classes is not None
    assert table(found.classes) == {
        (IC, IC): 2, (IC, II): 1, (WC, WC): 1, (U, U): 1, (WC, None): 1, (None, U): 1,
    }  # fmt: skip
    assert found.classes.macro_f1.value == pytest.approx((4 / 5 + 0.0 + 1.0 + 1.0) / 4)
    assert found.classes.macro_f1_detected.value == pytest.approx((4 / 5 + 0.0 + 2 / 3 + 2 / 3) / 4)


def test_f1_grows_with_the_radius():
    pair = FieldPair("a", nuclei(4), nuclei(4, shift_px=18.0), PIXEL_UM)  # 4.5 um away
    by_radius = {radius: f1.value for radius, f1 in evaluate([pair]).detection.f1_by_radius}
    assert (by_radius[4.0], by_radius[5.0]) == (0.0, 1.0)


def test_the_radius_decides():
    pair = FieldPair("a", points([IC]), points([IC], shift_px=18.0), PIXEL_UM)
    assert evaluate([pair], radius_um=4.0).detection.f1.value == 0.0
    assert evaluate([pair], radius_um=4.0).classes.macro_f1.value is None


def test_cells_that_do_not_count_are_found_but_not_judged():
    truth = points([IC, WC])
    pair = FieldPair("a", truth, points([IC, U], counted=[True, False]), PIXEL_UM)
    found = evaluate([pair])
    assert found.detection.recall.value == 1.0
    assert table(found.classes) == {(IC, IC): 1}


def test_missed_and_extra_cells_that_do_not_count_are_not_judged():
    truth = points([IC, WC, U], counted=[True, False, True])
    found = Points(truth.xy_px[[0]], np.array([IC]), np.array([1.0]), np.array([True]))
    extra = points([IC, U, U, U], counted=[True, True, True, False])
    assert table(evaluate([FieldPair("a", truth, found, PIXEL_UM)]).classes) == {(IC, IC): 1, (U, None): 1}
    assert table(evaluate([FieldPair("a", points([IC, U]), extra, PIXEL_UM)]).classes) == {
        (IC, IC): 1, (U, U): 1, (None, U): 1,
    }  # fmt: skip


def test_moderate_cells_bring_seven_classes():
    five = evaluate([FieldPair("a", points([IC]), points([IC]), PIXEL_UM)])
    seven = evaluate([FieldPair("a", points([IC, WC]), points([IC, MC]), PIXEL_UM)])
    assert (len(five.classes.classes), len(seven.classes.classes)) == (5, 7)
    assert table(seven.classes)[WC, MC] == 1


def test_weighted_kappa_takes_five_classes_as_five_steps():
    truth = [IC, IC, WC, WC, U, U]
    near = evaluate([FieldPair("a", points(truth), points([IC, II, WC, WC, U, U]), PIXEL_UM)]).classes
    far = evaluate([FieldPair("a", points(truth), points([IC, U, WC, WC, U, U]), PIXEL_UM)]).classes
    assert near.kappa.value == pytest.approx(10 / 13)  # 5/6 observed, 10/36 by chance
    assert near.kappa_linear.value > near.kappa.value
    assert far.kappa_quadratic.value < near.kappa_quadratic.value
    # linear: one step of error, against what chance expects on the five-step scale
    steps = {IC: 0, II: 1, WC: 2, U: 4}
    called = [IC, II, WC, WC, U, U]
    expected = sum(abs(steps[a] - steps[b]) for a in truth for b in called) / 6
    assert near.kappa_linear.value == pytest.approx(1 - 1 / expected)


def test_completeness_error_is_over_cells_measured_in_both():
    truth = points([IC, WC, U], completeness=[1.0, 0.5, 0.0])
    found = points([IC, WC, U], completeness=[0.8, np.nan, 0.1])
    assert evaluate([FieldPair("a", truth, found, PIXEL_UM)]).classes.completeness_error.value == pytest.approx(0.15)


def test_a_field_in_which_nothing_was_found_is_missed_and_named():
    pairs = [FieldPair("a", points([IC, IC]), points([IC, IC]), PIXEL_UM), FieldPair("b", points([WC]), None, PIXEL_UM)]
    found = evaluate(pairs)
    assert found.detection.recall.value == pytest.approx(2 / 3)
    assert found.detection.fields_without_points == ("b",)
    assert "nothing was found in: b" in to_text(found)
    assert table(found.classes)[WC, None] == 1


def test_nuclei_have_no_classes_to_compare():
    found = evaluate([FieldPair("a", points([IC]), nuclei(1), PIXEL_UM)])
    assert found.classes is None
    assert "not compared" in to_text(found)


def test_nothing_at_all_is_not_defined():
    found = evaluate([FieldPair("a", points([]), points([]), PIXEL_UM)])
    measures = [found.detection.precision, found.detection.recall, found.detection.f1, found.classes.macro_f1]
    assert [m.value for m in measures] == [None] * 4
    text = to_text(found)
    assert "precision  not defined (nothing was found)" in text
    assert "nan" not in text


def test_an_evaluation_becomes_json_without_nan():
    dumps(asdict(evaluate([FieldPair("a", points([]), None, PIXEL_UM)])), allow_nan=False)
    dumps(asdict(evaluate([FieldPair("a", points([IC, U]), points([IC]), PIXEL_UM)] * 3)), allow_nan=False)


def test_the_text_names_classes_and_counts():
    text = to_text(evaluate([FieldPair("a", points([IC, U]), points([IC, WC]), PIXEL_UM)]))
    assert "1 field;" in text
    row = next(line for line in text.splitlines() if line.split()[:2] == ["unstained", "U"])
    assert row.split() == ["unstained", "U", "0", "0", "1", "0", "0", "0"]


class TestPairing:
    @pytest.fixture
    def truth(self, tmp_path):
        for name in ("a", "b.1", "-c"):
            (tmp_path / f"{name}_truth.csv").write_text("x_px,y_px\n1,2\n")
        return [tmp_path]

    @pytest.mark.parametrize("name", ["b.1", "b.1.png", "folder/b.1.png"])
    def test_a_field_is_known_with_and_without_its_ending(self, truth, name):
        pairs = {p.name: p for p in pair_fields({name: nuclei(1)}, truth, {"": PIXEL_UM})}
        assert pairs["b.1"].found is not None
        assert pairs["a"].found is None

    def test_each_field_has_its_own_pixel_size(self, truth):
        pairs = {p.name: p for p in pair_fields({"a.png": nuclei(1)}, truth, {"a.png": 0.5, "": 0.25})}
        assert (pairs["a"].pixel_um, pairs["b.1"].pixel_um) == (0.5, 0.25)

    def test_a_missing_pixel_size_is_asked_for(self, truth):
        with pytest.raises(InputError, match=r"b\.1: its pixel size is not known; give --pixel-size"):
            pair_fields({"a.png": nuclei(1)}, truth, {"a.png": 0.5, "-c": 0.5})

    def test_a_pixel_size_out_of_range_is_refused(self, truth):
        with pytest.raises(InputError, match="outside"):
            pair_fields({"a.png": nuclei(1)}, truth, {"": 5.0})

    def test_a_field_without_truth_is_refused(self, truth):
        with pytest.raises(InputError, match=r"no truth table for the field 'z\.png'; give z_truth\.csv"):
            pair_fields({"z.png": nuclei(1)}, truth, {"": PIXEL_UM})

    def test_two_fields_of_one_name_are_refused(self, truth):
        with pytest.raises(InputError, match="both answer to"):
            pair_fields({"a.png": nuclei(1), "a.tif": nuclei(1)}, truth, {"": PIXEL_UM})


class TestTables:
    HEADER = "field,cell,x_px,y_px,class,completeness,membrane_od,membrane_width_um,counted\n"
    CELLS = HEADER + "a.png,1,1,2,unstained,0,,,true\n"
    NUCLEI = "image,x_px,y_px,score\na.png,1,12,0.5\n"

    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / "cells.csv").write_text(self.CELLS)
        (tmp_path / "nuclei.csv").write_text(self.NUCLEI)
        (tmp_path / "a_truth.csv").write_text("x_px,y_px,class,completeness\n1,2,unstained,0\n")
        return tmp_path

    def case(self, folder, text):
        (folder / "case.json").write_text(text)

    def test_cells_are_compared_with_their_classes(self, folder):
        found = evaluate_table(folder / "cells.csv", [folder], pixel_um=PIXEL_UM)
        assert found.detection.f1.value == 1.0
        assert table(found.classes) == {(U, U): 1}

    def test_nuclei_are_compared_as_points(self, folder):
        assert evaluate_table(folder / "nuclei.csv", [folder], pixel_um=0.5).detection.f1.value == 1.0
        assert evaluate_table(folder / "nuclei.csv", [folder], pixel_um=0.51).detection.f1.value == 0.0

    def test_the_pixel_size_is_read_from_the_case(self, folder):
        self.case(folder, '{"fields": [{"image": "a.png", "pixel_um": 0.5}]}')
        assert evaluate_table(folder / "nuclei.csv", [folder]).detection.f1.value == 1.0
        self.case(folder, '{"fields": [{"image": "a.png", "pixel_um": 0.51}]}')
        assert evaluate_table(folder / "nuclei.csv", [folder]).detection.f1.value == 0.0

    def test_a_given_pixel_size_goes_before_the_case(self, folder):
        self.case(folder, '{"fields": [{"image": "a.png", "pixel_um": 0.9}]}')
        assert evaluate_table(folder / "nuclei.csv", [folder], pixel_um=0.5).detection.f1.value == 1.0

    def test_fields_of_the_case_without_truth_do_no_harm(self, folder):
        self.case(folder, '{"fields": [{"image": "a.png", "pixel_um": 0.5}, {"image": "z.png", "pixel_um": 0.5}]}')
        assert evaluate_table(folder / "nuclei.csv", [folder]).fields == 1

    def test_without_a_pixel_size_one_is_asked_for(self, folder):
        with pytest.raises(InputError, match="give --pixel-size"):
            evaluate_table(folder / "cells.csv", [folder])

    @pytest.mark.parametrize("text", ["", "[]", '{"fields": [{"image": "a.png"}]}', '{"fields": [{"pixel_um": "x"}]}'])
    def test_a_broken_case_is_named(self, folder, text):
        self.case(folder, text)
        with pytest.raises(InputError, match=r"case\.json .*give --pixel-size"):
            evaluate_table(folder / "cells.csv", [folder])
