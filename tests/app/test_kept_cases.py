"""Kept cases in a list, and the offer of the one that was not closed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from her2scope.app import main
from her2scope.app.autosave import Autosave
from her2scope.app.case_keeping import CaseKeeping
from her2scope.app.case_list import CaseList
from her2scope.app.main import _left_open
from her2scope.app.model.kept_cases import KeptCase, kept_case, kept_cases
from her2scope.app.model.signing import sign
from her2scope.app.open_marks import OpenMarks
from her2scope.app.places import marks_dir


def keep_field(desk, wait):
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    desk.keep()


def kept_as(desk, folder):
    """A second case on disk: the one in hand, kept under another name."""
    autosave = desk.findChild(Autosave)
    before = autosave.folder
    assert autosave.move_to(folder)
    assert autosave.move_to(before)


def rows(dialog):
    table = dialog.table
    return [[table.item(i, k).text() for k in range(table.columnCount())] for i in range(table.rowCount())]


def test_cases_are_listed_with_name_fields_score_and_signature(desk, wait, tmp_path, monkeypatch):
    keep_field(desk, wait)
    desk.session.case.rename("S24-117")
    kept_as(desk, tmp_path / "first")
    desk.act(lambda: sign(desk.session, "2+", "clear"))
    kept_as(desk, tmp_path / "signed")
    desk.act(lambda: desk.session.fields.exclude(desk.session.state.fields[0].id, "a fold"))
    kept_as(desk, tmp_path / "changed")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "case.json").write_text("{")
    seen = []

    def run(dialog):
        dialog.show()
        assert wait(lambda: "…" not in [row[3] for row in rows(dialog)])
        seen.extend(rows(dialog))
        dialog.close()
        return 0

    monkeypatch.setattr(CaseList, "exec", run)
    desk.window.actions_["open_case"].trigger()
    assert {tuple(row[k] for k in (0, 2, 3, 4)) for row in seen} == {
        ("S24-117", "1", seen_score(desk, tmp_path / "first"), "no"),
        ("S24-117", "1", seen_score(desk, tmp_path / "first"), "2+ by Dr Test"),
        ("S24-117", "1", "—", "2+ by Dr Test, changed since"),
        ("broken", "", "cannot be read", ""),
    }
    assert desk.findChild(CaseKeeping).next_case is None


def seen_score(desk, folder):
    session = main.opened_session(main.case_store(folder, main.load_preferences()), main.load_preferences())
    return session.tally().score.score or "—"


def test_a_chosen_case_is_gone_on_with_and_a_folder_can_be_chosen(desk, wait, tmp_path, monkeypatch):
    keep_field(desk, wait)
    kept_as(desk, tmp_path / "other")
    dialog = CaseList(kept_cases((tmp_path,)), tmp_path)
    assert {case.folder.name for case in dialog._cases} == {"case", "other"}
    asked = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *given: asked.append(given[-1]) or "/elsewhere")
    dialog.choose_folder()
    assert (dialog.folder, asked) == (Path("/elsewhere"), [str(tmp_path)])

    def run(dialog):
        assert [case.folder.name for case in dialog._cases] == ["other"], "the case in hand is open already"
        dialog.go_on.click()
        return dialog.result()

    monkeypatch.setattr(CaseList, "exec", run)
    desk.window.actions_["open_case"].trigger()
    assert desk.findChild(CaseKeeping).next_case.folder == (tmp_path / "other").resolve()


def test_without_a_kept_case_the_list_says_so(qapp, tmp_path):
    dialog = CaseList(kept_cases((tmp_path, tmp_path / "nothing")), tmp_path)
    assert not dialog.go_on.isEnabled()
    assert kept_case(tmp_path) is None
    dialog.deleteLater()


CRASH = """
import os, sys
from pathlib import Path
from her2scope.app.model.signing import sign
from her2scope.app.open_marks import OpenMarks
OpenMarks(Path(sys.argv[1])).mark(Path(sys.argv[2]))
os._exit(9)
"""


def crash_with(marks, case):
    case.mkdir(exist_ok=True)
    (case / "case.json").write_text("{")
    done = subprocess.run([sys.executable, "-c", CRASH, str(marks), str(case)], check=False)
    assert done.returncode == 9


def test_the_case_of_a_program_that_died_is_left_and_taken_once(tmp_path):
    crash_with(tmp_path / "marks", tmp_path / "old")
    crash_with(tmp_path / "marks", tmp_path / "new")
    os.utime(tmp_path / "old" / "case.json", (0, 0))
    left = OpenMarks(tmp_path / "marks").take_left()
    assert left.folder == tmp_path / "new"
    assert OpenMarks(tmp_path / "marks").take_left() is None


def test_a_case_that_is_open_or_was_closed_is_not_left(tmp_path):
    case = tmp_path / "case"
    case.mkdir()
    (case / "case.json").write_text("{")
    alive, other = OpenMarks(tmp_path / "marks"), OpenMarks(tmp_path / "marks")
    alive.mark(case)
    assert other.take_left() is None
    alive.mark(case)
    alive.clear()
    assert other.take_left() is None
    assert list((tmp_path / "marks").iterdir()) == []


def test_a_mark_that_cannot_be_made_is_done_without(tmp_path):
    (tmp_path / "marks").write_text("")
    marks = OpenMarks(tmp_path / "marks")
    marks.mark(tmp_path)
    marks.clear()
    assert marks.take_left() is None


def test_a_case_is_marked_from_its_first_save_until_it_is_closed(desk, wait, tmp_path):
    assert not marks_dir().exists()
    keep_field(desk, wait)
    assert wait(lambda: marks_dir().exists() and list(marks_dir().glob("*.case")))
    (mark,) = marks_dir().glob("*.case")
    assert mark.read_text() == str(tmp_path / "case")
    desk.window.close()
    assert list(marks_dir().iterdir()) == []


@pytest.mark.parametrize("answer", ["Go on with it", "Begin a new case"])
def test_the_case_that_was_not_closed_is_offered(qapp, tmp_path, monkeypatch, answer):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    crash_with(marks_dir(), tmp_path / "20261128-101010")
    assert main.is_seen() is False
    assert _left_open() is None, "nobody sees the question"
    monkeypatch.setattr(main, "is_seen", lambda: True)
    said = []

    def run(box):
        said.append(box.text())
        next(button for button in box.buttons() if button.text() == answer).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", run)
    assert _left_open() == (tmp_path / "20261128-101010" if answer.startswith("Go on") else None)
    assert said == ["Go on with the case 20261128-101010?"]
    assert _left_open() is None
    assert len(said) == 1


def test_a_case_at_a_glance(tmp_path):
    fields = '[{"role": "case"}, {"role": "case"}, {"role": "control"}]'
    text = f'{{"name": "", "fields": {fields}, "sign_off": null, "audit": [], "more": 1}}'
    (tmp_path / "case.json").write_text(text)
    case = kept_case(tmp_path)
    assert case == KeptCase(tmp_path, tmp_path.name, case.changed, 2, "")
