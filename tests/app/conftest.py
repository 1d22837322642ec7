"""A Qt application without a screen, small devices, and the rule that Qt warnings fail a test."""

import os
import threading
import time

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from her2scope.app.main import Devices, compose, make_app
from her2scope.app.model.folder_store import FolderStore
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.session import CaseSession
from her2scope.app.platform_noise import NOISE
from her2scope.app.preferences import Preferences
from her2scope.devices.camera import CameraInfo, Control, ControlRange, FrameStamp, Objective, Pacer
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.presses import PressRule
from her2scope.devices.stage import BoundsUm, VirtualStage
from her2scope.pipeline.field import FieldSettings
from her2scope.settings.calibration import Calibration, save_calibration
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.settings.stains import load_stain
from her2scope.synth.tissue import render_field


@pytest.fixture(scope="session")
def qapp():
    yield make_app(["her2scope"], Preferences())
    QApplication.closeAllWindows()


@pytest.fixture(autouse=True)
def qt_warnings():
    said = []
    worse = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)

    def hear(kind, _context, text):
        if kind in worse and not any(known in text for known in NOISE):
            said.append(text)

    before = qInstallMessageHandler(hear)
    yield said
    qInstallMessageHandler(before)
    assert said == []


@pytest.fixture(scope="session")
def field():
    """A small synthetic 2+ field at 20x."""
    return render_field("2+", 3, pixel_um=0.424, size_px=640)


class StillCamera:
    """One field, again and again, with a stage that only counts."""

    info = CameraInfo("still", "Still camera", "1")

    def __init__(self, rgb, pixel_um):
        self.objective = Objective("20x", pixel_um)
        self._stamp = FrameStamp(self.objective)
        self._rgb = rgb
        self.stage = VirtualStage(BoundsUm(0, 0, 10_000, 10_000), (5000.0, 5000.0))
        self.values = {Control.LAMP: 1.0}
        self.is_paused = False

    def use_objective(self, objective):
        self.objective = self._stamp.objective = objective

    def controls(self):
        return {key: ControlRange(0.1, 2.0, value) for key, value in self.values.items()}

    def set_control(self, control, value):
        self.values[control] = value

    def frames(self, stop):
        pacer = Pacer(30, stop)
        while not stop.is_set():
            if not self.is_paused:
                yield self._stamp.stamp_with(self.objective, self._rgb.copy(), stage_um=self.stage.position_um)
            pacer.wait()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


@pytest.fixture
def still_camera(field):
    """A camera over the small field."""
    return StillCamera(field.rgb, field.pixel_um)


def rough_session(user):
    """A case read by the rough detector, which starts faster than a network."""
    return CaseSession(FieldSettings(load_stain("default")), load_guideline(default_guideline()), user)


def pump(app, until, seconds=20.0):
    """Let Qt work until something holds; False when it does not in time."""
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            return False
        app.processEvents()
        time.sleep(0.002)
    return True


@pytest.fixture
def desk(qapp, field, tmp_path, monkeypatch):
    """The whole application on a still camera, started; no thread may be left when it is closed."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    before = set(threading.enumerate())
    camera, pedal = StillCamera(field.rgb, field.pixel_um), ManualPedal("Button", PressRule())
    book = LensBook((Objective("20x", 0.424), Objective("40x", 0.212)), Calibration(devices="bench"), save_calibration)
    camera.use_objective(book.find("20x"))
    devices = Devices(camera, (pedal,), book, {"Space": pedal})
    preferences = Preferences(user="Dr Test")
    store = FolderStore(tmp_path / "case", load_guideline)
    made = compose(rough_session(preferences.user), store, devices, preferences)
    made.window.resize(1366, 768)
    made.window.show()
    made.start()
    assert pump(qapp, lambda: made.live_shot is not None)
    yield made
    made.window.close()
    assert set(threading.enumerate()) <= before


@pytest.fixture
def wait(qapp):
    """`wait(until)` lets Qt work until something holds."""
    return lambda until, seconds=20.0: pump(qapp, until, seconds)
