"""What a person can do to a field that is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from her2scope.analysis.classes import CellClass
from her2scope.analysis.roi import Roi
from her2scope.app.model.commands import AddField, Note, RemoveField
from her2scope.app.model.corrections import CorrectedCells, Correction, Kind, merge, without
from her2scope.app.model.ledger import Ledger
from her2scope.app.model.naming import audit_name, why_elsewhere
from her2scope.app.model.regions import check_ring
from her2scope.app.model.state import Role, TakenField
from her2scope.app.model.texts import say
from her2scope.base.errors import InputError


class FieldActs:
    """Acts on fields by their number; KeyError for a number that the case has not."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def add(self, taken: TakenField) -> None:
        """Take a field into the case as its last; `CaseSession.take` keeps what belongs to it."""
        before, what = self._ledger.state.fields, "did.take" if taken.role is Role.CASE else "did.take_control"
        note = self._ledger.note(what, why_elsewhere(before, taken), name=audit_name(before, taken))
        self._ledger.do(AddField(note, taken))

    def delete(self, field_id: int, why: str = "") -> None:
        """Take a field out of the case; undo brings it back."""
        state = self._ledger.state
        taken = state.find(field_id)
        note = self._note("did.delete", field_id, why)
        self._ledger.do(RemoveField(note, taken, state.fields.index(taken)))

    def exclude(self, field_id: int, why: str = "") -> None:
        """Keep a field but count it no longer."""
        reason = why.strip() or say("excluded.by_hand")
        self._ledger.edit_field(field_id, "excluded", reason, self._note("did.exclude", field_id, why))

    def reopen(self, field_id: int, why: str = "") -> None:
        """Count an excluded field again."""
        self._ledger.edit_field(field_id, "excluded", "", self._note("did.reopen", field_id, why))

    def use_as(self, field_id: int, role: Role, why: str = "") -> None:
        """Put a field to the case or to the control, where it was taken for the other by mistake."""
        what = "did.use_case" if role is Role.CASE else "did.use_control"
        self._ledger.edit_field(field_id, "role", role, self._note(what, field_id, why))

    def set_roi(self, field_id: int, roi: Roi, why: str = "") -> None:
        """Set all regions of a field.

        Raises
        ------
        InputError
            For a region of fewer than three points or without area.
        """
        for polygon in (*roi.include, *roi.exclude):
            check_ring(polygon.ring)
        self._ledger.edit_field(field_id, "roi", roi, self._note("did.roi", field_id, why))

    def change_class(
        self, field_id: int, shown: CorrectedCells, rows: Sequence[int], to: CellClass, why: str = ""
    ) -> None:
        """Set the class of the cells in `rows` of the field's corrected cells."""
        new = [_correction(self._old(field_id), shown, row, Kind.CHANGED, to) for row in rows]
        self._correct(field_id, merge(self._old(field_id), new), new, why)

    def remove_cells(self, field_id: int, shown: CorrectedCells, rows: Sequence[int], why: str = "") -> None:
        """Remove the cells in `rows`, which are no tumour cells."""
        old = self._old(field_id)
        new = [_correction(old, shown, row, Kind.REMOVED, CellClass(int(shown.cells.classes[row]))) for row in rows]
        self._correct(field_id, merge(old, new), new, why)

    def add_cell(self, field_id: int, xy_px: tuple[float, float], cell_class: CellClass, why: str = "") -> None:
        """Add a tumour cell that the detector missed; InputError outside the field."""
        height, width = self._ledger.state.find(field_id).shape
        if not (-0.5 <= xy_px[0] < width - 0.5 and -0.5 <= xy_px[1] < height - 0.5):
            raise InputError(say("error.cell_outside"))
        new = [Correction(*xy_px, Kind.ADDED, cell_class)]
        self._correct(field_id, merge(self._old(field_id), new), new, why)

    def uncorrect(self, field_id: int, places: Sequence[tuple[float, float]], why: str = "") -> None:
        """Take back the corrections at `places` (x, y in pixels): the machine's reading stands there again."""
        left = without(self._old(field_id), places)
        note = self._note("did.uncorrect", field_id, why, cells=len(self._old(field_id)) - len(left))
        self._ledger.edit_field(field_id, "corrections", left, note)

    def _old(self, field_id: int) -> tuple[Correction, ...]:
        return self._ledger.state.find(field_id).corrections

    def _correct(self, field_id: int, after: Sequence[Correction], new: Sequence[Correction], why: str) -> None:
        kinds = Counter(correction.kind.value for correction in new)
        numbers = {kind.value: kinds[kind.value] for kind in Kind}
        note = self._note("did.correct", field_id, why, **numbers)
        self._ledger.edit_field(field_id, "corrections", tuple(after), note)

    def _note(self, what: str, field_id: int, why: str, **values: object) -> Note:
        state = self._ledger.state
        return self._ledger.note(what, why, name=audit_name(state.fields, state.find(field_id)), **values)


def _correction(
    old: Sequence[Correction], shown: CorrectedCells, row: int, kind: Kind, cell_class: CellClass
) -> Correction:
    """A correction of one shown cell, at the place of its older correction where it has one."""
    by = int(shown.by[row])
    if by >= 0:
        return Correction(old[by].x_px, old[by].y_px, kind, cell_class)
    x, y = (float(v) for v in shown.cells.xy_px[row])
    return Correction(x, y, kind, cell_class)
