"""The choice of a field backend: CUDA where it works and gives what the CPU gives, else the CPU.

Before CUDA is used it has to pass a trial: two small fields, the same results as on the CPU. A driver or a card that
computes wrongly would otherwise change classes without a sign.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from her2scope.analysis.backend import CpuBackend, FieldBackend
from her2scope.analysis.membrane import MembraneImages, MembraneParameters, Membranes, Thresholds
from her2scope.analysis.stain import StainImages, StainProfile
from her2scope.base.errors import ConfigError, DeviceWarning
from her2scope.nets.engine import choose_device
from her2scope.nets.field_device import TorchBackend, in_cpu_memory

_T = TypeVar("_T")

_TRIAL_SIDES = (150, 203)
_TRIAL_WHITE = (240.0, 240.0, 240.0)
_TRIAL_LEVELS = Thresholds(0.1, 0.5)
_TRIAL_STRAYS = 2
"""Pixels that the bilateral filters may differ in, by one step, through the rounding of sums."""


def choose_backend(device: str) -> FieldBackend:
    """The backend of a name; CUDA that fails gives way to the CPU, with one warning.

    Parameters
    ----------
    device
        "auto", "cpu" or "cuda".

    Raises
    ------
    ConfigError
        When the name is none of these, or CUDA is asked for where there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("There is no CUDA device here that can be used; choose the device auto or cpu.")
    chosen = choose_device(device)
    return CpuBackend() if chosen.type == "cpu" else _tried(chosen)


@cache
def _tried(device: torch.device) -> FieldBackend:
    """The backend of a device, or the CPU's where a trial fails; tried once."""
    try:
        backend = TorchBackend(device)
        fault = next((f for um in (0.212, 0.424) if (f := _fault(backend, um))), "")
    except (RuntimeError, AssertionError) as error:
        fault = str(error).partition("\n")[0] or type(error).__name__
    if fault:
        warnings.warn(
            f"{device.type} failed its trial ({fault}); fields are analysed on the CPU.", DeviceWarning, stacklevel=3
        )
        return CpuBackend()
    return WithCpuInReserve(backend)


def _fault(backend: FieldBackend, pixel_um: float) -> str:
    """In which of its steps a backend differs from the CPU on a small field; empty: in none."""
    cpu, parameters, profile = CpuBackend(), MembraneParameters(), StainProfile("trial")
    rgb, white, um = _trial_picture(), _TRIAL_WHITE, parameters.analysed_um
    stains, other = (b.stain(rgb, profile, white, pixel_um, um) for b in (cpu, backend))
    if not (_same(stains.hematoxylin, other.hematoxylin) and _same(stains.dab, other.dab)):
        return "other stain images than the CPU's"
    images, found = cpu.enhance(stains, parameters), backend.enhance(stains, parameters)
    if _strays(images.dab, found.dab) + _strays(images.line, found.line) > 2 * _TRIAL_STRAYS:
        return "other membrane images than the CPU's"
    one, two = (b.describe(images, _TRIAL_LEVELS, parameters) for b in (cpu, backend))
    pairs = ((one.weak, two.weak), (one.intense, two.intense))
    if not all(_same(a.mask, b.mask) and _same(a.skeleton, b.skeleton) for a, b in pairs):
        return "other membranes than the CPU's"
    return ""


def _trial_picture() -> NDArray[np.uint8]:
    """Noise over rings, in the colours of hematoxylin and DAB."""
    y, x = np.indices(_TRIAL_SIDES)
    rings = np.abs(np.hypot(y % 40 - 20, x % 40 - 20) - 14) < 3
    picture = np.where(rings[..., None], (120, 80, 50), (170, 160, 200))
    noise = np.random.default_rng(1).integers(-40, 41, picture.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), dtype=np.uint8)


def _same(a: NDArray[np.generic], b: NDArray[np.generic]) -> bool:
    return np.array_equal(a, b)


def _strays(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    """Pixels that differ by one step; one that differs by more counts as all."""
    difference = np.abs(a.astype(np.int16) - b)
    return int((difference > 0).sum()) if difference.max() <= 1 else a.size


class WithCpuInReserve:
    """A backend whose steps go to the CPU where a device has no memory for them; a warning says so once.

    Parameters
    ----------
    backend
        Of a device. What it gives must do for the CPU too, and the CPU's for it.
    """

    def __init__(self, backend: FieldBackend) -> None:
        self._backend = backend
        self._cpu = CpuBackend()
        self._said = False

    @property
    def name(self) -> str:
        """Where it computes."""
        return self._backend.name

    def stain(
        self,
        rgb: NDArray[np.uint8],
        profile: StainProfile,
        white: tuple[float, float, float],
        pixel_um: float,
        target_um: float,
    ) -> StainImages:
        """See `stain.stain_images`."""
        return self._first_that_fits(lambda b: b.stain(rgb, profile, white, pixel_um, target_um))

    def enhance(self, stains: StainImages, parameters: MembraneParameters) -> MembraneImages:
        """See `enhancement.membrane_images`."""
        return self._first_that_fits(lambda b: b.enhance(stains, parameters))

    def describe(self, images: MembraneImages, thresholds: Thresholds, parameters: MembraneParameters) -> Membranes:
        """See `membrane.describe`."""

        def step(backend: FieldBackend) -> Membranes:
            given = in_cpu_memory(images) if backend is self._cpu else images
            return backend.describe(given, thresholds, parameters)

        return self._first_that_fits(step)

    def _first_that_fits(self, step: Callable[[FieldBackend], _T]) -> _T:
        try:
            return step(self._backend)
        except RuntimeError as error:
            if not isinstance(error, torch.OutOfMemoryError) and "out of memory" not in str(error):
                raise
        if not self._said:
            self._said = True
            warnings.warn(
                f"{self.name} has no memory for a whole field; the CPU does what does not fit. "
                "Close other programs that use the device.",
                DeviceWarning,
                stacklevel=3,
            )
        return step(self._cpu)
