"""Regions drawn, moved and removed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Slot

from her2scope.analysis.roi import Polygon, Roi, in_polygon
from her2scope.app.view_layers import Outline
from her2scope.app.view_tools import Tool
from her2scope.app.workbench import Workbench
from her2scope.base.geometry import PointsPx


class Regions(QObject):
    """Binds the outline tools to the regions of the field in view.

    Parameters
    ----------
    desk
        Whose view and case.

    Attributes
    ----------
    chosen
        Place of the chosen region, inclusions first; None where none is.
    """

    def __init__(self, desk: Workbench) -> None:
        super().__init__(desk)
        self._desk = desk
        self.chosen: int | None = None
        self._dragged: tuple[int, PointsPx] | None = None
        view = desk.window.view
        view.outlined.connect(self._outline)
        view.corner_moved.connect(self._move_corner)
        view.corner_dropped.connect(self._drop_corner)

    def remove_chosen(self) -> bool:
        """Remove the chosen region; False where none is chosen."""
        field = self._desk.shown
        if field is None or self.chosen is None:
            return False
        gone, self.chosen = self.chosen, None
        self._set_roi(without_region(field.taken.roi, gone))
        return True

    @Slot(object, str)
    def _outline(self, ring: PointsPx, tool: str) -> None:
        field = self._desk.shown
        if tool not in {Tool.INCLUDE, Tool.EXCLUDE}:
            return  # drawn to pick stains
        if field is None:
            self._desk.hint("Regions are drawn on a result: stop at a field and press the pedal first.")
            return
        height, width = field.result.shape
        roi, polygon = field.taken.roi, Polygon(np.clip(ring, -0.5, (width - 0.5, height - 0.5)))
        if tool == Tool.INCLUDE:
            self._set_roi(replace(roi, include=(*roi.include, polygon)))
        else:
            self._set_roi(replace(roi, exclude=(*roi.exclude, polygon)))

    def _set_roi(self, roi: Roi) -> None:
        def deed() -> None:
            field_id = self._desk.ensure_kept()
            if field_id is not None:
                self._desk.session.fields.set_roi(field_id, roi)

        self._desk.act(deed)

    @Slot(int, int, float, float)
    def _move_corner(self, region: int, corner: int, x: float, y: float) -> None:
        field = self._desk.shown
        if field is None:
            return
        if self._dragged is None or self._dragged[0] != region:
            self._dragged = region, rings(field.taken.roi)[region].copy()
        self._dragged[1][corner] = (x, y)
        moved = with_ring(field.taken.roi, *self._dragged)
        self._desk.window.view.show_outlines(outlines(moved, self.chosen))

    @Slot()
    def _drop_corner(self) -> None:
        field, dragged, self._dragged = self._desk.shown, self._dragged, None
        if field is not None and dragged is not None:
            self._set_roi(with_ring(field.taken.roi, *dragged))


def rings(roi: Roi) -> tuple[PointsPx, ...]:
    """The rings of all regions, inclusions first."""
    return tuple(polygon.ring for polygon in (*roi.include, *roi.exclude))


def outlines(roi: Roi, chosen: int | None) -> tuple[Outline, ...]:
    """The regions as they are drawn, inclusions first; `chosen` is the place of the chosen one."""
    included = len(roi.include)
    return tuple(Outline(ring, k >= included, k == chosen) for k, ring in enumerate(rings(roi)))


def region_at(roi: Roi, at: tuple[float, float]) -> int | None:
    """The topmost region that holds a point; None where there is none."""
    point = np.array([at], dtype=np.float64)
    polygons = (*roi.include, *roi.exclude)
    held = [k for k, polygon in enumerate(polygons) if in_polygon(point, polygon)[0]]
    return held[-1] if held else None


def region_edge_at(roi: Roi, at: tuple[float, float], reach_px: float) -> int | None:
    """The topmost region whose outline passes within `reach_px` of a point; None where there is none."""
    near = [k for k, ring in enumerate(rings(roi)) if _distance_to_ring(ring, at) <= reach_px]
    return near[-1] if near else None


def _distance_to_ring(ring: PointsPx, at: tuple[float, float]) -> float:
    start, along = ring, np.roll(ring, -1, axis=0) - ring
    to_point, length = np.asarray(at) - start, np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip((to_point * along).sum(axis=1) / length, 0, 1)
    return float(np.hypot(*(to_point - share[:, None] * along).T).min())


def without_region(roi: Roi, region: int) -> Roi:
    """The regions without one."""
    included = len(roi.include)
    return Roi(
        tuple(polygon for k, polygon in enumerate(roi.include) if k != region),
        tuple(polygon for k, polygon in enumerate(roi.exclude) if k + included != region),
    )


def with_ring(roi: Roi, region: int, ring: PointsPx) -> Roi:
    """The regions with another ring for one of them; its holes stay."""
    polygons = [*roi.include, *roi.exclude]
    polygons[region] = replace(polygons[region], ring=ring)
    included = len(roi.include)
    return Roi(tuple(polygons[:included]), tuple(polygons[included:]))
