"""A device set-up in words."""

from __future__ import annotations

from her2scope.app.model.texts import say
from her2scope.devices.setup import BaslerSetup, CameraSetup, DeviceSetup, FolderSetup, SimulatedSetup


def setup_text(setup: DeviceSetup) -> str:
    """Camera, objectives and pedals of a set-up, a line each."""
    lenses = ", ".join(say("setup.lens", name=lens.name, pixel_um=f"{lens.pixel_um:g}") for lens in setup.objectives)
    pedals = ", ".join(pedal.name for pedal in setup.pedals) or say("setup.no_pedal")
    lines = (
        say("setup.camera", camera=_camera(setup.camera)),
        say("setup.objectives", lenses=lenses),
        say("setup.pedals", pedals=pedals),
    )
    return "\n".join(lines)


def _camera(camera: CameraSetup) -> str:
    if isinstance(camera, BaslerSetup):
        return say("setup.basler_any") if camera.serial == "any" else say("setup.basler", serial=camera.serial)
    if isinstance(camera, SimulatedSetup):
        return say("setup.simulated", case=camera.case)
    if isinstance(camera, FolderSetup):
        return say("setup.folder", folder=camera.folder)
    return say("setup.slide", image=camera.image)
