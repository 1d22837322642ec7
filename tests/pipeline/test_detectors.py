"""Detectors by name."""

from __future__ import annotations

import numpy as np
import pytest

from her2scope.base.errors import ConfigError
from her2scope.base.frame import Frame
from her2scope.pipeline import detectors
from her2scope.pipeline.detectors import DeferredDetector, find_detector
from her2scope.pipeline.field import FieldSettings, analyse_field
from her2scope.settings.stains import load_stain
from her2scope.synth.tissue import render_field


def test_an_unknown_detector_lists_the_known() -> None:
    with pytest.raises(ConfigError, match="'none'; choose one of linknet, rough"):
        find_detector("none")
    with pytest.raises(ConfigError, match="choose one of"):
        DeferredDetector("none")


def test_a_deferred_detector_is_made_once_and_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setitem(
        detectors.DETECTORS, "rough", lambda device, make=detectors.DETECTORS["rough"]: made.append(1) or make(device)
    )
    field = render_field("1+", 3, pixel_um=0.424, size_px=400)
    frame, stain = Frame("a", field.rgb, 0.424), load_stain("default")
    deferred = DeferredDetector("rough")
    assert (deferred.name, made) == ("rough", [])
    one = analyse_field(frame, FieldSettings(stain, deferred))
    analyse_field(frame, FieldSettings(stain, deferred))
    assert made == [1]
    plain = analyse_field(frame, FieldSettings(stain, find_detector("rough")))
    assert np.array_equal(one.cells.xy_px, plain.cells.xy_px)


def test_the_network_leaves_other_nuclei_alone() -> None:
    field = render_field("2+", 90210, pixel_um=0.424, size_px=700)
    found = analyse_field(Frame("a", field.rgb, 0.424), FieldSettings(load_stain("default"), find_detector("linknet")))
    assert found.detector == "linknet"
    assert 0.75 < len(found.cells.xy_px) / len(field.truth.xy_px) < 1.25
