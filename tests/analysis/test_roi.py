"""Points inside regions of interest."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from her2scope.analysis.roi import Polygon, in_ring, inside


def box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.float64)


POINTS = np.array([(5.0, 5.0), (50.0, 50.0), (95.0, 5.0), (200.0, 200.0)])
LARGE = Polygon(box(0, 0, 100, 100))
LARGE_WITH_HOLE = Polygon(box(0, 0, 100, 100), (box(40, 40, 60, 60),))
LEFT = Polygon(box(0, 0, 30, 100))


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ([], [], [True, True, True, True]),
        ([LARGE], [], [True, True, True, False]),
        ([LARGE_WITH_HOLE], [], [True, False, True, False]),
        ([LEFT], [], [True, False, False, False]),
        ([], [LARGE_WITH_HOLE], [False, True, False, True]),
        ([LARGE], [LEFT], [False, True, True, False]),
        ([LEFT, Polygon(box(150, 150, 250, 250))], [], [True, False, False, True]),
        ([LARGE, LEFT], [], [True, True, True, False]),
    ],
)
def test_include_less_exclude(include, exclude, expected):
    assert inside(POINTS, include, exclude).tolist() == expected


def test_no_points_give_no_answers():
    assert inside(np.empty((0, 2)), [LARGE], [LEFT]).shape == (0,)


def test_rings_that_share_an_edge_share_no_point():
    edge = np.array([(30.0, y) for y in np.linspace(0.0, 99.0, 34)])
    left, right = in_ring(edge, box(0, 0, 30, 100)), in_ring(edge, box(30, 0, 100, 100))
    assert (left ^ right).all()


def test_a_crossed_ring_follows_the_even_odd_rule():
    bow_tie = np.array([(0.0, 0.0), (100.0, 100.0), (100.0, 0.0), (0.0, 100.0)])
    points = np.array([(10.0, 50.0), (90.0, 50.0), (50.0, 10.0), (50.0, 90.0)])
    assert in_ring(points, bow_tie).tolist() == [True, True, False, False]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=3, max_size=12), st.integers(0, 2**31))
def test_agrees_with_opencv_off_the_edges(corners, seed):
    ring = np.array(corners, dtype=np.float64)
    points = np.random.default_rng(seed).integers(0, 60, (20, 2)) + 0.37
    contour = ring.astype(np.float32)[:, None, :]
    distances = [cv2.pointPolygonTest(contour, (float(x), float(y)), True) for x, y in points]
    clear = np.abs(distances) > 1e-3
    expected = np.array(distances) > 0
    assert (in_ring(points, ring)[clear] == expected[clear]).all()
