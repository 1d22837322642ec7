"""The microscope and its camera: from optical density to an 8-bit colour image."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import InputError
from her2scope.synth.grid import Floats

HEMATOXYLIN = (0.650, 0.704, 0.286)
DAB = (0.268, 0.570, 0.776)
"""Ruifrok & Johnston 2001, red, green, blue."""

White = tuple[float, float, float]


@dataclass(frozen=True)
class Optics:
    """What stands between the tissue and its image.

    Parameters
    ----------
    blur_um
        Standard deviation of the point spread in um; never below 0.4 pixels.
    defocus_um
        Further blur where the field lies worst out of focus; it drifts over the field.
    unevenness
        Share of light that the field's darkest corner lacks.
    electrons
        Electrons that white gives a pixel, for shot noise; 0: no noise.
    read_noise_dn
        Standard deviation of the camera's own noise in grey values.
    white_spread
        Standard deviation of the white balance, as a share; exposure varies by ten times as much, downwards. 0: white
        is (245, 245, 245).
    stain_spread
        Standard deviation of the stain vectors' components.
    jpeg_quality
        1 to 100; 0: not compressed.
    """

    blur_um: float = 0.2
    defocus_um: float = 0.0
    unevenness: float = 0.0
    electrons: float = 0.0
    read_noise_dn: float = 0.0
    white_spread: float = 0.0
    stain_spread: float = 0.0
    jpeg_quality: int = 0

    def __post_init__(self) -> None:
        """Refuse what no optics can be."""
        values = (self.blur_um, self.defocus_um, self.electrons, self.read_noise_dn, self.stain_spread)
        if not all(np.isfinite(v) and v >= 0 for v in values):
            raise InputError("Optics must be finite and not negative; correct the blur, noise or stain variation.")
        if not (0 <= self.unevenness < 1 and 0 <= self.white_spread <= 0.05):
            raise InputError("Optics need an unevenness of 0 to 1 and a white variation of 0 to 0.05.")
        if self.jpeg_quality not in range(101):
            raise InputError("The JPEG quality must be a whole number of 1 to 100, or 0 for no compression.")


SHARP = Optics(blur_um=0.12)
REALISTIC = Optics(
    blur_um=0.2,
    defocus_um=0.28,
    unevenness=0.06,
    electrons=9000,
    read_noise_dn=0.8,
    white_spread=0.012,
    stain_spread=0.022,
    jpeg_quality=92,
)


def draw_vectors(rng: np.random.Generator, optics: Optics) -> Floats:
    """(2, 3) float32 unit vectors of hematoxylin and DAB in optical density."""
    vectors = np.array([HEMATOXYLIN, DAB]) + rng.normal(0, 1, (2, 3)) * optics.stain_spread
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def transmit(blue: Floats, brown: Floats, vectors: Floats) -> Floats:
    """(rows, columns, 3) float32 share of light that passes, by Beer and Lambert, from densities to base 10."""
    density = cv2.transform(np.dstack([blue, brown]), (-np.log(10) * vectors.T).astype(np.float32))
    return np.asarray(cv2.exp(density), dtype=np.float32)


def photograph(
    rng: np.random.Generator, light: Floats, pixel_um: float, optics: Optics
) -> tuple[NDArray[np.uint8], White]:
    """The image that the camera gives of transmitted light, and its grey values on empty glass.

    Parameters
    ----------
    rng
        Source of randomness.
    light
        (H, W, 3) float32 share of light that passes; changed in place.
    pixel_um
        Side of a pixel in um.
    optics
        See Optics.

    Returns
    -------
    rgb
        (H, W, 3) uint8.
    glass_rgb
        Grey values of empty glass where light is brightest.
    """
    white = _draw_white(rng, optics)
    light = _blurred(rng, light, pixel_um, optics)
    light *= np.asarray(white, np.float32)
    if optics.unevenness:
        light *= _lamp(rng, light.shape[:2], optics.unevenness)[..., None]
    _add_noise(rng, light, optics)
    return _compressed(np.clip(np.rint(light), 0, 255).astype(np.uint8), optics.jpeg_quality), white


def _draw_white(rng: np.random.Generator, optics: Optics) -> White:
    exposure = 1 - 10 * optics.white_spread * rng.random()
    r, g, b = np.minimum(245 * exposure * (1 + rng.normal(0, 1, 3) * optics.white_spread), 252)
    return float(r), float(g), float(b)


def _blurred(rng: np.random.Generator, light: Floats, pixel_um: float, optics: Optics) -> Floats:
    sigma = max(optics.blur_um / pixel_um, 0.4)
    sharp = np.asarray(cv2.GaussianBlur(light, (0, 0), sigma), dtype=np.float32)
    if not optics.defocus_um:
        return sharp
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), max(optics.defocus_um / pixel_um, 0.1)), dtype=np.float32)
    share = _drift(rng, light.shape[:2])[..., None]
    soft -= sharp
    soft *= share
    sharp += soft
    return sharp


def _drift(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Smooth map of 0 to 1, a few bumps over the image."""
    lattice = cv2.GaussianBlur(rng.standard_normal((8, 8)).astype(np.float32), (0, 0), 1.0)
    lattice = np.clip(0.5 + lattice / (4 * lattice.std()), 0, 1)
    return np.asarray(cv2.resize(lattice, shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _lamp(rng: np.random.Generator, shape: tuple[int, int], unevenness: float) -> Floats:
    """Share of light over the field: brightest near the middle, falling towards the borders."""
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None] - np.float32(rng.uniform(-0.3, 0.3))
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :] - np.float32(rng.uniform(-0.3, 0.3))
    away = x * x + y * y
    return np.asarray(1 - np.float32(unevenness) * (away / away.max()), dtype=np.float32)


def _add_noise(rng: np.random.Generator, light: Floats, optics: Optics) -> None:
    """Shot and read noise, in place, row by row so that memory stays small."""
    if not (optics.electrons or optics.read_noise_dn):
        return
    gain = 245 / optics.electrons if optics.electrons else 0.0
    for row in light:
        sigma = np.sqrt(np.float32(gain) * row + np.float32(optics.read_noise_dn**2))
        np.add(row, sigma * rng.standard_normal(row.shape, np.float32), out=row)


def _compressed(rgb: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    if not quality:
        return rgb
    _, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)[..., ::-1])
