"""A still microscope is told from one that moved, by what its camera sees."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from her2scope.pipeline.still import glance, looks_same, shift_px
from her2scope.synth.tissue import render_field


@pytest.fixture(scope="module")
def field() -> np.ndarray:
    return render_field("2+", 4, pixel_um=0.212, size_px=1024).rgb


def noisy(rgb: np.ndarray, seed: int, grey: float = 3.0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, grey, rgb.shape)
    return np.clip(np.rint(rgb + noise), 0, 255).astype(np.uint8)


def test_noise_alone_is_the_same_field(field: np.ndarray) -> None:
    assert looks_same(glance(noisy(field, 1)), glance(noisy(field, 2)))


@pytest.mark.parametrize(
    "change",
    [
        lambda rgb: np.roll(rgb, 2, axis=1),
        lambda rgb: np.roll(rgb, 300, axis=0),
        lambda rgb: cv2.GaussianBlur(rgb, (0, 0), 4.0),
        lambda rgb: cv2.convertScaleAbs(rgb, alpha=0.97),
        lambda rgb: np.where(np.arange(rgb.shape[0])[:, None, None] < 900, rgb, 230).astype(np.uint8),
        lambda rgb: rgb[:512],
    ],
    ids=["moved", "far", "out of focus", "darker", "a part covered", "another size"],
)
def test_a_change_is_seen(field: np.ndarray, change) -> None:  # type: ignore[no-untyped-def]
    assert not looks_same(glance(noisy(field, 1)), glance(noisy(change(field), 2)))


@pytest.mark.parametrize("moved_px", [0, 1, 6, 40, 200])
@pytest.mark.parametrize("light", [1.0, 0.95])
def test_how_far_a_picture_moved_is_measured_in_other_light_too(field: np.ndarray, moved_px: int, light: float) -> None:
    before, after = field[:, :800], cv2.convertScaleAbs(field[:, moved_px : moved_px + 800], alpha=light)
    shift = shift_px(glance(noisy(before, 1)), glance(noisy(np.asarray(after, np.uint8), 2)))
    assert shift == pytest.approx(moved_px, abs=3)
