"""The status line: camera, pedal, detector, control, objective, last analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from her2scope.app.model.texts import say
from her2scope.app.model.views.control import ControlView
from her2scope.app.model.views.microscope import ObjectiveView
from her2scope.app.model.views.tone import Tone


class Link(StrEnum):
    """Whether a device answers."""

    NONE = "none"
    READY = "ready"
    RUNNING = "running"
    LOST = "lost"


@dataclass(frozen=True)
class DeviceState:
    """A device: its name, whether it answers, its frames per second (a camera's), and why not."""

    name: str = ""
    link: Link = Link.NONE
    rate: float | None = None
    why: str = ""


@dataclass(frozen=True)
class StatusItem:
    """One item of the status line: what it is about, its text, how serious, and more on hover."""

    key: str
    text: str
    tone: Tone
    tip: str


_LINK_TONES = {Link.NONE: Tone.CAUTION, Link.READY: Tone.OK, Link.RUNNING: Tone.OK, Link.LOST: Tone.FAULT}


def device_item(key: str, device: DeviceState) -> StatusItem:
    """Camera ("camera") or pedal ("pedal"): name, whether it answers, frames per second."""
    name = device.name or say(f"device.{key}")
    text = say(f"link.{device.link}", name=name)
    if device.link is Link.RUNNING and device.rate is not None:
        text = say("link.rate", name=name, rate=f"{device.rate:.0f}")
    return StatusItem(key, text, _LINK_TONES[device.link], device.why or text)


def detector_item(detector: str) -> StatusItem:
    """Which nucleus detector is in use; the rough one is named as the last resort that it is."""
    if detector == "rough":
        return StatusItem("detector", say("detector.rough"), Tone.CAUTION, say("detector.rough_tip"))
    text = say("detector.named", name=detector)
    return StatusItem("detector", text, Tone.QUIET, text)


def control_item(view: ControlView) -> StatusItem:
    """Where the control stands."""
    return StatusItem("control", view.title, view.tone, "\n".join((view.limits, *view.reasons)))


def objective_item(view: ObjectiveView) -> StatusItem:
    """Objective and pixel size."""
    return StatusItem("objective", view.text, view.tone, view.warning or view.text)


def timing_item(timings_ms: Mapping[str, float], total_ms: float | None = None) -> StatusItem:
    """The last analysis: its time from pedal to result, by stage on hover.

    Parameters
    ----------
    timings_ms
        Milliseconds of each stage; stages that ran side by side do not add up to the total.
    total_ms
        From the pedal to the result; None: the sum of the stages, said to be one.
    """
    if not timings_ms and total_ms is None:
        return StatusItem("timing", say("timing.none"), Tone.QUIET, say("timing.none"))
    if total_ms is None:
        text = say("timing.sum", ms=f"{sum(timings_ms.values()):.0f}")
    else:
        text = say("timing.total", ms=f"{total_ms:.0f}")
    if total_ms is None:
        timings_ms = {**timings_ms, say("timing.together"): sum(timings_ms.values())}
    stages = [say("timing.stage", name=name, ms=f"{ms:.0f}") for name, ms in timings_ms.items()]
    return StatusItem("timing", text, Tone.QUIET, "\n".join(stages) or text)
