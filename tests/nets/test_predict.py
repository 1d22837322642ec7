"""The detector: same peaks whatever the tile, the right place at every pixel size, and what it does without memory."""

import warnings

import numpy as np
import pytest
import torch

from her2scope.base.errors import ConfigError, InputError
from her2scope.base.frame import Frame
from her2scope.nets import engine as engines
from her2scope.nets.engine import Precision, TorchEngine, choose_device
from her2scope.nets.linknet import LinkNet, LinkNetShape
from her2scope.nets.openvino_engine import OpenVinoEngine
from her2scope.nets.peaks import PeakRule, find_peaks
from her2scope.nets.picture_size import at_working_size, to_field
from her2scope.nets.predict import LinkNetDetector, Tiling, heatmaps
from her2scope.nets.weights import Weights, save_weights
from her2scope.synth.tissue import render_field


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(3)
    return LinkNet(LinkNetShape(4, (1, 1, 1, 1))).eval()


@pytest.fixture(scope="module")
def engine(net):
    return TorchEngine(net, "cpu", Precision.FLOAT32)


@pytest.fixture
def detector(tmp_path, net):
    save_weights(tmp_path / "w.safetensors", Weights(net, PeakRule(floor=-1.0), {}))
    return LinkNetDetector(tmp_path / "w.safetensors", "cpu", Precision.FLOAT32)


def _picture(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("shape", [(257, 1031), (1300, 300)])
def test_tiles_fit_any_size(engine, shape):
    rgb = _picture(*shape)
    whole = heatmaps(engine, rgb, Tiling())
    tiled = heatmaps(engine, rgb, Tiling(256))
    assert whole.shape == (2, -(-shape[0] // 2), -(-shape[1] // 2))
    np.testing.assert_allclose(tiled, whole, atol=2e-4)


def test_tiles_leave_no_seams_with_the_shipped_weights():
    """A trained network looks farther than a random one: this is what the overlap is measured by."""
    rgb = render_field("2+", 3, pixel_um=0.5, size_px=(300, 1100)).rgb
    engine = LinkNetDetector(device="cpu", precision=Precision.FLOAT32).engine
    whole, tiled = (heatmaps(engine, rgb, tiling).numpy() for tiling in (Tiling(), Tiling(320)))
    np.testing.assert_allclose(tiled, whole, atol=1e-3)
    one, two = (find_peaks(heat, PeakRule()) for heat in (whole, tiled))
    np.testing.assert_allclose(two.xy, one.xy, atol=0.02)


@pytest.mark.parametrize("pixel_um", [0.1, 0.212, 0.424, 0.5, 1.0])
def test_places_go_there_and_back(pixel_um):
    rgb = _picture(500, 700)
    working = at_working_size(rgb, pixel_um)
    corner = to_field(np.array([[-0.25, -0.25]]), working.shape, rgb.shape)
    middle = np.array([[(working.shape[1] - 1) / 2, (working.shape[0] - 1) / 2]])
    centre = to_field((middle + 0.5) / 2 - 0.5, working.shape, rgb.shape)
    np.testing.assert_allclose(centre, [[349.5, 249.5]])
    assert (corner >= -0.5).all()


def test_nuclei_lie_in_the_field(detector):
    nuclei = detector.detect(Frame("a", _picture(256, 300), 0.424))
    assert len(nuclei.score) == len(nuclei.xy_px)
    assert (nuclei.xy_px >= -0.5).all()
    assert (nuclei.xy_px <= [299.5, 255.5]).all()
    assert detector.name.startswith("linknet w ")


def test_without_memory_for_a_whole_field_it_goes_in_tiles(detector, monkeypatch):
    frame = Frame("a", _picture(900, 900), 0.5)
    expected = detector.detect_all(frame)
    real, sides = OpenVinoEngine.heat, []

    def small_only(self, rgb):
        sides.append(max(rgb.shape))
        if max(rgb.shape) > 900:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return real(self, rgb)

    monkeypatch.setattr(OpenVinoEngine, "heat", small_only)
    found = detector.detect_all(frame)
    assert sides[0] > 900
    assert len(found.xy_px) == pytest.approx(len(expected.xy_px), abs=3)


def test_other_errors_are_not_hidden(detector, monkeypatch):
    def broken(self, rgb):
        raise RuntimeError("something else")

    monkeypatch.setattr(OpenVinoEngine, "heat", broken)
    with pytest.raises(RuntimeError, match="something else"):
        detector.detect(Frame("a", _picture(256, 256), 0.5))


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("std::bad_alloc"), RuntimeError("Resource temporarily unavailable")]
)
def test_without_memory_for_the_smallest_tile_it_says_so(detector, monkeypatch, error):
    def heat(rgb):
        raise error

    monkeypatch.setattr(detector.engine, "heat", heat)
    with pytest.raises(InputError, match="memory does not suffice"):
        detector.detect(Frame("a", _picture(300, 300), 0.5))


def test_broken_cuda_falls_back_and_says_so_once(monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("CUDA error: no kernel image\nmore")

    engines._cuda_works.cache_clear()
    monkeypatch.setattr(engines.torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(engines.torch.nn, "Conv2d", broken)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert choose_device("auto").type == "cpu"
        assert choose_device("cuda").type == "cpu"
    engines._cuda_works.cache_clear()
    assert ["no kernel image" in str(w.message) for w in said] == [True]


def test_unknown_device():
    with pytest.raises(ConfigError, match="choose auto, cpu or cuda"):
        choose_device("tpu")


def test_bfloat16_agrees_with_float32(net, engine):
    rgb = _picture(256, 256, 5)
    half = TorchEngine(net, "cpu", Precision.BFLOAT16)
    difference = (half.heat(rgb) - engine.heat(rgb)).abs()
    assert float(difference.mean()) < 0.02 * float(engine.heat(rgb).abs().mean()) + 5e-3


def test_the_engine_does_not_change_its_network(net):
    before = {k: v.clone() for k, v in net.state_dict().items()}
    TorchEngine(net, "cpu", Precision.BFLOAT16)
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())


@pytest.mark.parametrize("pixel_um", [0.11, 0.212, 0.3, 0.424, 0.9])
def test_a_dot_stays_in_its_place_when_resampled(pixel_um):
    y, x = np.mgrid[:600, :640] * pixel_um
    dot = 255 * np.exp(-((x - 400 * pixel_um) ** 2 + (y - 300 * pixel_um) ** 2) / (2 * 1.5**2))  # 1.5 um
    rgb = np.repeat(dot[..., None], 3, axis=2).astype(np.uint8)
    working = at_working_size(rgb, pixel_um)
    rows, columns = np.mgrid[: working.shape[0], : working.shape[1]]
    weight = working[..., 0].astype(float)
    xy = np.array([[(columns * weight).sum(), (rows * weight).sum()]]) / weight.sum()
    np.testing.assert_allclose(to_field((xy + 0.5) / 2 - 0.5, working.shape, rgb.shape), [[400, 300]], atol=0.2)
