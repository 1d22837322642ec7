"""The camera gives what physics says it should."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2scope.base.errors import InputError
from her2scope.synth.optics import DAB, HEMATOXYLIN, REALISTIC, SHARP, Optics, draw_vectors, photograph, transmit

GLASS = np.ones((300, 300, 3), np.float32)


def rng():
    return np.random.default_rng(1)


def test_empty_glass_is_the_white_reference():
    rgb, white = photograph(rng(), GLASS.copy(), 0.2, SHARP)
    assert (rgb == np.rint(white)).all()


def test_realistic_glass_scatters_around_the_white_reference():
    rgb, white = photograph(rng(), GLASS.copy(), 0.2, REALISTIC)
    middle = rgb[100:200, 100:200].reshape(-1, 3)
    assert middle.mean(axis=0) == pytest.approx(white, rel=0.04)
    assert (middle.std(axis=0) > 0.5).all()


@given(st.floats(0, 1.2), st.floats(0, 2.0))
def test_light_falls_by_the_power_of_ten_of_density(blue, brown):
    maps = [np.full((2, 2), od, np.float32) for od in (blue, brown)]
    passed = transmit(*maps, draw_vectors(rng(), SHARP))
    vectors = [np.array(v) / np.linalg.norm(v) for v in (HEMATOXYLIN, DAB)]
    expected = blue * vectors[0] + brown * vectors[1]
    assert -np.log10(passed[0, 0]) == pytest.approx(expected, abs=2e-5)


def test_shot_noise_is_the_square_root_of_the_electrons():
    light = np.full((400, 400, 3), 0.5, np.float32)
    rgb, white = photograph(rng(), light, 0.2, Optics(electrons=2000))
    expected = white[0] / 2000 * np.sqrt(0.5 * 2000)
    assert rgb.std() == pytest.approx(np.hypot(expected, 1 / np.sqrt(12)), rel=0.03)


def test_the_darkest_corner_lacks_the_unevenness():
    rgb, white = photograph(rng(), GLASS.copy(), 0.2, Optics(unevenness=0.2))
    assert rgb.min() == pytest.approx(0.8 * white[0], abs=1)
    assert rgb.max() == pytest.approx(white[0], abs=1)


@pytest.mark.parametrize(("pixel_um", "expected_px"), [(0.1, 5.0), (0.25, 2.0)])
def test_blur_is_given_in_um(pixel_um, expected_px):
    light = np.zeros((101, 101, 3), np.float32)
    light[50, 50] = 50.0
    rgb, _ = photograph(rng(), light, pixel_um, Optics(blur_um=0.5))
    row = rgb[..., 0].astype(float).sum(axis=0)
    away = np.arange(101) - 50
    assert np.sqrt((row * away**2).sum() / row.sum()) == pytest.approx(expected_px, rel=0.06)


def test_defocus_softens_parts_of_the_field():
    checks = np.kron(np.indices((60, 60)).sum(axis=0) % 2, np.ones((5, 5))).astype(np.float32)
    light = np.repeat(checks[..., None], 3, axis=2)
    sharp, soft = (photograph(rng(), light.copy(), 0.2, Optics(defocus_um=d))[0][..., 0] for d in (0.0, 1.0))
    contrast = [image.reshape(10, 30, 10, 30).std(axis=(1, 3)) for image in (sharp, soft)]
    assert (contrast[1] / contrast[0]).min() < 0.7
    assert (contrast[1] / contrast[0]).max() > 0.95


@pytest.mark.parametrize(
    "wrong",
    [{"blur_um": -1}, {"electrons": float("nan")}, {"unevenness": 1.0}, {"white_spread": 0.5}, {"jpeg_quality": 101}],
    ids=str,
)
def test_impossible_optics_are_refused(wrong):
    with pytest.raises(InputError, match=r"\.$"):
        Optics(**wrong)
