"""White, pixel size and stain vectors by hand; patches against the control; faults of devices in words."""

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox

from her2scope.app import calibrating
from her2scope.app.calibrating import Calibrating
from her2scope.app.provisional import Analysed
from her2scope.app.stand import Stand
from her2scope.app.view_tools import Tool
from her2scope.base.frame import Frame
from her2scope.devices.faults import DeviceError, Fault
from her2scope.pipeline.live_events import FaultEvent
from her2scope.settings.calibration import load_calibration


def take(desk, wait):
    desk.analyse()
    assert wait(lambda: desk.analysed is not None and desk.overlay is not None)


def test_white_is_taken_from_glass_and_refused_from_tissue(desk, wait, monkeypatch):
    asked = []
    yes = QMessageBox.StandardButton.Yes
    monkeypatch.setattr(QMessageBox, "question", lambda *words: asked.append(words[2]) or yes)
    bench = desk.findChild(Calibrating)
    bench.take_white()
    assert asked == []
    assert desk.session.state.stain.white is None
    assert desk.window.banner.text
    take(desk, wait)
    glass = Frame("glass", np.full((400, 400, 3), (240, 238, 235), np.uint8), 0.424)
    desk.analysed = Analysed(glass, desk.analysed.result, desk.analysed.stain)
    bench.take_white()
    assert len(asked) == 1
    assert "under 20x" in asked[0]
    assert load_calibration("bench").find("20x").white == (240, 238, 235)
    assert wait(lambda: desk.feed.newest.frame.white == (240, 238, 235))
    desk.go_live()
    take(desk, wait)
    assert desk.analysed.result.white == (240, 238, 235)
    assert not any("white was estimated" in note for note in desk.analysed.result.notes)
    desk.window.actions_["objective"].trigger()
    assert wait(lambda: desk.feed.newest.objective == "40x")
    assert desk.feed.newest.frame.white is None


def test_two_clicks_and_a_length_give_the_pixel_size(desk, wait, monkeypatch):
    asked = []
    monkeypatch.setattr(calibrating, "ask_number", lambda *_: 100.0)
    monkeypatch.setattr(
        QMessageBox, "question", lambda *words: asked.append(words[2]) or QMessageBox.StandardButton.Yes
    )
    desk.window.actions_["ruler"].trigger()
    desk.window.view.clicked.emit(100.0, 50.0)
    desk.window.view.clicked.emit(300.0, 50.0)
    assert desk.bench.camera.objective.pixel_um == 0.5
    assert "0.5000 µm/px, where 0.4240 µm/px is in force" in asked[0]
    assert desk.window.view.tool is Tool.PAN
    assert wait(lambda: desk.live_shot.frame.pixel_um == 0.5)
    kept = load_calibration("bench").find("20x")
    assert (kept.pixel_um, kept.pixel_who) == (0.5, "Dr Test")
    assert wait(lambda: desk.window.objective.text() == "20x, 0.500 µm/px, measured")
    assert "kept for the next start" in desk.window.banner.text


def test_a_picture_that_moved_between_the_clicks_gives_no_pixel_size(desk, wait, monkeypatch):
    asked, view = [], desk.window.view
    monkeypatch.setattr(calibrating, "ask_number", lambda *_: asked.append(view._rings) or 90.0)
    desk.window.actions_["ruler"].trigger()
    view.clicked.emit(100.0, 50.0)
    first, camera = desk.live_shot.frame.rgb, desk.bench.camera
    camera._rgb = np.roll(first, 16, axis=1)
    assert wait(lambda: not np.array_equal(desk.live_shot.frame.rgb, first))
    view.clicked.emit(300.0, 50.0)
    assert asked == []
    assert "moved between the two clicks" in desk.window.banner.text
    assert desk.bench.camera.objective.pixel_um == 0.424
    assert view._rings == ()
    desk.window.actions_["ruler"].trigger()
    view.clicked.emit(100.0, 50.0)
    view.clicked.emit(300.0, 50.0)
    assert asked == [((100.0, 50.0), (300.0, 50.0))]  # both are marked while the length is asked for
    assert desk.bench.camera.objective.pixel_um == pytest.approx(0.45)


def test_a_pixel_size_far_from_the_one_in_force_is_taken_only_when_meant(desk, monkeypatch):
    length_um = []
    monkeypatch.setattr(calibrating, "ask_number", lambda *_: length_um[-1])
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    for length, expected in ((100.0, 0.424), (90.0, 0.45)):  # the second is near enough to ask nothing
        length_um.append(length)
        desk.window.actions_["ruler"].trigger()
        desk.window.view.clicked.emit(100.0, 50.0)
        desk.window.view.clicked.emit(300.0, 50.0)
        assert desk.bench.camera.objective.pixel_um == pytest.approx(expected)


def test_objectives_turn_in_a_circle(desk, wait):
    stand = desk.findChild(Stand)
    stand.next_objective()
    assert desk.bench.camera.objective.name == "40x"
    stand.next_objective()
    assert desk.bench.camera.objective.name == "20x"


def test_arrow_keys_move_the_stage(desk, wait):
    x, y = desk.bench.camera.stage.position_um
    desk.window.actions_["right"].trigger()
    desk.window.actions_["down"].trigger()
    moved = desk.bench.camera.stage.position_um
    assert moved[0] > x
    assert moved[1] > y


def test_patches_ask_for_a_control(desk, wait):
    take(desk, wait)
    desk.window.actions_["patches"].trigger()
    assert "control" in desk.window.banner.text
    assert not desk.window.actions_["patches"].isChecked()


def test_patches_are_laid_over_the_field_once_there_is_a_control(desk, wait):
    desk.window.actions_["control_step"].trigger()
    take(desk, wait)
    desk.keep()
    desk.window.actions_["patches"].trigger()
    assert wait(lambda: desk.window.view._patches is not None)


def test_a_camera_that_never_starts_is_marked_lost_under_another_fault(desk, wait):
    desk.feed.newest = None
    error = DeviceError(Fault.UNPLUGGED, "The camera is gone", "plug it in again")
    desk.telling.device_fault(FaultEvent.of("camera", error))
    desk.telling.device_fault(FaultEvent.of("Foot", DeviceError(Fault.UNPLUGGED, "Foot: gone", "plug it in")))
    desk.findChild(Stand)._show_silent_camera()
    camera = desk.window.status.items["camera"]
    assert camera.words.text() == "Camera: lost"
    assert "The camera is gone; plug it in again." in camera.toolTip()


def test_device_fault_is_said_and_taken_back(desk, wait):
    error = DeviceError(Fault.UNPLUGGED, "The camera is gone", "plug it in again")
    desk.bench.on_fault(FaultEvent.of("camera", error))
    assert wait(lambda: desk.window.banner.text == "The camera is gone; plug it in again.")
    desk.bench.on_recovered("camera")
    assert wait(lambda: desk.window.banner.text == "")
