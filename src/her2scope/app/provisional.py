"""A field that was analysed and is not (yet) kept: what the pedal shows before anybody decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from her2scope.analysis.stain import StainProfile, check_plain
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
        The plain profile that it was analysed with: it says which vectors were used.
    objective
        Name of the objective.
    origin_um
        Where its top-left pixel lies on the slide, in um; None where unknown.
    waited_ms
        From the press to the result.
    press
        The press that asked for it; None in continuous mode.

    Raises
    ------
    ValueError
        When the profile is not plain.
    """

    frame: Frame
    result: FieldResult
    stain: StainProfile
    objective: str = ""
    origin_um: tuple[float, float] | None = None
    waited_ms: float | None = None
    press: PedalEvent | None = None

    def __post_init__(self) -> None:
        """Refuse a profile that does not say which vectors were used."""
        check_plain(self.stain)


def as_counted(analysed: Analysed, settings: FieldSettings) -> Counted:
    """The field as it would count were it kept."""
    frame = analysed.frame
    height, width = frame.rgb.shape[:2]
    origin_um, lens = analysed.origin_um, frame.lens
    taken = TakenField(0, frame.name, frame.pixel_um, (height, width), "", origin_um=origin_um, lens=lens)
    return count(Reading(analysed.result, analysed.stain), taken, settings.membrane)


def read_again(analysed: Analysed, settings: FieldSettings) -> Analysed:
    """The same field with other settings, under its own objective: only its thresholds where these alone differ."""
    settings = settings.under(analysed.frame.lens)
    if same_light(analysed.stain, settings.stain):
        result = with_thresholds(analysed.result, settings)
    else:
        result = analyse_field(analysed.frame, settings)
    return replace(analysed, result=result, stain=settings.stain)
