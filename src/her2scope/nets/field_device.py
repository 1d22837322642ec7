"""The classical steps of a field on a device.

On the device: unmixing with its 2 x 2 mean, bilateral filter, haze, crosstalk, thresholds, packing and thinning. On the
CPU: resampling at pixel sizes other than the analysed one and half of it, specks, faces, labels and cell classes. The
frame goes up once; stain images, membrane images and packed masks come down. On CUDA the steps have a stream of their
own, beside the network, which runs in another thread and on another stream.

What a result keeps lies in CPU memory alone, so that nothing fills the device while a case is read, whatever holds its
results. For another threshold two images of one byte a pixel go up again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from her2scope.analysis.membrane import (
    MembraneImages,
    MembraneParameters,
    Membranes,
    Thresholds,
    mask_levels,
    traced,
    without_grains,
)
from her2scope.analysis.stain import StainImages, StainProfile, resampled, resampling_scale, unmix_tables
from her2scope.nets.device_arrays import download, download_masks, pack_on_device, upload, upload_mask
from her2scope.nets.device_membrane import enhance_on_device
from her2scope.nets.device_stain import unmix_on_device
from her2scope.nets.device_thinning import thin_on_device


@dataclass(frozen=True)
class _HeldStains(StainImages):
    """Also on a device: (2, h, w) uint8, hematoxylin and DAB."""

    held: Tensor


@dataclass(frozen=True)
class _HeldImages(MembraneImages):
    """Also on a device: (2, h, w) uint8, line and dab."""

    held: Tensor


class TorchBackend:
    """A FieldBackend of torch operations.

    Parameters
    ----------
    device
        Where they run; the CPU will do, for tests.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]

    @property
    def name(self) -> str:
        """Where it computes."""
        if self._device.type == "cuda":
            return f"cuda ({torch.cuda.get_device_name(self._device)})"
        return f"torch {self._device.type}"

    def stain(
        self,
        rgb: NDArray[np.uint8],
        profile: StainProfile,
        white: tuple[float, float, float],
        pixel_um: float,
        target_um: float,
    ) -> StainImages:
        """See `stain.stain_images`."""
        scale = resampling_scale(pixel_um, target_um)
        with self._running():
            held = unmix_on_device(upload(rgb, self._device), unmix_tables(profile, white), half=scale == 0.5)
            both = download(held)
            if scale not in (0.5, 1.0):
                both = np.stack([resampled(image, scale) for image in both])
                held = upload(both, self._device)
        return _HeldStains(both[0], both[1], pixel_um / scale, scale, held)

    def enhance(self, stains: StainImages, parameters: MembraneParameters) -> MembraneImages:
        """See `enhancement.membrane_images`."""
        with self._running():
            if isinstance(stains, _HeldStains):
                held = stains.held
            else:
                held = upload(np.stack([stains.hematoxylin, stains.dab]), self._device)
            both = enhance_on_device(held, stains.pixel_um, parameters)
            line, dab = download(both)
        return _HeldImages(dab, line, stains.pixel_um, both)

    def describe(self, images: MembraneImages, thresholds: Thresholds, parameters: MembraneParameters) -> Membranes:
        """See `membrane.describe`; what it gives holds no memory of the device."""
        with self._running():
            if isinstance(images, _HeldImages):
                held = images.held
            else:
                held = upload(np.stack([images.line, images.dab]), self._device)
            raw = download_masks(_masks_on_device(held, thresholds))
        plain = in_cpu_memory(images)
        masks = without_grains(tuple(raw), plain, parameters)
        with self._running():
            skeleton = download_masks(thin_on_device(upload_mask(masks[0], self._device)))
        return traced(plain, masks, skeleton, thresholds, parameters)

    @contextmanager
    def _running(self) -> Iterator[None]:
        with torch.inference_mode(), nullcontext() if self._stream is None else torch.cuda.stream(self._stream):
            yield


def in_cpu_memory(images: MembraneImages) -> MembraneImages:
    """The same images, holding nothing on a device."""
    return MembraneImages(images.dab, images.line, images.pixel_um)


def _masks_on_device(images: Tensor, thresholds: Thresholds) -> Tensor:
    """(L, H, words) packed masks of `mask_levels`."""
    weak, *stronger = mask_levels(thresholds)
    line, dab = images.to(torch.int16)  # levels may lie above 255
    return pack_on_device(torch.stack([line >= weak, *(dab >= level for level in stronger)]))
