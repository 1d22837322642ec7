"""Basler cameras, against pylon's own emulation."""

import itertools
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from cameras import O40, make_basler, ramp

from her2scope.devices.basler_controls import BaslerControls
from her2scope.devices.camera import Control
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.setup import BaslerSetup


@pytest.fixture
def make(request, tmp_path):
    return lambda **setup: make_basler(request, tmp_path, **setup)


def frames(camera, count, stop=None):
    return list(itertools.islice(camera.frames(stop or threading.Event()), count))


def test_cameras_are_listed(pylon_emulation):
    listed = {camera.serial: camera for camera in pylon_emulation.list_basler_cameras()}
    assert {"0815-0000", "0815-0001"} <= set(listed)
    assert listed["0815-0001"].name == "Basler Emulation 0815-0001"
    assert listed["0815-0001"].kind == "basler"


@pytest.mark.parametrize("pixel_format", ["RGB8Packed", "BGR8Packed", "RGB16Packed"])
def test_colours_of_a_fed_file_arrive_exactly(make, pixel_format):
    with make(pixel_format=pixel_format) as camera:
        rgb = frames(camera, 1)[0].frame.rgb
    np.testing.assert_array_equal(rgb, ramp(480, 640))


@pytest.mark.parametrize("pixel_format", ["auto", "BayerRG8", "BayerGB8", "BayerGR8", "BayerBG8", "BayerRG12"])
def test_bayer_formats_give_the_colours_back(make, pixel_format):
    """A smooth picture survives the mosaic within a few grey values; swapped channels differ by some 60."""
    with make(pixel_format=pixel_format) as camera:
        rgb = frames(camera, 1)[0].frame.rgb
    off = np.abs(rgb.astype(int) - ramp(480, 640))[8:-8, 8:-8]
    assert np.percentile(off, 99) <= 4


def test_a_smaller_picture_is_cut_from_the_middle(make):
    with make(size_px=(3008, 3008), features={}) as camera:
        device = camera._device
        assert (device.Width.Value, device.Height.Value) == (3008, 3008)
        assert (device.OffsetX.Value, device.OffsetY.Value) == (544, 544)
        assert frames(camera, 1)[0].frame.rgb.shape == (3008, 3008, 3)


def test_without_a_size_it_is_the_whole_sensor(make):
    with make(size_px=None, features={}) as camera:
        assert frames(camera, 1)[0].frame.rgb.shape == (4096, 4096, 3)


def test_exposure_and_gain_reach_the_camera(make):
    with make() as camera:
        camera.set_control(Control.EXPOSURE_MS, 12.5)
        camera.set_control(Control.GAIN_DB, 6.0)
        assert camera._device.ExposureTime.Value == pytest.approx(12500)
        assert camera._device.Gain.Value == pytest.approx(6.0, abs=1e-3)
    with camera:
        assert camera.controls()[Control.EXPOSURE_MS].value == pytest.approx(12.5), "set again at every opening"
    assert camera.controls() == {}


def test_automatic_exposure_is_switched_off(make, pylon_emulation):
    with make(features={"ExposureAuto": "Continuous"}) as camera:
        assert camera._device.ExposureAuto.Value == "Continuous", "a feature of the set-up wins"
    with make() as camera:
        assert camera._device.ExposureAuto.Value == "Off"


def test_damaged_frames_are_left_out_and_counted(make):
    with make() as camera:
        shots = camera.frames(threading.Event())
        next(shots)
        camera._device.ForceFailedBufferCount.Value = 5
        camera._device.ForceFailedBuffer.Execute()
        lost = sum(next(shots).lost for _ in range(3))
    assert lost == 5


def test_nothing_but_damaged_frames_is_a_bandwidth_fault(make):
    with make() as camera:
        shots = camera.frames(threading.Event())
        next(shots)
        camera._device.ForceFailedBufferCount.Value = 1000
        camera._device.ForceFailedBuffer.Execute()
        with pytest.raises(DeviceError, match="USB 3 port of its own") as caught:
            list(itertools.islice(shots, 100))
    assert caught.value.fault is Fault.BANDWIDTH


def test_unplugged_mid_frame_and_plugged_in_again(make):
    camera = make()
    with camera:
        shots = camera.frames(threading.Event())
        next(shots)
        camera._device.FirePnPCallback.Execute()
        with pytest.raises(DeviceError, match="was unplugged; plug it in again") as caught:
            list(itertools.islice(shots, 50))
    assert caught.value.fault is Fault.UNPLUGGED
    with camera:
        assert frames(camera, 2)[-1].frame.rgb.shape == (480, 640, 3)


def test_newest_frame_wins(make):
    """A reader that slept gets one picture at once and then waits for each: there is no queue behind it."""
    features = {"AcquisitionFrameRateEnable": True, "AcquisitionFrameRateAbs": 20.0}
    with make(features=features) as camera:
        shots = camera.frames(threading.Event())
        next(shots)
        time.sleep(0.5)
        start = time.monotonic()
        for _ in range(5):
            next(shots)
        assert time.monotonic() - start > 0.12


def opening(camera):
    with pytest.raises(DeviceError) as caught, camera:
        pass
    return caught.value


