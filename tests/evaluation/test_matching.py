from itertools import permutations
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from her2scope.base.errors import InputError
from her2scope.evaluation.matching import match_points

PIXEL_UM = 0.5


def points(*xy: tuple[float, float]) -> np.ndarray:
    return np.array(xy, np.float64).reshape(-1, 2)


def best_by_trying_all(truth: np.ndarray, found: np.ndarray, radius: float) -> tuple[int, float]:
    """Pairs and summed distance of the best matching, by enumeration."""
    if len(truth) > len(found):
        truth, found = found, truth
    best = (0, 0.0)
    for order in permutations(range(len(found)), len(truth)):
        distance = np.hypot(*(truth - found[list(order)]).T)
        near = distance <= radius
        best = min(best, (-int(near.sum()), float(distance[near].sum())))
    return -best[0], best[1]


CLOUD = arrays(np.int8, st.tuples(st.integers(0, 5), st.just(2)), elements=st.integers(0, 12))


@given(CLOUD, CLOUD, st.sampled_from([1.0, 2.0, 3.5, 6.0]))
def test_the_matching_is_the_best_there_is(truth, found, radius):
    truth, found = truth.astype(np.float64), found.astype(np.float64)
    match = match_points(truth, found, 1.0, radius)
    pairs, distance = best_by_trying_all(truth, found, radius)
    assert len(match.truth) == pairs
    assert match.distance_um.sum() == pytest.approx(distance)


@given(CLOUD, CLOUD, st.sampled_from([1.0, 3.5]))
def test_each_point_is_matched_missed_or_extra_once(truth, found, radius):
    match = match_points(truth.astype(np.float64), found.astype(np.float64), 1.0, radius)
    assert sorted([*match.truth, *match.missed]) == list(range(len(truth)))
    assert sorted([*match.found, *match.extra]) == list(range(len(found)))
    apart = np.hypot(*(truth[match.truth].astype(float) - found[match.found]).T)
    assert np.allclose(apart, match.distance_um)
    assert np.all(apart <= radius)


def test_more_pairs_go_before_nearer_ones():
    # greedy nearest-first would pair 10 with 11 and leave both others alone
    match = match_points(points((0, 0), (10, 0)), points((9, 0), (19, 0)), PIXEL_UM, radius_um=4.9)
    assert list(zip(match.truth, match.found, strict=True)) == [(0, 0), (1, 1)]
    assert match.distance_um == pytest.approx([4.5, 4.5])


@pytest.mark.parametrize(("x_px", "pairs"), [(10.0, 1), (10.01, 0)])
def test_the_radius_is_in_micrometres_and_included(x_px, pairs):
    assert len(match_points(points((0, 0)), points((x_px, 0)), PIXEL_UM, radius_um=5.0).truth) == pairs


def test_a_point_found_twice_counts_once():
    match = match_points(points((0, 0)), points((0, 0), (1, 0)), PIXEL_UM)
    assert (list(match.found), list(match.extra)) == ([0], [1])


@pytest.mark.parametrize("radius_um", [0.0, -1.0, np.nan, np.inf])
def test_a_radius_that_is_none_is_refused(radius_um):
    with pytest.raises(InputError, match="radius"):
        match_points(points((0, 0)), points((0, 0)), PIXEL_UM, radius_um)


def test_five_thousand_cells_take_well_under_a_second():
    rng = np.random.default_rng(1)
    truth = rng.uniform(0, 3008, (5000, 2))
    found = truth + rng.normal(0, 8, truth.shape)
    start = perf_counter()
    match = match_points(truth, found, 0.212)
    assert perf_counter() - start < 2.0  # 0.06 s measured; a shared machine may be slower
    assert len(match.truth) > 4500
