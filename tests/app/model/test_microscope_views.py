"""View models of the microscope: objective, scale bar, status line, light, notices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2scope.analysis.measures import Measures, measure
from her2scope.analysis.white import estimate_white
from her2scope.app.model.state import Role
from her2scope.app.model.views.control import control_view
from her2scope.app.model.views.light import light_view
from her2scope.app.model.views.microscope import MicroscopeState, has_changed, objective_view, scale_bar
from her2scope.app.model.views.notices import Notice, notices
from her2scope.app.model.views.status import (
    DeviceState,
    Link,
    control_item,
    detector_item,
    device_item,
    objective_item,
    timing_item,
)
from her2scope.app.model.views.tone import Tone

AT_40X = MicroscopeState("40x", 0.212)
AT_20X = MicroscopeState("20x", 0.424)


@pytest.mark.parametrize(
    ("state", "before", "text", "tone", "warning", "can_analyse"),
    [
        (AT_40X, None, "40x, 0.212 \u00b5m/px", Tone.QUIET, "", True),
        (AT_40X, AT_40X, "40x, 0.212 \u00b5m/px", Tone.QUIET, "", True),
        (AT_20X, None, "20x, 0.424 \u00b5m/px", Tone.QUIET, "called at 40x", True),
        (AT_20X, AT_40X, "20x, 0.424 \u00b5m/px", Tone.CAUTION, "was changed", True),
        (MicroscopeState(), None, "Objective unknown", Tone.FAULT, "pixel size is unknown", False),
        (MicroscopeState("", 0.212), None, "Objective not named", Tone.CAUTION, "not named", True),
        (MicroscopeState("4x", 2.1), None, "4x, 2.100", Tone.FAULT, "cannot be right", False),
        (MicroscopeState("?", float("nan")), None, "?, nan", Tone.FAULT, "cannot be right", False),
    ],
)
def test_the_objective_is_always_told(state, before, text, tone, warning, can_analyse):
    shown = objective_view(state, before)
    assert shown.text.startswith(text)
    assert shown.tone is tone
    assert warning in shown.warning
    assert bool(warning) == bool(shown.warning)
    assert shown.can_analyse is can_analyse


def test_a_pixel_size_measured_again_is_no_change():
    assert not has_changed(AT_40X, MicroscopeState("40x", 0.2135))
    assert has_changed(AT_40X, MicroscopeState("40x", 0.25))
    assert has_changed(AT_40X, MicroscopeState("60x", 0.212))
    assert has_changed(AT_40X, MicroscopeState())
    assert not has_changed(MicroscopeState(), MicroscopeState())


@given(pixel_um=st.floats(0.1, 1.0), zoom=st.floats(0.05, 20), room=st.floats(40, 400))
def test_a_scale_bar_fits_and_is_as_long_as_a_round_number_can_be(pixel_um, zoom, room):
    bar = scale_bar(pixel_um, zoom, room)
    assert bar.length_px <= room * 1.000001
    assert bar.length_px > room / 2.500001
    assert bar.length_px == pytest.approx(bar.length_um / pixel_um * zoom)
    digits = f"{bar.length_um:.9g}".replace(".", "").strip("0")
    assert digits in {"1", "2", "5"}


def test_a_scale_bar_reads_in_um_and_mm():
    assert scale_bar(0.212, 1.0, 120).text == "20 \u00b5m"
    assert scale_bar(1.0, 0.05, 100).text == "2 mm"


@pytest.mark.parametrize(
    ("device", "text", "tone"),
    [
        (DeviceState(), "Camera: none", Tone.CAUTION),
        (DeviceState("Basler 2240", Link.READY), "Basler 2240: ready", Tone.OK),
        (DeviceState("Basler 2240", Link.RUNNING, 29.6), "Basler 2240: 30 frames/s", Tone.OK),
        (DeviceState("Basler 2240", Link.RUNNING), "Basler 2240: running", Tone.OK),
        (DeviceState("Basler 2240", Link.LOST, 0.0, "cable out"), "Basler 2240: lost", Tone.FAULT),
    ],
)
def test_a_device_says_whether_it_answers(device, text, tone):
    item = device_item("camera", device)
    assert (item.key, item.text, item.tone) == ("camera", text, tone)
    assert item.tip == (device.why or text)


def test_the_rough_detector_is_named_as_the_last_resort():
    assert "last resort" in detector_item("rough").tip
    assert detector_item("rough").tone is Tone.CAUTION
    assert detector_item("linknet-2").text == "Detector: linknet-2"


def test_the_last_analysis_is_timed_by_stage():
    assert timing_item({}).text == "No analysis yet"
    item = timing_item({"stain": 12.4, "cells": 30.0}, 55.2)
    assert item.text == "Last analysis 55 ms"
    assert item.tip == "stain 12 ms\ncells 30 ms"
    summed = timing_item({"stain": 12.4, "cells": 30.0})
    assert summed.text == "Last analysis Σ 42 ms"
    assert summed.tip == "stain 12 ms\ncells 30 ms\nall stages together 42 ms"


def test_control_and_objective_stand_in_the_status_line(session):
    shown = control_view(session.state, session.tally())
    assert control_item(shown).text == "No control yet"
    assert "asked for" in control_item(shown).tip
    assert objective_item(objective_view(MicroscopeState())).tone is Tone.FAULT


def measures(frame) -> Measures:
    return measure(frame.rgb, frame.pixel_um, (240.0, 240.0, 240.0))


def test_focus_exposure_and_tissue_are_shown(frames):
    good = measures(frames["3+"])
    shown = light_view(replace(good, sharpness=0.7))
    assert (shown.focus.text, shown.exposure.text, shown.tissue.text) == (
        "in focus",
        "well exposed",
        "tissue in the field",
    )
    assert shown.focus.level == pytest.approx(0.7 / 0.9)
    blurred = light_view(replace(good, sharpness=0.2))
    assert (blurred.focus.tone, shown.focus.tone) == (Tone.FAULT, Tone.OK)
    assert "out of focus" in blurred.focus.text
    assert light_view(replace(good, sharpness=0.50)).focus.tone is Tone.CAUTION
    assert light_view(replace(good, white=30.0)).exposure.tone is Tone.FAULT


@pytest.mark.parametrize(
    ("background", "white", "is_said"),
    [
        ((250.0, 250.0, 250.0), (250.0, 250.0, 250.0), False),
        ((250.0, 250.0, 250.0), (240.0, 240.0, 240.0), False),
        ((250.0, 230.0, 230.0), (230.0, 230.0, 230.0), True),
        ((200.0, 200.0, 200.0), (250.0, 250.0, 250.0), False),  # tissue may hold no glass
        ((250.0, 250.0, 250.0), None, False),
    ],
)
def test_light_that_was_raised_since_white_was_taken_is_said(frames, background, white, is_said):
    rgb = frames["2+"].rgb
    exposure = light_view(measure(rgb, 0.424, estimate_white(rgb)), background, white).exposure
    assert ("take white again" in exposure.text) is is_said
    assert (exposure.tone is Tone.CAUTION) is is_said


def test_glass_has_no_focus_and_no_picture_nothing(frames):
    shown = light_view(measures(frames["glass"]))
    assert shown.focus.level is None
    assert shown.tissue.tone is Tone.FAULT
    none = light_view(None)
    assert {none.focus.level, none.exposure.level, none.tissue.level} == {None}


def test_gauges_stay_on_their_scale(frames):
    shown = light_view(replace(measures(frames["3+"]), sharpness=9.0, white=400.0, tissue=-1.0))
    levels = [shown.focus.level, shown.exposure.level, shown.tissue.level]
    assert levels == [1.0, 1.0, 0.0]
    assert np.isfinite(levels).all()


def test_notices_come_with_the_most_serious_first(session):
    control = control_view(session.state, session.tally())
    found = notices(objective_view(AT_20X, AT_40X), control, (Notice("pedal", "gone", Tone.CAUTION),), "disk full")
    assert [notice.key for notice in found] == ["autosave", "pedal", "objective"]
    assert "safe in memory: disk full" in found[0].text
    assert notices(objective_view(AT_40X), control) == ()


def test_a_failed_control_is_a_notice(session, take):
    take("0", Role.CONTROL)
    control = control_view(session.state, session.tally())
    found = notices(objective_view(AT_40X), control)
    assert [notice.text for notice in found] == list(control.reasons)
    assert {notice.tone for notice in found} == {Tone.FAULT}
