"""Who does the classical steps of a field: the interface of a backend, and the CPU's.

A backend does what costs time on whole images. Nuclei, the quality gate, specks, faces, labels and cell classes are
the CPU's on every backend. The functions that `CpuBackend` calls are the reference for any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.enhancement import membrane_images
from her2scope.analysis.membrane import MembraneImages, MembraneParameters, Membranes, Thresholds, describe
from her2scope.analysis.stain import StainImages, StainProfile, stain_images


class FieldBackend(Protocol):
    """Stain, enhancement and membranes of a field, in the order of its methods; safe to call from several threads.

    What a method gives is whole on the CPU. It may also hold the same on a device, for the method that follows;
    the membranes that `describe` gives hold nothing there.
    """

    @property
    def name(self) -> str:
        """Where it computes, for people: "cpu", or the name of a device."""

    def stain(
        self,
        rgb: NDArray[np.uint8],
        profile: StainProfile,
        white: tuple[float, float, float],
        pixel_um: float,
        target_um: float,
    ) -> StainImages:
        """See `stain.stain_images`."""

    def enhance(self, stains: StainImages, parameters: MembraneParameters) -> MembraneImages:
        """See `enhancement.membrane_images`."""

    def describe(self, images: MembraneImages, thresholds: Thresholds, parameters: MembraneParameters) -> Membranes:
        """See `membrane.describe`."""


@dataclass(frozen=True)
class CpuBackend:
    """OpenCV and numba."""

    @property
    def name(self) -> str:
        """Where it computes."""
        return "cpu"

    def stain(
        self,
        rgb: NDArray[np.uint8],
        profile: StainProfile,
        white: tuple[float, float, float],
        pixel_um: float,
        target_um: float,
    ) -> StainImages:
        """See `stain.stain_images`."""
        return stain_images(rgb, profile, white, pixel_um, target_um)

    def enhance(self, stains: StainImages, parameters: MembraneParameters) -> MembraneImages:
        """See `enhancement.membrane_images`."""
        return membrane_images(stains, parameters)

    def describe(self, images: MembraneImages, thresholds: Thresholds, parameters: MembraneParameters) -> Membranes:
        """See `membrane.describe`."""
        return describe(images, thresholds, parameters)
