"""The whole application, without a screen: from the pedal to a score, and everything that a hand changes."""

import gc
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from her2scope.analysis.classes import CellClass
from her2scope.app.case_keeping import CaseKeeping
from her2scope.app.compare_window import ProfileComparing
from her2scope.app.dialogs import ControlDialog, SignDialog
from her2scope.app.eyepiece import Eyepiece
from her2scope.app.help_windows import AboutWindow, HelpWindow
from her2scope.app.ish_dialog import IshDialog
from her2scope.app.main import case_store, opened_session
from her2scope.app.model.state import ControlPhase, Role
from her2scope.app.model.views.ish import ish_view
from her2scope.app.pedal_keys import PedalKeys
from her2scope.app.preferences import Preferences
from her2scope.app.readying import Readying, _try_out
from her2scope.app.settings_window import SettingsWindow
from her2scope.base.errors import InputError
from her2scope.pipeline.detectors import DeferredDetector


def take(desk, wait):
    """Press the pedal, and see the result with its overlay."""
    desk.analyse()
    assert wait(lambda: desk.analysed is not None and desk.overlay is not None)


def pixels(widget):
    """(H, W, 3) uint8 of a widget as it would be on screen."""
    image = widget.grab().toImage().convertToFormat(widget.grab().toImage().Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def test_press_keep_score(desk, wait):
    take(desk, wait)
    assert not desk.is_live
    assert desk.session.state.fields == ()
    alone = desk.shown.result.cells.counts()
    desk.keep()
    assert len(desk.session.state.fields) == 1
    assert desk.session.tally().score.counts == alone
    assert desk.window.case_panel._score.text() == desk.session.tally().score.score
    desk.go_live()
    assert desk.is_live
    assert desk.overlay is None


def test_live_picture_moves_while_a_field_is_analysed(desk, wait):
    number = desk.feed.newest.number
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    assert wait(lambda: desk.feed.newest.number > number + 3)


def test_no_press_is_lost(desk, wait):
    results = []
    desk.changed.connect(lambda: results.append(desk.analysed))
    for _ in range(5):
        desk.analyse()
    assert wait(lambda: desk.bench.loop.waiting == 0 and len({id(r) for r in results if r is not None}) == 5)


def test_undo_and_redo_of_a_kept_field(desk, wait):
    take(desk, wait)
    desk.keep()
    desk.window.actions_["undo"].trigger()
    assert desk.session.state.fields == ()
    desk.window.actions_["redo"].trigger()
    assert len(desk.session.state.fields) == 1


def test_outline_excludes_cells_and_keeps_the_field(desk, wait):
    take(desk, wait)
    whole = desk.shown.result.cells.counts().total
    view = desk.window.view
    desk.window.actions_["tool_exclude"].trigger()
    corners = [view.transform_.to_view(x, y) for x, y in ((20, 20), (320, 20), (320, 620), (20, 620), (20, 20))]
    for x, y in corners:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert len(desk.session.state.fields) == 1
    assert len(desk.shown.taken.roi.exclude) == 1
    assert 0 < desk.shown.result.cells.counts().total < whole
    desk.window.actions_["undo"].trigger()
    assert desk.shown.result.cells.counts().total == whole


def test_boxed_cells_get_a_class_that_survives_a_threshold(desk, wait):
    take(desk, wait)
    view = desk.window.view
    desk.window.actions_["tool_select"].trigger()
    view.boxed.emit(150.0, 150.0, 500.0, 500.0)
    desk.window.cell_card.class_chosen.emit(int(CellClass.INTENSE_COMPLETE))
    changed = desk.shown.corrected.corrected.sum()
    assert changed > 10
    bar = desk.window.thresholds
    desk.window.actions_["thresholds"].trigger()
    bar._move("t_weak", 0.2)
    bar._release()
    assert wait(lambda: not desk.session.is_pending(desk.session.current))
    assert desk.shown.corrected.corrected.sum() == changed
    chosen = desk.shown.result.cells.classes[desk.shown.corrected.corrected]
    assert (chosen == CellClass.INTENSE_COMPLETE).all()


def test_slider_previews_the_field_and_letting_go_sets_the_case(desk, wait):
    take(desk, wait)
    desk.window.actions_["thresholds"].trigger()
    before, overlay = desk.session.state.stain, desk.overlay
    desk.window.thresholds._move("t_weak", 0.5)
    assert wait(lambda: desk.overlay is not overlay)
    assert desk.session.state.stain == before
    desk.window.thresholds._release()
    assert desk.session.state.stain.t_weak == 0.5
    assert wait(lambda: desk.analysed.stain.t_weak == 0.5)


def test_overlay_is_drawn_once_for_one_reading(desk, wait):
    take(desk, wait)
    desk.keep()
    assert wait(lambda: desk.session.desk.get(desk.session.current).is_packed and desk.overlay is not None)
    wait(lambda: False, 0.2)
    overlay, tally = desk.overlay, desk.session.tally()
    desk.refresh()
    wait(lambda: False, 0.2)
    assert desk.overlay is overlay
    assert desk.session.tally() is tally
    desk.window.thresholds._move("t_weak", 0.5)
    desk.window.thresholds._release()
    assert wait(lambda: desk.overlay is not overlay and desk.overlay.thresholds.t_weak == 0.5)
    assert desk.session.tally() is not tally


def test_zooming_in_brings_the_sharper_picture(desk, wait):
    take(desk, wait)
    view = desk.window.view
    before = view._picture.at(view.shrink).width()
    view.zoom_by(8.0)
    assert view.shrink == 1
    assert wait(lambda: view._picture.at(1).width() == view.field_size[0])
    assert before <= view.field_size[0]


def test_newest_move_of_a_slider_wins(desk, wait):
    take(desk, wait)
    desk.window.actions_["thresholds"].trigger()
    drawn = []
    desk.drawn.connect(lambda overlay: drawn.append(overlay.thresholds.t_weak))
    moves = [0.2 + 0.01 * step for step in range(40)]
    for od in moves:
        desk.window.thresholds._move("t_weak", od)
    assert wait(lambda: bool(drawn) and drawn[-1] == pytest.approx(moves[-1]))
    assert len(drawn) <= 3
    assert drawn == sorted(drawn)


def test_detector_is_made_ready_before_the_first_press(desk, wait):
    assert wait(lambda: desk.findChild(Readying).is_ready)
    assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    detector = DeferredDetector("rough")
    _try_out(replace(desk.session.settings, detector=detector), desk.live_shot.frame)
    assert detector._made is not None


def test_thresholds_never_cross(desk, wait):
    desk.window.actions_["thresholds"].trigger()
    desk.window.thresholds._move("t_weak", 1.9)
    values = desk.window.thresholds.values
    assert values.t_weak < values.t_intense == desk.session.state.stain.t_intense


def test_continuous_mode_draws_over_the_moving_picture(desk, wait):
    desk.window.actions_["continuous"].trigger()
    assert wait(lambda: desk.live_result is not None and desk.overlay is not None)
    assert desk.is_live
    first, overlay = desk.live_result, desk.overlay
    number = desk.feed.newest.number
    assert wait(lambda: desk.feed.newest.number > number + 15)
    assert desk.live_result is first, "a still field is not read again: its overlay would flicker with the noise"
    assert desk.overlay is overlay
    desk.bench.camera._rgb = np.ascontiguousarray(desk.bench.camera._rgb[::-1])
    assert wait(lambda: desk.live_result is not first and desk.overlay is not overlay)
    desk.go_live()
    assert wait(lambda: desk.overlay is not None), "the overlay comes back on a still field"
    desk.keep()
    assert len(desk.session.state.fields) == 1
    desk.window.actions_["continuous"].trigger()
    assert not desk.bench.loop.is_continuous


def test_control_step_takes_control_fields(desk, wait):
    keeping = desk.findChild(CaseKeeping)
    desk.window.actions_["control_step"].trigger()
    take(desk, wait)
    desk.keep()
    assert desk.session.state.fields[0].role is Role.CONTROL
    keeping.control.close()
    take(desk, wait)
    desk.keep()
    assert desk.session.state.fields[1].role is Role.CASE


def test_a_control_that_is_done_leaves_the_picture_free(desk, wait):
    keeping = desk.findChild(CaseKeeping)
    stain = desk.session.state.stain
    passes = replace(stain.control, min_intense_complete=0.0, min_membrane_od=0.01)
    desk.session.case.set_stain(replace(stain, control=passes))
    desk.window.actions_["control_step"].trigger()
    take(desk, wait)
    desk.keep()
    assert desk.window.mode.text() == "Result, in the control"
    assert wait(keeping.control.finish.isEnabled)
    keeping.control.finish.click()
    assert desk.session.state.control.phase is not ControlPhase.OPEN
    assert not keeping.control.isVisible()
    take(desk, wait)
    desk.keep()
    assert desk.window.mode.text() == "Result, in the case"


def test_eyepiece_is_black_where_nothing_is_drawn(desk, wait):
    eyepiece = desk.findChild(Eyepiece)
    desk.window.actions_["eyepiece"].trigger()
    take(desk, wait)
    assert wait(lambda: eyepiece.window._overlay is not None)
    seen = pixels(eyepiece.window).max(axis=2)
    assert (seen == 0).mean() > 0.5
    assert (seen > 200).mean() > 0.002
    desk.go_live()
    cleared = pixels(eyepiece.window).max(axis=2)
    middle = cleared[150:560, 100:700]
    assert (middle == 0).all()


def test_eyepiece_is_a_window_without_its_display_and_full_screen_with_it(desk, qapp, monkeypatch):
    eyepiece, banner = desk.findChild(Eyepiece), desk.window.banner
    desk.window.actions_["eyepiece"].trigger()
    assert "There is no second display" in banner.text
    assert not eyepiece.window.isFullScreen()
    (screen,) = qapp.screens()
    monkeypatch.setattr(
        "her2scope.app.eyepiece.eyepiece_display", lambda names, _main, _chosen: next(iter(names), None)
    )
    eyepiece._on_screen_added(screen)
    assert eyepiece.window.isFullScreen()
    assert eyepiece.window.geometry() == screen.geometry()
    eyepiece._on_screen_removed(screen)
    assert eyepiece.window.isVisible()
    assert not eyepiece.window.isFullScreen()
    assert screen.geometry().contains(eyepiece.window.geometry().center())
    assert "display is gone" in banner.text
    eyepiece._on_screen_added(screen)
    assert eyepiece.window.isFullScreen()
    assert "display is gone" not in banner.text
    eyepiece.use(eyepiece.settings, eyepiece.window.alignment, "HDMI-9")
    assert eyepiece.window.isFullScreen()
    desk.window.actions_["eyepiece"].trigger()
    assert not eyepiece.window.isVisible()


def test_pedal_key_is_heard_and_typing_is_not(desk, wait, qapp):
    pedal = desk.bench.pedals[0]
    keys = PedalKeys({"Space": pedal}, desk)
    keys.install(qapp)
    QTest.keyClick(desk.window.view, Qt.Key.Key_Space)
    assert wait(lambda: desk.analysed is not None)
    desk.go_live()
    dialog = SignDialog("2+", "", desk.window)
    dialog.show()
    dialog._name.setFocus()
    assert wait(lambda: qapp.focusWidget() is dialog._name)
    QTest.keyClick(dialog._name, Qt.Key.Key_Space)
    assert dialog._name.text() == " "
    dialog.close()
    qapp.removeEventFilter(keys)


def test_pedal_key_ticks_a_box_of_a_dialog_and_none_of_the_window(desk, wait, qapp):
    keys = PedalKeys({"Space": desk.bench.pedals[0]}, desk)
    keys.install(qapp)
    dialog = IshDialog(
        ish_view(desk.session.state, desk.session.tally()), desk.session.state.guideline, None, desk.window
    )
    dialog._groups.button(2).setChecked(True)
    dialog.open()
    dialog._recounted.setFocus()
    assert wait(lambda: qapp.focusWidget() is dialog._recounted)
    QTest.keyClick(dialog._recounted, Qt.Key.Key_Space)
    assert dialog._recounted.isChecked()
    assert desk.bench.loop.waiting == 0
    dialog.close()
    split = desk.window.thresholds.split
    desk.window.actions_["thresholds"].trigger()
    desk.window.activateWindow()
    split.setFocus()
    assert wait(lambda: qapp.focusWidget() is split)
    QTest.keyClick(split, Qt.Key.Key_Space)
    assert not split.isChecked()
    assert wait(lambda: desk.analysed is not None)
    qapp.removeEventFilter(keys)


def test_case_is_saved_by_itself(desk, wait, tmp_path):
    take(desk, wait)
    desk.keep()
    assert wait((tmp_path / "case" / "case.json").exists)


def test_a_mistake_in_a_job_is_a_sentence(desk, wait):
    def fail():
        raise ZeroDivisionError("by nothing")

    desk.urgent.submit("broken", fail, lambda _: None)
    assert wait(lambda: "ZeroDivisionError" in desk.window.banner.text)
    assert "case is safe" in desk.window.banner.text


@pytest.mark.parametrize("score", ["0", "1+", "2+", "3+"])
def test_signature_is_never_filled_in(qapp, score):
    dialog = SignDialog(score, "Dr Test")
    assert dialog.score is None
    assert not dialog.ok.isEnabled()


def test_every_window_says_research_use_only(desk):
    windows = [
        desk.window,
        desk.findChild(Eyepiece).window,
        ControlDialog(),
        SignDialog("2+", ""),
        HelpWindow(),
        AboutWindow(),
        SettingsWindow(Preferences(), [], [], []),
    ]
    for window in windows:
        words = [window.windowTitle(), *(label.text() for label in window.findChildren(type(desk.window.mode)))]
        assert any("research use only" in word.lower() for word in words), type(window)
        if isinstance(window, QDialog):
            window.deleteLater()


def test_result_is_drawn_over_the_tissue(desk, wait):
    take(desk, wait)
    with_overlay = pixels(desk.window.view)
    desk.window.actions_["overlay"].trigger()
    bare = pixels(desk.window.view)
    changed = (cv2.absdiff(with_overlay, bare).max(axis=2) > 40).mean()
    assert changed > 0.02


def test_case_is_kept_when_the_window_closes_and_can_be_opened_again(desk, wait, tmp_path):
    take(desk, wait)
    desk.keep()
    counts = desk.session.tally().score.counts
    desk.window.close()
    store = case_store(tmp_path / "case", Preferences())
    again = opened_session(store, Preferences())
    assert again.tally().score.counts == counts


def test_folder_without_a_case_is_a_sentence(tmp_path):
    with pytest.raises(InputError, match=r"There is no case in that folder; choose"):
        opened_session(case_store(tmp_path, Preferences()), Preferences())


def test_two_profiles_are_compared_on_one_field(desk, wait):
    take(desk, wait)
    comparing = desk.findChild(ProfileComparing)
    comparing.compare_with(replace(desk.session.state.stain, name="other", t_weak=0.3))
    assert wait(lambda: comparing.window is not None)
    one, other = comparing.window.views
    assert (pixels(one) != pixels(other)).any()
    one.zoom_by(2.0)
    assert other.transform_ == one.transform_
    assert "research use only" in comparing.window.windowTitle()
