"""Cell classes and their evidence (paper 001, 3.3; METHOD.md, cell classes)."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import CellClass
from her2scope.analysis.enhancement import disk
from her2scope.analysis.membrane import MembraneParameters, Membranes, StainLevel
from her2scope.analysis.stain import OD_STEP
from her2scope.base.geometry import PointsPx, Um, to_px

_RAYS = 32
_RAY_START_UM = 1.5
_RAY_LENGTH_UM = 10.0
_LINE_MAX_UM = 4.0
_OUTLINE = np.array([(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)], dtype=np.intp)


def classify(nuclei_px: PointsPx, scale: float, membranes: Membranes, parameters: MembraneParameters) -> Cells:
    """Class and evidence of every nucleus.

    Parameters
    ----------
    nuclei_px
        (N, 2) float64 nuclei in the field's own pixels, all inside the field.
    scale
        Analysed pixels per pixel of the field.
    membranes
        The field's membranes, at the analysed resolution.
    parameters
        See MembraneParameters.

    Returns
    -------
    Cells
        In the order of `nuclei_px`; completeness is 1 inside a complete face, else the share of 32 rays from the
        nucleus that meet stain within 10 um; OD and width are means over the rays that do.
    """
    height, width = membranes.images.line.shape
    at = (nuclei_px + 0.5) * scale - 0.5
    x = np.clip(np.rint(at[:, 0]).astype(np.intp), 0, width - 1)
    y = np.clip(np.rint(at[:, 1]).astype(np.intp), 0, height - 1)
    enclosed = is_enclosed(membranes.weak, y, x)
    completeness, od, line_um = _evidence(membranes, at)
    return Cells(
        xy_px=nuclei_px,
        classes=_classes(membranes, y, x, enclosed, parameters),
        completeness=np.where(enclosed, np.float32(1), completeness),
        membrane_od=od,
        membrane_width_um=line_um,
        counted=~_is_cut(membranes, at, y, x, parameters),
    )


def _classes(
    membranes: Membranes,
    y: NDArray[np.intp],
    x: NDArray[np.intp],
    enclosed: NDArray[np.bool_],
    parameters: MembraneParameters,
) -> NDArray[np.uint8]:
    """The five classes in the paper's order; moderate only splits weak, so that it never changes a score."""
    spans = _disk_spans(to_px(Um(parameters.reach_um), membranes.images.pixel_um))

    def near(level: StainLevel) -> NDArray[np.bool_]:
        return np.asarray(_is_near(level.mask, membranes.images.line.shape[1], spans, y, x))

    classes = np.full(len(y), CellClass.UNSTAINED, dtype=np.uint8)
    classes[near(membranes.weak)] = CellClass.WEAK_INCOMPLETE
    if membranes.moderate is not None:
        classes[near(membranes.moderate)] = CellClass.MODERATE_INCOMPLETE
    classes[enclosed] = CellClass.WEAK_COMPLETE
    if membranes.moderate is not None:
        classes[enclosed & is_enclosed(membranes.moderate, y, x)] = CellClass.MODERATE_COMPLETE
    classes[near(membranes.intense)] = CellClass.INTENSE_INCOMPLETE
    classes[is_enclosed(membranes.intense, y, x)] = CellClass.INTENSE_COMPLETE
    return classes