def test_an_unknown_serial_number(pylon_emulation):
    error = opening(pylon_emulation.BaslerCamera(BaslerSetup(serial="4711"), O40, {}))
    assert error.fault is Fault.MISSING
    assert "No Basler camera 4711 is connected" in str(error)
    assert "0815-0001" in str(error)


def test_any_camera_when_there_are_two(pylon_emulation):
    error = opening(pylon_emulation.BaslerCamera(BaslerSetup(serial="any"), O40, {}))
    assert error.fault is Fault.REFUSED
    assert "write the serial number of one (0815-0000, 0815-0001)" in str(error)


def test_no_camera_at_all(pylon_emulation, monkeypatch):
    factory = SimpleNamespace(EnumerateDevices=list)
    monkeypatch.setattr(pylon_emulation.pylon.TlFactory, "GetInstance", lambda: factory)
    error = opening(pylon_emulation.BaslerCamera(BaslerSetup(serial="any"), O40, {}))
    assert str(error) == "No Basler camera is connected; plug it in."


@pytest.mark.parametrize(
    ("setup", "words"),
    [
        ({"pixel_format": "Mono8"}, "does not send colour as Mono8"),
        ({"pixel_format": "RGB7"}, "does not send colour as RGB7"),
        ({"features": {"ExposureTim": 3}}, "has no feature ExposureTim"),
        ({"features": {"ExposureTime": "long"}}, "does not take ExposureTime = 'long'"),
        ({"features": {"Gain": 500.0}}, "does not take Gain = 500.0"),
    ],
)
def test_settings_that_the_camera_does_not_take(make, setup, words):
    error = opening(make(**setup))
    assert error.fault is Fault.REFUSED
    assert words in str(error)


def test_a_control_of_the_setup_that_is_out_of_range(make):
    camera = make()
    camera._wanted = {Control.EXPOSURE_MS: 1e9}
    assert "out of range; choose" in str(opening(camera))
    camera._wanted = {}
    with camera:
        assert frames(camera, 1), "a failed opening leaves nothing locked"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Failed to open device 'X'. The device is controlled by another application. Err: (0xE1018006)", Fault.TAKEN),
        ("Device must be opened exclusively : RuntimeException thrown (file 'x', line 1)", Fault.TAKEN),
        ("Device has been removed : RuntimeException thrown", Fault.UNPLUGGED),
        ("The node is sulking. : LogicalErrorException thrown in node 'X'", Fault.REFUSED),
    ],
)
def test_what_pylon_says_in_plain_words(pylon_emulation, text, fault):
    error = pylon_emulation._plain("Basler X", text)
    assert error.fault is fault
    assert "Exception thrown" not in str(error)
    assert str(error).count("\n") == 0


class Nodes(dict):
    """A node map whose selector picks one of three balance ratios, as cameras have it."""

    def __init__(self):
        super().__init__(ExposureTimeAbs=SimpleNamespace(Min=10.0, Max=1e6, Value=5000.0))
        self.ratios = {"Red": 1.0, "Green": 1.0, "Blue": 2.0}
        self["BalanceRatioSelector"] = SimpleNamespace(Value="Red")
        self["BalanceRatio"] = Ratio(self)


class Ratio:
    Min, Max = 0.0, 15.0

    def __init__(self, nodes):
        self._nodes = nodes

    @property
    def Value(self):  # noqa: N802 (pylon's name)
        return self._nodes.ratios[self._nodes["BalanceRatioSelector"].Value]

    @Value.setter
    def Value(self, value):  # noqa: N802
        self._nodes.ratios[self._nodes["BalanceRatioSelector"].Value] = value


def test_white_balance_sets_the_channel_it_means():
    """The emulation has no white balance, so its nodes are played here."""
    nodes = Nodes()
    controls = BaslerControls(nodes.get)
    ranges = controls.ranges()
    assert set(ranges) == {Control.EXPOSURE_MS, Control.WHITE_RED, Control.WHITE_GREEN, Control.WHITE_BLUE}
    assert (ranges[Control.WHITE_BLUE].value, ranges[Control.WHITE_RED].value) == (2.0, 1.0)
    assert (ranges[Control.EXPOSURE_MS].low, ranges[Control.EXPOSURE_MS].value) == (0.01, 5.0)
    controls.set(Control.WHITE_RED, 1.7)
    controls.set(Control.EXPOSURE_MS, 8.0)
    assert nodes.ratios == {"Red": 1.7, "Green": 1.0, "Blue": 2.0}
    assert nodes["ExposureTimeAbs"].Value == 8000.0


def test_a_grey_camera_is_refused(make, monkeypatch):
    camera = make()
    monkeypatch.setattr(type(camera), "_set_up", _set_format_of_a_grey_camera)
    assert "use another" in str(opening(camera))


def _set_format_of_a_grey_camera(camera):
    camera._device = SimpleNamespace(
        PixelFormat=SimpleNamespace(Symbolics=["Mono8", "Mono12"]),
        StopGrabbing=int, Close=int, DestroyDevice=int,
    )  # fmt: skip
    camera._set_format()
