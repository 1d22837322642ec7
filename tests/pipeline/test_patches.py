"""Fields read by patches against the control."""

import numpy as np
import pytest

from her2scope.analysis.quality import Status
from her2scope.base.errors import InputError
from her2scope.base.frame import Frame
from her2scope.pipeline.field import FieldSettings, analyse_field
from her2scope.pipeline.patches import control_patch_area, patch_reading, stained_area
from her2scope.settings.stains import load_stain
from her2scope.synth.tissue import render_field

PIXEL_UM = 0.3  # membranes are analysed at another resolution, and the stained area must come back to this one
SIZE_PX = 500


@pytest.fixture(scope="module")
def pairs():
    """Frames and results of a control and of fields, by case."""
    settings = FieldSettings(load_stain("default"))
    frames = {
        case: Frame(case, render_field(case, 4, pixel_um=PIXEL_UM, size_px=SIZE_PX).rgb, PIXEL_UM)
        for case in ("control", "3+", "1+")
    }
    frames["glass"] = Frame("glass", np.full((300, 300, 3), 240, np.uint8), PIXEL_UM)
    return {case: (frame, analyse_field(frame, settings)) for case, frame in frames.items()}


def test_the_stained_area_lies_on_the_brown(pairs):
    frame, result = pairs["3+"]
    stained = stained_area(result)
    assert stained.shape == frame.rgb.shape[:2]
    brownness = frame.rgb[..., 0].astype(int) - frame.rgb[..., 2]
    assert brownness[stained].mean() > brownness[~stained].mean() + 20


def test_fields_read_as_they_stain(pairs):
    area = control_patch_area([pairs["control"]])
    readings = {case: patch_reading(*pairs[case], area) for case in ("control", "3+", "1+")}
    assert [readings[case].score for case in ("control", "3+")] == ["3+", "3+"]
    medians = {case: np.nanmedian(reading.relative) for case, reading in readings.items()}
    assert 0.9 < medians["control"] < 1.1
    assert medians["1+"] < 0.5 * medians["3+"]


def test_a_blocked_field_has_no_reading(pairs):
    frame, result = pairs["glass"]
    assert result.status is Status.BLOCKED
    assert patch_reading(frame, result, 0.5) is None
    assert not stained_area(result).any()


def test_a_blocked_control_gives_nothing_to_compare_with(pairs):
    with pytest.raises(InputError, match="no stained area"):
        control_patch_area([pairs["glass"]])
    assert control_patch_area([pairs["glass"], pairs["control"]]) == control_patch_area([pairs["control"]])
