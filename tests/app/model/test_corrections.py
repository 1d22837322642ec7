"""Corrections by place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import CellClass
from her2scope.app.model.corrections import Correction, Kind, apply, merge, without
from her2scope.base.errors import InputError

STRONG, WEAK, NONE = CellClass.INTENSE_COMPLETE, CellClass.WEAK_COMPLETE, CellClass.UNSTAINED


def cells(*places: tuple[float, float]) -> Cells:
    n = len(places)
    ones = np.ones(n, dtype=np.float32)
    return Cells(
        np.array(places, dtype=np.float64).reshape(-1, 2), np.full(n, NONE, dtype=np.uint8), ones, ones, ones,
        np.ones(n, dtype=np.bool_),
    )  # fmt: skip


def corrected(machine: Cells, *corrections: Correction):
    return apply(machine, corrections, 1.0, (300, 300), 7.0)


def test_no_correction_changes_nothing():
    result = corrected(cells((50, 50), (90, 90)))
    assert result.cells.classes.tolist() == [NONE, NONE]
    assert result.source.tolist() == [0, 1]
    assert not result.corrected.any()


def test_a_change_takes_the_nearest_cell_within_5_um():
    result = corrected(cells((50, 50), (54, 50)), Correction(53.0, 50.0, Kind.CHANGED, STRONG))
    assert result.cells.classes.tolist() == [NONE, STRONG]
    assert result.by.tolist() == [-1, 0]


def test_two_corrections_never_take_one_cell():
    both = (Correction(50.0, 50.0, Kind.CHANGED, STRONG), Correction(51.0, 50.0, Kind.CHANGED, WEAK))
    result = corrected(cells((50, 50), (54, 50)), *both)
    assert result.cells.classes.tolist() == [STRONG, WEAK]


def test_a_removed_cell_is_gone_and_others_keep_their_row():
    result = corrected(cells((50, 50), (90, 90)), Correction(50.0, 50.0, Kind.REMOVED, NONE))
    assert result.cells.xy_px.tolist() == [[90, 90]]
    assert result.source.tolist() == [1]


def test_an_added_cell_has_no_measured_evidence():
    result = corrected(cells((50, 50)), Correction(120.0, 80.0, Kind.ADDED, WEAK))
    assert result.cells.classes.tolist() == [NONE, WEAK]
    assert result.source.tolist() == [0, -1]
    assert np.isnan(
        [result.cells.completeness[1], result.cells.membrane_od[1], result.cells.membrane_width_um[1]]
    ).all()
    assert result.cells.counted.tolist() == [True, True]


@pytest.mark.parametrize(("x", "counts"), [(5.0, False), (6.4, False), (6.5, True), (292.5, True), (292.6, False)])
def test_an_added_cell_at_the_border_is_not_counted_as_a_found_one_is_not(x, counts):
    assert corrected(cells(), Correction(x, 150.0, Kind.ADDED, WEAK)).cells.counted.tolist() == [counts]


def test_an_added_cell_stands_beside_a_found_one():
    result = corrected(cells((50, 50)), Correction(50.0, 51.0, Kind.ADDED, WEAK))
    assert len(result.cells.classes) == 2


def test_a_changed_cell_that_is_no_longer_found_is_added_and_a_removed_one_is_not():
    gone = (Correction(200.0, 50.0, Kind.CHANGED, STRONG), Correction(200.0, 90.0, Kind.REMOVED, NONE))
    result = corrected(cells((50, 50)), *gone)
    assert result.cells.classes.tolist() == [NONE, STRONG]
    assert result.by.tolist() == [-1, 0]


def test_the_newest_correction_at_a_place_holds():
    old = (Correction(1.0, 2.0, Kind.CHANGED, STRONG),)
    assert merge(old, [Correction(1.0, 2.0, Kind.REMOVED, STRONG)]) == (Correction(1.0, 2.0, Kind.REMOVED, STRONG),)


def test_an_added_cell_stays_added_when_its_class_changes_and_leaves_no_trace_when_removed():
    old = (Correction(1.0, 2.0, Kind.ADDED, STRONG),)
    assert merge(old, [Correction(1.0, 2.0, Kind.CHANGED, WEAK)]) == (Correction(1.0, 2.0, Kind.ADDED, WEAK),)
    assert merge(old, [Correction(1.0, 2.0, Kind.REMOVED, STRONG)]) == ()


def test_a_correction_can_be_taken_back():
    old = (Correction(1.0, 2.0, Kind.ADDED, STRONG), Correction(3.0, 4.0, Kind.CHANGED, WEAK))
    assert without(old, [(3.0, 4.0)]) == old[:1]


def test_a_cell_corrected_twice_leaves_one_correction(session, take):
    field = take("3+")
    shown = session.counted(field).corrected
    session.fields.change_class(field, shown, [0, 1], WEAK)
    session.fields.change_class(field, session.counted(field).corrected, [0], NONE)
    taken = session.state.find(field)
    assert [c.cell_class for c in taken.corrections].count(NONE) == 1
    assert len(taken.corrections) == 2
    result = session.counted(field).corrected
    assert result.cells.classes[:2].tolist() == [NONE, WEAK]
    assert result.corrected.sum() == 2


def test_a_cell_that_a_new_analysis_moved_keeps_one_correction(session, take):
    field = take("3+")
    session.fields.change_class(field, session.counted(field).corrected, [0], WEAK)
    held = session.desk.get(field)
    moved = replace(held.reading.result.cells, xy_px=held.reading.result.cells.xy_px + 1.5)
    session.desk.put(
        field, replace(held, reading=replace(held.reading, result=replace(held.reading.result, cells=moved)))
    )
    assert session.counted(field).corrected.cells.classes[0] == WEAK
    session.fields.change_class(field, session.counted(field).corrected, [0], NONE)
    assert [c.cell_class for c in session.state.find(field).corrections] == [NONE]
    session.fields.remove_cells(field, session.counted(field).corrected, [0])
    assert [c.kind for c in session.state.find(field).corrections] == [Kind.REMOVED]


def test_corrected_cells_change_the_score(session, take):
    field = take("0")
    assert session.tally().score.score == "0"
    shown = session.counted(field).corrected
    rows = np.flatnonzero(shown.cells.counted).tolist()
    session.fields.change_class(field, shown, rows, STRONG, "seen at 40x")
    assert session.tally().score.score == "3+"


def test_removing_nearly_all_cells_blocks_the_field(session, take):
    field = take("3+")
    shown = session.counted(field).corrected
    rows = np.flatnonzero(shown.cells.counted)[4:].tolist()
    session.fields.remove_cells(field, shown, rows)
    assert session.counted(field).result.reasons[0].startswith("too few tumour nuclei (4 counted)")
    assert session.field_score(field) is None


def test_cells_added_to_a_blocked_field_do_not_count(session, take):
    field = take("glass")
    session.fields.add_cell(field, (100.0, 100.0), STRONG)
    assert session.counted(field).result.cells.counts().total == 0


@pytest.mark.parametrize("place", [(-1.0, 5.0), (5.0, 320.0), (np.nan, 5.0)])
def test_a_cell_outside_the_field_is_refused(session, take, place):
    with pytest.raises(InputError, match="outside the field"):
        session.fields.add_cell(take("3+"), place, STRONG)
