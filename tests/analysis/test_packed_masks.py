"""Packed kernels against plain ones: packing, thinning, regions."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plain_method import without_specks as plain_without_specks
from plain_method import zhang_suen

from her2scope.analysis.bits import pack, unpack
from her2scope.analysis.regions import components, faces, without_specks
from her2scope.analysis.thinning import thin

masks = arrays(np.bool_, st.tuples(st.integers(1, 40), st.integers(1, 140)))


def blobs(seed: int, shape: tuple[int, int], sigma: float, share: float) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).random(shape), (0, 0), sigma)
    return noise > np.quantile(noise, 1 - share)


BLOBS = [blobs(s, shape, sigma, share) for s, (shape, sigma, share) in enumerate(
    [((70, 130), 1.0, 0.5), ((64, 64), 2.0, 0.7), ((33, 200), 3.0, 0.3), ((150, 257), 4.0, 0.6), ((90, 63), 0.4, 0.2)]
)]  # fmt: skip


@given(masks)
def test_unpack_undoes_pack(mask: np.ndarray) -> None:
    assert np.array_equal(unpack(pack(mask), mask.shape[1]), mask)


@settings(deadline=None)
@given(masks)
def test_thinning_of_any_mask_is_zhang_suen(mask: np.ndarray) -> None:
    assert np.array_equal(unpack(thin(pack(mask)), mask.shape[1]), zhang_suen(mask))


@pytest.mark.parametrize("mask", BLOBS)
def test_thinning_of_blobs_is_zhang_suen(mask: np.ndarray) -> None:
    packed = pack(mask)
    before = packed.copy()
    assert np.array_equal(unpack(thin(packed), mask.shape[1]), zhang_suen(mask))
    assert np.array_equal(packed, before)


def test_thinning_keeps_a_line_and_a_square_ring() -> None:
    image = np.zeros((12, 80), dtype=bool)
    image[5, 3:70] = True
    assert np.array_equal(unpack(thin(pack(image)), 80), image)


@pytest.mark.parametrize("mask", [*BLOBS, np.ones((10, 70), bool), np.zeros((10, 70), bool)])
@pytest.mark.parametrize("foreground", [True, False])
def test_regions_are_connected_components(mask: np.ndarray, foreground: bool) -> None:
    width = mask.shape[1]
    found = components(pack(mask), width) if foreground else faces(pack(mask), width)
    count, labels = cv2.connectedComponents((mask == foreground).astype(np.uint8), connectivity=8 if foreground else 4)
    assert len(found.area_px) == count - 1
    y, x = np.indices(mask.shape)
    got = found.label_at(y.ravel(), x.ravel()).reshape(mask.shape)
    assert np.array_equal(got >= 0, labels > 0)
    assert len(set(zip(got[labels > 0].tolist(), labels[labels > 0].tolist(), strict=True))) == count - 1
    assert np.array_equal(np.bincount(got[got >= 0], minlength=count - 1), found.area_px)
    edge = np.concatenate([got[0], got[-1], got[:, 0], got[:, -1]])
    assert set(np.flatnonzero(found.on_border).tolist()) == set(edge[edge >= 0].tolist())
    keep = found.area_px > 20
    assert np.array_equal(found.raster(keep, width) > 0, (got >= 0) & np.append(keep, False)[got])


def test_no_region_outside_the_image() -> None:
    found = faces(pack(np.zeros((4, 6), bool)), 6)
    assert found.label_at(np.array([-1, 4, 0, 0]), np.array([0, 0, -1, 6])).tolist() == [-1, -1, -1, -1]


@pytest.mark.parametrize("mask", BLOBS)
def test_specks_go_and_the_rest_stays(mask: np.ndarray) -> None:
    cleaned = unpack(without_specks(pack(mask), mask.shape[1], 9.5), mask.shape[1])
    assert np.array_equal(cleaned, plain_without_specks(mask, 9.5))
