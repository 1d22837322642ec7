"""Vectors by objective: which of them a field is read by, and that no pixel is unmixed before that is settled."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from her2scope.analysis.stain import DAB, HEMATOXYLIN, StainProfile, unmix, unmix_tables, unmixing_matrix
from her2scope.analysis.stain_vectors import LensVectors, StainVectors
from her2scope.base.errors import ConfigError
from her2scope.base.frame import Lens

PLAIN = StainProfile("lab")
L40, L20 = Lens("bench", "40x"), Lens("bench", "20x")
OTHER = StainVectors((0.60, 0.72, 0.35), (0.35, 0.56, 0.75))
THIRD = StainVectors((0.70, 0.66, 0.25), (0.20, 0.58, 0.79))
WHITE = (240.0, 240.0, 240.0)


@pytest.fixture
def dressed() -> StainProfile:
    return PLAIN.with_vectors(L40, OTHER)


def test_a_field_is_read_by_the_vectors_of_its_own_objective(dressed: StainProfile) -> None:
    assert dressed.under(L40).vectors == OTHER
    assert dressed.under(L20).vectors == StainVectors(HEMATOXYLIN, DAB)
    assert not np.allclose(unmixing_matrix(dressed.under(L40)), unmixing_matrix(dressed.under(L20)))


@pytest.mark.parametrize("lens", [None, Lens("another bench", "40x"), Lens("bench", "40X"), Lens("bench", "")])
def test_any_other_objective_is_read_by_the_profiles_own(dressed: StainProfile, lens: Lens | None) -> None:
    assert dressed.under(lens) == PLAIN


def test_only_the_vectors_depend_on_the_objective(dressed: StainProfile) -> None:
    under = replace(dressed, t_weak=0.2, white=WHITE, assay="4B5").under(L40)
    assert under == replace(PLAIN, t_weak=0.2, white=WHITE, assay="4B5", hematoxylin=OTHER.hematoxylin, dab=OTHER.dab)
    assert under.under(L20) is under


def test_no_pixel_is_unmixed_before_the_objective_is_named(dressed: StainProfile) -> None:
    rgb = np.full((4, 4, 3), 200, np.uint8)
    for work in (unmixing_matrix, lambda p: unmix_tables(p, WHITE), lambda p: unmix(rgb, p, WHITE)):
        with pytest.raises(ValueError, match="depend on the objective"):
            work(dressed)
        work(dressed.under(None))


def test_vectors_are_replaced_in_an_order_of_their_own(dressed: StainProfile) -> None:
    both = dressed.with_vectors(L20, THIRD)
    assert both == PLAIN.with_vectors(L20, THIRD).with_vectors(L40, OTHER)
    assert both.with_vectors(L40, THIRD).under(L40).vectors == THIRD
    assert both.with_vectors(L40, THIRD).under(L20).vectors == THIRD
    own = both.with_vectors(None, THIRD)
    assert (own.vectors, own.lenses) == (THIRD, both.lenses)


def test_an_objective_has_vectors_once() -> None:
    with pytest.raises(ConfigError, match="twice"):
        replace(PLAIN, lenses=(LensVectors(L40, OTHER), LensVectors(L40, THIRD)))


@pytest.mark.parametrize(
    ("hematoxylin", "dab", "words"),
    [
        (DAB, HEMATOXYLIN, "exchanged"),
        (HEMATOXYLIN, (0.64, 0.71, 0.29), "nearly the same"),
        ((float("nan"), 0.7, 0.3), DAB, "hematoxylin must be three absorbances"),
        (HEMATOXYLIN, (float("inf"), 0.5, 0.7), "dab must be three absorbances"),
        (HEMATOXYLIN, (-0.1, 0.5, 0.7), "dab must be three absorbances"),
        ((0.0, 0.0, 0.0), DAB, "not all 0"),
    ],
)
def test_vectors_that_cannot_be_meant_are_refused(
    hematoxylin: tuple[float, float, float], dab: tuple[float, float, float], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        StainVectors(hematoxylin, dab)


def test_a_profile_with_vectors_by_objective_survives_json(dressed: StainProfile) -> None:
    data = msgspec.json.encode(dressed)
    assert msgspec.json.decode(data, type=StainProfile) == dressed
    old = msgspec.json.decode(b'{"name": "lab", "t_weak": 0.08}', type=StainProfile)
    assert old == PLAIN
