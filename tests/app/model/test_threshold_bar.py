"""Thresholds keep their order whatever a hand does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2scope.analysis.membrane import MembraneImages
from her2scope.analysis.stain import StainProfile
from her2scope.app.model.views.thresholds import (
    ThresholdValues,
    guard,
    histogram,
    joined,
    split,
    threshold_bar,
    values_of,
)

STAIN = StainProfile("lab")

moves = st.lists(
    st.tuples(st.sampled_from(["t_weak", "t_moderate", "t_intense"]), st.floats(allow_nan=True, allow_infinity=True)),
    max_size=12,
)


@given(moves=moves, is_split=st.booleans())
def test_any_moves_keep_the_order_and_make_a_valid_profile(moves, is_split):
    values = split(values_of(STAIN)) if is_split else values_of(STAIN)
    for moved, to in moves:
        if moved == "t_moderate" and not is_split:
            continue
        before, values = values, guard(values, moved, to)
        others = {"t_weak", "t_moderate", "t_intense"} - {moved}
        assert all(getattr(before, key) == getattr(values, key) for key in others)
    replace(STAIN, t_weak=values.t_weak, t_intense=values.t_intense, t_moderate=values.t_moderate)


@pytest.mark.parametrize(
    ("moved", "to", "got"),
    [
        ("t_weak", 0.30, 0.30),
        ("t_weak", 0.90, 0.59),
        ("t_weak", -1.0, 0.02),
        ("t_weak", 0.304, 0.30),
        ("t_intense", 0.05, 0.09),
        ("t_intense", 9.0, 2.0),
        ("t_intense", float("nan"), 0.60),
    ],
)
def test_a_threshold_stops_short_of_its_neighbour(moved, to, got):
    assert getattr(guard(ThresholdValues(0.08, 0.60), moved, to), moved) == pytest.approx(got)


def test_moderate_stays_between():
    values = ThresholdValues(0.08, 0.60, 0.30)
    assert guard(values, "t_weak", 0.5).t_weak == pytest.approx(0.29)
    assert guard(values, "t_intense", 0.1).t_intense == pytest.approx(0.31)
    assert guard(values, "t_moderate", 0.7).t_moderate == pytest.approx(0.59)
    assert guard(values, "t_moderate", 0.0).t_moderate == pytest.approx(0.09)


def test_moderate_is_split_half_way_and_joined_again():
    values = ThresholdValues(0.10, 0.60)
    assert split(values).t_moderate == pytest.approx(0.35)
    assert joined(split(values)) == values
    tight = ThresholdValues(0.10, 0.11)
    assert split(tight) == tight


def images() -> MembraneImages:
    dab = np.zeros((10, 10), dtype=np.uint8)
    dab[0] = 60
    line = np.zeros((10, 10), dtype=np.uint8)
    line[:5] = 8
    return MembraneImages(dab, line, 0.424)


def test_the_histogram_counts_what_each_threshold_is_put_to():
    shown = histogram(images())
    assert shown.line[8] == 0.5
    assert shown.dab[60] == 0.1
    assert shown.od[60] == pytest.approx(0.60)
    assert shown.dab.sum() == pytest.approx(1)
    assert shown.height.max() == 1
    assert shown.height[0] > shown.height[60] > 0


def test_the_bar_says_how_much_lies_above():
    bar = threshold_bar(values_of(STAIN), STAIN, histogram(images()), in_force=STAIN)
    assert (bar.weak_text, bar.intense_text, bar.moderate_text) == ("50.0% of the field", "10.0% of the field", "")
    above = threshold_bar(ThresholdValues(0.09, 0.61), STAIN, histogram(images()), in_force=STAIN)
    assert (above.weak_text, above.intense_text) == ("0.0% of the field", "0.0% of the field")


def test_reset_and_save_are_offered_once_something_differs():
    same = threshold_bar(values_of(STAIN), STAIN, None, in_force=STAIN)
    assert (same.can_reset, same.can_save, same.profile_text, same.weak_text) == (False, False, "lab", "")
    moved = threshold_bar(ThresholdValues(0.1, 0.6), STAIN, None, in_force=STAIN)
    assert (moved.can_reset, moved.can_save, moved.profile_text) == (True, True, "lab, changed")
    white = replace(STAIN, white=(240.0, 240.0, 240.0))
    assert threshold_bar(values_of(white), STAIN, None, in_force=white).can_save
