"""The bilateral filter as published, whatever the machine's libraries."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from her2scope.analysis.enhancement import BILATERAL_SIDE, disk, smoothed, with_measured_crosstalk
from her2scope.analysis.membrane import MembraneParameters
from her2scope.analysis.stain import OD_STEP


def plain_bilateral(image: np.ndarray, p: MembraneParameters) -> np.ndarray:
    """Tomasi & Manduchi 1998, over a disk, the border mirrored; float64, before rounding."""
    r = BILATERAL_SIDE // 2
    wide = np.pad(image.astype(float), r, mode="reflect")
    sums, weights = np.zeros(image.shape), np.zeros(image.shape)
    for dy, dx in np.argwhere(disk(r)) - r:
        near = wide[r + dy : r + dy + image.shape[0], r + dx : r + dx + image.shape[1]]
        weight = np.exp(-0.5 * (((near - image) * OD_STEP / p.bilateral_od) ** 2 + (dy**2 + dx**2) / p.bilateral_px**2))
        sums += weight * near
        weights += weight
    return sums / weights


def test_the_filter_rounds_to_the_nearest_step_and_leaves_opencv_as_it_was():
    before = cv2.ipp.useIPP()
    image = cv2.GaussianBlur(np.random.default_rng(2).integers(0, 256, (207, 301), dtype=np.uint8), (0, 0), 1.0)
    parameters = MembraneParameters()
    off = smoothed(image, parameters) - plain_bilateral(image, parameters)
    assert np.abs(off).max() < 0.501
    assert abs(off.mean()) < 0.01
    assert cv2.ipp.useIPP() == before


@pytest.mark.parametrize(
    ("share", "most", "measured", "taken"),
    [
        (0.25, 0.6, 0.0, 0.25),
        (0.25, 0.6, -0.15, 0.25),
        (0.25, 0.6, 0.3, 0.55),
        (0.25, 0.6, 0.7, 0.6),
        (0.25, 0.25, 0.5, 0.25),
        (0.3, 0.0, 0.5, 0.3),
        (0.0, 0.6, 0.5, 0.0),
    ],
)
def test_measured_crosstalk_is_taken_off_within_its_limits(share, most, measured, taken):
    parameters = MembraneParameters(crosstalk_share=share, crosstalk_most=most)
    assert with_measured_crosstalk(parameters, measured).crosstalk_share == pytest.approx(taken)
