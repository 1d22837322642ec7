"""A field that was analysed and is not (yet) kept: what the pedal shows before anybody decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from her2scope.analysis.stain import StainProfile
from her2scope.app.model.counting import Counted, Reading, count, same_light
from her2scope.app.model.state import TakenField
from her2scope.base.frame import Frame
from her2scope.devices.pedal import PedalEvent
from her2scope.pipeline.field import FieldResult, FieldSettings, analyse_field, with_thresholds


@dataclass(frozen=True)
class Analysed:
    """A field fresh from the worker.

    Parameters
    ----------
    frame
        The field of view.
    result
        As analysed, of the whole field.
    stain
        The profile that it was analysed with.
    objective
        Name of the objective.
    origin_um
        Where its top-left pixel lies on the slide, in um; None where unknown.
    waited_ms
        From the press to the result.
    press
        The press that asked for it; None in continuous mode.
    """

    frame: Frame
    result: FieldResult
    stain: StainProfile
    objective: str = ""
    origin_um: tuple[float, float] | None = None
    waited_ms: float | None = None
    press: PedalEvent | None = None


def as_counted(analysed: Analysed, settings: FieldSettings) -> Counted:
    """The field as it would count were it kept."""
    frame = analysed.frame
    height, width = frame.rgb.shape[:2]
    taken = TakenField(0, frame.name, frame.pixel_um, (height, width), "", origin_um=analysed.origin_um)
    return count(Reading(analysed.result, analysed.stain), taken, settings.membrane)


def read_again(analysed: Analysed, settings: FieldSettings) -> Analysed:
    """The same field with other settings: only its thresholds where these alone differ."""
    if same_light(analysed.stain, settings.stain):
        result = with_thresholds(analysed.result, settings)
    else:
        result = analyse_field(analysed.frame, settings)
    return replace(analysed, result=result, stain=settings.stain)
