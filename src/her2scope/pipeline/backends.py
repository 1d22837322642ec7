"""Field backends by the name of a device; torch is loaded only where one other than the CPU may be used."""

from __future__ import annotations

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.backend import CpuBackend, FieldBackend
from her2scope.analysis.membrane import MembraneImages, MembraneParameters, Membranes, Thresholds
from her2scope.analysis.stain import StainImages, StainProfile
from her2scope.base.errors import ConfigError

DEVICES = ("auto", "cpu", "cuda")
"""auto: CUDA where it works, else the CPU."""


def find_backend(device: str) -> FieldBackend:
    """The backend of a device, one of DEVICES.

    CUDA that is there and broken gives way to the CPU, with one warning.

    Raises
    ------
    ConfigError
        When there is no such device, or CUDA is asked for where there is none.
    """
    check_device(device)
    if device == "cpu":
        return CpuBackend()
    from her2scope.nets.choose_backend import choose_backend  # noqa: PLC0415  torch takes a second to load

    return choose_backend(device)


def check_device(device: str) -> None:
    """Raise ConfigError unless a name is one of DEVICES."""
    if device not in DEVICES:
        raise ConfigError(f"There is no device {device!r} to compute on; choose one of {', '.join(DEVICES)}.")


class DeferredBackend:
    """A backend that is made at its first field, so that a window need not wait for torch.

    Parameters
    ----------
    device
        One of DEVICES.

    Raises
    ------
    ConfigError
        When there is no such device; from the steps, when CUDA is asked for where there is none.
    """

    def __init__(self, device: str) -> None:
        check_device(device)
        self._device = device
        self._lock = Lock()
        self._made: FieldBackend | None = None

    @property
    def name(self) -> str:
        """Where it computes."""
        return self._device if self._made is None else self._made.name

    def stain(
        self,
        rgb: NDArray[np.uint8],
        profile: StainProfile,
        white: tuple[float, float, float],
        pixel_um: float,
        target_um: float,
    ) -> StainImages:
        """See FieldBackend."""
        return self._ready().stain(rgb, profile, white, pixel_um, target_um)

    def enhance(self, stains: StainImages, parameters: MembraneParameters) -> MembraneImages:
        """See FieldBackend."""
        return self._ready().enhance(stains, parameters)

    def describe(self, images: MembraneImages, thresholds: Thresholds, parameters: MembraneParameters) -> Membranes:
        """See FieldBackend."""
        return self._ready().describe(images, thresholds, parameters)

    def _ready(self) -> FieldBackend:
        with self._lock:
            if self._made is None:
                self._made = find_backend(self._device)
            return self._made
