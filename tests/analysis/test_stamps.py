"""Stamps are laid one over another, as plain arithmetic has it, and cut off at the picture's edge."""

from __future__ import annotations

import numpy as np

from her2scope.analysis.stamps import stamp


def channels(pixels: np.ndarray) -> np.ndarray:
    """(..., 4) float, alpha first."""
    return np.stack([pixels >> shift & 0xFF for shift in (24, 16, 8, 0)], axis=-1).astype(np.float64)


def test_stamps_blend_in_order_and_are_cut_off() -> None:
    rng = np.random.default_rng(3)
    alpha = rng.choice([0, 60, 128, 255], (12, 8))
    colours = rng.integers(0, 256, (12, 8, 3)) * alpha[..., None] // 255
    sheet = np.zeros((12, 8), np.uint32)
    for shift, channel in zip((24, 16, 8, 0), (alpha, *np.moveaxis(colours, 2, 0)), strict=True):
        sheet |= channel.astype(np.uint32) << np.uint32(shift)
    canvas = np.full((20, 30), 0xFF204060, np.uint32)
    at = np.array([[5, 6], [7, 7], [-2, -3], [28, 18], [40, 5]], np.int32)
    which = np.array([[0, 0], [1, 2], [1, 1], [0, 2], [0, 0]], np.uint8)
    expected = channels(canvas)
    for (x, y), (column, row) in zip(at.tolist(), which.tolist(), strict=True):
        ink = channels(sheet[4 * row : 4 * row + 4, 4 * column : 4 * column + 4])
        for v, u in np.ndindex(4, 4):
            if 0 <= y + v < 20 and 0 <= x + u < 30:
                expected[y + v, x + u] = ink[v, u] + expected[y + v, x + u] * (1 - ink[v, u, 0] / 255)
    stamp(canvas, sheet, 4, at, which)
    assert np.abs(channels(canvas) - expected).max() <= 1.5
    assert canvas[15, 15] == 0xFF204060
