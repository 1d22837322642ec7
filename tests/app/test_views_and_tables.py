"""Pan and zoom, tools, regions, pictures, actions, icons and themes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from her2scope.analysis.classes import CellClass
from her2scope.analysis.roi import Polygon, Roi
from her2scope.app.actions import ACTIONS, make_actions
from her2scope.app.colour_sets import COLOUR_SETS
from her2scope.app.icons import tinted
from her2scope.app.pictures import LivePicture, StillPicture, shrink_for, shrunk, to_bgra
from her2scope.app.preferences import Preferences, load_preferences, preferences_file, save_preferences
from her2scope.app.regions import outlines, region_at, with_ring, without_region
from her2scope.app.theme import THEMES, style_sheet
from her2scope.app.view_tools import Draft, nearest
from her2scope.app.view_transform import ViewTransform, fitted, held
from her2scope.base.errors import ConfigError

SQUARE = np.array([[10.0, 10], [20, 10], [20, 20], [10, 20]])
coordinates = st.floats(-5000, 5000)


@given(st.floats(0.05, 16), coordinates, coordinates, coordinates, coordinates)
def test_view_and_field_are_inverse(scale, x, y, px, py):
    transform = ViewTransform(scale, x, y)
    assert transform.to_field(*transform.to_view(px, py)) == pytest.approx((px, py), abs=1e-6)


@given(st.floats(0.2, 5), st.floats(0, 1000), st.floats(0, 700))
def test_zoom_leaves_the_point_under_the_mouse(factor, x, y):
    before = ViewTransform(0.5, 12, -7)
    after = before.zoomed(factor, (x, y), least=0.01)
    assert after.to_field(x, y) == pytest.approx(before.to_field(x, y), abs=1e-6)


def test_whole_field_is_centred():
    assert fitted((3008, 3008), (1000, 700)) == ViewTransform(700 / 3008, 150, 0)


@given(st.floats(0.3, 8), coordinates, coordinates)
def test_field_is_never_lost_from_view(scale, x, y):
    transform = held(ViewTransform(scale, x, y), (1000, 800), (500, 400))
    left, top = transform.to_view(-0.5, -0.5)
    right, bottom = transform.to_view(999.5, 799.5)
    assert left < 500
    assert right > 0
    assert top < 400
    assert bottom > 0


@pytest.mark.parametrize(("scale", "shrink"), [(0.2, 4), (0.27, 4), (0.3, 2), (0.55, 2), (0.6, 1), (3.0, 1)])
def test_picture_has_a_pixel_for_every_pixel_of_the_screen(scale, shrink):
    assert shrink_for(scale) == shrink


def test_live_picture_writes_into_its_buffer_and_has_red_first():
    rgb = np.zeros((9, 7, 3), np.uint8)
    rgb[..., 0] = 200
    buffer = np.empty((4, 3, 4), np.uint8)
    picture = LivePicture(rgb, 2, buffer)
    assert picture.bgra is buffer
    assert picture.size == (7, 9)
    assert QColor(picture.at(1).pixel(1, 1)) == QColor(200, 0, 0)
    assert shrunk(rgb, 2).shape == (4, 3, 3)
    assert to_bgra(rgb)[0, 0].tolist() == [0, 0, 200, 255]


def test_still_picture_shows_the_nearest_level_until_the_right_one_is_made():
    rgb = np.random.default_rng(1).integers(0, 255, (64, 96, 3), dtype=np.uint8)
    picture = StillPicture.made(rgb, 4)
    assert picture.at(1).width() == picture.at(2).width() == 24
    for shrink in (1, 2, 4):
        picture.make(shrink)
    assert [picture.at(shrink).width() for shrink in (1, 2, 4)] == [96, 48, 24]
    assert StillPicture(rgb).at(2).width() == 48


def test_quarters_are_means():
    rgb = np.random.default_rng(1).integers(0, 255, (67, 98, 3), dtype=np.uint8)
    means = rgb[:64, :96].reshape(16, 4, 24, 4, 3).mean(axis=(1, 3))
    assert np.abs(shrunk(rgb, 4) - means).max() <= 1


def test_outline_closes_on_its_first_corner():
    draft = Draft().pressed((0, 0)).pressed((10, 0)).pressed((10, 10))
    assert draft.closes((0.5, 0.5), scale=1.0)
    assert not draft.closes((0.5, 0.5), scale=100.0)
    assert not Draft().pressed((0, 0)).pressed((1, 1)).closes((0, 0), 1.0)
    assert Draft().pressed((0, 0)).ring() is None
    assert draft.ring().tolist() == [[0, 0], [10, 0], [10, 10]]


def test_freehand_points_keep_their_distance():
    draft = Draft().pressed((0, 0)).dragged((1, 0), scale=1.0)
    assert len(draft.points) == 1
    assert len(draft.dragged((5, 0), scale=1.0).points) == 2


def test_nearest_point_within_reach():
    assert nearest(SQUARE, (19, 19), 2.0) == 2
    assert nearest(SQUARE, (15, 15), 2.0) is None
    assert nearest(np.empty((0, 2)), (0, 0), 9.0) is None


def test_regions_are_counted_inclusions_first():
    roi = Roi((Polygon(SQUARE),), (Polygon(SQUARE + 5), Polygon(SQUARE + 100)))
    drawn = outlines(roi, chosen=1)
    assert [o.is_exclusion for o in drawn] == [False, True, True]
    assert [o.is_chosen for o in drawn] == [False, True, False]
    assert region_at(roi, (12, 12)) == 0
    assert region_at(roi, (17, 17)) == 1
    assert region_at(roi, (500, 500)) is None
    fewer = without_region(roi, 1)
    assert len(fewer.include) == 1
    assert fewer.exclude[0].ring[0, 0] == 110
    moved = with_ring(roi, 2, SQUARE + 300)
    assert moved.exclude[1].ring[0, 0] == 310
    assert moved.include == roi.include


def test_actions_have_names_and_keys_of_their_own():
    ids = [spec.id for spec in ACTIONS]
    keys = [key for spec in ACTIONS for key in spec.keys]
    assert len(set(ids)) == len(ids)
    assert len(set(keys)) == len(keys)
    assert "Space" not in keys  # the pedal's


def test_every_action_has_a_tip_and_its_icon(qapp):
    made = make_actions(qapp, THEMES["dark"])
    for spec in ACTIONS:
        assert spec.tip
        assert made[spec.id].icon().isNull() == (not spec.icon)


def test_missing_icon_is_a_sentence(qapp):
    with pytest.raises(ConfigError, match=r"unicorn.svg: the icon is missing; install"):
        tinted("unicorn", "#ffffff", 16)


def luminance(colour):
    channels = np.array(QColor(colour).getRgbF()[:3])
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_words_can_be_read_on_every_surface(theme):
    """4.5 is what WCAG 2.1 asks for text (1.4.3, level AA)."""
    for surface in (theme.panel, theme.raised):
        for words in (theme.text, theme.muted, theme.good, theme.caution, theme.bad):
            assert contrast(words, surface) >= 4.5, (words, surface)
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_style_sheet_has_no_blank_left(theme):
    assert "@" not in style_sheet(theme)


@pytest.mark.parametrize("style", COLOUR_SETS.values(), ids=COLOUR_SETS)
def test_every_class_has_a_colour_of_its_own(style):
    assert set(style.colours) == set(CellClass)
    assert len(set(style.colours.values())) >= 5


def test_preferences_come_back_and_broken_ones_never_stop_the_start(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load_preferences() == Preferences()
    save_preferences(Preferences(user="Dr Test", ar_brightness=0.5))
    assert load_preferences().user == "Dr Test"
    assert load_preferences().ar.brightness == 0.5
    preferences_file().write_text('{"user": 3, "theme"')
    assert load_preferences() == Preferences()
    assert Preferences(ar_mode="fog", ar_scale=-1.0).ar.brightness == 1.0
    assert Preferences(ar_scale=-1.0).alignment.scale == 1.0
