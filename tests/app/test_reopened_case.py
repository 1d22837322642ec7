"""A case that is opened again: on other devices, with changed thresholds; and what signing it asks."""

from dataclasses import replace

import pytest

from her2scope.app.case_keeping import CaseKeeping
from her2scope.app.dialogs import SignDialog
from her2scope.app.main import Devices, compose, opened_session
from her2scope.app.model.folder_store import FolderStore
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.micrometer import MeasuredPixel
from her2scope.app.model.session import CaseSession
from her2scope.app.model.state import Source
from her2scope.app.preferences import Preferences
from her2scope.app.recording import Recording
from her2scope.app.stand import Stand
from her2scope.app.tuning import Tuning
from her2scope.devices.camera import Objective
from her2scope.pipeline.field import FieldSettings
from her2scope.settings.calibration import Calibration, save_calibration
from her2scope.settings.guidelines import load_guideline
from her2scope.settings.stains import load_stain

BEFORE = Source("bench", "3+ tissue", "bench: 3+ tissue")
NOW = Source("bench", "2+ tissue", "bench: 2+ tissue")


@pytest.fixture
def reopened(qapp, desk, still_camera, tmp_path, wait):
    """`reopened(source)` opens the case of the desk again, rough, on a camera over another specimen."""
    made = []

    def opened(source):
        assert desk.findChild(CaseKeeping)._autosave.save_now()
        store = FolderStore(tmp_path / "case", load_guideline)
        record = opened_session(store, Preferences()).state
        session = CaseSession.opened(store.load(), FieldSettings(record.stain), "Dr Test")
        session.source = source
        book = LensBook((Objective("20x", 0.424),), Calibration(devices="bench"), save_calibration)
        made.append(compose(session, store, Devices(still_camera, (), book, {}), Preferences(user="Dr Test")))
        made[-1].window.show()
        made[-1].start()
        assert wait(lambda: made[-1].live_shot is not None)
        return made[-1]

    yield opened
    for bench in made:
        bench.window.close()


def keep_one(desk, wait):
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    desk.keep()


def test_a_case_opened_on_another_specimen_says_so(desk, wait, reopened):
    desk.session.source = BEFORE
    keep_one(desk, wait)
    said = reopened(NOW).window.banner.text
    assert "3+ tissue (set-up bench)" in said
    assert "Now: 2+ tissue (set-up bench)" in said


def test_a_case_opened_on_its_own_specimen_says_nothing(desk, wait, reopened):
    desk.session.source = BEFORE
    keep_one(desk, wait)
    assert reopened(BEFORE).window.banner.text == ""


def test_reset_goes_to_the_saved_profile_in_a_case_opened_again(desk, wait, reopened):
    keep_one(desk, wait)
    desk.act(lambda: desk.session.case.set_thresholds(0.11, 0.7))
    assert wait(lambda: desk.session.tally().score is not None)
    again = reopened(BEFORE)
    again.window.actions_["thresholds"].trigger()
    assert again.window.thresholds._profile.text() == "default, changed"
    again.findChild(Tuning)._reset()
    assert again.session.state.stain == load_stain("default")
    assert again.window.thresholds._profile.text() == "default"


def test_a_profile_that_is_not_saved_here_cannot_be_reset(desk, wait, reopened):
    desk.session.case.set_stain(replace(desk.session.state.stain, name="elsewhere"))
    again = reopened(BEFORE)
    again.window.actions_["thresholds"].trigger()
    assert again.window.thresholds._profile.text() == "elsewhere, not saved on this machine"
    stain = again.session.state.stain
    again.findChild(Tuning)._reset()
    assert again.session.state.stain == stain


def test_the_sign_button_says_what_is_missing(qapp):
    dialog = SignDialog("3+ (HER2 positive)", "", proposed="3+")
    assert "Choose your score" in dialog.ok.toolTip()
    dialog._group.buttons()[2].click()
    assert dialog.score == "2+"
    assert "name of the pathologist" in dialog.ok.toolTip()
    dialog._name.setText("Dr Test")
    assert not dialog.ok.isEnabled()
    assert "differs from the program's (3+)" in dialog.ok.toolTip()
    assert dialog._comment.placeholderText() == dialog.ok.toolTip()
    dialog._comment.setPlainText("heterogeneous")
    assert dialog.ok.isEnabled()
    dialog._comment.clear()
    dialog._group.buttons()[3].click()
    assert dialog.ok.isEnabled()


def test_signing_beside_a_result_that_is_not_kept_says_so(desk, wait, monkeypatch):
    asked = []
    monkeypatch.setattr(SignDialog, "exec", lambda dialog: asked.append(dialog.caution.text()))
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    desk.findChild(CaseKeeping).sign()
    desk.keep()
    desk.findChild(CaseKeeping).sign()
    assert ["not kept" in text for text in asked] == [True, False]


def test_a_result_of_a_pixel_size_in_force_no_longer_is_dropped(desk, wait):
    book = desk.findChild(Stand)._book
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    desk.findChild(Stand).use_lens("20x")
    assert desk.analysed is not None
    book.take_pixel("20x", MeasuredPixel(0.4, 1000.0, 0.001, ""), "Dr Test")
    desk.findChild(Stand).use_lens("20x")
    assert desk.analysed is None
    assert desk.is_live
    assert "taken at 0.4240 µm/px, where 0.4000 µm/px is in force now" in desk.window.banner.text


def test_changes_are_listed_in_rows_of_one_height(desk, wait):
    keep_one(desk, wait)
    desk.act(lambda: desk.session.fields.exclude(1, "folded, out of focus, and " * 20))
    desk.window.actions_["audit"].trigger()
    table = desk.findChild(Recording).audit.table
    assert table.rowCount() == 2
    assert len({table.rowHeight(k) for k in range(2)}) == 1
    assert "folded" in table.item(0, 3).toolTip()
