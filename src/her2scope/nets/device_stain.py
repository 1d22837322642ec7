"""Unmixing on a device, by the same whole-numbered tables as on the CPU: the same stain images to the last bit."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from her2scope.analysis.unmixing import TABLE_BITS
from her2scope.nets.device_arrays import looked_up


def unmix_on_device(rgb: Tensor, tables: NDArray[np.int32], *, half: bool) -> Tensor:
    """Hematoxylin and DAB of a field.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8.
    tables
        (3, 256, 2) int32, of `stain.unmix_tables`.
    half
        Average OD over 2 x 2 pixels.

    Returns
    -------
    Tensor
        (2, H, W) or (2, H // 2, W // 2) uint8 in steps of OD_STEP, clipped to 0 .. 255.
    """
    by_channel = torch.from_numpy(tables).to(rgb.device)
    amounts = looked_up(by_channel[0], rgb[..., 0])
    for channel in (1, 2):
        amounts += looked_up(by_channel[channel], rgb[..., channel])
    bits = TABLE_BITS
    if half:
        bits += 2
        amounts = _sum_two_by_two(amounts)
    amounts += 1 << (bits - 1)
    return (amounts >> bits).clamp_(0, 255).to(torch.uint8).permute(2, 0, 1).contiguous()


def _sum_two_by_two(image: Tensor) -> Tensor:
    """(H // 2, W // 2, ...) sums of an (H, W, ...) image; an odd last row or column is left out."""
    even = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
    rows = even[0::2] + even[1::2]
    return rows[:, 0::2] + rows[:, 1::2]
