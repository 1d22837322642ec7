"""What every camera must do, whatever it is."""

import itertools
import threading
import time

import numpy as np
import pytest
from cameras import MAKERS, O20, O40

from her2scope.devices.camera import Control, Objective
from her2scope.devices.faults import DeviceError, Fault


@pytest.fixture(params=MAKERS)
def camera(request, tmp_path):
    return MAKERS[request.param](request, tmp_path)


def take(camera, count):
    stop = threading.Event()
    shots = list(itertools.islice(camera.frames(stop), count))
    stop.set()
    return shots


class TestCamera:
    def test_frames_are_fields_of_view(self, camera):
        with camera:
            before = time.monotonic()
            shots = take(camera, 3)
        for shot in shots:
            assert shot.frame.rgb.dtype == np.uint8
            assert shot.frame.rgb.shape[2] == 3
            assert shot.frame.pixel_um == 0.212
            assert shot.objective == "40x"
            assert before <= shot.time_s <= time.monotonic()
            assert shot.lost == 0

    def test_numbers_rise_by_one_also_over_openings(self, camera):
        numbers = []
        for _ in range(2):
            with camera:
                numbers += [shot.number for shot in take(camera, 3)]
        assert numbers == [1, 2, 3, 4, 5, 6]

    def test_frames_are_never_written_again(self, camera):
        with camera:
            first, *rest = take(camera, 1)
            copy = first.frame.rgb.copy()
            rest = take(camera, 5)
        assert len(rest) == 5
        np.testing.assert_array_equal(first.frame.rgb, copy)
        with pytest.raises(ValueError, match="read-only"):
            first.frame.rgb[0, 0] = 0

    def test_stop_ends_the_frames_soon(self, camera):
        stop = threading.Event()
        ended = []

        def read():
            for _ in camera.frames(stop):
                pass
            ended.append(time.monotonic())

        with camera:
            reader = threading.Thread(target=read)
            reader.start()
            time.sleep(0.2)
            asked = time.monotonic()
            stop.set()
            reader.join(3)
        assert ended[0] - asked < 0.5

    def test_objectives_label_the_frames(self, camera):
        with camera:
            take(camera, 1)
            camera.use_objective(O20)
            shot = take(camera, 1)[0]
        assert (shot.objective, shot.frame.pixel_um) == ("20x", 0.424)
        assert camera.objective == O20

    def test_controls_can_be_turned_while_frames_come(self, camera):
        with camera:
            frames = camera.frames(threading.Event())
            next(frames)
            for control, limits in camera.controls().items():
                wanted = limits.low + 0.01 * (limits.high - limits.low)
                camera.set_control(control, wanted)
                assert camera.controls()[control].value == pytest.approx(wanted, rel=1e-3)
            next(frames)

    def test_what_cannot_be_turned_is_refused(self, camera):
        with camera:
            controls = camera.controls()
            for control in set(Control) - set(controls):
                with pytest.raises(DeviceError, match=f"no control {control}") as caught:
                    camera.set_control(control, 1.0)
                assert caught.value.fault is Fault.REFUSED
            for control, limits in controls.items():
                for wrong in (limits.high + 1, limits.low - 1, float("nan")):
                    with pytest.raises(DeviceError, match="out of range; choose"):
                        camera.set_control(control, wrong)

    def test_frames_need_an_open_camera(self, camera):
        with pytest.raises(DeviceError, match="is not open"):
            take(camera, 1)
        with camera:
            take(camera, 1)
        with pytest.raises(DeviceError, match="is not open"):
            take(camera, 1)

    def test_closing_never_raises(self, camera):
        with camera:
            frames = camera.frames(threading.Event())
            next(frames)
        camera.__exit__(None, None, None)
        frames.close()

    def test_is_listed_by_name(self, camera):
        assert camera.info.kind in MAKERS
        assert camera.info.name
        assert camera.info.serial


def test_an_objective_needs_a_pixel_size():
    with pytest.raises(Exception, match=r"outside 0\.1 to 1\.0 um"):
        Objective("100x", 0.05)
    assert O40.pixel_um == 0.212
