"""The simulated microscope behaves like one: stage, objectives, focus, lamp, exposure, noise."""

import itertools
import threading
import time

import cv2
import numpy as np
import pytest
from cameras import O20, O40, make_simulated, make_slide, small_tiles

from her2scope.base.errors import InputError
from her2scope.devices.camera import Control, Objective
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.setup import SimulatedSetup
from her2scope.devices.simulated import simulated_microscope
from her2scope.devices.stage import BoundsUm, HasStage, VirtualStage
from her2scope.devices.synthetic_slide import SyntheticSlide
from her2scope.devices.tile_maker import TileSet, main, make_first, read_first, read_tile
from her2scope.devices.white_balance import balance_white


@pytest.fixture
def camera(request, tmp_path):
    with make_simulated(request, tmp_path) as camera:
        assert isinstance(camera, HasStage)
        yield camera


def shot(camera):
    return next(camera.frames(threading.Event())).frame.rgb.astype(np.float32)


def mean_of(camera, count=16):
    """The picture without its noise."""
    frames = itertools.islice(camera.frames(threading.Event()), count)
    return np.mean([f.frame.rgb for f in frames], axis=0)


def sharpness(rgb):
    return cv2.Laplacian(cv2.GaussianBlur(rgb[..., 1], (0, 0), 1.5), cv2.CV_32F).std()


def test_it_shows_tissue(camera):
    rgb = shot(camera)
    assert rgb.std() > 20
    assert 0.02 < (rgb[..., 2] + 40 < rgb[..., 0]).mean() < 0.95, "some of it is brown"


def test_noise_is_new_in_every_frame_and_small(camera):
    a, b = shot(camera), shot(camera)
    assert 1.2 < (a - b).std() / np.sqrt(2) < 1.45
    assert abs((a - b).mean()) < 0.05


def test_the_stage_moves_the_picture_by_as_much(camera):
    before = mean_of(camera)
    camera.stage.move_by(50 * 0.212, -30 * 0.212)
    after = mean_of(camera)
    np.testing.assert_allclose(after[40:200, 20:300], before[10:170, 70:350], atol=3)
    assert np.abs(after - before).mean() > 5


def test_frames_know_where_they_were_taken(camera):
    camera.stage.move_to(400.0, 300.0)
    taken = next(camera.frames(threading.Event()))
    assert taken.stage_um == (400.0, 300.0)


