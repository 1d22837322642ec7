"""What the microscope says of itself: objective, pixel size, and whether they can be trusted; the scale bar."""

from __future__ import annotations

import math
from dataclasses import dataclass

from her2scope.analysis.scoring import COARSE_PIXEL_UM
from her2scope.app.model.texts import say
from her2scope.app.model.views.tone import Tone
from her2scope.base.geometry import MAX_PIXEL_UM, MIN_PIXEL_UM

_SAME = 0.02
"""Two pixel sizes within 2% are one: a stage micrometer is read no better."""


@dataclass(frozen=True)
class MicroscopeState:
    """What is known of the light path.

    Parameters
    ----------
    objective
        Its name, such as "40x"; empty while unknown.
    pixel_um
        Side of a pixel in um; None while unknown.
    is_measured
        Whether a stage micrometer gave the pixel size (else the set-up's file did).
    """

    objective: str = ""
    pixel_um: float | None = None
    is_measured: bool = False


@dataclass(frozen=True)
class ObjectiveView:
    """Objective and pixel size on screen.

    Parameters
    ----------
    text
        Both, in words.
    tone
        FAULT while unknown, CAUTION for sizes at which weak membranes are under two pixels.
    warning
        What to do; empty when all is well.
    can_analyse
        False while the pixel size is unknown: nothing can be measured in um.
    """

    text: str
    tone: Tone
    warning: str
    can_analyse: bool


def objective_view(state: MicroscopeState, before: MicroscopeState | None = None) -> ObjectiveView:
    """Objective and pixel size.

    Parameters
    ----------
    state
        Now.
    before
        At the last field taken into the case; a change since then is said.
    """
    if state.pixel_um is None:
        return ObjectiveView(say("objective.unknown"), Tone.FAULT, say("objective.set"), can_analyse=False)
    name = state.objective or say("objective.unnamed")
    text = say(
        "objective.measured" if state.is_measured else "objective.known", name=name, pixel_um=f"{state.pixel_um:.3f}"
    )
    if not MIN_PIXEL_UM <= state.pixel_um <= MAX_PIXEL_UM:
        return ObjectiveView(text, Tone.FAULT, say("objective.range"), can_analyse=False)
    if before is not None and before.pixel_um is not None and has_changed(before, state):
        warning = say("objective.changed", before=f"{before.objective} {before.pixel_um:.3f}".strip())
        return ObjectiveView(text, Tone.CAUTION, warning, can_analyse=True)
    if not state.objective:
        return ObjectiveView(text, Tone.CAUTION, say("objective.name_it"), can_analyse=True)
    if state.pixel_um > COARSE_PIXEL_UM:
        return ObjectiveView(text, Tone.QUIET, say("objective.coarse"), can_analyse=True)
    return ObjectiveView(text, Tone.QUIET, "", can_analyse=True)


def has_changed(before: MicroscopeState, now: MicroscopeState) -> bool:
    """Whether objective or pixel size differ; sizes within 2% are the same."""
    if before.pixel_um is None or now.pixel_um is None:
        return before.pixel_um is not now.pixel_um
    return before.objective != now.objective or abs(now.pixel_um / before.pixel_um - 1) > _SAME


@dataclass(frozen=True)
class ScaleBar:
    """A round length in um, its length on screen in pixels there, and its label."""

    length_um: float
    length_px: float
    text: str


def scale_bar(pixel_um: float, zoom: float, most_px: float) -> ScaleBar:
    """The longest bar of 1, 2 or 5 times a power of ten um that fits.

    Parameters
    ----------
    pixel_um
        Side of a field's pixel in um.
    zoom
        Screen pixels per pixel of the field, above 0.
    most_px
        Room on screen, in its pixels.
    """
    room_um = most_px / zoom * pixel_um
    power = 10.0 ** math.floor(math.log10(room_um) + 1e-12)
    length = max(step * power for step in (1, 2, 5) if step * power <= room_um * (1 + 1e-9))
    text = say("scale.mm", n=f"{length / 1000:g}") if length >= 1000 else say("scale.um", n=f"{length:g}")
    return ScaleBar(length, length / pixel_um * zoom, text)
