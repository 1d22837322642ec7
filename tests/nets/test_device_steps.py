"""Each step on a device against the CPU's: the same to the last bit, but for the rounding of the bilateral filter."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from her2scope.analysis.bits import pack, unpack
from her2scope.analysis.enhancement import disk, membrane_images, smoothed
from her2scope.analysis.membrane import MembraneParameters
from her2scope.analysis.stain import StainImages, StainProfile, unmix_tables
from her2scope.analysis.thinning import thin
from her2scope.analysis.unmixing import unmix_full, unmix_half
from her2scope.nets.device_arrays import download, download_masks, pack_on_device, upload, upload_mask
from her2scope.nets.device_membrane import bilateral, dilated, enhance_on_device
from her2scope.nets.device_stain import unmix_on_device
from her2scope.nets.device_thinning import thin_on_device

HERE = torch.device("cpu")
MOST_STRAYS = 5e-5
"""Share of pixels that two bilateral filters may round differently, by one step."""

masks = arrays(np.bool_, st.tuples(st.integers(1, 40), st.integers(1, 200)))


def noise(seed: int, shape: tuple[int, ...], sigma: float = 0.0) -> np.ndarray:
    image = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    return image if sigma == 0 else cv2.normalize(cv2.GaussianBlur(image, (0, 0), sigma), None, 0, 255, cv2.NORM_MINMAX)


def thinned(mask: np.ndarray) -> np.ndarray:
    return download_masks(thin_on_device(upload_mask(mask, HERE)))


class TestPacking:
    @given(masks)
    def test_is_the_same_as_on_the_cpu(self, mask):
        assert np.array_equal(download_masks(pack_on_device(torch.from_numpy(mask))), pack(mask))

    def test_takes_several_masks_at_once(self):
        both = noise(1, (2, 30, 131)) > 128
        packed = download_masks(pack_on_device(torch.from_numpy(both)))
        assert packed.shape == (2, 30, 3)
        assert all(np.array_equal(unpack(p, 131), mask) for p, mask in zip(packed, both, strict=True))

    @given(masks)
    def test_masks_go_up_and_come_down(self, mask):
        packed = pack(mask)
        assert np.array_equal(download_masks(upload_mask(packed, HERE)), packed)


class TestThinning:
    @given(masks)
    def test_of_any_mask(self, mask):
        assert np.array_equal(thinned(pack(mask)), thin(pack(mask)))

    @given(arrays(np.uint64, st.tuples(st.integers(1, 12), st.integers(1, 4))))
    def test_of_any_words(self, words):
        assert np.array_equal(thinned(words), thin(words))

    @pytest.mark.parametrize("shape", [(64, 64), (151, 257), (90, 63), (33, 500)])
    @pytest.mark.parametrize(("sigma", "share"), [(1.0, 0.5), (3.0, 0.3), (6.0, 0.8)])
    def test_of_blobs(self, shape, sigma, share):
        image = noise(7, shape, sigma)
        mask = pack(image > np.quantile(image, 1 - share))
        before = mask.copy()
        assert np.array_equal(thinned(mask), thin(mask))
        assert np.array_equal(mask, before)

    @pytest.mark.parametrize("full", [True, False])
    def test_of_a_mask_that_takes_the_most_passes_and_the_fewest(self, full):
        mask = pack(np.full((75, 131), full))
        assert np.array_equal(thinned(mask), thin(mask))


PROFILES = [
    (StainProfile("a"), (240.0, 238.0, 231.0)),
    (StainProfile("b", hematoxylin=(0.6, 0.7, 0.4), dab=(0.4, 0.6, 0.7)), (255.0, 255.0, 255.0)),
    (StainProfile("c", hematoxylin=(0.9, 0.4, 0.1), dab=(0.1, 0.4, 0.9)), (120.0, 200.0, 1.0)),
]


class TestUnmixing:
    @pytest.mark.parametrize(("profile", "white"), PROFILES)
    @pytest.mark.parametrize("shape", [(70, 64, 3), (61, 97, 3)])
    @pytest.mark.parametrize("half", [True, False])
    def test_is_the_same_to_the_last_bit(self, profile, white, shape, half):
        rgb, tables = noise(3, shape), unmix_tables(profile, white)
        expected = np.stack((unmix_half if half else unmix_full)(rgb, tables))
        found = download(unmix_on_device(upload(rgb, HERE), tables, half=half))
        assert np.array_equal(found, expected)
        assert found.std() > 10


class TestMorphology:
    @pytest.mark.parametrize("radius", [1.0, 1.5, 2.0, 4.25, 7.9])
    @pytest.mark.parametrize("shape", [(40, 67), (9, 130)])
    def test_a_disk(self, radius, shape):
        image, element = noise(5, shape), disk(radius)
        spans = [int(row) // 2 for row in element.sum(axis=1)]
        up = torch.from_numpy(image)
        assert np.array_equal(dilated(up, spans), cv2.dilate(image, element))
        assert np.array_equal(255 - dilated(255 - up, spans), cv2.erode(image, element))
        opened = dilated(255 - dilated(255 - up, spans), spans)
        assert np.array_equal(opened, cv2.morphologyEx(image, cv2.MORPH_OPEN, element))

    @pytest.mark.parametrize("reach", [0, 1, 2, 3, 7, 14, 30])
    def test_a_square(self, reach):
        image, side = noise(6, (43, 71)), 2 * reach + 1
        assert np.array_equal(
            dilated(torch.from_numpy(image), [reach] * side), cv2.dilate(image, np.ones((side, side)))
        )


def strays(found: np.ndarray, expected: np.ndarray) -> float:
    difference = np.abs(found.astype(int) - expected)
    assert difference.max() <= 1
    return float((difference > 0).mean())


class TestEnhancement:
    @pytest.mark.parametrize("sigma", [0.0, 0.8, 3.0])
    @pytest.mark.parametrize(
        "parameters", [MembraneParameters(), MembraneParameters(bilateral_od=0.4, bilateral_px=0.6)]
    )
    def test_the_bilateral_filter_rounds_like_opencv(self, sigma, parameters):
        image = noise(8, (401, 507), sigma)
        found = bilateral(torch.from_numpy(image), parameters.bilateral_od * 100, parameters.bilateral_px).numpy()
        assert strays(found, smoothed(image, parameters)) < MOST_STRAYS

    @pytest.mark.parametrize(
        "parameters",
        [
            MembraneParameters(),
            MembraneParameters(haze_share=0.0),
            MembraneParameters(crosstalk_share=0.0),
            MembraneParameters(haze_share=0.77, crosstalk_share=0.31, haze_radius_um=3.0, haze_reach_um=2.0),
        ],
    )
    @pytest.mark.parametrize("pixel_um", [0.424, 0.5])
    def test_both_images(self, parameters, pixel_um):
        stains = StainImages(noise(9, (203, 301), 2.0), noise(10, (203, 301), 1.5), pixel_um, 1.0)
        expected = membrane_images(stains, parameters)
        both = torch.from_numpy(np.stack([stains.hematoxylin, stains.dab]))
        line, dab = enhance_on_device(both, pixel_um, parameters).numpy()
        assert strays(dab, expected.dab) < MOST_STRAYS
        assert strays(line, expected.line) < MOST_STRAYS
        assert (line < dab).any()
