"""Which backend is taken, and what happens when a device fails: before its first field, or for want of memory."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from her2scope.analysis.backend import CpuBackend
from her2scope.analysis.membrane import MembraneImages, MembraneParameters, Thresholds
from her2scope.base.errors import ConfigError, DeviceWarning
from her2scope.base.frame import Frame
from her2scope.nets import choose_backend as choices
from her2scope.nets import engine
from her2scope.nets.choose_backend import WithCpuInReserve, choose_backend
from her2scope.nets.field_device import TorchBackend
from her2scope.pipeline.field import FieldSettings, analyse_field
from her2scope.settings.stains import load_stain
from her2scope.synth.tissue import render_field

HERE = torch.device("cpu")


@pytest.fixture(autouse=True)
def untried():
    choices._tried.cache_clear()
    yield
    choices._tried.cache_clear()


@pytest.fixture
def cuda(monkeypatch):
    """A CUDA device that is there and passes the network's trial; its field backend is what the test makes it."""

    def be(make):
        monkeypatch.setattr(choices.torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(choices, "choose_device", lambda _: torch.device("cuda"))
        monkeypatch.setattr(choices, "TorchBackend", make)

    return be


def said(device):
    """The backend chosen, and the warnings."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        backend = choose_backend(device)
    assert all(w.category is DeviceWarning for w in heard)
    return backend, [str(w.message) for w in heard]


def test_without_cuda_it_is_the_cpu(monkeypatch):
    monkeypatch.setattr(choices.torch.cuda, "is_available", lambda: False)
    assert said("auto") == (CpuBackend(), [])
    assert said("cpu") == (CpuBackend(), [])
    with pytest.raises(ConfigError, match="no CUDA device here"):
        choose_backend("cuda")


def test_an_unknown_device_is_refused():
    with pytest.raises(ConfigError, match="choose auto, cpu or cuda"):
        choose_backend("tpu")


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_cuda_that_passes_its_trial_is_used(cuda, device):
    cuda(lambda _: TorchBackend(HERE))
    backend, sentences = said(device)
    assert isinstance(backend, WithCpuInReserve)
    assert (backend.name, sentences) == ("torch cpu", [])


def test_cuda_that_cannot_compute_gives_way_and_says_so_once(cuda):
    def broken(_):
        raise RuntimeError("CUDA error: no kernel image is available\nmore")

    cuda(broken)
    backend, sentences = said("auto")
    assert backend == CpuBackend()
    assert sentences == [
        "cuda failed its trial (CUDA error: no kernel image is available); fields are analysed on the CPU."
    ]
    assert said("cuda") == (CpuBackend(), [])


def test_cuda_that_fails_the_trial_of_the_network_is_not_tried_again(monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("CUDA error: no kernel image")

    engine._cuda_works.cache_clear()
    monkeypatch.setattr(engine.torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(engine.torch.nn, "Conv2d", broken)
    with pytest.warns(UserWarning, match="CUDA cannot be used") as heard:
        assert [choose_backend(device) for device in ("auto", "cuda")] == [CpuBackend()] * 2
    engine._cuda_works.cache_clear()
    assert len(heard) == 1


def test_a_device_that_holds_no_values_gives_way(cuda):
    cuda(lambda _: TorchBackend(torch.device("meta")))
    backend, sentences = said("auto")
    assert backend == CpuBackend()
    assert len(sentences) == 1


class OtherStain(TorchBackend):
    def stain(self, *light):
        found = super().stain(*light)
        found.dab[5, 7] ^= 1
        return found


class OtherImages(TorchBackend):
    def enhance(self, stains, parameters):
        found = super().enhance(stains, parameters)
        found.line[10, 10:40] ^= 1
        return found


class OtherSkeleton(TorchBackend):
    def describe(self, images, thresholds, parameters):
        found = super().describe(images, thresholds, parameters)
        found.weak.skeleton[20, 0] ^= np.uint64(1)
        return found


@pytest.mark.parametrize(
    ("wrong", "what"), [(OtherStain, "stain images"), (OtherImages, "membrane images"), (OtherSkeleton, "membranes")]
)
def test_a_device_that_computes_wrongly_is_not_used(cuda, wrong, what):
    cuda(lambda _: wrong(HERE))
    backend, sentences = said("auto")
    assert backend == CpuBackend()
    assert sentences == [f"cuda failed its trial (other {what} than the CPU's); fields are analysed on the CPU."]


class Full(TorchBackend):
    """Has no memory for the steps named."""

    def __init__(self, *steps):
        super().__init__(HERE)
        self.steps = steps

    def _need(self, step):
        if step in self.steps:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 36.00 MiB")

    def stain(self, *light):
        self._need("stain")
        return super().stain(*light)

    def enhance(self, stains, parameters):
        self._need("enhance")
        return super().enhance(stains, parameters)

    def describe(self, images, thresholds, parameters):
        self._need("describe")
        return super().describe(images, thresholds, parameters)


class TestWithoutMemory:
    FIELD = Frame("a", render_field("2+", 98, pixel_um=0.424, size_px=300).rgb, 0.424)

    @pytest.mark.parametrize("steps", [("stain",), ("enhance",), ("describe",), ("stain", "enhance", "describe")])
    def test_the_cpu_does_the_field_and_it_is_said_once(self, steps):
        stain = load_stain("default")
        expected = analyse_field(self.FIELD, FieldSettings(stain))
        settings = FieldSettings(stain, backend=WithCpuInReserve(Full(*steps)))
        with pytest.warns(DeviceWarning, match="no memory for a whole field") as heard:
            found = [analyse_field(self.FIELD, settings) for _ in range(2)]
        assert len(heard) == 1
        assert all(np.array_equal(f.cells.classes, expected.cells.classes) for f in found)
        assert all(type(f.membranes.images) is MembraneImages for f in found)

    def test_other_errors_are_not_hidden(self):
        class Broken(TorchBackend):
            def describe(self, *_):
                raise RuntimeError("CUDA error: an illegal memory access was encountered")

        images = MembraneImages(*np.zeros((2, 70, 70), np.uint8), 0.424)
        with pytest.raises(RuntimeError, match="illegal memory access"):
            WithCpuInReserve(Broken(HERE)).describe(images, Thresholds(0.1, 0.5), MembraneParameters())
