"""A field's hematoxylin against the stain profile: what is measured, and when it is a caution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from other_stains import brown_nuclei, browned, turned

from her2scope.analysis.hematoxylin import Hematoxylin, fine_enough, measure_hematoxylin
from her2scope.analysis.measures import coarse
from her2scope.analysis.quality import Status, check_hematoxylin
from her2scope.analysis.stain import StainProfile
from her2scope.analysis.stain_estimation import estimate_from_images
from her2scope.analysis.white import estimate_white
from her2scope.synth.tissue import SyntheticField, render_field

SHIPPED = StainProfile("default")
CASES = ("0", "0+", "1+", "2+", "3+", "control")


def measured(
    rgb: np.ndarray, pixel_um: float, white: tuple[float, float, float] | None = None, profile: StainProfile = SHIPPED
) -> Hematoxylin | None:
    white = white or estimate_white(rgb)
    return measure_hematoxylin(fine_enough(coarse(rgb, pixel_um, white), rgb, pixel_um, white), profile)


def warns(found: Hematoxylin | None) -> bool:
    return check_hematoxylin(found, "default") is not None


@pytest.fixture(scope="module")
def rendered() -> dict[tuple[str, float], SyntheticField]:
    sizes = {0.212: 1200, 0.424: 600}
    return {(case, um): render_field(case, 71, pixel_um=um, size_px=px) for case in CASES for um, px in sizes.items()}


def test_the_profiles_own_hematoxylin_is_no_caution(rendered: dict[tuple[str, float], SyntheticField]) -> None:
    for (case, pixel_um), field in rendered.items():
        found = measured(field.rgb, pixel_um)
        assert found is not None, case
        assert abs(found.dab_share) < 0.1, case
        assert not warns(found), case


@pytest.mark.parametrize("pixel_um", [0.212, 0.424])
@pytest.mark.parametrize(("case", "turn"), [("0", 0.3), ("0+", 0.3), ("1+", 0.3), ("2+", 0.4), ("3+", 0.6)])
def test_purple_hematoxylin_is_a_caution_at_every_score(
    case: str, turn: float, pixel_um: float, rendered: dict[tuple[str, float], SyntheticField]
) -> None:
    found = measured(turned(rendered[case, pixel_um], turn), pixel_um)
    assert found is not None
    assert warns(found)
    assert found.dab_share < turn + 0.1


def test_the_measure_grows_with_the_turn(rendered: dict[tuple[str, float], SyntheticField]) -> None:
    shares = [measured(turned(rendered["0", 0.424], turn), 0.424) for turn in (-0.2, 0.0, 0.2, 0.4, 0.6)]
    values = [found.dab_share for found in shares if found is not None]
    assert len(values) == len(shares)
    assert values[1:] == sorted(values[1:])
    assert not warns(shares[0])  # bluer than the profile: nothing reads as DAB
    assert values[4] == pytest.approx(0.6, abs=0.15)


@pytest.mark.parametrize("dab_od", [0.05, 0.1, 0.2, 0.3, 0.6])
@pytest.mark.parametrize("case", ["0", "3+"])
def test_a_field_that_is_brown_all_over_is_no_caution(
    case: str, dab_od: float, rendered: dict[tuple[str, float], SyntheticField]
) -> None:
    assert not warns(measured(browned(rendered[case, 0.424], dab_od), 0.424))


@pytest.mark.parametrize("share", [0.5, 0.85, 0.95, 1.0])
def test_brown_nuclei_are_no_caution(share: float, rendered: dict[tuple[str, float], SyntheticField]) -> None:
    assert not warns(measured(brown_nuclei(rendered["0", 0.424], share), 0.424))


@pytest.mark.parametrize("factors", [(1.05, 1.0, 0.95), (0.95, 1.0, 1.05), (0.95, 0.95, 1.0)])
def test_a_white_that_is_off_is_no_caution(
    factors: tuple[float, float, float], rendered: dict[tuple[str, float], SyntheticField]
) -> None:
    field = rendered["0", 0.424]
    red, green, blue = (min(255.0, level * factor) for level, factor in zip(field.glass_rgb, factors, strict=True))
    assert not warns(measured(field.rgb, 0.424, (red, green, blue)))
    assert warns(measured(turned(field, 0.5), 0.424, (red, green, blue)))


def test_a_field_without_nuclei_measures_nothing() -> None:
    glass = np.full((600, 600, 3), 240, dtype=np.uint8)
    noise = np.random.default_rng(0).normal(0, 2, glass.shape)
    for empty in (glass, np.clip(glass + noise, 0, 255).astype(np.uint8), np.zeros_like(glass)):
        assert measured(empty, 0.424, (240.0, 240.0, 240.0)) is None


def test_a_field_too_large_to_show_nuclei_is_measured_in_its_middle(
    rendered: dict[tuple[str, float], SyntheticField],
) -> None:
    tile = turned(rendered["0", 0.424], 0.45)
    large = np.tile(tile, (7, 6, 1))[:4096]
    white = estimate_white(tile)
    small = coarse(large, 0.424, white)
    assert small.pixel_um > 2.6
    assert fine_enough(small, large, 0.424, white).pixel_um < 2.0
    assert warns(measured(large, 0.424))


def test_a_profile_made_from_the_field_cures_it(rendered: dict[tuple[str, float], SyntheticField]) -> None:
    rgb = turned(rendered["2+", 0.424], 0.45)
    assert warns(measured(rgb, 0.424))
    made = estimate_from_images([rgb], [estimate_white(rgb)])
    own = replace(SHIPPED, hematoxylin=made.hematoxylin, dab=made.dab)
    assert not warns(measured(rgb, 0.424, profile=own))


def test_the_caution_says_what_was_seen_and_what_to_do() -> None:
    finding = check_hematoxylin(Hematoxylin(0.41, 0.4), "default")
    assert finding is not None
    assert finding.status is Status.CAUTION
    assert finding.reason == (
        "the hematoxylin of this field is purpler than that of stain profile default: about 40% of it reads as DAB, "
        "and unstained cells may look stained although more is taken off here; make a profile for this laboratory "
        "(her2scope stain estimate, or Tools, Pick stain vectors)"
    )
    assert "40%" not in finding.of_case


@pytest.mark.parametrize("found", [None, Hematoxylin(0.14, 1.0), Hematoxylin(0.5, 0.09), Hematoxylin(-0.3, 0.5)])
def test_little_or_pale_purple_is_no_caution(found: Hematoxylin | None) -> None:
    assert not warns(found)
