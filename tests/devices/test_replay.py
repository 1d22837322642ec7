"""Image files in place of a camera."""

import itertools
import threading
import time

import numpy as np
import pytest
from cameras import O20, O40, make_folder, make_slide, ramp, write_png

from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.replay import FolderCamera, slide_microscope
from her2scope.devices.setup import FolderSetup, SlideSetup


def shot(camera):
    return next(camera.frames(threading.Event())).frame


def test_a_folder_is_stepped_through_both_ways(request, tmp_path):
    with make_folder(request, tmp_path) as camera:
        frames = camera.frames(threading.Event())
        seen = []
        for step in (0, 1, 1, -1, -2):
            camera.step(step)
            seen.append(next(frames).frame)
        assert [f.name for f in seen] == ["a.png", "b.png", "a.png", "b.png", "b.png"]
        assert camera.place == (2, 2)
        np.testing.assert_array_equal(seen[0].rgb, ramp(300, 400))
        np.testing.assert_array_equal(seen[1].rgb, ramp(320, 480))


def test_a_folder_runs_by_itself(request, tmp_path):
    with make_folder(request, tmp_path, seconds_each=0.1) as camera:
        names = [s.frame.name for s in itertools.islice(camera.frames(threading.Event()), 30)]
    changes = [a != b for a, b in itertools.pairwise(names)]
    assert 3 <= sum(changes) <= 5, "0.5 s of frames"


def test_a_bad_image_is_named_and_left_out(request, tmp_path):
    camera = make_folder(request, tmp_path)
    (tmp_path / "aa.png").write_bytes(b"\x89PNG\r\n\x1a\nnonsense")
    with camera:
        camera.step(1)
        with pytest.raises(DeviceError, match=r"Left out: .*aa\.png") as caught:
            shot(camera)
    assert caught.value.fault is Fault.FILE
    with camera:
        assert shot(camera).name == "b.png"


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_a_folder_without_images(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DeviceError, match=name) as caught, FolderCamera(FolderSetup(folder=str(tmp_path / name)), O40):
        pytest.fail("opened")
    assert caught.value.fault is Fault.MISSING
    assert caught.value.remedy


def test_a_slide_is_seen_through_its_objective(request, tmp_path):
    with make_slide(request, tmp_path) as camera:
        camera.use_objective(O20)
        camera.stage.move_to(600 * 0.424, 500 * 0.424)
        np.testing.assert_array_equal(shot(camera).rgb, ramp(1000, 1200)[350:650, 400:800])
        camera.use_objective(O40)
        closer = shot(camera).rgb
        assert np.abs(closer[150, 200].astype(int) - ramp(1000, 1200)[500, 600]).max() <= 1
        camera.stage.move_to(0, 0)
        camera.use_objective(O20)
        corner = shot(camera).rgb
        assert (corner[:150, :200] == 245).all()
        np.testing.assert_array_equal(corner[150:, 200:], ramp(1000, 1200)[:150, :200])


def test_a_slide_needs_a_pixel_size(tmp_path):
    path = write_png(tmp_path / "slide.png", ramp(600, 600))
    with pytest.raises(DeviceError, match="pixel size"):
        slide_microscope(SlideSetup(image=str(path)), O40)
    with pytest.raises(DeviceError, match="no such file"):
        slide_microscope(SlideSetup(image=str(tmp_path / "none.png")), O40)


def test_frames_keep_their_rate(request, tmp_path):
    with make_slide(request, tmp_path) as camera:
        frames = camera.frames(threading.Event())
        next(frames)
        start = time.monotonic()
        for _ in range(30):
            next(frames)
        assert 0.45 < time.monotonic() - start < 0.9
