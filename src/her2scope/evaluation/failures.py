"""Pictures of what a detector got wrong: found, missed, and taken by mistake, by shape and colour."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.base.geometry import PointsPx
from her2scope.evaluation.detectors import Answer, Marked
from her2scope.evaluation.outcomes import TUMOUR
from her2scope.nets.points import Kind

FOUND, MISSED, FALSE = (0, 158, 115), (230, 159, 0), (204, 0, 204)
"""RGB of found (circle), missed (square) and false (cross); colours that most eyes tell apart."""
SIDE_PX = 512
"""Side of a crop: about 128 um."""
_SHOWN_UM = 0.25
_STEP_PX = 64
_GAP_PX = 8


def draw_failures(field: Marked, found: PointsPx, wanted: Sequence[Kind] = TUMOUR) -> NDArray[np.uint8]:
    """Draw what became of every nucleus to be found and of every false one.

    Parameters
    ----------
    field
        The field and its marks; false nuclei at marks that do not tell are not drawn.
    found
        (N, 2) float64, what the detector finds, in the field's pixels.
    wanted
        The kinds that it should find.

    Returns
    -------
    ndarray
        (H, W, 3) uint8 at about 0.25 um/px.
    """
    zoom = _zoom(field)
    canvas = np.asarray(cv2.resize(field.frame.rgb, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC), np.uint8)
    right, missed, false = _places(field, found, wanted)
    for place in right:
        cv2.circle(canvas, _at(place, zoom), 7, FOUND, 2, cv2.LINE_AA)
    for place in missed:
        x, y = _at(place, zoom)
        cv2.rectangle(canvas, (x - 9, y - 9), (x + 9, y + 9), MISSED, 3)
    for place in false:
        cv2.drawMarker(canvas, _at(place, zoom), FALSE, cv2.MARKER_TILTED_CROSS, 18, 3)
    return canvas


def worst_crops(
    fields: Sequence[Marked], found: Sequence[PointsPx], wanted: Sequence[Kind], count: int = 3
) -> NDArray[np.uint8]:
    """The fields with the most mistakes, each where they are thickest, side by side.

    Parameters
    ----------
    fields, found
        Fields and what was found in each.
    wanted
        The kinds that should be found.
    count
        How many crops at most.

    Returns
    -------
    ndarray
        (SIDE_PX, W, 3) uint8 at about 0.25 um/px.
    """
    crops: list[tuple[int, int, NDArray[np.uint8]]] = []
    for field, xy in zip(fields, found, strict=True):
        canvas = draw_failures(field, xy, wanted)
        _, missed, false = _places(field, xy, wanted)
        mistakes, (x, y) = _thickest(np.concatenate([missed, false]) * _zoom(field), canvas.shape)
        crops.append((mistakes, len(crops), _padded(canvas[y : y + SIDE_PX, x : x + SIDE_PX])))
    worst = sorted(crops, key=lambda crop: (-crop[0], crop[1]))[:count]
    gap = np.full((SIDE_PX, _GAP_PX, 3), 255, np.uint8)
    strips = [strip for _, _, crop in worst for strip in (gap, crop)]
    return np.concatenate(strips[1:], axis=1)


def _places(field: Marked, found: PointsPx, wanted: Sequence[Kind]) -> tuple[PointsPx, PointsPx, PointsPx]:
    """Marks that were found, marks that were missed, and what was found by mistake."""
    judged = Answer(found, field.points, field.frame.pixel_um).outcome(wanted)
    marks = field.points.xy_px
    right, missed = marks[judged.matched_marks], marks[judged.wanted & ~judged.matched_marks]
    return right, missed, found[judged.counted & ~judged.matched_found]


def _zoom(field: Marked) -> int:
    return max(1, round(field.frame.pixel_um / _SHOWN_UM))


def _thickest(places: PointsPx, shape: tuple[int, ...]) -> tuple[int, tuple[int, int]]:
    """How many places the fullest crop of a picture holds, and its top-left corner (x, y)."""
    corners = [
        (x, y)
        for y in range(0, max(1, shape[0] - SIDE_PX + 1), _STEP_PX)
        for x in range(0, max(1, shape[1] - SIDE_PX + 1), _STEP_PX)
    ]
    held = [int(((places >= corner) & (places < np.add(corner, SIDE_PX))).all(axis=1).sum()) for corner in corners]
    best = int(np.argmax(held))
    return held[best], corners[best]


def _padded(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """White around a crop that is too small."""
    missing = ((0, SIDE_PX - crop.shape[0]), (0, SIDE_PX - crop.shape[1]), (0, 0))
    return np.pad(crop, missing, constant_values=255)


def _at(place: NDArray[np.float64], zoom: int) -> tuple[int, int]:
    x, y = np.rint((place + 0.5) * zoom - 0.5).astype(int)
    return int(x), int(y)
