"""A device set-up in words."""

from __future__ import annotations

from her2scope.app.model.texts import say
from her2scope.devices.pedal import PedalAction
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import (
    BaslerSetup,
    CameraSetup,
    DeviceSetup,
    FolderSetup,
    KeyboardSetup,
    SerialSetup,
    SimulatedSetup,
)


def setup_text(setup: DeviceSetup) -> str:
    """Camera, objectives and pedals of a set-up, a line each."""
    lenses = ", ".join(say("setup.lens", name=lens.name, pixel_um=f"{lens.pixel_um:g}") for lens in setup.objectives)
    pedals = ", ".join(pedal.name for pedal in setup.pedals) or say("setup.no_pedal")
    lines = (
        say("setup.camera", camera=camera_text(setup.camera)),
        say("setup.objectives", lenses=lenses),
        say("setup.pedals", pedals=pedals),
    )
    return "\n".join(lines)


def pedal_lines(setup: DeviceSetup) -> tuple[tuple[str, str], ...]:
    """What each press of each pedal does: (key or name, in words)."""
    rules: list[tuple[str, PressRule]] = []
    for pedal in setup.pedals:
        if isinstance(pedal, SerialSetup):
            rules += [(treadle.name, treadle) for treadle in pedal.treadles]
        else:
            rules.append((pedal.key if isinstance(pedal, KeyboardSetup) else pedal.name, pedal.presses))
    return tuple((name, _presses(rule)) for name, rule in rules)


def _presses(rule: PressRule) -> str:
    short = say(f"pedal.{rule.short}")
    if rule.long is PedalAction.NOTHING:
        return say("pedal.press", short=short)
    return say("pedal.presses", short=short, long=say(f"pedal.{rule.long}"))


def camera_text(camera: CameraSetup) -> str:
    """What a camera is and looks at, in words."""
    if isinstance(camera, BaslerSetup):
        return say("setup.basler_any") if camera.serial == "any" else say("setup.basler", serial=camera.serial)
    if isinstance(camera, SimulatedSetup):
        return say("setup.simulated", case=camera.case)
    if isinstance(camera, FolderSetup):
        return say("setup.folder", folder=camera.folder)
    return say("setup.slide", image=camera.image)
