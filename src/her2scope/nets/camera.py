"""What light, lens, camera and file do to a field: the picture that an unknown microscope would take of it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.nets.restain import smooth_noise

Floats = NDArray[np.float32]


def photograph(rng: np.random.Generator, density: Floats) -> NDArray[np.uint8]:
    """Take a picture.

    Parameters
    ----------
    rng
        Source of every draw.
    density
        (S, S, 3) float32, optical density (base 10) of R, G, B.

    Returns
    -------
    ndarray
        (S, S, 3) uint8.
    """
    side = density.shape[0]
    light = np.power(np.float32(10), -_blurred(rng, density))
    glass = _glass(rng) * (1 + rng.uniform(0, 0.06) * smooth_noise(rng, side, side / 2))[..., None]
    picture = light * glass.astype(np.float32)
    return _through_file(rng, _noisy(rng, picture))


def rephotograph(rng: np.random.Generator, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Vary a real picture: light, gamma, white balance, blur, noise, file; its stains stay."""
    density = -np.log10((rgb.astype(np.float32) + 1) / 256)
    density *= rng.uniform(0.7, 1.35, 3).astype(np.float32) ** np.float32(0.5) * np.float32(rng.uniform(0.7, 1.4))
    return photograph(rng, density)


def _glass(rng: np.random.Generator) -> Floats:
    """Level of empty glass of R, G, B: most cameras near 240, some grey at 180, some tinted."""
    level = rng.uniform(175, 250) if rng.random() < 0.45 else rng.uniform(225, 255)
    tint = rng.normal(0, 0.035 if rng.random() < 0.35 else 0.012, 3)
    return np.asarray(np.clip(level * (1 + tint), 150, 262), dtype=np.float32)


def _blurred(rng: np.random.Generator, density: Floats) -> Floats:
    draw = rng.random()
    if draw < 0.3:
        return density
    if draw < 0.75:
        return np.asarray(cv2.GaussianBlur(density, (0, 0), float(rng.uniform(0.4, 1.5))), dtype=np.float32)
    return _coarser(rng, density)


def _coarser(rng: np.random.Generator, density: Floats) -> Floats:
    """As from a coarser pixel: made smaller, then larger again."""
    side = density.shape[0]
    small = round(side * float(rng.uniform(0.45, 0.95)))
    shrunk = cv2.resize(density, (small, small), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (side, side), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _noisy(rng: np.random.Generator, picture: Floats) -> NDArray[np.uint8]:
    gamma = np.float32(rng.uniform(0.8, 1.25))
    curved = 255 * np.power(np.clip(picture / 255, 0, 1.02), gamma)
    sigma = rng.exponential(2.5)
    noise = rng.standard_normal(picture.shape, dtype=np.float32) * np.float32(sigma)
    if rng.random() < 0.3:
        noise = cv2.GaussianBlur(noise, (0, 0), 0.8) * np.float32(1.6)
    contrast = np.float32(rng.uniform(0.8, 1.0))
    return np.clip(curved * contrast + 255 * (1 - contrast) * np.float32(rng.random()) + noise, 0, 255).astype(np.uint8)


def _through_file(rng: np.random.Generator, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    draw = rng.random()
    if draw < 0.35:
        quality = int(rng.integers(35, 95))
        _, data = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    if draw < 0.5:
        soft = cv2.GaussianBlur(rgb, (0, 0), 1.0)
        return np.asarray(cv2.addWeighted(rgb, 1.6, soft, -0.6, 0), np.uint8)  # sharpening of cameras and scanners
    return rgb
