"""Any sequence of acts, undone as often, gives the case before; done again, the case after."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from her2scope.analysis.classes import CellClass
from her2scope.analysis.quality import Status
from her2scope.analysis.roi import Polygon, Roi
from her2scope.app.model.saved_case import saved_case, saved_roi
from her2scope.app.model.session import CaseSession
from her2scope.app.model.state import CaseState, IshEntry, Role

NAMES = ("3+", "2+", "glass", "control")
ROIS = tuple(
    Roi(**{kind: (Polygon(np.array([[x, x], [x + 150.0, x], [x + 150.0, x + 150.0], [x, x + 150.0]])),)})
    for kind in ("include", "exclude")
    for x in (20.0, 120.0)
)
THRESHOLDS = ((0.08, 0.6), (0.2, 0.5), (0.05, 1.2))

number = st.integers(0, 10**6)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.sampled_from(NAMES), st.sampled_from(list(Role))),
        st.tuples(st.sampled_from(["delete", "exclude", "reopen"]), number),
        st.tuples(st.just("roi"), number, st.sampled_from(ROIS)),
        st.tuples(st.sampled_from(["change", "remove"]), number, number, st.sampled_from(list(CellClass))),
        st.tuples(st.just("add"), number, number, st.sampled_from(list(CellClass))),
        st.tuples(st.just("uncorrect"), number),
        st.tuples(st.just("thresholds"), st.sampled_from(THRESHOLDS)),
        st.tuples(
            st.sampled_from(["skip", "finish", "open", "tumour", "no tumour", "ish", "no ish", "sign", "unsign"])
        ),
        st.tuples(st.sampled_from(["undo", "redo"])),
    ),
    min_size=1,
    max_size=14,
)
slow = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def plain(state: CaseState) -> bytes:
    """All of a case's state as bytes, to compare."""
    fields = [
        (replace(taken, roi=Roi()), msgspec.to_builtins(saved_roi(taken.roi)), taken.corrections)
        for taken in state.fields
    ]
    return msgspec.json.encode((saved_case(state, (), [], 0), fields))


class Actor:
    """Does acts to a session; one that makes no sense there (no such field, no such cell) does nothing."""

    def __init__(self, session, results, frames) -> None:
        self.session, self._results, self._frames = session, results, frames

    def __call__(self, act) -> None:
        what, *rest = act
        session, case = self.session, self.session.case
        simple = {
            "skip": lambda: case.skip_control("none on the slide"),
            "finish": case.finish_control,
            "open": case.reopen_control,
            "tumour": case.declare_tumour,
            "no tumour": case.declare_no_tumour,
            "ish": lambda: case.enter_ish(IshEntry(1)),
            "no ish": case.clear_ish,
            "sign": lambda: case.sign("2+", "by eye", None),
            "unsign": case.unsign,
            "undo": session.undo,
            "redo": session.redo,
        }
        if what in simple:
            simple[what]()
        elif what == "take":
            session.take(self._results[rest[0]], self._frames[rest[0]], role=rest[1])
        elif what == "thresholds":
            case.set_thresholds(*rest[0])
        elif session.state.fields:
            self._to_field(what, session.state.fields[rest[0] % len(session.state.fields)].id, rest[1:])

    def _to_field(self, what: str, field: int, rest) -> None:
        fields, shown = self.session.fields, self.session.counted(field).corrected
        if what in ("delete", "exclude", "reopen"):
            getattr(fields, what)(field, "because")
        elif what == "roi":
            fields.set_roi(field, rest[0])
        elif what == "add":
            fields.add_cell(field, (float(rest[0] % 250), float(rest[0] // 250 % 250)), rest[1])
        elif what == "uncorrect":
            corrections = self.session.state.find(field).corrections
            fields.uncorrect(field, [(c.x_px, c.y_px) for c in corrections[:1]])
        elif len(shown.cells.classes):
            row = rest[0] % len(shown.cells.classes)
            if what == "change":
                fields.change_class(field, shown, [row], rest[1])
            else:
                fields.remove_cells(field, shown, [row])


@pytest.fixture
def actor(results, frames, guideline, settings):
    return lambda: Actor(CaseSession(settings, guideline, "Dr Test"), results, frames)


def steps(session: CaseSession) -> int:
    count = 0
    while session.ledger.history.next_undo is not None:
        session.undo()
        count += 1
    return count


@slow
@given(acts=acts)
def test_as_many_undos_give_the_case_before_and_redos_the_case_after(actor, acts):
    do = actor()
    session = do.session
    before = plain(session.state)
    trail = [before]
    for act in acts:
        done = session.ledger.history.next_undo
        do(act)
        if session.ledger.history.next_undo is not done:
            trail.append(plain(session.state))
    after, counts = plain(session.state), fresh_counts(session)
    taken_back = steps(session)
    assert plain(session.state) == before
    for _ in range(taken_back):
        session.redo()
    assert plain(session.state) == after
    assert fresh_counts(session) == counts


def fresh_counts(session: CaseSession):
    """The case's counts after all its fields are read."""
    for _ in range(5):
        for job in session.jobs():
            session.accept(job.run())
    return session.tally().score.counts


@slow
@given(acts=acts)
def test_each_undo_takes_back_one_step(actor, acts):
    do = actor()
    session = do.session
    trail = []
    for act in acts:
        if act[0] in ("undo", "redo"):
            continue
        before, depth = plain(session.state), session.ledger.history.next_undo
        do(act)
        if session.ledger.history.next_undo is not depth:
            trail.append(before)
    while trail:
        session.undo()
        assert plain(session.state) == trail.pop()


@slow
@given(acts=acts)
def test_excluded_and_blocked_fields_never_count(actor, acts):
    do = actor()
    session = do.session
    for act in acts:
        do(act)
    counts = fresh_counts(session)
    expected = [0] * len(CellClass)
    for taken in session.state.of_role(Role.CASE):
        result = session.counted(taken.id).result
        if taken.excluded or result.status is Status.BLOCKED:
            continue
        for cell_class in result.cells.classes[result.cells.counted]:
            expected[cell_class] += 1
    assert counts.by_class == tuple(expected)


@slow
@given(acts=acts, thresholds=st.sampled_from(THRESHOLDS))
def test_corrections_survive_a_change_of_threshold(actor, acts, thresholds):
    do = actor()
    session = do.session
    for act in acts:
        do(act)
    before = {taken.id: by_hand(session, taken.id) for taken in session.state.fields}
    session.case.set_thresholds(*thresholds)
    fresh_counts(session)
    assert {taken.id: by_hand(session, taken.id) for taken in session.state.fields} == before


def by_hand(session: CaseSession, field: int):
    """Place and class of every cell that a hand set, and the places of those it removed."""
    corrected = session.counted(field).corrected
    rows = np.flatnonzero(corrected.corrected)
    cells = {(*corrected.cells.xy_px[row].tolist(), int(corrected.cells.classes[row])) for row in rows}
    machine = session.desk.get(field).reading.result.cells
    removed = set(range(len(machine.classes))) - set(corrected.source.tolist())
    return cells, {tuple(machine.xy_px[row].tolist()) for row in removed}
