"""Pictures of what a detector got wrong: found, missed, and taken for tumour by mistake, by shape and colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.base.geometry import PointsPx
from her2scope.evaluation.detectors import Marked
from her2scope.nets.points import Kind
from her2scope.nets.validation import MATCH_UM, match

FOUND, MISSED, FALSE = (0, 158, 115), (230, 159, 0), (204, 0, 204)
"""RGB of found (circle), missed (square) and false (cross); colours that most eyes tell apart."""
_SHOWN_UM = 0.25


def draw_failures(field: Marked, found: PointsPx) -> NDArray[np.uint8]:
    """Draw what became of every tumour nucleus and of every false one.

    Parameters
    ----------
    field
        The field and its marks; false nuclei at marks that do not tell are not drawn.
    found
        (N, 2) float64, what the detector calls tumour, in the field's pixels.

    Returns
    -------
    ndarray
        (H, W, 3) uint8 at about 0.25 um/px.
    """
    zoom = max(1, round(field.frame.pixel_um / _SHOWN_UM))
    canvas = np.asarray(cv2.resize(field.frame.rgb, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC), np.uint8)
    radius = MATCH_UM / field.frame.pixel_um
    tumour = field.points.select(Kind.TUMOUR)
    pairs = match(found, tumour, radius)
    false = np.delete(found, pairs[:, 0], axis=0)
    unknown = match(false, field.points.select(Kind.ANY, Kind.IGNORE), radius)
    for place in tumour[pairs[:, 1]]:
        cv2.circle(canvas, _at(place, zoom), 7, FOUND, 2, cv2.LINE_AA)
    for place in np.delete(tumour, pairs[:, 1], axis=0):
        x, y = _at(place, zoom)
        cv2.rectangle(canvas, (x - 9, y - 9), (x + 9, y + 9), MISSED, 3)
    for place in np.delete(false, unknown[:, 0], axis=0):
        cv2.drawMarker(canvas, _at(place, zoom), FALSE, cv2.MARKER_TILTED_CROSS, 18, 3)
    return canvas


def _at(place: NDArray[np.float64], zoom: int) -> tuple[int, int]:
    x, y = np.rint((place + 0.5) * zoom - 0.5).astype(int)
    return int(x), int(y)
