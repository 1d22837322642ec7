"""From a device set-up to its devices, and what is connected; for the composition root and the command line alone.

Adapters are imported when they are asked for: a missing vendor library stops only what needs it, and the program
starts without loading all of them.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from her2scope.devices.camera import Camera, CameraInfo
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.pedal import Pedal
from her2scope.devices.setup import (
    BaslerSetup,
    ButtonSetup,
    DeviceSetup,
    FolderSetup,
    KeyboardSetup,
    PedalSetup,
    SerialSetup,
    SimulatedSetup,
)


def build_camera(setup: DeviceSetup, cache_dir: Path) -> Camera:
    """The camera of a set-up, closed.

    Parameters
    ----------
    setup
        The set-up.
    cache_dir
        Where a simulated microscope keeps its tissue.

    Raises
    ------
    Her2ScopeError
        When it cannot even be thought of: a library, an image file or a synthetic case that is not there.
    """
    camera, objective, controls = setup.camera, setup.start_objective, setup.controls
    if isinstance(camera, SimulatedSetup):
        from her2scope.devices.simulated import simulated_microscope  # noqa: PLC0415
        from her2scope.devices.tile_maker import TileSet  # noqa: PLC0415

        return simulated_microscope(camera, objective, controls, TileSet(cache_dir, camera.case, camera.seed))
    if isinstance(camera, BaslerSetup):
        built: Camera = _basler().BaslerCamera(camera, objective, controls)
        return built
    from her2scope.devices.replay import FolderCamera, slide_microscope  # noqa: PLC0415

    return FolderCamera(camera, objective) if isinstance(camera, FolderSetup) else slide_microscope(camera, objective)


def build_pedals(setup: DeviceSetup) -> tuple[Pedal, ...]:
    """The pedals of a set-up, closed; windows call press and release of those that are a ManualPedal."""
    return tuple(_build_pedal(pedal) for pedal in setup.pedals)


def connected_cameras() -> tuple[CameraInfo, ...]:
    """The real cameras that are plugged in.

    Raises
    ------
    DeviceError
        When they cannot be listed.
    """
    found: tuple[CameraInfo, ...] = _basler().list_basler_cameras()
    return found


def connected_ports() -> tuple[tuple[str, str], ...]:
    """The serial ports of this machine: what a set-up calls each, so that it is found in any socket, and in words."""
    from her2scope.devices.serial_pedal import list_serial_ports  # noqa: PLC0415

    ports = list_serial_ports()
    usb = [port.usb for port in ports]
    return tuple(
        (port.usb if port.usb and usb.count(port.usb) == 1 else port.port, f"{port.port}: {port.about}")
        for port in ports
    )


def _build_pedal(setup: PedalSetup) -> Pedal:
    if isinstance(setup, SerialSetup):
        from her2scope.devices.serial_pedal import SerialPedal  # noqa: PLC0415

        return SerialPedal(setup)
    assert isinstance(setup, KeyboardSetup | ButtonSetup)
    return ManualPedal(setup.name, setup.presses)


def _basler() -> ModuleType:
    try:
        from her2scope.devices import basler  # noqa: PLC0415
    except ImportError as error:
        what = f"Basler cameras cannot be used ({error})"
        raise DeviceError(Fault.MISSING, what, "install pypylon, or choose another device set-up") from error
    return basler
