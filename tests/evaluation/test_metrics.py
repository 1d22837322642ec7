import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from her2scope.evaluation import metrics
from her2scope.evaluation.intervals import Measure, measure
from her2scope.evaluation.metrics import KappaWeights

# Two raters and three ordered classes; kappas worked out by hand with fractions.
RATERS = np.array([[20, 5, 0], [4, 15, 6], [1, 5, 14]], np.float64)
TABLES = arrays(np.int64, (3, 3), elements=st.integers(0, 9))


def one(values):
    assert values.shape == (1,)
    return float(values[0])


def by_hand(table: np.ndarray, power: int) -> float:
    """Weighted kappa, cell by cell."""
    observed = expected = 0.0
    total = table.sum()
    for i in range(len(table)):
        for j in range(len(table)):
            weight = 0.0 if i == j else float(abs(i - j) ** power)
            observed += weight * table[i, j] / total
            expected += weight * table[i].sum() * table[:, j].sum() / total**2
    return 1.0 - observed / expected


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1"),
    [
        ((8, 2, 0), 1.0, 0.8, 8 / 9),
        ((8, 0, 8), 0.5, 1.0, 2 / 3),
        ((0, 5, 5), 0.0, 0.0, 0.0),
        ((0, 5, 0), np.nan, 0.0, 0.0),
        ((0, 0, 5), 0.0, np.nan, 0.0),
        ((0, 0, 0), np.nan, np.nan, np.nan),
    ],
)
def test_detection_counts(counts, precision, recall, f1):
    row = np.array([counts], np.float64)
    assert one(metrics.precision(row)) == pytest.approx(precision, nan_ok=True)
    assert one(metrics.recall(row)) == pytest.approx(recall, nan_ok=True)
    assert one(metrics.f1(row)) == pytest.approx(f1, nan_ok=True)


def test_kappa_of_a_known_table():
    # observed agreement 49/70; by chance (25*25 + 25*25 + 20*20) / 70^2 = 1650/4900
    assert one(metrics.kappa(RATERS[None])) == pytest.approx((49 / 70 - 1650 / 4900) / (1 - 1650 / 4900))


@pytest.mark.parametrize("weights", KappaWeights)
def test_weighted_kappa_as_worked_out_cell_by_cell(weights):
    assert one(metrics.kappa(RATERS[None], weights)) == pytest.approx(by_hand(RATERS, int(weights)))


def test_near_misses_cost_less_with_weights():
    plain, linear, quadratic = (one(metrics.kappa(RATERS[None], weights)) for weights in KappaWeights)
    assert plain < linear < quadratic < 1.0


@given(TABLES, st.sampled_from(KappaWeights))
def test_kappa_is_symmetric_and_at_most_one(table, weights):
    there = one(metrics.kappa(table[None].astype(float), weights))
    back = one(metrics.kappa(table.T[None].astype(float), weights))
    assert there == pytest.approx(back, nan_ok=True)
    assert np.isnan(there) or there <= 1.0


@pytest.mark.parametrize("table", [np.zeros((3, 3)), np.diag([7.0, 0.0, 0.0])])
def test_kappa_is_not_defined_without_a_disagreement_to_expect(table):
    assert np.isnan(one(metrics.kappa(table[None])))


def test_macro_f1_is_over_the_classes_that_occur():
    table = np.array([[8, 2, 0], [0, 10, 0], [0, 0, 0]], np.float64)
    assert metrics.class_f1(table[None])[0] == pytest.approx([16 / 18, 20 / 22, np.nan], nan_ok=True)
    assert one(metrics.macro_f1(table[None])) == pytest.approx((16 / 18 + 20 / 22) / 2)


def test_a_class_called_but_never_true_counts_against():
    table = np.array([[9, 0, 1], [0, 10, 0], [0, 0, 0]], np.float64)
    assert one(metrics.macro_f1(table[None])) == pytest.approx((18 / 19 + 1.0 + 0.0) / 3)


def test_macro_f1_of_detected_cells_counts_missed_and_extra_ones():
    table = np.array([[8, 0, 2], [0, 6, 0], [1, 0, 0]], np.float64)  # last: no cell
    assert one(metrics.macro_f1(table[None, :2, :2])) == 1.0
    assert one(metrics.macro_f1_detected(table[None])) == pytest.approx((16 / 19 + 1.0) / 2)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=30))
def test_the_confusion_matrix_counts_each_pair(pairs):
    truth, found = np.array(pairs, np.int64).reshape(-1, 2).T
    table = metrics.confusion_matrix(truth, found, 3)
    assert table.sum() == len(pairs)
    assert all(table[i, j] == pairs.count((i, j)) for i in range(3) for j in range(3))


def test_a_measure_is_over_all_images_with_an_interval_over_images():
    rng = np.random.default_rng(0)
    found = rng.binomial(100, 0.8, 60)
    counts = np.stack([found, 100 - found, np.zeros(60, np.int64)], axis=1)
    recall = measure(counts, metrics.recall, "")
    spread = found.std(ddof=1) / 100 / np.sqrt(60)
    assert recall.value == pytest.approx(found.mean() / 100)
    assert recall.low == pytest.approx(recall.value - 1.96 * spread, abs=0.3 * spread)
    assert recall.high == pytest.approx(recall.value + 1.96 * spread, abs=0.3 * spread)


def test_alike_images_leave_no_doubt():
    recall = measure(np.array([[5, 5, 0]] * 4), metrics.recall, "")
    assert (recall.value, recall.low, recall.high, recall.note) == (0.5, 0.5, 0.5, "")


def test_one_image_has_no_interval():
    recall = measure(np.array([[5, 5, 0]]), metrics.recall, "")
    assert (recall.value, recall.low, recall.high) == (0.5, None, None)
    assert "one image" in str(recall)


def test_undefined_is_said_in_words():
    precision = measure(np.array([[0, 5, 0], [0, 2, 0]]), metrics.precision, "nothing was found")
    assert precision == Measure(None, note="nothing was found")
    assert str(precision) == "not defined (nothing was found)"


def test_resamples_without_a_value_are_told():
    precision = measure(np.array([[5, 0, 5], [0, 2, 0]]), metrics.precision, "")
    assert (precision.value, precision.low, precision.high) == (0.5, 0.5, 0.5)
    assert "not defined in" in precision.note


@pytest.mark.parametrize(("counts", "value"), [([3, 0, 0], 1.0), ([0, 3, 0], 0.0)])
def test_all_or_none_in_every_image_is_no_certainty(counts, value):
    recall = measure(np.array([counts] * 3), metrics.recall, "")
    assert (recall.value, recall.low, recall.note) == (value, None, "no interval: every image gives it")


@pytest.mark.parametrize(("images", "rough"), [(2, True), (3, True), (4, False)])
def test_an_interval_over_few_images_is_called_rough(images, rough):
    recall = measure(np.array([[5, 5, 0], [9, 1, 0], [7, 3, 0], [6, 4, 0]])[:images], metrics.recall, "")
    assert recall.low < recall.value < recall.high
    assert ("rough interval" in recall.note) is rough
