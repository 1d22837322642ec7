"""The CPU engine against its reference, torch in float32: same heatmaps and peaks, in every kind of numbers."""

import threading
import warnings

import numpy as np
import pytest
import torch

from her2scope.base.errors import ConfigError
from her2scope.base.frame import Frame
from her2scope.nets import openvino_engine
from her2scope.nets.calibration import activation_ranges, ranges_of, ranges_text
from her2scope.nets.engine import Precision, TorchEngine
from her2scope.nets.engines import make_engine
from her2scope.nets.linknet import LinkNet, LinkNetShape
from her2scope.nets.openvino_engine import OpenVinoEngine
from her2scope.nets.peaks import PeakRule, find_peaks
from her2scope.nets.predict import LinkNetDetector
from her2scope.nets.validation import agreement
from her2scope.nets.weights import Weights, load_weights, save_weights, shipped_weights
from her2scope.synth.tissue import render_field


@pytest.fixture(scope="module")
def shipped():
    return load_weights(shipped_weights())


@pytest.fixture(scope="module")
def picture():
    return render_field("2+", 11, pixel_um=0.5, size_px=448).rgb


@pytest.fixture(scope="module")
def reference(shipped, picture):
    return TorchEngine(shipped.net, "cpu", Precision.FLOAT32).heat(picture).numpy()


def test_float32_is_the_same(shipped, picture, reference):
    heat = OpenVinoEngine(shipped.net, Precision.FLOAT32).heat(picture)
    assert heat.shape == (2, 224, 224)
    np.testing.assert_allclose(heat, reference, atol=1e-4)


@pytest.mark.parametrize(("precision", "least_f1"), [(Precision.BFLOAT16, 0.99), (Precision.INT8, 0.97)])
def test_short_numbers_find_the_same_nuclei(shipped, picture, reference, precision, least_f1):
    """Of about 200 nuclei at most one in a hundred differs in bfloat16, three in 8 bits; within 0.5 um."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a processor without these numbers counts in float32, and says so
        heat = OpenVinoEngine(shipped.net, precision, shipped.ranges).heat(picture).numpy()
    found, expected = find_peaks(heat, shipped.rule), find_peaks(reference, shipped.rule)
    assert len(expected.xy) > 100
    assert agreement(found.xy, expected.xy, 0.5).f1 >= least_f1


def test_a_processor_without_short_numbers_counts_in_float32_and_says_so_once(shipped, picture, reference, monkeypatch):
    real = OpenVinoEngine._compile

    def refusing(self, shape):
        if self._precision is not Precision.FLOAT32:
            raise RuntimeError("object is not initialized")
        return real(self, shape)

    monkeypatch.setattr(OpenVinoEngine, "_compile", refusing)
    engine = OpenVinoEngine(shipped.net, Precision.INT8, shipped.ranges)
    with pytest.warns(UserWarning, match="cannot count the network in int8"):
        heat = engine.heat(picture)
    np.testing.assert_allclose(heat, reference, atol=1e-4)
    assert engine.described == "cpu float32 (OpenVINO)"
    engine.heat(np.ascontiguousarray(picture[:96, :96]))  # another size, nothing more to say


def test_many_sizes_and_threads_at_once(shipped, picture):
    engine = OpenVinoEngine(shipped.net, Precision.FLOAT32)
    sizes = [96, 128, 160, 192, 224]
    expected = {n: engine.heat(np.ascontiguousarray(picture[:n, :n])).numpy() for n in sizes}
    wrong = []

    def ask(n):
        heat = engine.heat(np.ascontiguousarray(picture[:n, :n])).numpy()
        if not np.array_equal(heat, expected[n]):
            wrong.append(n)

    threads = [threading.Thread(target=ask, args=(n,)) for n in sizes * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_8_bits_need_ranges(shipped):
    with pytest.raises(ConfigError, match="hold no ranges for 8 bits"):
        OpenVinoEngine(shipped.net, Precision.INT8)


def test_torch_has_no_8_bits(shipped):
    with pytest.raises(ConfigError, match="float32 or bfloat16"):
        TorchEngine(shipped.net, "cpu", Precision.INT8)


@pytest.mark.parametrize(
    ("has_bfloat16", "has_ranges", "expected"),
    [(True, True, "bfloat16"), (True, False, "bfloat16"), (False, True, "int8"), (False, False, "float32")],
)
def test_the_fastest_numbers_are_taken(shipped, monkeypatch, has_bfloat16, has_ranges, expected):
    monkeypatch.setattr(openvino_engine, "fast_bfloat16", lambda _: has_bfloat16)
    engine = make_engine(shipped.net, "cpu", ranges=shipped.ranges if has_ranges else None)
    assert engine.described == f"cpu {expected} (OpenVINO)"


def test_the_shipped_weights_hold_ranges_for_every_convolution(shipped):
    convolutions = sum(isinstance(m, torch.nn.Conv2d) for m in shipped.net.modules())
    assert shipped.ranges is not None
    assert len(shipped.ranges) == convolutions


def test_ranges_hold_what_goes_in():
    torch.manual_seed(1)
    net = LinkNet(LinkNetShape(4, (1, 1, 1, 1))).eval()
    ranges = activation_ranges(net, [np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)])
    low, high = ranges["encoder.stem.0"]
    assert low == -high
    assert high == pytest.approx(0.7, abs=1e-3)  # black less the grey that is taken off
    assert ranges["head.heat"][0] == 0  # after a ReLU


def test_ranges_are_kept_with_the_weights(tmp_path):
    torch.manual_seed(1)
    net = LinkNet(LinkNetShape(4, (1, 1, 1, 1))).eval()
    ranges = {"encoder.stem.0": (-0.5, 0.5)}
    save_weights(tmp_path / "w.safetensors", Weights(net, PeakRule(), {}, ranges))
    assert load_weights(tmp_path / "w.safetensors").ranges == ranges


@pytest.mark.parametrize("text", ["[1]", '{"a": [1]}', '{"a": [0, "x"]}', '{"a": [0, Infinity]}', '{"a": [0, 0]}'])
def test_broken_ranges(text):
    with pytest.raises((ValueError, TypeError, AttributeError)):
        ranges_of(text)


def test_ranges_go_there_and_back():
    assert ranges_of(ranges_text({"a": (0.0, 2.5)})) == {"a": (0.0, 2.5)}
    assert ranges_of(None) is None


def test_the_detector_uses_it(picture):
    detector = LinkNetDetector(device="cpu")
    assert "OpenVINO" in detector.engine.described
    assert len(detector.detect(Frame("a", picture, 0.5)).score) > 50
