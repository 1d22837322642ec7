"""The application measured in its own window, on a tiny field: what is said, not how fast it is."""

import dataclasses
import math
import sys
import threading

import pytest

from her2scope.app.main import Devices
from her2scope.app.model.lens_book import LensBook
from her2scope.app.timing.measure import measure_devices
from her2scope.app.timing.plan import AppPlan
from her2scope.app.timing.report import latency, to_text
from her2scope.app.timing.start import measure_starts
from her2scope.base.errors import Her2ScopeError, InputError
from her2scope.devices.camera import Objective
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.presses import PressRule
from her2scope.settings.calibration import Calibration, save_calibration

PLAN = AppPlan(
    detector="rough", window_px=(1366, 768), presses=2, fields=2, moves=2, seconds=0.3, starts=0, patience=0.1
)


def test_a_session_is_measured_and_every_press_is_answered(qapp, still_camera):
    before, told = set(threading.enumerate()), []
    pedal = ManualPedal("Space bar", PressRule())
    book = LensBook((Objective("20x", 0.424),), Calibration(devices="bench"), save_calibration)
    devices = Devices(still_camera, (pedal,), book, {"Space": pedal})
    report = measure_devices(PLAN, devices, told.append)
    assert set(threading.enumerate()) <= before
    assert (report.platform, report.detector, report.size_px) == ("offscreen", "rough", (640, 640))
    assert (report.presses, report.answered) == (2, 2)
    assert report.cells > 50
    samples = {one.name: one.samples for one in report.latencies}
    assert samples["press to feedback"] == samples["press to overlay"] == 2
    assert samples["threshold moved to overlay"] == 2
    assert samples["field opened to overlay"] == 1
    assert all(0 < one.median_ms <= one.p95_ms <= one.most_ms for one in report.latencies if one.samples)
    shown = {one.name: one.shown_per_s for one in report.situations}
    assert shown["live"] > 1
    assert shown["threshold dragged"] is None
    assert (report.redraws, report.gaps) == (0, 0)
    text = to_text(report)
    assert "Qt's platform offscreen" in text
    assert all(one.name in text for one in (*report.latencies, *report.situations))
    assert told[-1] == "continuous mode"


def test_latencies_are_summed_up():
    one = latency("press", [0.1, 0.2, 0.3])
    assert (one.samples, round(one.median_ms), round(one.most_ms)) == (3, 200, 300)
    none = latency("press", [])
    assert none.samples == 0
    assert math.isnan(none.median_ms)


def test_nothing_to_measure_is_a_sentence():
    with pytest.raises(InputError, match="at least one press"):
        dataclasses.replace(PLAN, presses=0)


def test_start_is_timed_on_the_clock_that_processes_share():
    code = "import sys, time; assert sys.argv[1] == '--until-picture'; print(time.monotonic())"
    (start,) = measure_starts([sys.executable, "-c", code], 2, lambda _: None)
    assert start.samples == 2
    assert 1 < start.median_ms < 60_000


def test_program_that_does_not_start_is_a_sentence():
    with pytest.raises(Her2ScopeError, match=r"could not be started \(no camera\); start it by hand"):
        measure_starts([sys.executable, "-c", "raise SystemExit('no camera.')"], 1, lambda _: None)
