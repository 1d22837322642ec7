"""What the pathologist corrects in a field's cells: by place, so that a change of threshold leaves it standing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import CellClass
from her2scope.base.geometry import PointsPx, Um, to_px

SAME_CELL_UM = Um(5.0)
"""A correction holds for the nearest cell within this distance (METHOD.md: a match counts within 5 um)."""


class Kind(StrEnum):
    """What was done to a cell."""

    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Correction:
    """One cell, corrected by hand.

    Parameters
    ----------
    x_px, y_px
        The cell's place in the field's own pixels.
    kind
        What was done.
    cell_class
        Its class from now on; of a removed cell, the class it had.
    """

    x_px: float
    y_px: float
    kind: Kind
    cell_class: CellClass


@dataclass(frozen=True)
class CorrectedCells:
    """A field's cells after the corrections.

    Parameters
    ----------
    cells
        Without the removed, with the added; an added cell's evidence is NaN: not measured.
    source
        (N,) intp, the cell's row in the machine's cells; -1 for a cell that the machine has not.
    by
        (N,) intp, the correction that set the class, by its place in the list; -1 for the machine.
    """

    cells: Cells
    source: NDArray[np.intp]
    by: NDArray[np.intp]

    @property
    def corrected(self) -> NDArray[np.bool_]:
        """(N,) bool, whether a hand set the class."""
        return self.by >= 0


def merge(old: Sequence[Correction], new: Iterable[Correction]) -> tuple[Correction, ...]:
    """Put new corrections to the old ones; at one place the newest holds.

    An added cell that changes class stays added; an added cell that is removed is gone without a trace.

    Parameters
    ----------
    old
        In force.
    new
        Placed exactly where the cell, or its older correction, lies.
    """
    at = {(c.x_px, c.y_px): c for c in old}
    for correction in new:
        place = (correction.x_px, correction.y_px)
        before = at.pop(place, None)
        if before is not None and before.kind is Kind.ADDED:
            if correction.kind is Kind.REMOVED:
                continue
            correction = replace(correction, kind=Kind.ADDED)  # noqa: PLW2901
        at[place] = correction
    return tuple(at.values())


def without(old: Sequence[Correction], places: Iterable[tuple[float, float]]) -> tuple[Correction, ...]:
    """The corrections but those at `places` (x, y in pixels): the machine's reading stands there again."""
    gone = set(places)
    return tuple(c for c in old if (c.x_px, c.y_px) not in gone)


def apply(
    cells: Cells, corrections: Sequence[Correction], pixel_um: float, shape: tuple[int, int], border_um: float
) -> CorrectedCells:
    """The cells as corrected.

    Each change or removal takes the nearest cell within 5 um, one to one. A changed cell that the machine no longer
    finds (after a new analysis) is added: somebody saw it there.

    Parameters
    ----------
    cells
        The machine's, with `counted` by the border rule alone.
    corrections
        See Correction.
    pixel_um, shape
        Of the field; shape is (height, width) in pixels.
    border_um
        An added cell nearer to the border is not counted, as a found one is not.
    """
    rows = _matched(_places(corrections), cells.xy_px, to_px(SAME_CELL_UM, pixel_um), _kinds(corrections) != Kind.ADDED)
    classes, by = cells.classes.copy(), np.full(len(cells.classes), -1, dtype=np.intp)
    keep = np.ones(len(cells.classes), dtype=np.bool_)
    added = []
    for number, (correction, row) in enumerate(zip(corrections, rows.tolist(), strict=True)):
        if row < 0:
            added += [number] if correction.kind is not Kind.REMOVED else []
        elif correction.kind is Kind.REMOVED:
            keep[row] = False
        else:
            classes[row], by[row] = correction.cell_class, number
    kept = _rows(replace(cells, classes=classes), keep)
    extra = _added([corrections[number] for number in added], shape, to_px(Um(border_um), pixel_um))
    return CorrectedCells(
        _joined(kept, extra),
        np.concatenate([np.flatnonzero(keep), np.full(len(added), -1, dtype=np.intp)]),
        np.concatenate([by[keep], np.asarray(added, dtype=np.intp)]),
    )


def _kinds(corrections: Sequence[Correction]) -> NDArray[np.str_]:
    return np.array([c.kind.value for c in corrections], dtype=np.str_)


def _places(corrections: Sequence[Correction]) -> PointsPx:
    return np.array([(c.x_px, c.y_px) for c in corrections], dtype=np.float64).reshape(-1, 2)


def _matched(places: PointsPx, cells_px: PointsPx, reach_px: float, wanted: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Row of each wanted place's cell, nearest pairs first, one to one; -1 where none is within reach."""
    rows = np.full(len(places), -1, dtype=np.intp)
    if not wanted.any() or not len(cells_px):
        return rows
    pairs = cKDTree(places).sparse_distance_matrix(cKDTree(cells_px), reach_px, output_type="ndarray")
    pairs = pairs[wanted[pairs["i"]]]
    taken: set[int] = set()
    for pair in pairs[np.argsort(pairs["v"], kind="stable")]:
        place, row = int(pair["i"]), int(pair["j"])
        if rows[place] < 0 and row not in taken:
            rows[place] = row
            taken.add(row)
    return rows


def _rows(cells: Cells, keep: NDArray[np.bool_]) -> Cells:
    return Cells(
        cells.xy_px[keep],
        cells.classes[keep],
        cells.completeness[keep],
        cells.membrane_od[keep],
        cells.membrane_width_um[keep],
        cells.counted[keep],
    )


def _added(added: Sequence[Correction], shape: tuple[int, int], border_px: float) -> Cells:
    xy = _places(added)
    far = np.array([shape[1] - 1, shape[0] - 1]) - xy
    unknown = np.full(len(added), np.nan, dtype=np.float32)
    return Cells(
        xy,
        np.array([c.cell_class for c in added], dtype=np.uint8),
        unknown,
        unknown,
        unknown,
        np.minimum(xy, far).min(axis=1, initial=np.inf) + 0.5 >= border_px,
    )


def _joined(a: Cells, b: Cells) -> Cells:
    return Cells(
        np.concatenate([a.xy_px, b.xy_px]),
        np.concatenate([a.classes, b.classes]),
        np.concatenate([a.completeness, b.completeness]),
        np.concatenate([a.membrane_od, b.membrane_od]),
        np.concatenate([a.membrane_width_um, b.membrane_width_um]),
        np.concatenate([a.counted, b.counted]),
    )
