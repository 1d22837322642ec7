"""From RGB to stain: optical density, unmixing, stain profiles.

Optical density is OD = -log10(I / I0) throughout: base 10, I0 per channel from empty glass.
Unmixing follows Ruifrok & Johnston 2001 (Anal Quant Cytol Histol 23:291).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.stain_vectors import LensVectors, StainVectors, check_vectors, unit
from her2scope.analysis.unmixing import TABLE_BITS, unmix_full, unmix_half
from her2scope.base.errors import ConfigError
from her2scope.base.frame import Lens

OD_STEP = 0.01
"""One grey level of a stain image: stain images are uint8, in hundredths of OD (0 to 2.55, clipped)."""

LEAST_OD = 0.02
"""Below it a threshold lies in the noise of any camera."""

HEMATOXYLIN = (0.650, 0.704, 0.286)
DAB = (0.268, 0.570, 0.776)
"""Ruifrok & Johnston 2001, absorbance of R, G, B (not normalised)."""


@dataclass(frozen=True)
class ControlLimits:
    """What a positive control must reach for its assay to count (METHOD.md, positive control).

    Parameters
    ----------
    min_intense_complete
        Smallest share of intense complete cells, 0 to 1.
    min_membrane_od
        Smallest mean DAB OD (base 10) of the control's membranes.
    """

    min_intense_complete: float = 0.5
    min_membrane_od: float = 0.5


@dataclass(frozen=True)
class StainProfile:
    """A calibrated assay: antibody clone, camera and laboratory together.

    Parameters
    ----------
    name
        How reports call it.
    hematoxylin, dab
        Absorbance of R, G, B; any positive length, normalised where used.
    white
        RGB of empty glass (I0), 1 to 255; None: estimated from each field.
    t_weak, t_moderate, t_intense
        Thresholds on the enhanced DAB OD (base 10); t_moderate None: five classes.
    assay, objective
        Free text for the report.
    control
        Limits that its positive control must reach.
    lenses
        Vectors measured under single objectives, in their order and at most one for each: a field taken through one
        of them is read by these in place of the profile's own. `under` gives the profile for a field; no pixel can be
        unmixed before that.

    Raises
    ------
    ConfigError
        When a number is not finite, out of range or out of order; the sentence names the key.
    """

    name: str
    t_weak: float = 0.08
    t_intense: float = 0.60
    t_moderate: float | None = None
    hematoxylin: tuple[float, float, float] = HEMATOXYLIN
    dab: tuple[float, float, float] = DAB
    white: tuple[float, float, float] | None = None
    assay: str = ""
    objective: str = ""
    control: ControlLimits = field(default_factory=ControlLimits)
    lenses: tuple[LensVectors, ...] = ()

    def __post_init__(self) -> None:
        """Refuse thresholds, vectors and white that cannot be meant."""
        _check_thresholds(self)
        check_vectors(f"Stain {self.name}", self.hematoxylin, self.dab)
        lenses = [entry.lens for entry in self.lenses]
        if len(set(lenses)) < len(lenses):
            raise ConfigError(f"Stain {self.name}: an objective has vectors twice; keep one of them.")
        if self.white is not None and not all(1.0 <= w <= 255.0 for w in self.white):
            raise ConfigError(
                f"Stain {self.name}: white must be three numbers from 1 to 255; take it from empty glass."
            )

    @property
    def vectors(self) -> StainVectors:
        """Its own vectors, of every field whose objective has none."""
        return StainVectors(self.hematoxylin, self.dab)

    def vectors_under(self, lens: Lens | None) -> StainVectors | None:
        """The vectors measured under an objective; None where there are none."""
        return next((entry.vectors for entry in self.lenses if entry.lens == lens), None)

    def under(self, lens: Lens | None) -> StainProfile:
        """The profile that a field taken through `lens` is read by: plain, with the vectors that count for it."""
        if not self.lenses:
            return self
        vectors = self.vectors_under(lens) or self.vectors
        return replace(self, hematoxylin=vectors.hematoxylin, dab=vectors.dab, lenses=())

    def with_vectors(self, lens: Lens | None, vectors: StainVectors) -> StainProfile:
        """With other vectors under an objective; with other ones of its own where the objective is not known."""
        if lens is None:
            return replace(self, hematoxylin=vectors.hematoxylin, dab=vectors.dab)
        others = [entry for entry in self.lenses if entry.lens != lens]
        lenses = sorted((*others, LensVectors(lens, vectors)), key=lambda entry: entry.lens)
        return replace(self, lenses=tuple(lenses))


def check_plain(profile: StainProfile) -> None:
    """Raise ValueError for a profile whose vectors depend on the objective: whoever got so far forgot `under`.

    Its own vectors would give numbers that look right and are wrong; so it is a mistake in the program, said aloud.
    """
    if profile.lenses:
        raise ValueError(f"stain {profile.name}: its vectors depend on the objective, and none was named")


def _check_thresholds(profile: StainProfile) -> None:
    levels = [("t_weak", profile.t_weak), ("t_moderate", profile.t_moderate), ("t_intense", profile.t_intense)]
    given = [(key, value) for key, value in levels if value is not None]
    for key, value in given:
        if not LEAST_OD <= value < 2.5:  # NaN fails too
            raise ConfigError(
                f"Stain {profile.name}: {key} = {value:g} is not an OD from {LEAST_OD:g} to 2.5; set it again."
            )
    for (low_key, low), (high_key, high) in pairwise(given):
        if high - low < OD_STEP - 1e-9:
            raise ConfigError(
                f"Stain {profile.name}: {low_key} = {low:g} must be below {high_key} = {high:g}; "
                f"lower {low_key} or raise {high_key}."
            )


def optical_density(rgb: NDArray[np.uint8], white: tuple[float, float, float]) -> NDArray[np.float32]:
    """OD = -log10(I / I0), base 10, never negative; a black pixel counts as I = 1.

    Parameters
    ----------
    rgb
        (..., 3) uint8.
    white
        I0 of R, G, B.

    Returns
    -------
    ndarray
        (..., 3) float32.
    """
    tables = _od_tables(white)
    return np.stack([tables[c][rgb[..., c]] for c in range(3)], axis=-1)


def _od_tables(white: tuple[float, float, float]) -> NDArray[np.float32]:
    levels = np.maximum(np.arange(256), 1)
    tables = [np.maximum(0.0, -np.log10(levels / w)) for w in white]
    return np.asarray(tables, dtype=np.float32)


def unmixing_matrix(profile: StainProfile) -> NDArray[np.float64]:
    """(3, 3) matrix that takes OD (row vector R, G, B) to amounts of hematoxylin, DAB and the rest.

    The third vector is the cross product of the first two, as in Ruifrok & Johnston 2001.

    Raises
    ------
    ValueError
        For a profile whose vectors depend on the objective; see `check_plain`.
    """
    check_plain(profile)
    hematoxylin, dab = unit(profile.hematoxylin), unit(profile.dab)
    rest = np.cross(hematoxylin, dab)
    return np.asarray(np.linalg.inv(np.vstack([hematoxylin, dab, rest / np.linalg.norm(rest)])))


def unmix(rgb: NDArray[np.uint8], profile: StainProfile, white: tuple[float, float, float]) -> NDArray[np.float32]:
    """Stain amounts of every pixel, the plain way.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8.
    profile
        Stain vectors.
    white
        I0 of R, G, B.

    Returns
    -------
    ndarray
        (H, W, 3) float32 OD (base 10) of hematoxylin, DAB and the rest; may be negative.
    """
    return np.asarray(optical_density(rgb, white) @ unmixing_matrix(profile), dtype=np.float32)


@dataclass(frozen=True)
class StainImages:
    """Hematoxylin and DAB of a field, at a resolution of their own.

    Parameters
    ----------
    hematoxylin, dab
        (h, w) uint8, OD (base 10) in steps of OD_STEP, clipped to 0 .. 2.55.
    pixel_um
        Side of their pixels in um.
    scale
        Own pixels per pixel of the field: x_here = (x_field + 0.5) * scale - 0.5.
    """

    hematoxylin: NDArray[np.uint8]
    dab: NDArray[np.uint8]
    pixel_um: float
    scale: float


def stain_images(
    rgb: NDArray[np.uint8],
    profile: StainProfile,
    white: tuple[float, float, float],
    pixel_um: float,
    target_um: float,
) -> StainImages:
    """Unmix a field and bring it to about `target_um` um per pixel, averaging OD.

    Fields within 20% of the target keep their pixels; one of exactly twice the resolution is averaged 2 x 2.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8.
    profile, white
        Stain vectors and I0.
    pixel_um, target_um
        The field's pixel size and the wanted one, in um.
    """
    scale = resampling_scale(pixel_um, target_um)
    tables = unmix_tables(profile, white)
    if scale == 0.5:
        hematoxylin, dab = unmix_half(rgb, tables)
    else:
        hematoxylin, dab = unmix_full(rgb, tables)
        if scale != 1.0:
            hematoxylin, dab = resampled(hematoxylin, scale), resampled(dab, scale)
    return StainImages(hematoxylin, dab, pixel_um / scale, scale)


def resampling_scale(pixel_um: float, target_um: float) -> float:
    """Analysed pixels per pixel of the field; see `stain_images`."""
    ratio = pixel_um / target_um
    for exact in (1.0, 0.5):
        if abs(ratio / exact - 1.0) <= 0.2:
            return exact
    return ratio


def resampled(image: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """An (H, W) stain image with `scale` pixels per pixel of its own."""
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=method), dtype=np.uint8)


def unmix_tables(profile: StainProfile, white: tuple[float, float, float]) -> NDArray[np.int32]:
    """What a channel's grey level adds to hematoxylin and DAB, in whole 2^-TABLE_BITS of OD_STEP.

    Whole numbers add up to the same in any order, so every backend gives the same stain images. Stain vectors 10
    degrees apart give at most 1400 steps an entry: twelve of them fit.

    Returns
    -------
    ndarray
        (3, 256, 2) int32.
    """
    matrix = unmixing_matrix(profile)[:, :2] * (2**TABLE_BITS / OD_STEP)
    return np.asarray(np.rint(_od_tables(white)[:, :, None] * matrix[:, None, :]), dtype=np.int32)
