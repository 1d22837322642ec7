"""The scale bar's length: the roundest that fits."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class ScaleBar:
    """A bar of `length` device-independent pixels that stands for `um` micrometres, and its label."""

    length: float
    um: float
    label: str


def scale_bar(um_per_view_px: float, most: float) -> ScaleBar:
    """The longest of 1, 2, 5, 10, ... um that takes at most `most` pixels of the view.

    Parameters
    ----------
    um_per_view_px
        Micrometres per device-independent pixel of the view, above 0.
    most
        Longest bar in device-independent pixels.
    """
    room = um_per_view_px * most
    decade = 10.0 ** math.floor(math.log10(room))
    um = max(step * decade for step in (1.0, 2.0, 5.0) if step * decade <= room * (1 + 1e-9))
    label = f"{um / 1000:g} mm" if um >= 1000 else f"{um:g} µm"
    return ScaleBar(um / um_per_view_px, um, label)
