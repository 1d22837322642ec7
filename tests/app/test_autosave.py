"""The case on a disk that fails: it is said, the case stays, it is tried again, and it is said when it is safe."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox

from her2scope.app.autosave import Autosave
from her2scope.app.case_keeping import CaseKeeping
from her2scope.app.main import case_store, opened_session
from her2scope.app.model.views.autosave import Kept, autosave_item
from her2scope.app.model.views.tone import Tone
from her2scope.app.preferences import Preferences
from her2scope.base.errors import OutputError

FULL = "/case: cannot be written (No space left on device); free its disk."


@pytest.fixture
def autosave(desk):
    """The desk's own, that tries again at once."""
    found = desk.findChild(Autosave)
    found._retry_ms = 50
    return found


def break_store(autosave, monkeypatch, error):
    """Let every save fail until it is mended; returns how often it was tried."""
    tried = []
    save = autosave._store.save

    def fail(record):
        tried.append(record)
        if error:
            raise error[0]
        return save(record)

    monkeypatch.setattr(autosave._store, "save", fail)
    return tried


def keep_field(desk, wait):
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    desk.keep()


def status(desk):
    return desk.window.status.items["case"].words.text()


def test_a_full_disk_is_said_tried_again_and_taken_back(desk, wait, autosave, monkeypatch, tmp_path):
    error = [OutputError(FULL)]
    tried = break_store(autosave, monkeypatch, error)
    keep_field(desk, wait)
    assert wait(lambda: "not saved, but safe in memory" in desk.window.banner.text)
    assert "No space left" in desk.window.banner.text
    assert status(desk) == "Not saved"
    assert wait(lambda: len(tried) > 2)
    assert len(desk.session.state.fields) == 1
    error.clear()
    assert wait(lambda: "saved again" in desk.window.banner.text)
    assert status(desk).startswith("Saved")
    assert (tmp_path / "case" / "case.json").exists()


def test_the_fault_comes_back_after_a_hint_but_not_after_it_was_closed(desk, wait, autosave, monkeypatch):
    tried = break_store(autosave, monkeypatch, [OutputError(FULL)])
    keep_field(desk, wait)
    assert wait(lambda: "not saved" in desk.window.banner.text)
    desk.hint("Something else.")
    assert desk.window.banner.shown[-1] == "Something else."
    desk.window.banner.expire()
    assert "not saved" in desk.window.banner.text
    desk.window.banner.close_line(desk.window.banner.text)
    known = len(tried)
    assert wait(lambda: len(tried) > known + 1)
    assert desk.window.banner.text == ""
    assert status(desk) == "Not saved"
    monkeypatch.undo()


def test_a_mistake_while_saving_is_a_sentence_too(desk, wait, autosave, monkeypatch):
    error = [ZeroDivisionError("by nothing")]
    break_store(autosave, monkeypatch, error)
    keep_field(desk, wait)
    assert wait(lambda: "ZeroDivisionError" in desk.window.banner.text)
    error.clear()
    assert wait(lambda: "saved again" in desk.window.banner.text)


def test_a_folder_that_vanishes_is_made_again_and_lost_pictures_are_said(desk, wait, autosave, tmp_path):
    keep_field(desk, wait)
    desk.go_live()
    case = tmp_path / "case"
    assert wait((case / "case.json").exists)
    assert wait(lambda: desk.session.save_job(autosave._store) is None)
    shutil.rmtree(case)
    other = desk.bench.camera._rgb = desk.bench.camera._rgb[::-1].copy()
    assert wait(lambda: np.array_equal(desk.feed.newest.frame.rgb, other))
    keep_field(desk, wait)
    assert wait((case / "case.json").exists)
    assert wait(lambda: "pictures of 1 field are gone" in desk.window.banner.text)
    again = opened_session(case_store(case, Preferences()), Preferences())
    assert again.tally().score.counts == desk.session.tally().score.counts


@pytest.mark.skipif(os.name != "posix", reason="a file in place of a folder is the same everywhere, this way is not")
def test_a_place_that_takes_no_folder_is_said_and_another_is_chosen(desk, wait, autosave, tmp_path, monkeypatch):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    autosave._store.folder = blocked / "case"
    keep_field(desk, wait)
    assert wait(lambda: "it is a file, or lies below one" in desk.window.banner.text)
    assert not autosave.move_to(blocked / "other")
    assert autosave.folder == blocked / "case"
    assert autosave.move_to(tmp_path / "other")
    assert (tmp_path / "other" / "case.json").exists()
    assert status(desk).startswith("Saved")
    keep_field(desk, wait)
    assert autosave.save_now()
    again = opened_session(case_store(tmp_path / "other", Preferences()), Preferences())
    assert len(again.state.fields) == 2


def answer(monkeypatch, *texts):
    """Answer the questions at closing, one after the other."""
    answers = list(texts)
    clicked = []

    def run(box):
        text = answers.pop(0)
        clicked.append(next(b for b in box.buttons() if b.text().replace("&", "") == text))
        return 0

    monkeypatch.setattr(QMessageBox, "exec", run)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda _: clicked[-1])
    return answers


def test_a_window_does_not_close_over_a_case_that_is_not_saved(desk, wait, autosave, monkeypatch):
    error = [OutputError(FULL)]
    break_store(autosave, monkeypatch, error)
    keep_field(desk, wait)
    left = answer(monkeypatch, "Try again", "Cancel")
    assert not desk.window.close()
    assert left == []
    assert desk.window.isVisible()
    answer(monkeypatch, "Cancel")
    keeping = desk.findChild(CaseKeeping)
    keeping.reopen()
    assert desk.window.isVisible()
    assert keeping.next_case is None
    answer(monkeypatch, "Close without saving")
    assert desk.window.close()


def test_a_case_that_is_not_saved_is_kept_elsewhere_at_closing(desk, wait, autosave, monkeypatch, tmp_path):
    break_store(autosave, monkeypatch, [OutputError(FULL)])
    keep_field(desk, wait)
    monkeypatch.setattr("her2scope.app.autosave.QFileDialog.getExistingDirectory", lambda *_: str(tmp_path / "stick"))
    answer(monkeypatch, "Keep it elsewhere…")
    assert desk.window.close()
    assert (tmp_path / "stick" / "case" / "case.json").exists()


def test_a_case_in_which_nothing_was_done_leaves_no_folder(desk, tmp_path):
    assert desk.window.close()
    assert not Path(tmp_path / "case").exists()


@pytest.mark.parametrize(
    ("kept", "text", "tone"),
    [
        (Kept("/x"), "Nothing to save", Tone.QUIET),
        (Kept("/x", is_due=True), "Saving", Tone.QUIET),
        (Kept("/x", "10:42"), "Saved 10:42", Tone.OK),
        (Kept("/x", "10:42", True, "no disk"), "Not saved", Tone.FAULT),
    ],
)
def test_the_status_line_says_whether_the_case_is_kept(kept, text, tone):
    item = autosave_item(kept)
    assert (item.text, item.tone) == (text, tone)
    assert ("/x" in item.tip) is not bool(kept.fault)
