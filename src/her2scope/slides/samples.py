"""Samples as files hold them, brought to 8-bit RGB on white glass."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import InputError

Samples = NDArray[Any]
BIT_DEPTHS = (8, 10, 12, 14, 16)
"""Depths that cameras write into 16-bit files."""


class Alpha(Enum):
    """What the fourth channel means."""

    NONE = "none"
    STRAIGHT = "straight"
    PREMULTIPLIED = "premultiplied"


def to_rgb8(name: str, samples: Samples, alpha: Alpha) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Bring samples to 8-bit RGB, with transparent parts as white glass.

    Parameters
    ----------
    name
        The file's name, for messages.
    samples
        (H, W, 3 or more) uint8, uint16 or float, red first.
    alpha
        What the fourth channel means; further channels are left out.

    Returns
    -------
    (H, W, 3) uint8, and remarks for the user.

    Raises
    ------
    InputError
        When the numbers are of another type, not finite, or out of any known range.
    """
    colour, notes = to_bytes(name, samples[..., :3])
    if alpha is Alpha.NONE:
        return colour, notes
    opacity = _opacity(samples[..., 3])
    if opacity.min() == 255:
        return colour, notes
    return over_white(colour, opacity, alpha), (*notes, "transparent parts read as empty glass")


def to_bytes(name: str, samples: Samples) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Scale samples of any known type to uint8, by their range; the remark says which."""
    if samples.dtype == np.uint8:
        return np.ascontiguousarray(samples), ()
    if samples.dtype == np.uint16:
        return _from_uint16(samples)
    if samples.dtype.kind == "f":
        return _from_float(name, samples)
    raise InputError(f"{name}: its samples are of type {samples.dtype}; convert it to 8-bit or 16-bit RGB.")


def _from_uint16(samples: NDArray[np.uint16]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Scale 16-bit samples by 65535, or by the 8, 10, 12 or 14 bits of a camera that their maximum fits into.

    A bright field holds empty glass near the top of the camera's range; a true 16-bit field with no sample above
    16383 would be four times too dark to score, so nothing that could be scored is brightened wrongly.
    """
    largest = int(samples.max())
    bits = next(bits for bits in BIT_DEPTHS if largest < 2**bits)
    top = 2**bits - 1
    scale = np.minimum(np.round(np.arange(65536) * (255 / top)), 255).astype(np.uint8)
    why = "" if bits == 16 else f", {bits}-bit data by its largest sample, {largest}"
    return scale[samples], (f"16 bit read with the range 0 to {top}{why}",)


def _from_float(name: str, samples: Samples) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Scale floats of 0 to 1, or of 0 to 255."""
    low, high = float(samples.min()), float(samples.max())  # NaN anywhere makes both NaN
    if not (np.isfinite(low) and np.isfinite(high)):
        raise InputError(f"{name}: holds samples that are not numbers (NaN or infinite); export it again as 8-bit RGB.")
    if low < 0 or high > 255:
        raise InputError(
            f"{name}: its samples reach from {low:g} to {high:g}, neither 0 to 1 nor 0 to 255; export it as 8-bit RGB."
        )
    top = 1.0 if high <= 1 else 255.0
    return np.round(samples * (255 / top)).astype(np.uint8), (f"decimal numbers read with the range 0 to {top:g}",)


def _opacity(alpha: Samples) -> NDArray[np.uint8]:
    """Bring an alpha channel of uint8, uint16 (full range) or float (0 to 1) to 0 to 255."""
    if alpha.dtype == np.uint8:
        return alpha.astype(np.uint8, copy=False)
    if alpha.dtype == np.uint16:
        return np.round(alpha / 257.0).astype(np.uint8)
    return np.round(np.clip(alpha, 0, 1) * 255).astype(np.uint8)


def over_white(colour: NDArray[np.uint8], opacity: NDArray[np.uint8], alpha: Alpha) -> NDArray[np.uint8]:
    """Lay (H, W, 3) colour of (H, W) opacity (255 is opaque) over white; both uint8."""
    weight = opacity[..., None].astype(np.uint16)
    if alpha is Alpha.PREMULTIPLIED:
        blended = np.minimum(colour + (255 - weight), 255)
    else:
        blended = (colour * weight + 255 * (255 - weight) + 127) // 255
    return np.asarray(blended, dtype=np.uint8)


def upright(samples: Samples, orientation: int) -> Samples:
    """Turn (H, W, ...) samples as the EXIF orientation tag says (1 to 8; anything else is as 1).

    References
    ----------
    Exif 2.32, tag 274.
    """
    if orientation in (5, 6, 7, 8):
        samples = samples.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    return samples


def orientation_note(orientation: int) -> tuple[str, ...]:
    """Remark on a picture that was turned; coordinates are those of the upright picture."""
    return (f"turned upright (orientation {orientation})",) if orientation in range(2, 9) else ()
