"""The two stain vectors of an assay, and those that were measured under one objective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import ConfigError
from her2scope.base.frame import Lens

Absorbance = tuple[float, float, float]
"""Of R, G, B; any positive length, normalised where used."""

_MIN_ANGLE_DEG = 10.0


@dataclass(frozen=True)
class StainVectors:
    """Absorbance of both stains.

    Raises
    ------
    ConfigError
        When a vector is no absorbance, both are nearly the same, or they are exchanged.
    """

    hematoxylin: Absorbance
    dab: Absorbance

    def __post_init__(self) -> None:
        """Refuse vectors that cannot be meant."""
        check_vectors("Stain vectors", self.hematoxylin, self.dab)


@dataclass(frozen=True)
class LensVectors:
    """Stain vectors for fields that were taken through one objective."""

    lens: Lens
    vectors: StainVectors


def check_vectors(what: str, hematoxylin: Absorbance, dab: Absorbance) -> None:
    """Raise ConfigError unless both are finite absorbances, apart from each other and not exchanged."""
    for key, vector in (("hematoxylin", hematoxylin), ("dab", dab)):
        values = np.asarray(vector, dtype=np.float64)
        if values.shape != (3,) or not np.isfinite(values).all() or values.min() < 0 or values.max() <= 0:
            raise ConfigError(f"{what}: {key} must be three absorbances, 0 or more, not all 0.")
    if hematoxylin[0] * dab[2] < hematoxylin[2] * dab[0]:
        raise ConfigError(
            f"{what}: hematoxylin and dab seem exchanged (hematoxylin is the one that absorbs more red "
            "for its blue); exchange them."
        )
    if float(unit(hematoxylin) @ unit(dab)) > np.cos(np.deg2rad(_MIN_ANGLE_DEG)):
        raise ConfigError(
            f"{what}: the hematoxylin and dab vectors are nearly the same and cannot be told apart; "
            "estimate them again."
        )


def unit(vector: Absorbance) -> NDArray[np.float64]:
    """(3,) float64, the same direction at length 1."""
    array = np.asarray(vector, dtype=np.float64)
    return np.asarray(array / np.linalg.norm(array))
