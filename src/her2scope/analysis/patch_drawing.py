"""The grid of patch scores, as a picture that lies over the field."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.guideline import SCORES
from her2scope.analysis.patches import NOT_VALID, PatchReading

Rgba = tuple[int, int, int, int]

PATCH_COLOURS: tuple[Rgba, ...] = ((240, 228, 66, 255), (86, 180, 233, 255), (0, 114, 178, 255), (213, 94, 0, 255))
"""Okabe & Ito's yellow, sky blue, blue and vermilion for 0, 1+, 2+ and 3+; the written score is the second cue."""

_NOT_VALID_COLOUR: Rgba = (160, 160, 160, 255)
_BLACK: Rgba = (0, 0, 0, 255)
_WHITE: Rgba = (255, 255, 255, 255)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_HEIGHT_PX = 22  # of its capitals at scale 1


def draw_patches(reading: PatchReading) -> NDArray[np.uint8]:
    """Draw the grid: each patch framed in the colour of its score, which is written in its corner.

    Patches that are not valid have a thin grey frame and no score. Nothing covers the tissue inside, so that its own
    colour can be judged.

    Returns
    -------
    ndarray
        (H, W, 4) uint8 RGBA of the field's size, transparent but for frames and scores.
    """
    height, width = int(reading.y_edges[-1]), int(reading.x_edges[-1])
    canvas = np.zeros((height, width, 4), np.uint8)
    for row, column in np.ndindex(reading.scores.shape):
        top, bottom = (int(y) for y in reading.y_edges[row : row + 2])
        left, right = (int(x) for x in reading.x_edges[column : column + 2])
        shape = (bottom - top, right - left)
        canvas[top:bottom, left:right] = _draw_patch(shape, int(reading.scores[row, column]))
    return canvas


def _draw_patch(shape: tuple[int, int], score: int) -> NDArray[np.uint8]:
    """One patch, (height, width, 4) uint8."""
    height, width = shape
    patch = np.zeros((height, width, 4), np.uint8)
    line = max(1, round(min(shape) / 60))
    if score == NOT_VALID:
        cv2.rectangle(patch, (0, 0), (width - 1, height - 1), _NOT_VALID_COLOUR, 1)
        return patch
    cv2.rectangle(patch, (line, line), (width - 1 - line, height - 1 - line), PATCH_COLOURS[score], 2 * line)
    _write(patch, SCORES[score], PATCH_COLOURS[score])
    return patch


def _write(patch: NDArray[np.uint8], text: str, colour: Rgba) -> None:
    """The text on a plate of `colour` in the patch's top-left corner, about a fifth of its height."""
    scale = max(0.3, min(patch.shape[:2]) / 6 / _FONT_HEIGHT_PX)
    thick = max(1, round(2 * scale))
    (wide, high), _ = cv2.getTextSize(text, _FONT, scale, thick)
    margin = max(2, high // 3)
    cv2.rectangle(patch, (0, 0), (wide + 2 * margin, high + 2 * margin), colour, cv2.FILLED)
    ink = _WHITE if text in SCORES[2:] else _BLACK  # the plates of 2+ and 3+ are the dark ones
    cv2.putText(patch, text, (margin, margin + high), _FONT, scale, ink, thick, cv2.LINE_AA)