def test_20x_shows_twice_as_much_of_the_same_tissue(camera):
    camera.stage.move_to(1000 * 0.424, 900 * 0.424)  # a place that lies on both grids
    fine = mean_of(camera)
    camera.use_objective(O20)
    coarse = mean_of(camera)
    inner = coarse[80:240, 100:300]
    halved = cv2.resize(fine.astype(np.float32), (200, 160), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(inner[4:-4, 4:-4], halved[4:-4, 4:-4], atol=4)


def test_an_objective_between_the_levels_is_scaled(camera):
    camera.use_objective(O40)
    fine = mean_of(camera)
    camera.use_objective(Objective("33x", 0.265))
    other = mean_of(camera)
    seen = cv2.resize(other.astype(np.float32), None, fx=1.25, fy=1.25, interpolation=cv2.INTER_LINEAR)
    off_y, off_x = (seen.shape[0] - 320) // 2, (seen.shape[1] - 400) // 2
    middle = seen[off_y : off_y + 320, off_x : off_x + 400]
    assert np.corrcoef(middle[50:-50, 50:-50].ravel(), fine[50:-50, 50:-50].ravel())[0, 1] > 0.95


def test_focus_blurs_on_both_sides(camera):
    sharp = sharpness(shot(camera))
    for focus_um in (-8, 3, 25):
        camera.set_control(Control.FOCUS_UM, focus_um)
        assert sharpness(shot(camera)) < 0.9 * sharp
    camera.set_control(Control.FOCUS_UM, 0)
    assert sharpness(shot(camera)) == pytest.approx(sharp, rel=0.02)


@pytest.mark.parametrize("focus_um", [3.0, 8.0, 25.0])
def test_blur_keeps_the_mean_and_widens_with_distance(camera, focus_um):
    before = mean_of(camera)
    camera.set_control(Control.FOCUS_UM, focus_um)
    blurred = mean_of(camera)
    expected = cv2.GaussianBlur(before, (0, 0), 0.12 * focus_um / 0.212)
    edge = int(40 + focus_um)
    np.testing.assert_allclose(blurred[edge:-edge, edge:-edge], expected[edge:-edge, edge:-edge], atol=6)


def glass_level(camera):
    b = camera.stage.bounds_um
    camera.stage.move_to(b.left, b.top)
    return mean_of(camera).reshape(-1, 3).mean(axis=0)


def test_glass_is_white_and_light_follows_exposure_gain_and_lamp(camera):
    np.testing.assert_allclose(glass_level(camera), 245, atol=0.5)
    camera.set_control(Control.EXPOSURE_MS, 4.0)
    np.testing.assert_allclose(glass_level(camera), 122.5, atol=1)
    camera.set_control(Control.GAIN_DB, 20 * np.log10(1.5))
    np.testing.assert_allclose(glass_level(camera), 183.75, atol=1)
    camera.set_control(Control.EXPOSURE_MS, 50.0)
    np.testing.assert_allclose(glass_level(camera), 255)


def test_the_short_cut_at_full_light_is_the_same_picture(camera):
    plain = mean_of(camera)
    camera.set_control(Control.EXPOSURE_MS, 8.00001)
    np.testing.assert_allclose(mean_of(camera), plain, atol=3)


def test_a_lamp_turned_down_is_reddish_and_one_click_balances_it(camera):
    camera.set_control(Control.LAMP, 0.6)
    red, green, blue = glass_level(camera)
    assert red > green + 5 > blue + 10
    balance_white(camera, shot(camera).astype(np.uint8))
    balanced = glass_level(camera)
    assert np.ptp(balanced) < 2
    assert balanced.mean() == pytest.approx(red, abs=2)


def test_white_balance_refuses_what_it_cannot_measure(camera, request, tmp_path):
    clipped, dark = np.full((9, 9, 3), 255, np.uint8), np.full((9, 9, 3), 20, np.uint8)
    for glass, words in ((clipped, "overexposed; lower"), (dark, "dark; raise")):
        with pytest.raises(DeviceError, match=words):
            balance_white(camera, glass)
    from_file = make_slide(request, tmp_path)
    with pytest.raises(DeviceError, match="has no white balance"):
        balance_white(from_file, dark)


def test_beside_the_tissue_there_is_glass_with_a_ragged_edge(camera):
    camera.use_objective(O20)
    camera.stage.move_to(500.0, 0.0)
    rgb = mean_of(camera)
    is_glass = np.abs(rgb - 245).max(axis=2) < 4
    edge = is_glass.argmin(axis=0)
    assert is_glass[:10].mean() > 0.9
    assert is_glass[-10:].mean() < 0.5
    assert edge.std() > 2


def test_the_stage_stops_at_the_slides_end():
    stage = VirtualStage(BoundsUm(0, 0, 100, 50), (500, 20))
    assert stage.position_um == (100, 20)
    stage.move_by(-30, 90)
    assert stage.position_um == (70, 50)
    stage.move_to(-1, -1)
    assert stage.position_um == (0, 0)


def test_the_same_seed_shows_the_same_slide(request, tmp_path):
    pictures = []
    for _ in range(2):
        with make_simulated(request, tmp_path) as camera:
            pictures.append(mean_of(camera))
    np.testing.assert_allclose(*pictures, atol=3)


def test_an_unknown_case_is_named(tiles):
    with pytest.raises(InputError, match="'4\\+' is no synthetic case; choose one of"):
        simulated_microscope(SimulatedSetup(case="4+"), O40, {}, tiles)


def test_a_control_of_the_setup_is_checked(tiles):
    with pytest.raises(DeviceError, match="focus_um = 99 is out of range; choose -30 to 30"):
        simulated_microscope(SimulatedSetup(), O40, {Control.FOCUS_UM: 99}, tiles)


class TestTilesOnTheFly:
    """The process that draws the tissue."""

    def slide(self, folder, **kinds):
        return SyntheticSlide(TileSet(folder, "1+", 2, tile_px=256, count=1, **kinds), (1.0, 1.0))

    def wait_for(self, slide, version, seconds=30):
        until = time.monotonic() + seconds
        while slide.version() < version and time.monotonic() < until:
            time.sleep(0.05)
        return slide.version()

    def test_glass_first_then_tissue(self, tmp_path):
        with self.slide(tmp_path / "new") as slide:
            view = slide.view(slide.start_um, (300, 300), 0.212)
            assert (view == 245).all()
            assert self.wait_for(slide, 2) == 2
            assert slide.view(slide.start_um, (300, 300), 0.212).std() > 5
        with self.slide(tmp_path / "new") as again:
            assert again.version() == 2, "kept for the next start"
            assert again._maker is None

    def test_closing_does_not_wait_for_it(self, tmp_path):
        slide = self.slide(tmp_path)
        with slide:
            maker = slide._maker
            asked = time.monotonic()
        assert time.monotonic() - asked < 1
        assert maker.poll() is not None

    def test_a_folder_that_cannot_be_written_is_a_fault(self, tmp_path):
        (tmp_path / "in the way").write_text("")
        with self.slide(tmp_path / "in the way") as slide:
            with pytest.raises(DeviceError, match=r"cannot be drawn .*tissue cannot be kept there") as caught:
                self.wait_for(slide, 1)
            assert caught.value.fault is Fault.PROGRAM

    def test_a_damaged_tile_is_made_again(self, tmp_path):
        tiles = small_tiles(tmp_path)
        good = read_tile(tiles, 1)
        tiles.path(1).write_bytes(tiles.path(1).read_bytes()[:500])
        assert read_tile(tiles, 1) is None
        assert not tiles.complete
        assert main([str(tmp_path), "3+", "4", "256", "2"]) == 0
        np.testing.assert_array_equal(read_tile(tiles, 1), good)

    def test_a_small_tile_shows_tissue_before_the_first_whole_one_is_there(self, tmp_path):
        tiles = TileSet(tmp_path, "3+", 2, tile_px=1024, count=1)
        make_first(tiles)
        assert read_first(tiles).shape == (1024, 1024, 3)
        slide = SyntheticSlide(tiles, (1.0, 1.0))
        assert slide.progress() == 0
        assert slide.version() == 0
        assert 0 < slide.progress() < 1
        view = slide.view(slide.start_um, (600, 600), 0.212)
        assert view.std() > 5
        assert (view[:88, :88] == view[512:, 512:]).all(), "it repeats"
        ground = np.zeros((1024, 1024, 3), np.uint8)
        for number in (0, 1):
            _, data = cv2.imencode(".png", ground)
            tiles.path(number).write_bytes(data.tobytes())
        make_first(tiles)
        slide._next_look_s = 0
        assert slide.version() == 2
        assert slide.progress() is None

    def test_small_tiles_need_no_smaller_one(self, tmp_path):
        tiles = TileSet(tmp_path, "3+", 2, tile_px=256, count=1)
        make_first(tiles)
        assert read_first(tiles) is None
        assert list(tmp_path.iterdir()) == []
