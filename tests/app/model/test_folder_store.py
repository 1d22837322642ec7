"""Autosave: whole or not at all, and nothing is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from her2scope.analysis.classes import CellClass
from her2scope.analysis.guideline import with_action
from her2scope.analysis.roi import Polygon, Roi
from her2scope.app.model.counting import Reading
from her2scope.app.model.folder_store import FolderStore
from her2scope.app.model.jobs import OpenJob, SaveJob
from her2scope.app.model.saved_reading import decode_reading, encode_reading
from her2scope.app.model.session import CaseSession
from her2scope.app.model.signing import sign
from her2scope.app.model.state import IshEntry, Role
from her2scope.base.errors import ConfigError, InputError, OutputError
from her2scope.pipeline.field import analyse_field
from her2scope.report.files import ResultFolder

RING = np.array([[10.0, 10.0], [150.0, 10.0], [150.0, 150.0]])


@pytest.fixture
def loader(guideline):
    return lambda name: guideline if name == guideline.name else pytest.fail(name)


@pytest.fixture
def store(tmp_path, loader):
    return FolderStore(tmp_path / "case", loader)


@pytest.fixture
def full(session, take):
    """A session with something of everything."""
    field = take("3+", origin_um=(5.0, 7.5))
    session.fields.set_roi(field, Roi((Polygon(RING + 100),), (Polygon(RING, (RING * 0.5 + 20,)),)))
    shown = session.counted(field).corrected
    session.fields.change_class(field, shown, [0, 1], CellClass.UNSTAINED)
    session.fields.add_cell(field, (300.0, 20.0), CellClass.WEAK_COMPLETE)
    session.fields.exclude(take("2+"), "fold")
    take("control", Role.CONTROL)
    take("glass")
    session.case.finish_control()
    session.case.enter_ish(IshEntry(2, recounted=True))
    sign(session, "3+", "sure")
    session.undo()
    return session


def save(session: CaseSession, store: FolderStore) -> None:
    job = session.save_job(store)
    assert isinstance(job, SaveJob)
    assert session.accept(job.run())


def reopened(store: FolderStore, settings, loader) -> CaseSession:
    record = FolderStore(store.folder, loader).load()
    assert record is not None
    return CaseSession.opened(record, settings, "Dr Test")


def run_all(session: CaseSession) -> None:
    while jobs := session.jobs():
        assert all(session.accept(job.run()) for job in jobs)


def comparable(session: CaseSession) -> str:
    return repr((replace(session.state, guideline=session.state.guideline.name), session.ledger.history.audit))


def test_an_empty_folder_holds_no_case(store):
    assert store.load() is None


def test_a_case_comes_back_as_it_was(full, store, settings, loader):
    save(full, store)
    again = reopened(store, settings, loader)
    assert comparable(again) == comparable(full)
    assert again.tally() == full.tally()
    for taken in full.state.fields:
        mine, theirs = full.desk.get(taken.id), again.desk.get(taken.id)
        assert np.array_equal(theirs.thumbnail, mine.thumbnail)
        assert encode_reading(theirs.reading) == encode_reading(mine.reading)


def test_the_white_of_a_field_comes_back_and_is_used_again(session, store, settings, loader, frames):
    white = (251.0, 250.0, 249.0)
    frame = replace(frames["2+"], white=white)
    field = session.take(analyse_field(frame, settings), frame)
    save(session, store)
    again = reopened(store, settings, loader)
    again.show(field)
    run_all(again)
    assert again.desk.shown.frame.white == white
    again.case.set_stain(replace(again.state.stain, white=(200.0, 200.0, 200.0)))
    run_all(again)
    assert again.counted(field).result.white == white


def test_a_reopened_case_goes_on(full, store, settings, loader, results, frames, work):
    save(full, store)
    again = reopened(store, settings, loader)
    assert again.take(results["0"], frames["0"]) == max(taken.id for taken in full.state.fields) + 1
    again.show(1)
    opened = next(job for job in again.jobs() if isinstance(job, OpenJob)).run()
    assert np.array_equal(opened.frame.rgb, frames["3+"].rgb)
    assert opened.frame.notes == frames["3+"].notes
    again.case.set_thresholds(0.2, 0.5)
    full.case.set_thresholds(0.2, 0.5)
    for session in (again, full):
        for job in session.jobs():
            session.accept(job.run())
    assert again.counted(1).result.cells.counts() == full.counted(1).result.cells.counts()


def test_saved_pictures_leave_the_memory(full, store):
    save(full, store)
    for held in full.desk.held.values():
        assert held.pictures.frame.data is None
        assert held.pictures.frame.path.exists()


def test_nothing_changed_needs_no_saving(full, store):
    save(full, store)
    assert full.save_job(store) is None
    full.undo()
    assert full.save_job(store) is not None


def test_a_save_that_was_overtaken_is_not_taken_for_the_newest(full, store):
    job = full.save_job(store)
    full.undo()
    full.accept(job.run())
    assert full.save_job(store) is not None


def test_a_deleted_field_can_still_be_brought_back_after_a_save(full, store, work):
    save(full, store)
    full.fields.delete(1)
    save(full, store)
    full.undo()
    full.show(1)
    assert work() >= 1
    assert full.desk.shown.field_id == 1


def test_files_of_fields_that_are_gone_for_good_are_removed(session, take, store):
    take("3+")
    save(session, store)
    before = {path.name for path in store.folder.iterdir()}
    session.undo()
    take("2+")
    save(session, store)
    after = {path.name for path in store.folder.iterdir()}
    assert before & after == {"case.json"}
    assert len(after) == len(before)


def test_a_full_disk_is_one_sentence_and_the_case_before_stands(full, store, settings, loader, monkeypatch):
    save(full, store)
    before = {path.name: path.read_bytes() for path in store.folder.iterdir()}
    full.undo()
    write = ResultFolder.write

    def full_disk(folder, name, data):
        if name == "case.json":
            raise OutputError(f"{folder.folder}: cannot be written (No space left on device); free its disk.")
        write(folder, name, data)

    monkeypatch.setattr(ResultFolder, "write", full_disk)
    counts = full.tally()
    with pytest.raises(OutputError, match="No space left"):
        full.save_job(store).run()
    assert full.tally() == counts
    assert {path.name: path.read_bytes() for path in store.folder.iterdir()} == before
    monkeypatch.undo()
    save(full, store)
    assert comparable(reopened(store, settings, loader)) == comparable(full)


def test_a_folder_that_cannot_be_made_is_one_sentence(full, tmp_path, loader):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        full.save_job(FolderStore(tmp_path / "file", loader)).run()


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_a_truncated_case_is_one_sentence_and_is_kept(full, store, loader, length):
    save(full, store)
    path = store.folder / "case.json"
    broken = path.read_bytes()[:length]
    path.write_bytes(broken)
    names = {p.name for p in store.folder.iterdir()}
    other = FolderStore(store.folder, loader)
    with pytest.raises(InputError, match=r"case\.json: the saved case is broken"):
        other.load()
    save(full, other) if full.save_job(other) else other.save(full_record(full))
    assert (store.folder / "case-before-1.json").read_bytes() == broken
    assert names <= {p.name for p in store.folder.iterdir()}


def full_record(session: CaseSession):
    session.undo()
    return session.save_job(None).record


def test_a_case_of_somebody_else_is_never_overwritten(session, take, store, loader):
    take("3+")
    save(session, store)
    theirs = (store.folder / "case.json").read_bytes()
    take("2+")
    save_with = FolderStore(store.folder, loader)  # has not loaded what is there
    save(session, save_with)
    assert (store.folder / "case-before-1.json").read_bytes() == theirs
    session.undo()
    save(session, save_with)
    assert not (store.folder / "case-before-2.json").exists()


def changed(store: FolderStore, change) -> None:
    path = store.folder / "case.json"
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("stain"), "stain"),
        (lambda d: d.update(surprise=1), "surprise"),
        (lambda d: d["stain"].update(t_weak=0.9), "t_weak"),
        (lambda d: d.update(guideline_digest="0"), "was changed since"),
        (lambda d: d.update(next_id=1), "above the last one"),
        (lambda d: d["fields"].append(d["fields"][0]), "twice"),
        (lambda d: d["fields"][0]["reading"].update(name="../secret"), "not a file beside it"),
        (lambda d: d["fields"][0]["reading"].update(size=1), "of 1 bytes"),
        (lambda d: d["fields"][0].update(thumbnail=d["fields"][0]["reading"]), "is broken"),
        (lambda d: d["fields"][0]["reading"].update(name="reading-none.json"), "is missing"),
        (lambda d: d.update(schema=2), "version 2"),
        (lambda d: d["fields"][0]["roi"]["include"][0].update(ring=[[0, 0], [1, 1]]), "three points"),
    ],
)
def test_a_case_that_does_not_fit_is_one_sentence(full, store, loader, change, words):
    save(full, store)
    changed(store, change)
    with pytest.raises((InputError, ConfigError), match=words) as caught:
        FolderStore(store.folder, loader).load()
    assert len(str(caught.value).splitlines()) == 1


def test_a_guideline_that_is_gone_is_said(full, store):
    def gone(name: str):
        raise ConfigError(f"There is no guideline {name!r}; choose one.")

    save(full, store)
    with pytest.raises(ConfigError, match="no guideline"):
        FolderStore(store.folder, gone).load()


def test_an_option_switched_in_the_guideline_comes_back(full, store, settings, loader):
    switched = with_action(full.state.guideline, "intense complete in few", "flag")
    full.case.set_guideline(switched)
    save(full, store)
    assert reopened(store, settings, loader).state.guideline == switched


@pytest.mark.parametrize("spoil", [lambda p: p.write_bytes(p.read_bytes()[:-20]), Path.unlink])
def test_a_frame_that_is_lost_costs_its_picture_only(full, store, settings, loader, spoil):
    save(full, store)
    frame = full.desk.get(1).pictures.frame.path
    spoil(frame)
    again = reopened(store, settings, loader)
    assert again.tally() == full.tally()
    again.show(1)
    job = next(job for job in again.jobs() if isinstance(job, OpenJob))
    with pytest.raises(InputError, match=r"3\+\.png: its picture is lost .*; take the field again, or leave it out"):
        job.run()


def test_a_reading_comes_back_exactly_with_what_was_not_measured(results, settings):
    reading = Reading(replace(results["2+"], membranes=None), settings.stain)
    again = decode_reading(encode_reading(reading))
    for key, values in vars(reading.result.cells).items():
        other = getattr(again.result.cells, key)
        assert values.dtype == other.dtype
        assert np.array_equal(values, other, equal_nan=values.dtype.kind == "f"), key
    assert np.isnan(again.result.cells.membrane_od).any()
    assert np.array_equal(again.result.nuclei.score, reading.result.nuclei.score)
    assert again.stain == reading.stain


def test_a_reading_whose_lists_differ_is_refused(results, settings):
    document = json.loads(encode_reading(Reading(results["2+"], settings.stain)))
    document["uncut"].pop()
    with pytest.raises(ValueError, match="differ in length"):
        decode_reading(json.dumps(document).encode())
    document["uncut"].append(True)
    document["cells"]["classes"][0] = 7
    with pytest.raises(ValueError, match="unknown"):
        decode_reading(json.dumps(document).encode())


def test_files_that_another_case_has_too_are_left_to_it(session, take, store, settings, loader):
    take("3+")
    save(session, store)
    (store.folder / "case.json").rename(store.folder / "theirs.json")
    other = FolderStore(store.folder, loader)
    session.fields.exclude(1)
    other.save(session.save_job(other).record)  # the same frame, so the same file
    session.undo()
    session.undo()
    take("2+")
    save(session, other)
    (store.folder / "theirs.json").replace(store.folder / "case.json")
    assert reopened(store, settings, loader).state.find(1).name == "3+.png"
