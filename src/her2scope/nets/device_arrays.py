"""Pictures and packed masks on their way to a device and back, and the few operations that torch lacks there."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from her2scope.analysis.bits import PackedMask

WORD = 64
"""Pixels in a word of a packed mask."""


def upload(image: NDArray[np.uint8], device: torch.device) -> Tensor:
    """A uint8 image on a device, by way of pinned memory where that is CUDA; never memory of the caller's.

    Parameters
    ----------
    image
        Any shape; may be read-only or strided.
    device
        Where to.
    """
    here = torch.empty(image.shape, dtype=torch.uint8, pin_memory=device.type == "cuda")
    np.copyto(here.numpy(), image)
    return here.to(device, non_blocking=True)


def download(image: Tensor) -> NDArray[np.uint8]:
    """A uint8 image in CPU memory; where the device is the CPU, it is the tensor's own, so neither may be changed."""
    return np.ascontiguousarray(image.cpu().numpy())


def upload_mask(mask: PackedMask, device: torch.device) -> Tensor:
    """(H, words) int64 with the bits of a packed mask: torch has no shifts on uint64."""
    return torch.from_numpy(mask.astype("<u8").view(np.int64)).to(device)


def download_masks(masks: Tensor) -> PackedMask:
    """Packed masks of any number, (..., H, words) uint64, from such int64."""
    return np.ascontiguousarray(masks.cpu().numpy()).view("<u8")


def pack_on_device(mask: Tensor) -> Tensor:
    """Pack a (..., H, W) bool mask into (..., H, ceil(W / 64)) int64; see `bits`."""
    padded = functional.pad(mask.to(torch.uint8), (0, -mask.shape[-1] % WORD))
    eights = padded.reshape(*padded.shape[:-1], -1, 8)
    bits = torch.tensor([1 << k for k in range(8)], dtype=torch.uint8, device=mask.device)
    return (eights * bits).sum(dim=-1, dtype=torch.uint8).view(torch.int64)


def looked_up(table: Tensor, at: Tensor) -> Tensor:
    """Rows of a table: (..., *row) for `at` (...) of whole numbers from 0 to 255 and `table` (256, *row)."""
    rows = table.index_select(0, at.flatten().to(torch.int32))
    return rows.reshape(*at.shape, *table.shape[1:])


def uint8_table(table: NDArray[np.uint8], image: Tensor) -> Tensor:
    """Each grey level of a uint8 image replaced by what a (256,) uint8 table says."""
    return looked_up(torch.from_numpy(table).to(image.device), image)
