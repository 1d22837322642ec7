"""A case whose stain vectors depend on the objective: every field by its own, and never by another's."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from her2scope.analysis.stain_vectors import StainVectors
from her2scope.app.model.counting import Reading
from her2scope.app.model.folder_store import FolderStore
from her2scope.app.model.history import changed_since_signed
from her2scope.app.model.jobs import OpenJob, ReadJob
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.patches import PatchBench
from her2scope.app.model.saved_reading import decode_reading, encode_reading
from her2scope.app.model.session import CaseSession
from her2scope.app.model.signing import sign
from her2scope.app.model.stain_words import changes_text, read_again_text
from her2scope.app.model.state import Role
from her2scope.app.model.views.audit import audit_rows
from her2scope.app.model.views.score import case_header
from her2scope.app.model.views.thresholds import threshold_bar, values_of, with_lens
from her2scope.app.provisional import Analysed, read_again
from her2scope.base.errors import InputError
from her2scope.base.frame import Lens
from her2scope.devices.camera import Objective
from her2scope.pipeline.field import FieldSettings, analyse_field
from her2scope.settings.calibration import Calibration

L40, L20, ELSEWHERE = Lens("bench", "40x"), Lens("bench", "20x"), Lens("scanner", "40x")
PICKED = StainVectors((0.60, 0.72, 0.35), (0.42, 0.57, 0.70))
THIRD = StainVectors((0.75, 0.62, 0.20), (0.15, 0.55, 0.82))


@pytest.fixture(scope="module")
def seen(frames):
    """The 3+ picture through one objective and another, from another set-up, and from nobody knows where."""
    picture = frames["3+"]
    return {lens: replace(picture, name=f"{lens}", lens=lens) for lens in (L40, L20, ELSEWHERE, None)}


@pytest.fixture
def case(session, seen, settings):
    """One field each, analysed as they were taken: (session, field numbers by lens)."""
    ids = {lens: session.take(analyse_field(frame, settings), frame) for lens, frame in seen.items()}
    return session, ids


def work(session):
    while jobs := session.jobs():
        for job in jobs:
            session.accept(job.run())  # pictures packed by vectors no longer in force come too late, and are dropped


def levels(result):
    """Membrane OD of every cell: any change of vectors moves it; -1 where there is none, which is equal to itself."""
    return np.nan_to_num(result.cells.membrane_od, nan=-1).tolist()


def od(session, field_id):
    return levels(session.counted(field_id).result)


def expected(frame, settings, vectors=None):
    """The field by a plain profile: the definition that `under` must come to."""
    stain = settings.stain
    if vectors is not None:
        stain = replace(stain, hematoxylin=vectors.hematoxylin, dab=vectors.dab)
    return levels(analyse_field(replace(frame, lens=None), replace(settings, stain=stain)))


def test_a_field_is_analysed_by_the_vectors_of_its_objective(seen, settings):
    dressed = replace(settings, stain=settings.stain.with_vectors(L40, PICKED))
    results = {lens: levels(analyse_field(frame, dressed)) for lens, frame in seen.items()}
    own = expected(seen[None], settings)
    assert results == {L40: expected(seen[None], settings, PICKED), L20: own, ELSEWHERE: own, None: own}
    assert results[L40] != own


def test_only_fields_of_the_objective_are_read_again(case, seen, settings):
    session, ids = case
    work(session)
    before = {i: od(session, i) for i in ids.values()}
    session.case.set_vectors(L40, PICKED, "picked")
    assert [i for i in ids.values() if session.is_pending(i)] == [ids[L40]]
    assert session.tally().score is None  # readings never mix
    assert {job.field_id for job in session.jobs() if isinstance(job, ReadJob | OpenJob)} == {ids[L40]}
    session.retry()
    work(session)
    after = {i: od(session, i) for i in ids.values()}
    assert after.pop(ids[L40]) == expected(seen[None], settings, PICKED) != before.pop(ids[L40])
    assert after == before
    assert session.tally().score is not None


def test_every_reading_says_which_vectors_it_was_had_with(case):
    session, ids = case
    session.case.set_vectors(L40, PICKED)
    work(session)
    used = {lens: session.desk.get(i).reading.stain for lens, i in ids.items()}
    assert used[L40].vectors == PICKED
    assert {stain.vectors for lens, stain in used.items() if lens != L40} == {session.state.stain.vectors}
    assert all(stain.lenses == () for stain in used.values())
    for stain in used.values():
        assert decode_reading(encode_reading(Reading(session.counted(ids[L40]).result, stain))).stain == stain


def test_a_case_says_that_some_of_its_fields_are_read_by_picked_vectors_and_others_not(case):
    session, ids = case
    work(session)

    def cautions():
        return [text for text in case_header(session.state, session.tally()).cautions if "vectors" in text]

    assert cautions() == []
    session.case.set_vectors(L40, PICKED)
    work(session)
    (text,) = cautions()
    assert "picked under 40x (set-up bench) and not under" in text
    assert "20x (set-up bench), 40x (set-up scanner), an objective that is not recorded" in text
    for lens in (L20, ELSEWHERE, None):
        session.fields.exclude(ids[lens], "not wanted")
    work(session)
    assert cautions() == []  # all that count are read alike


def test_undo_and_redo_read_the_same_fields_back(case):
    session, ids = case
    work(session)
    before = {i: od(session, i) for i in ids.values()}
    session.case.set_vectors(L40, PICKED)
    work(session)
    after = {i: od(session, i) for i in ids.values()}
    session.undo()
    assert [i for i in ids.values() if session.is_pending(i)] == [ids[L40]]
    work(session)
    assert {i: od(session, i) for i in ids.values()} == before
    session.redo()
    work(session)
    assert {i: od(session, i) for i in ids.values()} == after


@pytest.mark.parametrize("shown", [None, L40, L20])
def test_thresholds_move_on_the_vectors_of_each_objective(case, seen, settings, shown):
    session, ids = case
    session.case.set_vectors(L40, PICKED)
    work(session)
    session.show(None if shown is None else ids[shown])
    work(session)  # the membranes of the others are let go, and come back from their packed pictures
    session.case.set_thresholds(0.2, 0.5)
    work(session)
    plain = replace(settings, stain=replace(settings.stain, t_weak=0.2, t_intense=0.5))
    for lens, i in ids.items():
        wanted = expected(seen[None], plain, PICKED if lens == L40 else None)
        assert od(session, i) == wanted


def test_a_slider_previews_the_shown_field_by_its_own_vectors(case, seen, settings):
    session, ids = case
    session.case.set_vectors(L40, PICKED)
    work(session)
    plain = replace(settings, stain=replace(settings.stain, t_weak=0.2))
    for lens, vectors in ((L40, PICKED), (L20, None)):
        session.show(ids[lens])
        work(session)
        read = session.preview(replace(session.state.stain, t_weak=0.2)).run().reading
        assert levels(read.result) == expected(seen[None], plain, vectors)
        assert read.stain.vectors == (vectors or settings.stain.vectors)


def test_a_result_that_is_not_kept_is_read_again_by_its_own_vectors(seen, settings):
    fresh = Analysed(seen[L40], analyse_field(seen[L40], settings), settings.stain)
    dressed = replace(settings, stain=settings.stain.with_vectors(L40, PICKED))
    again = read_again(fresh, dressed)
    assert again.stain.vectors == PICKED
    assert levels(again.result) == expected(seen[None], settings, PICKED)
    back = read_again(again, settings)
    assert levels(back.result) == levels(fresh.result)


def test_nothing_takes_a_profile_that_does_not_say_its_vectors(seen, settings):
    dressed = settings.stain.with_vectors(L40, PICKED)
    result = analyse_field(seen[L40], settings)
    for made in (lambda: Reading(result, dressed), lambda: Analysed(seen[L40], result, dressed)):
        with pytest.raises(ValueError, match="depend on the objective"):
            made()


def test_a_field_taken_while_vectors_are_in_force_is_up_to_date(session, seen, settings):
    session.case.set_vectors(L40, PICKED)
    for frame in seen.values():
        assert not session.is_pending(session.take(analyse_field(frame, session.settings), frame))


def test_a_result_of_the_vectors_before_that_is_kept_late_is_read_again(session, seen, settings):
    """A press waits while vectors are picked: the field comes by the old ones, and must not stay so."""
    late = analyse_field(seen[L40], settings)
    session.case.set_vectors(L40, PICKED)
    field = session.take(late, seen[L40], stain=settings.stain)
    assert session.is_pending(field)
    work(session)
    assert od(session, field) == expected(seen[None], settings, PICKED)


def test_an_outcome_by_vectors_no_longer_in_force_is_dropped(case):
    session, ids = case
    work(session)
    session.case.set_vectors(L40, PICKED)
    (job,) = (job for job in session.jobs() if job.field_id == ids[L40])
    session.case.set_vectors(L40, THIRD)
    assert not session.accept(job.run())
    assert session.is_pending(ids[L40])
    session.case.set_vectors(L20, THIRD)  # another objective's change does not put off a reading that stands
    (job,) = (job for job in session.jobs() if job.field_id == ids[L40])
    assert session.accept(job.run())


def test_the_control_is_read_by_its_own_objective(session, seen, settings, frames):
    control = session.take(analyse_field(seen[L40], settings), seen[L40], role=Role.CONTROL)
    field = session.take(analyse_field(seen[L20], settings), seen[L20])
    session.case.set_vectors(L40, PICKED)
    work(session)
    session.show(field)
    work(session)
    assert session.tally().control.verdict is not None
    job = PatchBench(session).job(seen[L20], session.counted(field))
    assert job.control[0].reading.result.membranes is None
    frame, result = job._whole(job.control[0])
    assert frame.lens == L40
    assert levels(result) == expected(seen[None], settings, PICKED) == od(session, control)


def test_a_case_opened_again_gives_the_same_numbers(case, settings, guideline, tmp_path):
    session, ids = case
    session.case.set_vectors(L40, PICKED)
    session.case.set_vectors(ELSEWHERE, THIRD)
    work(session)
    before = {i: od(session, i) for i in ids.values()}
    store = FolderStore(tmp_path, lambda _: guideline)
    session.accept(session.save_job(store).run())
    for opened in (settings, replace(settings, stain=replace(settings.stain, t_weak=0.3))):  # whatever is chosen there
        again = CaseSession.opened(FolderStore(tmp_path, lambda _: guideline).load(), opened)
        assert again.state == session.state
        assert not any(again.is_pending(i) for i in ids.values())
        assert again.tally() == session.tally()
        again.case.set_thresholds(0.2, 0.5)
        work(again)
        again.undo()
        work(again)
        assert {i: od(again, i) for i in ids.values()} == before
        again.case.set_stain(
            replace(again.state.stain, white=(230.0, 230.0, 230.0))
        )  # whole fields, from their pictures
        work(again)
        again.undo()
        work(again)
        assert {i: od(again, i) for i in ids.values()} == before
        again.show(ids[L40])
        work(again)
        assert again.desk.shown.frame.lens == L40


def test_a_case_kept_before_objectives_were_recorded_is_read_by_the_profiles_own(case, guideline, settings, tmp_path):
    session, ids = case
    work(session)
    store = FolderStore(tmp_path, lambda _: guideline)
    session.accept(session.save_job(store).run())
    path = tmp_path / "case.json"
    document = json.loads(path.read_text())
    for field in document["fields"]:
        del field["lens"]
        field["membrane_stain"].pop("lenses", None)
    document["stain"].pop("lenses", None)
    path.write_text(json.dumps(document))
    again = CaseSession.opened(FolderStore(tmp_path, lambda _: guideline).load(), settings)
    before = {i: od(again, i) for i in ids.values()}
    again.case.set_vectors(L40, PICKED)
    assert not any(again.is_pending(i) for i in ids.values())
    assert "Of 4 fields the objective is not recorded" in read_again_text(again.state.fields, again.state.stain, L40)
    again.case.set_vectors(None, PICKED)
    work(again)
    after = {i: od(again, i) for i in ids.values()}
    assert all(after[i] != before[i] for i in ids.values())


def test_a_broken_entry_is_a_broken_case_and_not_a_plain_one(case, guideline, tmp_path):
    session, _ = case
    session.case.set_vectors(L40, PICKED)
    work(session)
    session.accept(session.save_job(FolderStore(tmp_path, lambda _: guideline)).run())
    path = tmp_path / "case.json"
    document = json.loads(path.read_text())
    entry = document["stain"]["lenses"][0]["vectors"]
    entry["hematoxylin"], entry["dab"] = entry["dab"], entry["hematoxylin"]
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match=r"saved case is broken \(.*exchanged"):
        FolderStore(tmp_path, lambda _: guideline).load()


def test_the_list_of_changes_names_objective_old_and_new_vectors(case):
    session, _ = case
    session.case.set_vectors(L40, PICKED, "picked")
    session.case.set_vectors(L40, THIRD, "picked")
    session.case.set_stain(replace(session.state.stain, lenses=()), "reset")
    session.case.set_thresholds(0.2, 0.5)
    session.case.set_vectors(None, PICKED, "picked")
    own, plain, reset, second, first = (row.what for row in audit_rows(session.ledger.history.audit, "threshold"))
    new, newer = (
        "hematoxylin 0.600 0.720 0.350, DAB 0.422 0.572 0.703",
        "hematoxylin 0.755 0.624 0.201, DAB 0.150 0.551",
    )
    start = "hematoxylin 0.650 0.704 0.286, DAB 0.268 0.570 0.776"
    assert first == (
        f"Picked stain vectors of profile default, 40x (set-up bench): {new} (before: the profile's own, {start})"
    )
    assert second.startswith(f"Picked stain vectors of profile default, 40x (set-up bench): {newer}")
    assert second.endswith(f"(before: {new})")
    assert f"40x (set-up bench): the profile's own again, {start} (before: {newer}" in reset
    assert "vectors" not in plain
    assert own == f"Picked stain vectors of profile default, the profile's own: {new} (before: {start})"


def test_vectors_picked_after_signing_are_a_change_of_what_was_signed(case):
    session, _ = case
    few = replace(session.state.guideline, minimum_cells=1, minimum_cells_per_field=1, minimum_fields=1)
    session.case.set_guideline(few)
    session.case.skip_control("none")
    work(session)
    sign(session, "3+", "as I see it")
    assert not changed_since_signed(session.ledger.history.audit)
    session.case.set_vectors(L40, PICKED)
    assert changed_since_signed(session.ledger.history.audit)


def test_what_will_be_read_again_is_counted(case):
    session, _ = case
    fields, stain = session.state.fields, session.state.stain.with_vectors(L20, PICKED)
    assert read_again_text(fields, stain, L40).startswith("Read again: 1 field of this case taken under 40x.")
    assert "Of 1 field the objective is not recorded" in read_again_text(fields, stain, L40)
    assert read_again_text(fields, stain, None).startswith("Read again: 3 fields")


def test_no_change_of_vectors_is_no_text(settings):
    stain = settings.stain.with_vectors(L40, PICKED)
    assert changes_text(stain, replace(stain, t_weak=0.2, name="other")) == ""


def test_the_threshold_bar_names_the_objective_whose_vectors_are_used(settings):
    stain = settings.stain.with_vectors(L40, PICKED)
    bar = threshold_bar(values_of(stain), stain, None, in_force=stain)
    assert with_lens(bar, stain, L40) == replace(bar, vectors_text="40x vectors")
    assert with_lens(bar, stain, L20) == with_lens(bar, stain, None) == bar


def test_taking_another_profile_on_reads_each_field_by_what_is_kept_for_it(case, seen, settings):
    session, ids = case
    session.case.set_vectors(L40, THIRD)
    book = LensBook((Objective("40x", 0.212), Objective("20x", 0.424)), Calibration(devices="bench"), lambda _: None)
    other = replace(settings.stain, name="other")
    book.take_stain("20x", "other", PICKED, "")
    session.case.set_stain(book.dressed(other, session.state.stain), "settings")
    work(session)
    wanted = {L20: PICKED}
    for lens, i in ids.items():
        assert od(session, i) == expected(seen[None], FieldSettings(other), wanted.get(lens))
    assert not np.array_equal(od(session, ids[L20]), od(session, ids[L40]))
