"""Backends by the name of a device."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from her2scope.analysis.backend import CpuBackend
from her2scope.base.errors import ConfigError
from her2scope.base.frame import Frame
from her2scope.pipeline import backends
from her2scope.pipeline.backends import DEVICES, DeferredBackend, find_backend
from her2scope.pipeline.field import FieldSettings, analyse_field, with_thresholds
from her2scope.settings.stains import load_stain
from her2scope.synth.tissue import render_field


def test_an_unknown_device_lists_the_known():
    for find in (find_backend, DeferredBackend):
        with pytest.raises(ConfigError, match="'abacus' to compute on; choose one of auto, cpu, cuda"):
            find("abacus")
    assert DEVICES == ("auto", "cpu", "cuda")


def test_the_cpu_needs_no_torch():
    code = (
        "import sys; from her2scope.pipeline.backends import find_backend as f; print(f('cpu'), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["CpuBackend()", "False"]


def test_a_deferred_backend_is_made_once_and_gives_the_same(monkeypatch):
    made = []
    monkeypatch.setattr(backends, "find_backend", lambda device: made.append(device) or CpuBackend())
    deferred = DeferredBackend("auto")
    assert (deferred.name, made) == ("auto", [])
    frame, stain = Frame("a", render_field("2+", 5, pixel_um=0.424, size_px=300).rgb, 0.424), load_stain("default")
    settings = FieldSettings(stain, backend=deferred)
    found = with_thresholds(analyse_field(frame, settings), settings)
    assert np.array_equal(found.cells.classes, analyse_field(frame, FieldSettings(stain)).cells.classes)
    assert (deferred.name, made) == ("cpu", ["auto"])
