"""A whole field by torch operations: the classes that the CPU gives, cell by cell."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from her2scope.analysis.backend import CpuBackend
from her2scope.analysis.membrane import MembraneImages, MembraneParameters, Membranes, Thresholds
from her2scope.analysis.stain import StainProfile
from her2scope.base.frame import Frame
from her2scope.nets.field_device import TorchBackend
from her2scope.pipeline.field import FieldResult, FieldSettings, analyse_field, with_thresholds
from her2scope.settings.stains import load_stain
from her2scope.synth.tissue import render_field

CPU, TORCH = CpuBackend(), TorchBackend(torch.device("cpu"))
STAIN = load_stain("default")
SIZES = [(0.212, (805, 1033)), (0.424, (450, 577)), (0.3, (560, 601)), (0.8, (300, 257))]
"""Averaged 2 x 2, as it is, and resampled both ways; sides odd and no multiples of 64."""


def frame_of(case: str, seed: int, pixel_um: float, shape: tuple[int, int]) -> Frame:
    return Frame(case, render_field(case, seed, pixel_um=pixel_um, size_px=shape).rgb, pixel_um)


def both(frame: Frame, stain: StainProfile = STAIN) -> tuple[FieldResult, FieldResult]:
    on_cpu, on_torch = (analyse_field(frame, FieldSettings(stain, backend=b)) for b in (CPU, TORCH))
    return on_cpu, on_torch


def assert_same_cells(one: FieldResult, other: FieldResult) -> None:
    assert len(one.cells.classes) > 20
    assert np.array_equal(one.cells.xy_px, other.cells.xy_px)
    assert np.array_equal(one.cells.classes, other.cells.classes)
    assert np.array_equal(one.cells.counted, other.cells.counted)
    np.testing.assert_allclose(other.cells.membrane_od, one.cells.membrane_od, atol=0.01)


def assert_same_membranes(one: Membranes, other: Membranes) -> None:
    for a, b in ((one.weak, other.weak), (one.intense, other.intense), (one.moderate, other.moderate)):
        if a is None or b is None:
            assert a is b
            continue
        assert np.array_equal(a.mask, b.mask)
        assert np.array_equal(a.skeleton, b.skeleton)
        assert np.array_equal(a.complete, b.complete)
        assert np.array_equal(a.cut, b.cut)


@pytest.mark.parametrize(("pixel_um", "shape"), SIZES)
@pytest.mark.parametrize("case", ["0+", "2+", "3+"])
def test_every_cell_has_its_class(case, pixel_um, shape):
    one, other = both(frame_of(case, 91, pixel_um, shape))
    assert_same_cells(one, other)
    assert_same_membranes(one.membranes, other.membranes)
    assert other.membranes.weak.mask.any()


def test_stain_images_are_the_same():
    frame = frame_of("2+", 92, 0.3, (560, 601))
    one, other = (b.stain(frame.rgb, STAIN, (240.0, 236.0, 230.0), 0.3, 0.424) for b in (CPU, TORCH))
    assert np.array_equal(one.hematoxylin, other.hematoxylin)
    assert np.array_equal(one.dab, other.dab)
    assert (one.pixel_um, one.scale) == (other.pixel_um, other.scale)


def test_seven_classes():
    one, other = both(frame_of("2+", 93, 0.424, (450, 450)), replace(STAIN, t_moderate=0.3))
    assert_same_cells(one, other)
    assert one.membranes.moderate is not None
    assert_same_membranes(one.membranes, other.membranes)


def test_a_change_of_thresholds_gives_what_a_new_analysis_gives():
    frame, stricter = frame_of("2+", 94, 0.212, (800, 900)), replace(STAIN, t_weak=0.2, t_intense=0.4)
    settings = FieldSettings(stricter, backend=TORCH)
    before = analyse_field(frame, FieldSettings(STAIN, backend=TORCH))
    changed, fresh = with_thresholds(before, settings), analyse_field(frame, settings)
    assert_same_cells(changed, fresh)
    assert_same_membranes(changed.membranes, fresh.membranes)
    assert not np.array_equal(before.cells.classes, changed.cells.classes)
    assert_same_cells(changed, with_thresholds(before, FieldSettings(stricter)))  # what one made, the other takes


def test_thresholds_beyond_every_level_leave_nothing():
    images = MembraneImages(np.full((70, 70), 255, np.uint8), np.full((70, 70), 255, np.uint8), 0.424)
    one, other = (b.describe(images, Thresholds(2.5, 2.6), MembraneParameters()) for b in (CPU, TORCH))
    assert_same_membranes(one, other)
    assert one.weak.mask.any()
    assert not other.intense.mask.any()


def test_a_result_holds_nothing_on_the_device():
    _, result = both(frame_of("1+", 95, 0.424, (300, 300)))
    images = result.membranes.images
    assert type(images) is MembraneImages
    assert images.dab.dtype == images.line.dtype == np.uint8
    assert images.dab.shape == images.line.shape == (300, 300)


def test_a_frame_that_is_read_only_or_a_view():
    frame = frame_of("2+", 96, 0.424, (600, 320))
    locked = frame.rgb.copy()
    locked.flags.writeable = False
    turned = Frame("turned", frame.rgb[::2], 0.424)
    assert_same_cells(*both(Frame("locked", locked, 0.424)))
    assert_same_cells(*both(turned))


def test_two_threads_at_once_get_what_one_gets():
    frames = [frame_of(case, 97, 0.424, (330, 310)) for case in ("1+", "3+")]
    settings = FieldSettings(STAIN, backend=TORCH)
    alone = [analyse_field(frame, settings) for frame in frames]
    with ThreadPoolExecutor(2) as threads:
        for _ in range(3):
            together = threads.map(lambda frame: analyse_field(frame, settings), frames)
            for one, other in zip(alone, together, strict=True):
                assert_same_cells(one, other)
