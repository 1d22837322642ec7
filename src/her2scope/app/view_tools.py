"""What the mouse does in a view: the tools, and the outline that grows under one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from her2scope.base.geometry import PointsPx

_NEAR_VIEW_PX = 9.0
_FREEHAND_STEP_VIEW_PX = 4.0


class Tool(StrEnum):
    """What a press of the left button means."""

    PAN = "pan"
    SELECT = "select"
    INCLUDE = "include"
    EXCLUDE = "exclude"
    ADD_CELL = "add_cell"
    PICK = "pick"
    RULER = "ruler"

    @property
    def draws_outline(self) -> bool:
        """Whether the tool draws a closed outline."""
        return self in {Tool.INCLUDE, Tool.EXCLUDE, Tool.PICK}


@dataclass(frozen=True)
class Draft:
    """An outline in the making, in the field's pixels: corners by clicks, or freehand while the button is held.

    Parameters
    ----------
    points
        Corners so far, as (x, y).
    """

    points: tuple[tuple[float, float], ...] = ()

    def pressed(self, at: tuple[float, float]) -> Draft:
        """With another corner."""
        return Draft((*self.points, at))

    def dragged(self, at: tuple[float, float], scale: float) -> Draft:
        """With another freehand point, when it is far enough (in view pixels, `scale` a field pixel) from the last."""
        if self.points and _distance(self.points[-1], at) * scale < _FREEHAND_STEP_VIEW_PX:
            return self
        return Draft((*self.points, at))

    def closes(self, at: tuple[float, float], scale: float) -> bool:
        """Whether a click at this place closes the outline: on its first corner, with three or more."""
        return len(self.points) >= 3 and _distance(self.points[0], at) * scale < _NEAR_VIEW_PX

    def ring(self) -> PointsPx | None:
        """The closed outline, (N, 2) float64; None with fewer than three corners."""
        return np.array(self.points, dtype=np.float64) if len(self.points) >= 3 else None


def _distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]))


def nearest(points_px: PointsPx, at: tuple[float, float], reach_px: float) -> int | None:
    """Index of the point nearest to `at`, if within `reach_px`; all in the field's pixels."""
    if not len(points_px):
        return None
    distance = np.hypot(points_px[:, 0] - at[0], points_px[:, 1] - at[1])
    index = int(distance.argmin())
    return index if distance[index] <= reach_px else None


def within(points_px: PointsPx, corner: tuple[float, float], other: tuple[float, float]) -> tuple[int, ...]:
    """Indices of the points in the box between two corners; all in the field's pixels."""
    low, high = np.minimum(corner, other), np.maximum(corner, other)
    return tuple(np.flatnonzero(((points_px >= low) & (points_px <= high)).all(axis=1)).tolist())
