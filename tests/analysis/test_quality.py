"""The quality gate: every check passes tissue and stops what it is there for."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from her2scope.analysis import quality
from her2scope.analysis.measures import Measures, measure
from her2scope.analysis.quality import Finding, Status, judge, overall
from her2scope.analysis.white import estimate_white
from her2scope.synth.tissue import render_field

GOOD = Measures(
    white=240.0,
    white_balance=0.97,
    median_level=200.0,
    tissue=0.8,
    colour=0.15,
    pink=0.02,
    sharpness=0.65,
    noise=0.7,
    fall=0.97,
    fall_certainty=1.0,
    fold=0.0,
    clipped=0.0,
)

CASES = [
    ("good", {}, Status.OK, ""),
    ("black", {"white": 20.0}, Status.BLOCKED, "black"),
    ("fluorescence", {"median_level": 10.0}, Status.BLOCKED, "fluorescence"),
    ("underexposed", {"white": 100.0}, Status.CAUTION, "underexposed"),
    ("overexposed", {"clipped": 0.5}, Status.CAUTION, "overexposed"),
    ("dense but dark", {"median_level": 60.0}, Status.BLOCKED, "most of the picture is black"),
    ("uneven light", {"fall": 0.5, "fall_certainty": 12.0}, Status.BLOCKED, "light falls by 50%"),
    ("slightly uneven", {"fall": 0.8, "fall_certainty": 9.0}, Status.CAUTION, "light falls by 20%"),
    ("tissue to one side", {"fall": 0.6, "fall_certainty": 3.0}, Status.OK, ""),
    ("coloured light", {"white_balance": 0.3}, Status.BLOCKED, "coloured"),
    ("warm light", {"white_balance": 0.6}, Status.CAUTION, "white balance"),
    ("glass", {"tissue": 0.0}, Status.BLOCKED, "empty glass"),
    ("crumbs", {"tissue": 0.03}, Status.BLOCKED, "too little tissue"),
    ("little tissue", {"tissue": 0.1}, Status.CAUTION, "little tissue"),
    ("noise", {"noise": 4.6}, Status.BLOCKED, "noise"),
    ("noisy", {"noise": 2.0}, Status.CAUTION, "noisy"),
    ("grey", {"colour": 0.0}, Status.BLOCKED, "grey"),
    ("H&E", {"pink": 0.7}, Status.BLOCKED, "H&E"),
    ("pinkish", {"pink": 0.2}, Status.CAUTION, "pink"),
    ("defocused", {"sharpness": 0.3}, Status.BLOCKED, "out of focus"),
    ("soft", {"sharpness": 0.5}, Status.CAUTION, "out of focus"),
    ("folded", {"fold": 0.5}, Status.BLOCKED, "fold"),
    ("a fold", {"fold": 0.2}, Status.CAUTION, "fold"),
    ("nothing measured", {"colour": float("nan"), "pink": float("nan"), "tissue": 0.0}, Status.BLOCKED, "glass"),
]


@pytest.mark.parametrize(("name", "change", "status", "words"), CASES, ids=[c[0] for c in CASES])
def test_a_check_says_what_is_wrong(name: str, change: dict[str, float], status: Status, words: str) -> None:
    findings = judge(replace(GOOD, **change))
    assert overall(findings) is status
    assert words in " ".join(f.reason for f in findings)


def test_every_check_has_a_case_that_it_alone_finds() -> None:
    for check in quality.CHECKS:
        assert any(check(replace(GOOD, **change)) is not None for _, change, _, _ in CASES)
        assert check(GOOD) is None


def test_a_blocking_reason_stands_alone() -> None:
    findings = judge(replace(GOOD, white=20.0, tissue=0.1, noise=2.0))
    assert [f.status for f in findings] == [Status.BLOCKED]


@pytest.mark.parametrize(("counted", "status"), [(0, Status.BLOCKED), (4, Status.BLOCKED), (49, Status.CAUTION)])
def test_few_nuclei(counted: int, status: Status) -> None:
    finding = quality.check_nuclei(counted)
    assert isinstance(finding, Finding)
    assert finding.status is status
    assert quality.check_nuclei(50) is None


def gate(rgb: np.ndarray, pixel_um: float) -> tuple[Status, str]:
    findings = judge(measure(rgb, pixel_um, estimate_white(rgb)))
    return overall(findings), " ".join(f.reason for f in findings)


@pytest.mark.parametrize("pixel_um", [0.212, 0.424])
@pytest.mark.parametrize("case", ["0", "1+", "3+"])
def test_synthetic_tissue_passes(case: str, pixel_um: float) -> None:
    field = render_field(case, 11, pixel_um=pixel_um, size_px=768)
    assert gate(field.rgb, pixel_um) == (Status.OK, "")


def spoil(name: str, tissue: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(0)
    spots = np.zeros_like(tissue)
    spots[rng.random(tissue.shape[:2]) < 0.02] = (40, 255, 60)
    return {
        "black": np.zeros_like(tissue),
        "white": np.full_like(tissue, 255),
        "glass": np.clip(rng.normal(235, 2, tissue.shape), 0, 255).astype(np.uint8),
        "noise": rng.integers(0, 256, tissue.shape, dtype=np.uint8),
        "blurred": cv2.GaussianBlur(tissue, (0, 0), 6.0),
        "grey": np.repeat(cv2.cvtColor(tissue, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2),
        "fluorescence": cv2.GaussianBlur(spots, (0, 0), 2),
        "cyan": tissue // np.array([3, 1, 1], dtype=np.uint8),
        "lamp off centre": (tissue * np.linspace(0.45, 1, tissue.shape[1])[:, None]).astype(np.uint8),
        "dark": (tissue * 0.15).astype(np.uint8),
    }[name]


@pytest.fixture(scope="module")
def tissue() -> np.ndarray:
    return render_field("1+", 11, pixel_um=0.424, size_px=768).rgb


SPOILED = [
    ("black", "black"),
    ("white", "empty glass"),
    ("glass", "empty glass"),
    ("noise", "noise"),
    ("blurred", "out of focus"),
    ("grey", "grey"),
    ("fluorescence", "black"),
    ("cyan", "coloured"),
    ("lamp off centre", "light falls"),
    ("dark", "dark"),
]


@pytest.mark.parametrize(("name", "words"), SPOILED)
def test_a_spoiled_field_is_blocked(name: str, words: str, tissue: np.ndarray) -> None:
    status, reasons = gate(spoil(name, tissue), 0.424)
    assert status is Status.BLOCKED
    assert words in reasons


def test_real_hematoxylin_and_eosin_is_blocked(shared_data) -> None:  # type: ignore[no-untyped-def]
    paths = sorted((shared_data / "brecahad" / "images").glob("*.jpg"))[:8]
    paths += sorted((shared_data / "bcss" / "images").glob("*.jpg"))
    for path in paths:
        rgb = np.ascontiguousarray(cv2.imread(str(path))[:1024, :1024, ::-1])
        assert gate(rgb, 0.25)[0] is Status.BLOCKED, path.name


def test_real_dab_and_hematoxylin_passes(shared_data) -> None:  # type: ignore[no-untyped-def]
    for path in sorted((shared_data / "endonuke" / "images").glob("*.png")):
        rgb = np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])
        assert gate(rgb, 0.5)[0] is not Status.BLOCKED, path.name
