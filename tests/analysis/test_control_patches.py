"""The reading by patches against the control, its picture, and the comparison of the two readings."""

import numpy as np
import pytest

from her2scope.analysis.patch_drawing import PATCH_COLOURS, draw_patches
from her2scope.analysis.patches import (
    LEVELS,
    NOT_VALID,
    PatchParams,
    area_under,
    characteristic_curve,
    control_area,
    field_score,
    read_patches,
    saturation,
)
from her2scope.analysis.readings import compare_readings
from her2scope.base.errors import ConfigError, InputError

DAB = np.array([0.268, 0.570, 0.776]) / np.linalg.norm([0.268, 0.570, 0.776])
SIDE = 320


def brown(od: float, share: float = 0.2, side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """White glass with `share` of its columns stained to `od` of DAB, spread evenly, and their mask."""
    mask = np.zeros((side, side), np.bool_)
    mask[:, (np.arange(side) % 20) < round(20 * share)] = True
    rgb = np.full((side, side, 3), 255, np.uint8)
    rgb[mask] = np.round(255 * 10 ** (-od * DAB)).astype(np.uint8)
    return rgb, mask


CONTROL = control_area([brown(1.4), brown(1.4)])


def test_saturation_is_that_of_hsv() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    high, low = rgb.max(axis=2).astype(float), rgb.min(axis=2).astype(float)
    expected = np.where(high > 0, 255 * (high - low) / np.maximum(high, 1), 0)
    assert np.abs(saturation(rgb) - expected).max() <= 1


def test_curve_is_the_share_of_pixels_above_each_level() -> None:
    values = np.random.default_rng(1).integers(0, 256, 5000)
    curve = characteristic_curve(np.bincount(values, minlength=256))
    assert curve == pytest.approx([(values / 255 > s + 1e-9).mean() for s in LEVELS])
    assert (np.diff(curve) <= 0).all()


@pytest.mark.parametrize(("value", "area"), [(0, 0.0), (255, 1.0), (115, 0.5)])
def test_area_is_the_mean_height(value, area) -> None:
    assert area_under(characteristic_curve(np.bincount([value], minlength=256))) == pytest.approx(area, abs=0.01)


@pytest.mark.parametrize(("od", "score"), [(1.4, "3+"), (0.9, "3+"), (0.36, "2+"), (0.22, "1+"), (0.05, "0")])
def test_stronger_stain_scores_higher(od, score) -> None:
    reading = read_patches(*brown(od), 0.424, CONTROL)
    assert reading.score == score
    assert reading.counts[int(score[0])] == reading.valid == reading.scores.size


def test_control_reads_one_against_itself() -> None:
    reading = read_patches(*brown(1.4), 0.424, CONTROL)
    assert reading.relative == pytest.approx(np.ones_like(reading.relative), abs=0.01)


def test_reading_is_relative_to_the_control() -> None:
    weak_control = control_area([brown(0.5)])
    assert read_patches(*brown(0.36), 0.424, weak_control).score == "3+"
    assert read_patches(*brown(0.36), 0.424, CONTROL).score == "2+"


@pytest.mark.parametrize(("pixel_um", "patches"), [(0.212, 1), (0.424, 3), (1.0, 6)])
def test_patches_have_their_size_in_um_and_cover_the_field(pixel_um, patches) -> None:
    reading = read_patches(*brown(1.4), pixel_um, CONTROL)
    assert reading.scores.shape == (patches, patches)
    assert (reading.y_edges[0], reading.y_edges[-1]) == (0, SIDE)


def test_too_little_stain_is_not_valid_and_not_zero() -> None:
    rgb, mask = brown(1.4)
    mask[:, SIDE // 2 :] = False
    mask[0, -3:] = True  # three pixels are too few
    reading = read_patches(rgb, mask, 1.0, CONTROL)
    assert (reading.scores[:, 3:] == NOT_VALID).all()
    assert np.isnan(reading.relative[:, 3:]).all()
    assert (reading.scores[:, :3] == 3).all()
    assert (reading.valid, reading.score) == (18, "3+")


@pytest.mark.parametrize("grey", [0, 255])
def test_empty_glass_and_black_are_not_measured(grey) -> None:
    rgb = np.full((SIDE, SIDE, 3), grey, np.uint8)
    reading = read_patches(rgb, np.zeros((SIDE, SIDE), np.bool_), 0.424, CONTROL)
    assert (reading.score, reading.valid) == (None, 0)


@pytest.mark.parametrize(
    ("counts", "score"),
    [
        ((0, 0, 0, 20), "3+"),
        ((15, 0, 0, 5), "0"),
        ((14, 0, 0, 6), "3+"),
        ((14, 2, 2, 2), "1+"),
        ((10, 4, 4, 2), "2+"),
        ((20, 0, 0, 0), "0"),
        ((0, 0, 0, 1), None),
        ((0, 0, 0, 2), "3+"),
        ((0, 0, 0, 0), None),
    ],
)
def test_field_score_follows_from_the_counts(counts, score) -> None:
    assert field_score(counts, 20) == score


def test_control_without_stain_is_refused() -> None:
    rgb, mask = brown(1.4)
    for fields in ([], [(rgb, np.zeros_like(mask))], [(np.full_like(rgb, 200), mask)]):
        with pytest.raises(InputError, match="no stained area"):
            control_area(fields)


def test_mask_of_another_size_is_refused() -> None:
    with pytest.raises(InputError, match="does not fit"):
        read_patches(brown(1.4)[0], np.ones((5, 5), np.bool_), 0.424, CONTROL)


@pytest.mark.parametrize("control", [0.0, -1.0, np.nan, 1.5])
def test_control_area_out_of_range_is_refused(control) -> None:
    with pytest.raises(InputError, match="control area"):
        read_patches(*brown(1.4), 0.424, control)


@pytest.mark.parametrize(
    "bad",
    [
        {"patch_um": 0.0},
        {"patch_um": np.nan},
        {"min_stained": 0.0},
        {"min_valid": 0.0},
        {"min_share": 1.0},
        {"cutoffs": (0.5, 0.2, 0.7)},
        {"cutoffs": (0.1, np.nan, 0.7)},
    ],
)
def test_bad_patch_settings_are_refused(bad) -> None:
    with pytest.raises(ConfigError, match=r"set them again|give a length"):
        PatchParams(**bad)


def test_drawing_frames_every_patch_in_its_colour_and_leaves_the_tissue() -> None:
    rgb, mask = brown(1.4)
    mask[:, SIDE // 2 :] = False
    reading = read_patches(rgb, mask, 1.0, CONTROL)
    picture = draw_patches(reading)
    assert (picture.shape, picture.dtype) == ((SIDE, SIDE, 4), np.uint8)
    for row, column in np.ndindex(reading.scores.shape):
        top, left = reading.y_edges[row], reading.x_edges[column]
        patch = picture[top : reading.y_edges[row + 1], left : reading.x_edges[column + 1]]
        centre = patch[patch.shape[0] // 2, patch.shape[1] // 2]
        assert centre[3] == 0
        framed = (patch == PATCH_COLOURS[3]).all(axis=2).mean()
        assert (framed > 0.05) == (reading.scores[row, column] == 3)


@pytest.mark.parametrize(("cells", "patches"), [("3+", "3+"), ("0", "0")])
def test_readings_that_agree_need_no_words(cells, patches) -> None:
    assert compare_readings(cells, patches) is None


@pytest.mark.parametrize(
    ("cells", "patches", "words"),
    [
        ("2+", "3+", "By cells this field reads 2+, by patches against the control 3+"),
        (None, "3+", "By patches this field reads 3+; by cells it is not measured"),
        ("0", None, "By cells this field reads 0; by patches it is not measured"),
        (None, None, "Neither"),
    ],
)
def test_readings_that_differ_are_said(cells, patches, words) -> None:
    sentence = compare_readings(cells, patches)
    assert sentence.startswith(words)
    assert sentence.count(".") == 1
