"""Compile the kernels before somebody waits for them: `python -m her2scope.pipeline.warm_up`.

The first call of a numba kernel on a machine compiles it and keeps the result beside the program; all of them
together take about 17 s of one core (measured on an Intel Xeon with AVX-512), and under a second from then on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.overlay import OKABE_ITO
from her2scope.analysis.screen_lines import line_pixels
from her2scope.analysis.stain import StainProfile
from her2scope.analysis.stamps import stamp
from her2scope.base.frame import Frame
from her2scope.pipeline.field import FieldSettings, analyse_field, overlay, with_thresholds


def warm_up() -> None:
    """Run every kernel once, on two small fields of rings: at 40x and at 20x."""
    settings = FieldSettings(StainProfile("warm-up"))
    for pixel_um in (0.212, 0.424):
        result = analyse_field(Frame("warm-up", _rings(pixel_um), pixel_um), settings)
        changed = with_thresholds(result, settings)
        overlay(changed)
        if changed.membranes is not None:
            lines = line_pixels(changed.membranes, OKABE_ITO.colours)
            stamp(lines, lines[:8, :8].copy(), 8, np.zeros((1, 2), np.int32), np.zeros((1, 2), np.uint8))


def _rings(pixel_um: float) -> NDArray[np.uint8]:
    """A (600, 600, 3) picture of blue disks in brown rings, a cell every 14 um, with glass at one side."""
    y, x = np.mgrid[:600, :600].astype(np.float32) * np.float32(pixel_um)
    radius = np.hypot(x % 14 - 7, y % 14 - 7)
    picture = np.full((600, 600, 3), (215, 205, 210), dtype=np.uint8)
    picture[radius < 4] = (110, 105, 165)
    picture[np.abs(radius - 6) < 0.8] = (120, 70, 35)
    picture[:, :60] = 240
    return picture


if __name__ == "__main__":
    warm_up()
