"""Cell classes: the fast path against the plain method, and against fields drawn by hand."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import plain_method
import pytest

from her2scope.analysis.classes import CellClass
from her2scope.analysis.classify import classify
from her2scope.analysis.enhancement import membrane_images
from her2scope.analysis.membrane import MembraneImages, MembraneParameters, Thresholds, describe
from her2scope.analysis.stain import StainImages
from her2scope.base.errors import ConfigError

PLAIN = MembraneParameters(haze_share=0.0, crosstalk_share=0.0)
LEVELS = Thresholds(0.2, 0.7)
UM = 0.424


def noise_field(seed: int, size: int = 300) -> np.ndarray:
    """(size, size) uint8 DAB: cell-sized meshes of varied strength over noise."""
    rng = np.random.default_rng(seed)
    seeds = rng.random((size * size // 900, 2)) * size
    y, x = np.mgrid[:size, :size]
    distances = np.sort(np.hypot(y[None] - seeds[:, 0, None, None], x[None] - seeds[:, 1, None, None]), axis=0)[:2]
    mesh = np.clip(2.5 - (distances[1] - distances[0]), 0, 1)
    strength = cv2.resize(rng.random((7, 7)), (size, size), interpolation=cv2.INTER_CUBIC) * 1.3
    return np.clip(100 * mesh * strength + rng.normal(0, 6, (size, size)) + 4, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("parameters", [PLAIN, MembraneParameters()], ids=["plain", "enhanced"])
@pytest.mark.parametrize("seed", range(6))
def test_fast_path_gives_the_plain_classes(seed: int, parameters: MembraneParameters) -> None:
    images = membrane_images(stained(noise_field(seed)), parameters)
    xy = np.random.default_rng(100 + seed).random((4000, 2)) * 299
    cells = classify(xy, 1.0, describe(images, LEVELS, parameters), parameters)
    classes, counted = plain_method.classes(images, xy, LEVELS, parameters)
    assert np.array_equal(cells.classes, classes)
    assert np.array_equal(cells.counted, counted)
    assert len(set(classes.tolist())) >= 4  # the field puts the classes to the test


def stained(dab: np.ndarray, hematoxylin: np.ndarray | None = None) -> StainImages:
    """Stain images of a DAB image, without hematoxylin unless it is given."""
    return StainImages(np.zeros_like(dab) if hematoxylin is None else hematoxylin, dab, UM, 1.0)


def drawn(rings: list[tuple[int, int, int, int, bool]], size: int = 200) -> MembraneImages:
    """DAB with rings (x, y, radius, level, closed), which OpenCV draws 5 px wide."""
    dab = np.zeros((size, size), dtype=np.uint8)
    for x, y, radius, level, closed in rings:
        cv2.ellipse(dab, (x, y), (radius, radius), 0, 0, 360 if closed else 200, level, 3)
    return MembraneImages(dab, dab, UM)


CASES = [
    ("intense ring", (100, 100, 14, 120, True), CellClass.INTENSE_COMPLETE),
    ("intense arc", (100, 100, 14, 120, False), CellClass.INTENSE_INCOMPLETE),
    ("weak ring", (100, 100, 14, 40, True), CellClass.WEAK_COMPLETE),
    ("weak arc", (100, 100, 14, 40, False), CellClass.WEAK_INCOMPLETE),
    ("below t_weak", (100, 100, 14, 15, True), CellClass.UNSTAINED),
    ("a lumen is no cell", (100, 100, 60, 120, True), CellClass.UNSTAINED),
]


@pytest.mark.parametrize(("name", "ring", "expected"), CASES, ids=[c[0] for c in CASES])
def test_a_drawn_cell(name: str, ring: tuple[int, int, int, int, bool], expected: CellClass) -> None:
    cells = classify(np.array([[100.0, 100.0]]), 1.0, describe(drawn([ring]), LEVELS, PLAIN), PLAIN)
    assert CellClass(int(cells.classes[0])) is expected


def test_evidence_of_a_drawn_cell() -> None:
    rings = [(60, 60, 14, 120, True), (140, 140, 14, 120, False)]
    at = np.array([[60.0, 60.0], [140.0, 140.0], [60.0, 150.0]])
    cells = classify(at, 1.0, describe(drawn(rings), LEVELS, PLAIN), PLAIN)
    assert cells.completeness == pytest.approx([1.0, 200 / 360, 0.0], abs=0.08)
    assert cells.membrane_od[:2] == pytest.approx([1.2, 1.2])
    assert cells.membrane_width_um[:2] == pytest.approx([5 * UM, 5 * UM], abs=0.15)
    assert np.isnan(cells.membrane_od[2])
    assert np.isnan(cells.membrane_width_um[2])


def test_a_cell_cut_by_the_border_is_not_counted() -> None:
    images = drawn([(100, 14, 20, 120, True)])
    at = np.array([[100.0, 18.0], [100.0, 5.0], [100.0, 100.0]])
    cells = classify(at, 1.0, describe(images, LEVELS, PLAIN), PLAIN)
    assert cells.counted.tolist() == [False, False, True]


def test_a_speck_stains_nobody() -> None:
    dab = np.zeros((200, 200), dtype=np.uint8)
    dab[100, 108:110] = 200
    images = MembraneImages(dab, dab, UM)
    at = np.array([[100.0, 100.0]])
    assert classify(at, 1.0, describe(images, LEVELS, PLAIN), PLAIN).classes[0] == CellClass.UNSTAINED
    raw = replace(PLAIN, min_speck_um2=0.0)
    assert classify(at, 1.0, describe(images, LEVELS, raw), raw).classes[0] == CellClass.INTENSE_INCOMPLETE


def test_hazy_nuclei_in_an_intense_mesh_are_complete() -> None:
    dab = np.full((200, 200), 60, dtype=np.uint8)
    dab[::25] = dab[:, ::25] = 150
    dab = cv2.dilate(dab, np.ones((3, 3), np.uint8))
    at = np.array([[112.0, 112.0]])
    for parameters, expected in (
        (MembraneParameters(), CellClass.INTENSE_COMPLETE),
        (PLAIN, CellClass.INTENSE_INCOMPLETE),
    ):
        membranes = describe(membrane_images(stained(dab), parameters), LEVELS, parameters)
        assert classify(at, 1.0, membranes, parameters).classes[0] == expected


def test_dark_hematoxylin_is_no_membrane() -> None:
    dab = np.zeros((200, 200), dtype=np.uint8)
    cv2.line(dab, (80, 108), (120, 108), 25, 3)  # the DAB that a slender nucleus of OD 1 seems to have
    levels = Thresholds(0.1, 0.7)
    for hematoxylin, expected in ((dab * 4, CellClass.UNSTAINED), (dab * 0, CellClass.WEAK_INCOMPLETE)):
        parameters = MembraneParameters()
        membranes = describe(membrane_images(stained(dab, hematoxylin), parameters), levels, parameters)
        assert classify(np.array([[100.0, 100.0]]), 1.0, membranes, parameters).classes[0] == expected


def test_solid_stain_stays_stained() -> None:
    dab = np.zeros((200, 200), dtype=np.uint8)
    cv2.circle(dab, (100, 100), 30, 150, -1)
    parameters = MembraneParameters()
    membranes = describe(membrane_images(stained(dab), parameters), LEVELS, parameters)
    assert classify(np.array([[100.0, 100.0]]), 1.0, membranes, parameters).classes[0] == CellClass.INTENSE_INCOMPLETE


@pytest.mark.parametrize("seed", range(3))
def test_splitting_off_moderate_changes_no_other_class(seed: int) -> None:
    images = membrane_images(stained(noise_field(seed)), PLAIN)
    xy = np.random.default_rng(seed).random((2000, 2)) * 299
    five = classify(xy, 1.0, describe(images, LEVELS, PLAIN), PLAIN).classes
    seven = classify(xy, 1.0, describe(images, Thresholds(0.2, 0.7, 0.4), PLAIN), PLAIN).classes
    merged = seven.copy()
    merged[seven == CellClass.MODERATE_COMPLETE] = CellClass.WEAK_COMPLETE
    merged[seven == CellClass.MODERATE_INCOMPLETE] = CellClass.WEAK_INCOMPLETE
    assert np.array_equal(merged, five)
    assert {CellClass.MODERATE_COMPLETE, CellClass.MODERATE_INCOMPLETE} <= set(seven.tolist())


@pytest.mark.parametrize(
    "bad", [{"reach_um": float("nan")}, {"haze_share": 1.5}, {"min_cell_um2": 800.0}, {"min_speck_um2": -1.0}]
)
def test_parameters_out_of_range_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="membrane"):
        MembraneParameters(**bad)
