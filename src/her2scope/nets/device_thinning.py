"""Zhang-Suen thinning on a device, 64 pixels at a time: the same skeleton as `analysis.thinning`, bit for bit.

Where exactly one 0 -> 1 step lies around a pixel, its set neighbours are one arc: there are at least two of them when
two neighbours in a row are set, and at most six when two in a row are not. The eight neighbours are one stack, so that
half a pass is some forty operations on small arrays.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

_PASSES = 4
"""Passes between two looks at whether anything still changes; each look waits for the device."""
_ALL_BUT_SIGN = 2**63 - 1


def thin_on_device(mask: Tensor) -> Tensor:
    """Skeleton of a packed mask.

    Parameters
    ----------
    mask
        (H, words) int64, of `device_arrays.upload_mask`; it is left as it was.

    Returns
    -------
    Tensor
        (H, words) int64.
    """
    image = functional.pad(mask, (1, 1, 1, 1))
    while True:
        for _ in range(_PASSES):
            before = image.clone()
            for first in (True, False):
                image[1:-1, 1:-1] &= ~_deletions(image, first=first)
        if torch.equal(before, image):  # a pass that changes nothing is followed by none that does
            return image[1:-1, 1:-1].contiguous()


def _deletions(image: Tensor, *, first: bool) -> Tensor:
    """(H, words) pixels that a sub-iteration takes away from a padded image."""
    ring = _neighbours(image)
    following = ring.roll(-1, 0)
    p2, p4, p6, p8 = ring[0], ring[2], ring[4], ring[6]
    blocked = (p4 & p6) & (p2 | p8) if first else (p2 & p8) & (p4 | p6)
    several = _folded(ring & following, torch.bitwise_or)
    all_but_one = _folded(ring | following, torch.bitwise_and)
    return image[1:-1, 1:-1] & _exactly_one(~ring & following) & several & ~(all_but_one | blocked)


def _neighbours(image: Tensor) -> Tensor:
    """(8, H, words) neighbours of a padded image's pixels: above, then clockwise."""
    here = image[:, 1:-1]
    left = (here << 1) | ((image[:, :-2] >> 63) & 1)
    right = ((here >> 1) & _ALL_BUT_SIGN) | (image[:, 2:] << 63)
    up, level, down = slice(None, -2), slice(1, -1), slice(2, None)
    return torch.stack([here[up], right[up], right[level], right[down], here[down], left[down], left[level], left[up]])


def _folded(masks: Tensor, fold: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """A stack of a power of two of masks made one."""
    while len(masks) > 1:
        masks = fold(*masks.chunk(2))
    return masks[0]


def _exactly_one(masks: Tensor) -> Tensor:
    """Bits set in exactly one of a stack of masks, of a power of two."""
    half = len(masks) // 2
    once, twice = masks[:half] | masks[half:], masks[:half] & masks[half:]
    while len(once) > 1:
        half = len(once) // 2
        twice = twice[:half] | twice[half:] | (once[:half] & once[half:])
        once = once[:half] | once[half:]
    return (once & ~twice)[0]
