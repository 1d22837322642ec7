"""A case on the microscope, without a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from her2scope.analysis.classes import CellClass, Counts
from her2scope.analysis.quality import Status
from her2scope.analysis.roi import Polygon, Roi
from her2scope.app.model.jobs import DrawJob, OpenJob, PackJob, ReadJob
from her2scope.app.model.signing import sign
from her2scope.app.model.state import ControlPhase, IshEntry, Role
from her2scope.base.errors import ConfigError, InputError
from her2scope.pipeline.case import score_fields
from her2scope.pipeline.field import FieldSettings, analyse_field, with_roi, with_thresholds

SQUARE = Polygon(np.array([[40.0, 40.0], [220.0, 40.0], [220.0, 220.0], [40.0, 220.0]]))


def test_a_case_scores_as_its_fields_do(session, take, results, guideline):
    take("3+")
    take("2+")
    tally = session.tally()
    assert tally.counting == 2
    assert tally.score == score_fields([results["3+"], results["2+"]], guideline)


def test_nothing_taken_gives_no_score_with_a_reason(session):
    score = session.tally().score
    assert score.score is None
    assert "No field is taken" in score.reasons[0]


def test_an_excluded_field_does_not_count_until_it_is_reopened(session, take):
    first, second = take("3+"), take("2+")
    both = session.tally().score.counts
    session.fields.exclude(first, "crushed")
    alone = session.tally().score.counts
    assert alone == session.counted(second).result.cells.counts()
    assert session.state.find(first).excluded == "crushed"
    session.fields.reopen(first)
    assert session.tally().score.counts == both


def test_a_blocked_field_does_not_count_and_is_named(session, take):
    take("3+")
    before = session.tally().score.counts
    glass = take("glass")
    tally = session.tally()
    assert tally.score.counts == before
    assert tally.counting == 1
    assert any("blocked and not counted: 1 of 2" in flag for flag in tally.score.flags)
    assert session.field_score(glass) is None


def test_an_excluded_blocked_field_is_not_named(session, take):
    take("3+")
    session.fields.exclude(take("glass"))
    assert not any("blocked" in flag for flag in session.tally().score.flags)


def test_a_deleted_field_comes_back_with_undo_at_its_place(session, take):
    ids = [take("3+"), take("2+"), take("0")]
    session.fields.delete(ids[1])
    assert [taken.id for taken in session.state.fields] == [ids[0], ids[2]]
    session.undo()
    assert [taken.id for taken in session.state.fields] == ids
    session.counted(ids[1])


def test_a_shown_field_that_is_deleted_is_shown_no_more(session, take):
    field = take("2+")
    assert session.current == field
    session.fields.delete(field)
    assert session.current is None


def test_numbers_are_never_used_twice(session, take):
    first = take("3+")
    session.undo()
    assert take("2+") > first


def test_undoing_a_take_leaves_the_field_and_redo_brings_it_back(session, take):
    first = take("3+")
    counts = session.tally().score.counts
    session.undo()
    assert session.current is None
    assert session.desk.shown is None
    assert session.tally().score.counts == Counts()
    session.redo()
    assert session.counted(first).result.cells.counts() == counts


def test_what_can_no_longer_come_back_is_let_go(session, take):
    lost = take("3+")
    session.undo()
    take("2+")
    with pytest.raises(KeyError):
        session.desk.get(lost)


def test_a_region_counts_as_the_pipeline_counts_it(session, take, results):
    field = take("3+")
    for roi in (Roi(include=(SQUARE,)), Roi(exclude=(SQUARE,)), Roi()):
        session.fields.set_roi(field, roi)
        expected = with_roi(results["3+"], roi)
        counted = session.counted(field).result
        assert counted.cells.counts() == expected.cells.counts()
        assert (counted.status, counted.reasons) == (expected.status, expected.reasons)


def test_a_light_field_counts_as_a_whole_one(session, take, work):
    field = take("3+")
    session.fields.set_roi(field, Roi(exclude=(SQUARE,)))
    before = session.counted(field).result
    work()
    session.show(None)
    assert session.desk.get(field).reading.result.membranes is None
    after = session.counted(field).result
    assert after.cells.counts() == before.cells.counts()
    assert after.status is before.status


@pytest.mark.parametrize(
    ("ring", "words"),
    [
        ([[0.0, 0.0], [5.0, 5.0]], "three points"),
        ([[0.0, 0.0], [5.0, 5.0], [9.0, 9.0]], "no area"),
        ([[0.0, 0.0], [5.0, np.nan], [9.0, 0.0]], "three points"),
    ],
)
def test_a_region_that_holds_nothing_is_refused(session, take, ring, words):
    field = take("3+")
    with pytest.raises(InputError, match=words):
        session.fields.set_roi(field, Roi(include=(Polygon(np.array(ring)),)))


def test_new_thresholds_are_pending_until_every_field_is_read(session, take, work, settings, results, guideline):
    take("3+")
    take("2+")
    session.case.set_thresholds(0.2, 0.5, why="pale")
    assert session.tally().score is None
    assert session.tally().pending == 2
    read = [job for job in session.jobs() if isinstance(job, ReadJob)]
    assert session.accept(read[0].run())
    assert session.tally().score is None
    assert session.tally().pending == 1
    assert session.accept(read[1].run())
    stricter = FieldSettings(replace(settings.stain, t_weak=0.2, t_intense=0.5))
    expected = score_fields([with_thresholds(results[name], stricter) for name in ("3+", "2+")], guideline)
    assert session.tally().score == expected
    assert expected.counts != score_fields([results["3+"], results["2+"]], guideline).counts


def test_an_excluded_field_that_is_pending_does_not_hold_the_score_up(session, take):
    take("3+")
    out = take("2+")
    session.fields.exclude(out)
    session.case.set_thresholds(0.2, 0.5)
    jobs = {job.field_id: job for job in session.jobs() if isinstance(job, ReadJob)}
    session.accept(jobs.pop(next(i for i in jobs if i != out)).run())
    assert session.tally().score is not None
    assert session.is_pending(out)


def test_new_vectors_read_the_frame_again(session, take, work, frames):
    field = take("3+")
    work()
    session.show(None)
    profile = replace(session.state.stain, dab=(0.30, 0.56, 0.74), white=(238.0, 236.0, 237.0))
    session.case.set_stain(profile)
    work()
    expected = analyse_field(frames["3+"], FieldSettings(profile))
    assert session.counted(field).result.cells.counts() == expected.cells.counts()
    session.case.set_thresholds(0.25, 0.7)  # from the packed membrane images of the new vectors
    work()
    expected = analyse_field(frames["3+"], FieldSettings(session.state.stain))
    assert session.counted(field).result.cells.counts() == expected.cells.counts()


def test_vectors_that_change_before_packing_ends_are_not_mixed(session, take, frames):
    field = take("3+")
    pack = next(job for job in session.jobs() if isinstance(job, PackJob))
    session.case.set_stain(replace(session.state.stain, dab=(0.30, 0.56, 0.74)))
    read = next(job for job in session.jobs() if isinstance(job, ReadJob))
    assert session.accept(read.run())
    assert not session.accept(pack.run())  # made by the old vectors
    for job in session.jobs():
        session.accept(job.run())
    session.show(None)
    session.case.set_thresholds(0.25, 0.7)
    for job in session.jobs():
        session.accept(job.run())
    expected = analyse_field(frames["3+"], FieldSettings(session.state.stain))
    assert session.counted(field).result.cells.counts() == expected.cells.counts()


def test_an_outcome_that_comes_too_late_is_dropped(session, take):
    take("3+")
    session.case.set_thresholds(0.2, 0.5)
    late = next(job for job in session.jobs() if isinstance(job, ReadJob))
    session.case.set_thresholds(0.3, 0.5)
    assert not session.accept(late.run())
    assert session.tally().pending == 1
    again = next(job for job in session.jobs() if isinstance(job, ReadJob))
    assert session.accept(again.run())
    assert session.tally().pending == 0


def test_an_outcome_of_a_field_that_is_gone_is_dropped(session, take):
    take("3+")
    job = next(job for job in session.jobs() if isinstance(job, PackJob))
    session.undo()
    take("2+")  # nothing can bring the first back now
    assert not session.accept(job.run())


def test_jobs_are_handed_out_once(session, take):
    take("3+")
    assert session.jobs()
    assert session.jobs() == ()
    session.retry()
    assert session.jobs()


def test_a_job_that_was_dropped_for_a_newer_one_is_handed_out_again(session, take):
    take("3+")
    for t_weak in (0.2, 0.3):
        session.case.set_thresholds(t_weak, 0.5)
        assert any(isinstance(job, ReadJob) for job in session.jobs())  # none is run
    session.undo()
    job = next(job for job in session.jobs() if isinstance(job, ReadJob))
    assert session.accept(job.run())
    assert session.tally().pending == 0


def test_a_field_taken_for_the_wrong_thing_is_put_right(session, take):
    field = take("control")
    assert session.tally().control is None
    session.fields.use_as(field, Role.CONTROL)
    assert session.tally().control.verdict.passed
    assert session.tally().counting == 0
    session.fields.use_as(field, Role.CASE)
    assert session.tally().counting == 1


def test_a_case_has_a_name(session):
    session.case.rename(" H26-0042 ")
    assert session.state.name == "H26-0042"
    session.undo()
    assert session.state.name == ""


def test_thresholds_there_and_back_and_there_again_are_read_each_time(session, take, work):
    take("3+")
    work()
    seen = []
    for t_weak in (0.3, 0.08, 0.3):
        session.case.set_thresholds(t_weak, 0.6)
        work()
        assert session.tally().pending == 0
        seen.append(session.tally().score.counts)
    assert seen[0] == seen[2] != seen[1]


def test_a_name_alone_needs_no_new_reading(session, take, work):
    take("3+")
    work()
    session.case.set_stain(replace(session.state.stain, name="mine"))
    assert session.jobs() == ()
    assert session.tally().score is not None


def test_a_shown_field_comes_back_with_frame_and_membranes(session, take, work, frames):
    first = take("3+")
    take("2+")
    work()
    assert session.desk.get(first).reading.result.membranes is None
    session.show(first)
    assert [type(job) for job in session.jobs()] == [OpenJob]
    session.retry()
    work()
    shown = session.desk.shown
    assert np.array_equal(shown.frame.rgb, frames["3+"].rgb)
    assert shown.frame.notes == ("synthetic",)
    assert shown.reading.result.membranes is not None


def test_memory_stays_flat_over_many_fields(session, take, work):
    for _ in range(12):
        take("3+")
        work()
    whole = [i for i, held in session.desk.held.items() if held.reading.result.membranes is not None]
    assert whole == [session.current]


def test_a_preview_changes_nothing(session, take, work, settings, results):
    field = take("3+")
    work()
    version, counts = session.version, session.counted(field).result.cells.counts()
    stricter = replace(session.state.stain, t_weak=0.3)
    reading = session.preview(stricter).run().reading
    previewed = session.preview_of(reading)
    assert previewed.result.cells.counts() == with_thresholds(results["3+"], FieldSettings(stricter)).cells.counts()
    assert previewed.result.membranes is not None
    assert session.counted(field).result.cells.counts() == counts != previewed.result.cells.counts()
    assert session.version == version
    session.show(None)
    assert session.preview(stricter) is None
    assert session.preview_of(reading) is None


def test_an_overlay_is_drawn_of_corrected_cells(session, take):
    field = take("3+")
    counted = session.counted(field)
    job = DrawJob(field, counted.result, session.state.stain)
    drawn = job.run()
    assert drawn.rgba.shape == (320, 320, 4)
    assert session.accept(drawn)
    session.fields.add_cell(field, (160.0, 30.0), CellClass.UNSTAINED)
    other = DrawJob(field, session.counted(field).result, session.state.stain).run()
    assert not np.array_equal(drawn.rgba, other.rgba)
    session.show(None)
    assert not session.accept(drawn)


def test_fields_that_overlap_count_a_cell_once(session, take):
    take("3+", origin_um=(0.0, 0.0))
    once = session.tally().score.counts
    take("3+", origin_um=(0.0, 0.0))
    assert session.tally().score.counts == once
    take("3+", origin_um=(1000.0, 0.0))
    assert session.tally().score.counts == once + once


def test_a_blocked_field_takes_no_cell_from_another(session, take):
    first = take("3+", origin_um=(0.0, 0.0))
    alone = session.tally().score.counts
    cells = session.counted(first).result.cells
    x, y = cells.xy_px[np.flatnonzero(cells.counted)[0]]
    around = Polygon(np.array([[x - 2, y - 2], [x + 2, y - 2], [x + 2, y + 2], [x - 2, y + 2]]))
    session.fields.set_roi(first, Roi(include=(around,)))
    blocked = session.counted(first).result
    assert (blocked.status, blocked.cells.counts().total) == (Status.BLOCKED, 1)
    take("3+", origin_um=(0.0, 0.0))
    assert session.tally().score.counts == alone


def test_no_invasive_tumour_gives_no_score(session, take):
    take("3+")
    session.case.declare_no_tumour("in situ only")
    assert session.tally().score.score is None
    session.case.declare_tumour()
    assert session.tally().score.score == "3+"


def test_a_failed_control_takes_the_score_and_a_skipped_one_gives_it_back(session, take):
    take("3+")
    take("0", Role.CONTROL)
    assert not session.tally().control.verdict.passed
    assert session.tally().score.score is None
    session.case.skip_control("slide has none")
    assert session.tally().control is None
    assert session.tally().score.score == "3+"
    assert session.state.control.phase is ControlPhase.SKIPPED


def test_control_fields_are_not_counted_in_the_case(session, take):
    take("3+")
    counts = session.tally().score.counts
    take("control", Role.CONTROL)
    assert session.tally().score.counts == counts


def test_skipping_the_control_needs_a_reason(session):
    with pytest.raises(InputError, match="needs a reason"):
        session.case.skip_control("  ")


def test_an_offered_threshold_is_accepted_and_undone(session, take, work):
    take("control", Role.CONTROL)
    offer = session.tally().control.offer
    assert offer is not None
    before = session.state.stain.t_intense
    session.case.accept_offer(offer)
    assert session.state.stain.t_intense == pytest.approx(offer.t_intense, abs=0.0006)
    session.undo()
    assert session.state.stain.t_intense == before
    with pytest.raises(InputError, match="offers no t_intense"):
        session.case.accept_offer(None)


def test_thresholds_out_of_order_are_refused_and_change_nothing(session):
    state = session.state
    with pytest.raises(ConfigError, match="must be below"):
        session.case.set_thresholds(0.7, 0.6)
    assert session.state is state


def test_ish_resolves_a_two_plus_and_nothing_else(session, take):
    take("2+")
    assert session.tally().score.score == "2+"
    session.case.enter_ish(IshEntry(1))
    assert session.tally().score.status == "positive"
    session.case.clear_ish()
    assert session.tally().score.status == "equivocal"
    session.case.enter_ish(IshEntry(9))  # a group that the guideline does not know
    assert session.tally().score.status == "equivocal"


@pytest.mark.parametrize(
    ("entry", "words"),
    [(IshEntry(1, ratio=2.5), "enter both"), (IshEntry(1, ratio=1.2, copies=3.0), "is group 5, not 1")],
)
def test_an_ish_count_that_contradicts_its_group_is_refused(session, take, entry, words):
    take("2+")
    with pytest.raises(InputError, match=words):
        session.case.enter_ish(entry)
    assert session.state.ish is None


def test_a_signed_score_is_the_persons_own(session, take):
    take("3+")
    assert session.state.sign_off is None
    sign(session, "2+", "heterogeneous")
    assert (session.state.sign_off.score, session.state.sign_off.who) == ("2+", "Dr Test")
    assert session.tally().score.score == "3+"
    session.case.unsign()
    assert session.state.sign_off is None
    session.ledger.user = " "
    with pytest.raises(InputError, match="write who signs"):
        sign(session, "3+")


def test_every_change_is_recorded_with_who_when_and_why(session, take):
    field = take("3+")
    session.fields.exclude(field, "fold")
    session.undo()
    session.ledger.user = "Dr Other"
    session.redo()
    entries = [(e.action, e.note.who, e.note.what, e.note.why) for e in session.ledger.history.audit]
    assert entries == [
        ("done", "Dr Test", "Took Field 1 (3+.png)", ""),
        ("done", "Dr Test", "Excluded Field 1 (3+.png)", "fold"),
        ("undone", "Dr Test", "Excluded Field 1 (3+.png)", "fold"),
        ("redone", "Dr Other", "Excluded Field 1 (3+.png)", "fold"),
    ]
    assert {e.note.when for e in session.ledger.history.audit} == {"2026-03-01T12:00:00+00:00"}


def test_nothing_to_undo_or_redo_is_no_error(session):
    session.undo()
    session.redo()
    assert session.ledger.history.audit == []


def test_a_signed_score_that_differs_needs_a_reason_and_is_recorded_as_differing(session, take):
    take("3+")
    with pytest.raises(InputError, match=r"differs from the program's \(3\+\); write in the comment why"):
        sign(session, "2+", "  ")
    assert session.state.sign_off is None
    sign(session, "2+", "heterogeneous")
    assert (session.state.sign_off.proposed, session.state.sign_off.differs) == ("3+", True)
    note = session.ledger.history.audit[-1].note
    assert (note.what, note.why, note.key) == (
        "Signed the case as 2+; the program proposed 3+",
        "heterogeneous",
        "did.sign",
    )
    sign(session, "3+")
    assert (session.state.sign_off.proposed, session.state.sign_off.differs) == ("3+", False)
    assert session.ledger.history.audit[-1].note.what == "Signed the case as 3+"


def test_a_score_signed_where_none_is_proposed_needs_a_reason(session, take):
    take("3+")
    session.case.declare_no_tumour()
    with pytest.raises(InputError, match="no score"):
        sign(session, "3+")
    sign(session, "3+", "seen on another slide")
    assert session.state.sign_off.proposed == "none"


def test_nothing_is_signed_while_fields_are_being_read(session, take):
    take("3+")
    session.case.set_thresholds(0.2, 0.6)
    with pytest.raises(InputError, match="still being read"):
        sign(session, "3+")
