"""Optical density, unmixing, white and stain vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2scope.analysis.stain import OD_STEP, StainProfile, optical_density, stain_images, unmix, unmixing_matrix
from her2scope.analysis.stain_estimation import estimate_from_images, estimate_from_regions
from her2scope.analysis.white import estimate_white, white_from_glass
from her2scope.base.errors import ConfigError, InputError

PROFILE = StainProfile("test")
WHITE = (240.0, 245.0, 238.0)


def mixed(hematoxylin: np.ndarray, dab: np.ndarray, white: tuple[float, float, float] = WHITE) -> np.ndarray:
    """RGB (float) of given stain amounts, by Beer-Lambert with the default vectors."""
    vectors = np.array([PROFILE.hematoxylin, PROFILE.dab])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    od = hematoxylin[..., None] * vectors[0] + dab[..., None] * vectors[1]
    return np.array(white) * 10.0**-od


def test_optical_density_is_base_ten() -> None:
    pixels = np.array([[[100, 10, 1], [200, 100, 0]]], dtype=np.uint8)
    od = optical_density(pixels, (100.0, 100.0, 100.0))
    assert od[0, 0] == pytest.approx([0.0, 1.0, 2.0])
    assert od[0, 1] == pytest.approx([0.0, 0.0, 2.0])  # brighter than glass is 0; black counts as 1


@given(st.floats(0, 1), st.floats(0, 1))
def test_unmixing_undoes_mixing(hematoxylin: float, dab: float) -> None:
    rgb = mixed(np.array([[hematoxylin]]), np.array([[dab]]))
    od = -np.log10(rgb / np.array(WHITE))
    assert (od @ unmixing_matrix(PROFILE))[0, 0] == pytest.approx([hematoxylin, dab, 0.0], abs=1e-9)


@pytest.mark.parametrize(("pixel_um", "scale", "size"), [(0.424, 1.0, 64), (0.212, 0.5, 32), (0.848, 2.0, 128)])
def test_stain_images_hold_the_amounts(pixel_um: float, scale: float, size: int) -> None:
    rng = np.random.default_rng(1)
    hematoxylin, dab = np.full((64, 64), rng.uniform(0.1, 0.5)), np.full((64, 64), rng.uniform(0.2, 0.8))
    rgb = np.rint(mixed(hematoxylin, dab)).astype(np.uint8)
    images = stain_images(rgb, PROFILE, WHITE, pixel_um, 0.424)
    assert images.dab.shape == (size, size)
    assert images.scale == pytest.approx(scale)
    assert images.pixel_um == pytest.approx(0.424)
    plain = unmix(rgb, PROFILE, WHITE)[0, 0]
    assert images.hematoxylin[5, 5] * OD_STEP == pytest.approx(plain[0], abs=0.006)
    assert images.dab[5, 5] * OD_STEP == pytest.approx(plain[1], abs=0.006)


def test_halving_averages_od_of_two_by_two() -> None:
    rgb = np.random.default_rng(0).integers(30, 250, (40, 60, 3), dtype=np.uint8)
    plain = unmix(rgb, PROFILE, WHITE)[..., 1].reshape(20, 2, 30, 2).mean(axis=(1, 3))
    got = stain_images(rgb, PROFILE, WHITE, 0.212, 0.424).dab
    assert np.abs(got * OD_STEP - np.clip(plain, 0, 2.55)).max() <= 0.0051


def test_white_is_the_brightest_background() -> None:
    rgb = np.full((200, 200, 3), (150, 90, 60), dtype=np.uint8)
    rgb[:40] = (231, 233, 228)
    assert estimate_white(rgb) == (231.0, 233.0, 228.0)
    assert estimate_white(np.zeros((256, 256, 3), dtype=np.uint8)) == (1.0, 1.0, 1.0)
    assert white_from_glass(rgb[:40]) == (231.0, 233.0, 228.0)


BAD_PROFILES = [
    ({"t_weak": 0.7}, "t_weak = 0.7 must be below t_intense"),
    ({"t_weak": 0.6}, "must be below"),
    ({"t_weak": float("nan")}, "t_weak = nan"),
    ({"t_intense": float("inf")}, "t_intense = inf"),
    ({"t_moderate": 0.05}, "must be below t_moderate"),
    ({"dab": (0.0, 0.0, 0.0)}, "dab"),
    ({"dab": (0.65, 0.70, 0.29)}, "nearly the same"),
    ({"hematoxylin": (float("nan"), 1.0, 1.0)}, "hematoxylin"),
    ({"t_weak": 0.0001}, "from 0.02"),
    ({"t_weak": 0.5999}, "must be below t_intense"),
    ({"hematoxylin": (0.27, 0.57, 0.78), "dab": (0.65, 0.70, 0.29)}, "exchanged"),
    ({"white": (0.0, 255.0, 255.0)}, "white"),
]


@pytest.mark.parametrize(("change", "sentence"), BAD_PROFILES, ids=[str(c[0]) for c in BAD_PROFILES])
def test_a_profile_that_cannot_be_meant_is_refused(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        StainProfile("test", **change)  # type: ignore[arg-type]


def stained_field(vectors: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(3)
    amounts = np.where(rng.random((200, 200, 1)) < 0.5, [[0.6, 0.0]], [[0.03, 0.8]]) * rng.uniform(
        0.5, 1, (200, 200, 1)
    )
    return np.rint(255 * 10 ** -(amounts @ vectors)).astype(np.uint8)


def test_vectors_are_found_in_an_image_and_in_regions() -> None:
    truth = np.array([[0.68, 0.62, 0.39], [0.25, 0.50, 0.83]])
    truth /= np.linalg.norm(truth, axis=1, keepdims=True)
    rgb = stained_field(truth)
    found = estimate_from_images([rgb], [(255.0, 255.0, 255.0)])
    assert found.hematoxylin == pytest.approx(truth[0], abs=0.04)
    assert found.dab == pytest.approx(truth[1], abs=0.04)
    pure = np.rint(255 * 10 ** -np.repeat(truth[:, None] * 0.7, 50, axis=1)).astype(np.uint8)
    drawn = estimate_from_regions(pure[0], pure[1], (255.0, 255.0, 255.0))
    assert drawn.hematoxylin == pytest.approx(truth[0], abs=0.01)
    assert drawn.dab == pytest.approx(truth[1], abs=0.01)


def test_one_stain_or_none_gives_no_vectors() -> None:
    one = np.array([[0.65, 0.70, 0.29], [0.65, 0.70, 0.29]])
    with pytest.raises(InputError, match="one stain"):
        estimate_from_images([stained_field(one)], [(255.0, 255.0, 255.0)])
    with pytest.raises(InputError, match="too few"):
        estimate_from_images([np.full((300, 300, 3), 250, np.uint8)], [(250.0, 250.0, 250.0)])
    glass, brown = np.full((9, 3), 250, np.uint8), np.full((9, 3), 90, np.uint8)
    with pytest.raises(InputError, match="hematoxylin region"):
        estimate_from_regions(glass, brown, (250.0, 250.0, 250.0))
