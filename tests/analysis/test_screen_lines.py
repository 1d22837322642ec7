"""Lines on the screen are those of the export, thick and chequered: compared pixel by pixel with plain arrays."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from her2scope.analysis.classes import COMPLETE_CLASSES, CellClass
from her2scope.analysis.overlay import OKABE_ITO, membrane_lines
from her2scope.analysis.screen_lines import DASH_PX, line_pixels
from her2scope.base.frame import Frame
from her2scope.pipeline.field import FieldSettings, analyse_field
from her2scope.settings.stains import load_stain
from her2scope.synth.tissue import render_field


def plain_pixels(membranes, colours):  # type: ignore[no-untyped-def]
    """The strongest class of each 2 x 2 window, coloured; gaps of incomplete lines stay empty."""
    lines = membrane_lines(membranes)
    strength = np.where(lines > 0, len(CellClass) + 1 - lines, 0).astype(np.uint8)
    thick = cv2.dilate(strength, np.ones((2, 2), np.uint8))
    y, x = np.indices(thick.shape)
    gap = (y // DASH_PX + x // DASH_PX) % 2 == 1
    pixels = np.zeros(thick.shape, np.uint32)
    for cell_class, (red, green, blue) in colours.items():
        here = thick == len(CellClass) - cell_class
        if cell_class not in COMPLETE_CLASSES:
            here &= ~gap
        pixels[here] = 0xFF000000 | red << 16 | green << 8 | blue
    return pixels


@pytest.mark.parametrize("t_moderate", [None, 0.35])
@pytest.mark.parametrize("score", ["1+", "3+"])
def test_lines_are_those_of_the_plain_definition(score: str, t_moderate: float | None) -> None:
    field = render_field(score, 5, pixel_um=0.424, size_px=500)
    settings = FieldSettings(replace(load_stain("default"), t_moderate=t_moderate))
    membranes = analyse_field(Frame("field", field.rgb, field.pixel_um), settings).membranes
    assert membranes is not None
    pixels = line_pixels(membranes, OKABE_ITO.colours)
    assert (pixels > 0).mean() > 0.005
    np.testing.assert_array_equal(pixels, plain_pixels(membranes, OKABE_ITO.colours))
