"""The two pages of the settings that show one device set-up: what it is, and its pedals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from her2scope.app.device_page import Connected, DevicePage
from her2scope.app.model.setup_text import setup_text
from her2scope.app.pedal_page import PedalPage
from her2scope.base.errors import Her2ScopeError
from her2scope.devices.camera import CameraInfo
from her2scope.devices.setup import CameraSetup, DeviceSetup, SimulatedSetup
from her2scope.settings.devices import device_files, load_devices, save_devices


@dataclass(frozen=True)
class DeviceFinder:
    """Lists what is plugged in; each may raise Her2ScopeError.

    Parameters
    ----------
    cameras
        Real cameras.
    ports
        Serial ports: (name in a set-up, text for people).
    """

    cameras: Callable[[], Sequence[CameraInfo]]
    ports: Callable[[], Sequence[tuple[str, str]]]


class SetupPages:
    """Both pages, bound to each other.

    Parameters
    ----------
    name
        The set-up in use.
    find
        Lists what is plugged in.
    """

    def __init__(self, name: str, find: DeviceFinder) -> None:
        connected = Connected(
            lambda: [f"Camera: {info.name} (serial {info.serial})" for info in find.cameras()],
            lambda: [f"Serial port: {text}" for _, text in find.ports()],
        )
        self._setup: DeviceSetup | None = None
        self.pedals = PedalPage(find.ports)
        self.devices = DevicePage(_setups(), name, _about, connected)
        self.devices.chosen.connect(self._load)
        self._load(self.devices.name)

    @property
    def name(self) -> str:
        """The set-up that is chosen."""
        return self.devices.name

    def fault(self) -> str:
        """Why the set-up cannot be saved as it is edited; empty when it can."""
        try:
            load_devices(self.name)
            self._edited()
        except Her2ScopeError as error:
            return str(error)
        return ""

    def save(self) -> bool:
        """Save the set-up if it was edited, as the user's own; whether it was. Her2ScopeError when it cannot be."""
        edited = self._edited()
        if edited is None or edited == self._setup:
            return False
        save_devices(edited)
        return True

    @property
    def is_other_slide(self) -> bool:
        """Whether another specimen was chosen for the simulated slide of the set-up."""
        return self._setup is not None and self._camera(self._setup) != self._setup.camera

    def _edited(self) -> DeviceSetup | None:
        if self._setup is None:
            return None
        return msgspec.structs.replace(self._setup, camera=self._camera(self._setup), pedals=self.pedals.pedals)

    def _camera(self, setup: DeviceSetup) -> CameraSetup:
        """The camera, over the specimen that is chosen where it is a simulated one."""
        if not isinstance(setup.camera, SimulatedSetup):
            return setup.camera
        return msgspec.structs.replace(setup.camera, case=self.devices.specimen.currentData())

    def _load(self, name: str) -> None:
        try:
            self._setup = load_devices(name)
        except Her2ScopeError as error:
            self._setup = None
            self.pedals.show_pedals(())
            self.pedals.show_fault(str(error))
        else:
            self.pedals.show_pedals(self._setup.pedals)
            self.pedals.show_fault("")
        camera = None if self._setup is None else self._setup.camera
        self.devices.show_specimen(camera.case if isinstance(camera, SimulatedSetup) else None)
        self.pedals.setEnabled(self._setup is not None)


def _setups() -> list[tuple[str, str]]:
    return [(name, _title(name)) for name in device_files()]


def _title(name: str) -> str:
    try:
        return load_devices(name).title
    except Her2ScopeError:
        return f"{name} (cannot be read)"


def _about(name: str) -> str:
    try:
        return setup_text(load_devices(name))
    except Her2ScopeError as error:
        return str(error)
