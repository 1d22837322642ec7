"""Masks packed 64 pixels to a word, for the bit-parallel kernels.

Bit k of word j in a row is pixel 64 * j + k; the bits past the last column are 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PackedMask = NDArray[np.uint64]
"""(H, ceil(W / 64)) uint64."""


def pack(mask: NDArray[np.bool_]) -> PackedMask:
    """Pack an (H, W) bool mask into (H, ceil(W / 64)) uint64."""
    height, width = mask.shape
    bytes_ = np.packbits(mask, axis=1, bitorder="little")
    padded = np.zeros((height, -(-width // 64) * 8), dtype=np.uint8)
    padded[:, : bytes_.shape[1]] = bytes_
    return padded.view("<u8")


def unpack(packed: PackedMask, width: int) -> NDArray[np.bool_]:
    """Undo `pack`: (H, width) bool."""
    return np.unpackbits(packed.view(np.uint8), axis=1, count=width, bitorder="little").view(np.bool_)
