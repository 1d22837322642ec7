"""The focus and exposure indicator of the live picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

from her2scope.analysis.measures import Measures
from her2scope.analysis.quality import Finding, Status, check_exposure, check_focus, check_tissue
from her2scope.app.model.texts import say
from her2scope.app.model.views.tone import Tone

Rgb = tuple[float, float, float]
_SHARP = 0.9
"""Sharpness that fills the gauge; HER2 tiles in focus gave 0.56 and more (see analysis.quality)."""
_TONES = {Status.OK: Tone.OK, Status.CAUTION: Tone.CAUTION, Status.BLOCKED: Tone.FAULT}


@dataclass(frozen=True)
class Gauge:
    """One indicator: level 0 to 1 (None: not measured), text, how serious."""

    level: float | None
    text: str
    tone: Tone


@dataclass(frozen=True)
class LightView:
    """Focus, exposure, and whether there is tissue at all."""

    focus: Gauge
    exposure: Gauge
    tissue: Gauge


_BRIGHTER = 1.06
"""A background this much above the white in any channel: the light was changed since, and OD would read too low."""


def light_view(measures: Measures | None, background: Rgb | None = None, white: Rgb | None = None) -> LightView:
    """The indicators of a frame; all "not measured" without one.

    Parameters
    ----------
    measures
        Of the frame.
    background
        The frame's brightest, R, G, B; None: not looked at.
    white
        What empty glass was when it was measured; None: it was not.
    """
    if measures is None:
        none = Gauge(None, say("light.none"), Tone.QUIET)
        return LightView(none, none, none)
    return LightView(_focus(measures), _exposure(measures, background, white), _tissue(measures))


def _focus(measures: Measures) -> Gauge:
    if not math.isfinite(measures.sharpness):
        return Gauge(None, say("light.no_focus"), Tone.QUIET)
    return _gauge(measures.sharpness / _SHARP, check_focus(measures), "light.focus")


def _exposure(measures: Measures, background: Rgb | None, white: Rgb | None) -> Gauge:
    pairs = () if background is None or white is None else zip(background, white, strict=True)
    if any(now > _BRIGHTER * then for now, then in pairs):
        return Gauge(min(1.0, measures.white / 255), say("light.brighter"), Tone.CAUTION)
    return _gauge(measures.white / 255, check_exposure(measures), "light.exposure")


def _tissue(measures: Measures) -> Gauge:
    return _gauge(measures.tissue, check_tissue(measures), "light.tissue")


def _gauge(level: float, finding: Finding | None, good: str) -> Gauge:
    held = min(1.0, max(0.0, level))
    if finding is None:
        return Gauge(held, say(good), Tone.OK)
    return Gauge(held, finding.reason, _TONES[finding.status])
