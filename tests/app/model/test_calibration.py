"""Stage micrometer, eyepiece alignment, eyepiece content."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from her2scope.analysis.classes import FIVE_CLASSES, CellClass
from her2scope.analysis.overlay import OKABE_ITO
from her2scope.app.model.alignment import Alignment, affine, from_point_pairs, inverse, transform
from her2scope.app.model.micrometer import measure_pixel
from her2scope.app.model.views.ar import (
    ArMode,
    ArSettings,
    ar_mode_text,
    ar_view,
    bright,
    cells_shown,
    next_mode,
    scaled,
)
from her2scope.app.model.views.score import BorderlineView, ScoreHeader
from her2scope.app.model.views.tone import Tone
from her2scope.base.errors import ConfigError, InputError

PICTURE, DISPLAY = (3008, 3008), (1920, 1080)


def test_two_clicks_and_a_length_give_the_pixel_size():
    measured = measure_pixel((100.0, 50.0), (1100.0, 50.0), 212.0)
    assert measured.pixel_um == pytest.approx(0.212)
    assert measured.text == "0.2120 \u00b5m/px (\u00b1 0.1%)"
    assert measure_pixel((0.0, 0.0), (300.0, 400.0), 100.0).pixel_um == pytest.approx(0.2)
    assert measured.error < measure_pixel((0.0, 0.0), (300.0, 0.0), 100.0).error


@pytest.mark.parametrize(
    ("second", "length", "words"),
    [
        ((50.0, 0.0), 10.0, "at least 100 px apart"),
        ((float("nan"), 0.0), 10.0, "at least 100 px apart"),
        ((500.0, 0.0), 0.0, "positive number"),
        ((500.0, 0.0), -5.0, "positive number"),
        ((500.0, 0.0), float("nan"), "positive number"),
        ((500.0, 0.0), 5000.0, "outside 0.1 to 1"),
        ((500.0, 0.0), 5.0, "outside 0.1 to 1"),
    ],
)
def test_clicks_that_measure_nothing_are_refused(second, length, words):
    with pytest.raises(InputError, match=words):
        measure_pixel((0.0, 0.0), second, length)


def test_an_unaligned_picture_is_centred_and_as_large_as_fits():
    corners = np.array([[-0.5, -0.5], [3007.5, 3007.5]])
    at = transform(affine(Alignment(), PICTURE, DISPLAY), corners)
    assert np.allclose(at, [[419.5, -0.5], [1499.5, 1079.5]])


def test_shift_goes_right_and_down_and_rotation_clockwise():
    middle = np.array([[1503.5, 1503.5]])
    right_of_it = np.array([[2503.5, 1503.5]])
    shifted = affine(Alignment(shift_px=(10.0, -20.0)), PICTURE, DISPLAY)
    assert np.allclose(transform(shifted, middle), [[969.5, 519.5]])
    turned = transform(affine(Alignment(rotation_deg=90.0), PICTURE, DISPLAY), right_of_it)[0]
    assert turned[0] == pytest.approx(959.5)
    assert turned[1] > 539.5  # y grows downwards: clockwise


alignments = st.builds(
    Alignment,
    scale=st.floats(0.06, 19),
    shift_px=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    rotation_deg=st.floats(-180, 180),
)


@given(alignment=alignments)
def test_back_and_forth_is_nothing(alignment):
    matrix = affine(alignment, PICTURE, DISPLAY)
    points = np.array([[0.0, 0.0], [3007.0, 12.0], [5.0, 2000.0]])
    assert np.allclose(transform(inverse(matrix), transform(matrix, points)), points, atol=1e-6)


@given(alignment=alignments, a=st.tuples(st.floats(0, 3000), st.floats(0, 3000)))
def test_two_points_on_the_display_give_the_alignment_back(alignment, a):
    b = (2800.0, 150.0)
    assume(np.hypot(a[0] - b[0], a[1] - b[1]) > 300)
    matrix = affine(alignment, PICTURE, DISPLAY)
    shown = [tuple(point) for point in transform(matrix, np.array([a, b]))]
    assume(np.hypot(*np.subtract(shown[0], shown[1])) > 2)
    found = affine(from_point_pairs((a, b), tuple(shown), PICTURE, DISPLAY), PICTURE, DISPLAY)
    assert np.allclose(found, matrix, atol=1e-5)


@pytest.mark.parametrize(
    "wrong", [{"scale": 0.0}, {"scale": 30.0}, {"scale": float("nan")}, {"shift_px": (float("inf"), 0.0)}]
)
def test_an_alignment_that_shows_nothing_is_refused(wrong):
    with pytest.raises(ConfigError, match=r"set (it|them) again"):
        Alignment(**wrong)


def test_two_points_on_each_other_are_refused():
    with pytest.raises(ConfigError, match="far apart"):
        from_point_pairs(((5.0, 5.0), (5.0, 5.2)), ((0.0, 0.0), (9.0, 9.0)), PICTURE, DISPLAY)


HEADER = ScoreHeader("2+", "2+ equivocal", "", Tone.CAUTION, borderline=BorderlineView("3+", "", ""))


@pytest.mark.parametrize(
    ("mode", "cells", "membranes", "words"),
    [
        (ArMode.NOTHING, False, False, False),
        (ArMode.SCORE, False, False, True),
        (ArMode.CELLS, True, False, True),
        (ArMode.MEMBRANES, False, True, True),
        (ArMode.ALL, True, True, True),
    ],
)
def test_each_mode_shows_its_part(mode, cells, membranes, words):
    view = ar_view(ArSettings(mode), HEADER, OKABE_ITO)
    assert (view.shows_cells, view.shows_membranes, bool(view.score)) == (cells, membranes, words)
    assert view.notice == ("borderline with 3+" if words else "")
    assert cells_shown(view, FIVE_CLASSES) == (FIVE_CLASSES[:-1] if cells else ())
    assert ar_mode_text(mode)


def test_a_caution_is_told_at_the_eyepiece_and_read_on_the_screen():
    doubted = replace(HEADER, cautions=("out of focus",))
    assert ar_view(ArSettings(), doubted, OKABE_ITO).notice == "borderline with 3+; caution: read the screen"
    clear = replace(doubted, borderline=None)
    assert ar_view(ArSettings(), clear, OKABE_ITO).notice == "caution: read the screen"
    assert ar_view(ArSettings(ArMode.NOTHING), clear, OKABE_ITO).notice == ""


def test_modes_follow_each_other_in_a_ring():
    seen = [ArMode.NOTHING]
    while len(seen) <= len(ArMode):
        seen.append(next_mode(seen[-1]))
    assert seen == [*ArMode, ArMode.NOTHING]


def test_colours_are_bright_on_black_and_follow_the_brightness():
    full = ar_view(ArSettings(brightness=1.0), HEADER, OKABE_ITO)
    assert all(max(colour) == 255 for colour in full.style.colours.values())
    dim = ar_view(ArSettings(brightness=0.5), HEADER, OKABE_ITO)
    assert max(dim.style.colours[CellClass.UNSTAINED]) == 128
    assert dim.text_colour == (128, 128, 128)
    assert len(set(full.style.colours.values())) == len(CellClass)
    assert bright((0, 114, 178)) == (0, 163, 255)
    assert bright((0, 0, 0)) == (255, 255, 255)
    assert scaled((100, 50, 0), 0.5) == (50, 25, 0)


def test_the_reason_for_no_score_is_not_missed():
    blocked = ScoreHeader("\u2014", "indeterminate", "", Tone.QUIET, reasons=("Every field is blocked (2).",))
    assert ar_view(ArSettings(), blocked, OKABE_ITO).notice == "Every field is blocked (2)."


@pytest.mark.parametrize("brightness", [0.0, 1.1, float("nan")])
def test_a_brightness_that_shows_nothing_is_refused(brightness):
    with pytest.raises(ConfigError, match="brightness"):
        ArSettings(brightness=brightness)


def test_on_a_picture_made_small_a_click_is_as_exact_as_a_pixel_of_the_screen():
    full, small = (measure_pixel((0.0, 0.0), (600.0, 0.0), 127.2, screen) for screen in (0.5, 6.0))
    assert small.pixel_um == full.pixel_um
    assert small.error == pytest.approx(6 * full.error)
    assert "± 1.4%" in small.text