def is_enclosed(level: StainLevel, y: NDArray[np.intp], x: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether pixels lie in P_enclosed: a complete face, or the outline of one (its 8 neighbours in C).

    Parameters
    ----------
    level
        Stain level.
    y, x
        (N,) analysed pixels.
    """
    return _touches(level, level.complete, y, x)


def _touches(
    level: StainLevel, wanted: NDArray[np.bool_], y: NDArray[np.intp], x: NDArray[np.intp]
) -> NDArray[np.bool_]:
    label = level.faces.label_at(y, x)
    wanted = np.append(wanted, False)  # label -1, no face
    inside = wanted[label]
    for k in np.flatnonzero(label < 0):
        around = level.faces.label_at(y[k] + _OUTLINE[:, 0], x[k] + _OUTLINE[:, 1])
        inside[k] = wanted[around].any()
    return np.asarray(inside, dtype=np.bool_)


def _is_cut(
    membranes: Membranes, at: PointsPx, y: NDArray[np.intp], x: NDArray[np.intp], parameters: MembraneParameters
) -> NDArray[np.bool_]:
    """Nuclei closer to the border than d, or in a cell-sized face that touches it."""
    height, width = membranes.images.line.shape
    reach = to_px(Um(parameters.reach_um), membranes.images.pixel_um)
    to_border = np.minimum(np.minimum(at[:, 0], width - 1 - at[:, 0]), np.minimum(at[:, 1], height - 1 - at[:, 1]))
    cut = _touches(membranes.weak, membranes.weak.cut, y, x)
    return np.asarray((to_border + 0.5 < reach) | cut, dtype=np.bool_)


def _disk_spans(radius_px: float) -> NDArray[np.int32]:
    """(2r + 1,) half width of each row of the disk that dilates a mask by d."""
    return np.asarray((disk(radius_px).sum(axis=1) - 1) // 2, dtype=np.int32)


@numba.njit(cache=True, nogil=True)
def _is_near(mask, width, spans, y, x):  # type: ignore[no-untyped-def]  # numba
    """Whether the disk around each pixel holds a set bit: membership in the dilated mask E."""
    r = spans.shape[0] // 2
    near = np.zeros(y.shape[0], np.bool_)
    ones = ~np.uint64(0)
    for k in range(y.shape[0]):
        for dy in range(-r, r + 1):
            yy = y[k] + dy
            if near[k] or yy < 0 or yy >= mask.shape[0]:
                continue
            first = max(0, x[k] - spans[dy + r])
            last = min(width - 1, x[k] + spans[dy + r])
            for j in range(first >> 6, (last >> 6) + 1):
                word = mask[yy, j]
                if j == first >> 6:
                    word &= ones << np.uint64(first & 63)
                if j == last >> 6:
                    word &= ones >> np.uint64(63 - (last & 63))
                if word != 0:
                    near[k] = True
    return near


def _evidence(
    membranes: Membranes, at: PointsPx
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Completeness, membrane OD and membrane width in um along rays; the last two NaN where no ray meets stain."""
    per_um = 1.0 / membranes.images.pixel_um
    reach = np.array([_RAY_START_UM, _RAY_LENGTH_UM, _LINE_MAX_UM]) * per_um
    share, level, line_px = _cast_rays(membranes.images.dab, membranes.weak.mask, at, reach, _RAYS)
    return share, level * np.float32(OD_STEP), line_px * np.float32(membranes.images.pixel_um)


@numba.njit(cache=True, nogil=True)
def _cast_rays(dab, mask, at, reach, rays):  # type: ignore[no-untyped-def]  # numba
    """Per nucleus: share of rays that meet the mask, mean peak level there, mean equivalent width in pixels."""
    n = at.shape[0]
    share = np.zeros(n, np.float32)
    level = np.full(n, np.nan, np.float32)
    line = np.full(n, np.nan, np.float32)
    for k in range(n):
        hits, peaks, widths = 0, 0.0, 0.0
        for ray in range(rays):
            angle = 2.0 * np.pi * ray / rays
            peak, width = _cross(dab, mask, at[k], (np.cos(angle), np.sin(angle)), reach)
            if peak > 0:
                hits += 1
                peaks += peak
                widths += width
        share[k] = hits / rays
        if hits > 0:
            level[k], line[k] = peaks / hits, widths / hits
    return share, level, line


@numba.njit(cache=True, nogil=True)
def _cross(dab, mask, origin, direction, reach):  # type: ignore[no-untyped-def]  # numba
    """Peak level and equivalent width in pixels of the first line that a ray crosses; (0, 0) when it meets none.

    The equivalent width is the summed level over the peak level, which is finer than a pixel. `reach`: where the
    ray starts, how far it looks for a line, and how far it follows one.
    """
    height, width = dab.shape
    step = 0.5
    r, end = reach[0], reach[1]
    peak, total = 0.0, 0.0
    while r <= end:
        x = int(round(origin[0] + r * direction[0]))
        y = int(round(origin[1] + r * direction[1]))
        if not (0 <= x < width and 0 <= y < height):
            break
        if (mask[y, x >> 6] >> np.uint64(x & 63)) & np.uint64(1) != 0:
            if peak == 0:
                end = r + reach[2]
            peak = max(peak, float(dab[y, x]))
            total += dab[y, x] * step
        elif peak > 0:
            break
        r += step
    return (peak, total / peak) if peak > 0 else (0.0, 0.0)
