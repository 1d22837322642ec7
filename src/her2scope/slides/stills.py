"""PNG, JPEG, BMP, GIF and WebP."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO

import cv2
import numpy as np
from PIL import BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.Image import Image

from her2scope.base.errors import InputError
from her2scope.slides.picture import Picture, check_size, refuse_grey
from her2scope.slides.pixel_size import UM_PER_CM, UM_PER_INCH, PixelSize, from_resolution
from her2scope.slides.samples import Alpha, Samples, orientation_note, to_rgb8, upright

# The classes and not Image.open: content alone chooses, and the size is refused in our words (check_size).
OPENERS: dict[str, Callable[[BinaryIO], Image]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
}
GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "F")
EXIF_X_RESOLUTION, EXIF_Y_RESOLUTION, EXIF_UNIT, EXIF_ORIENTATION = 282, 283, 296, 274
UNIT_TAG_UM = {2: UM_PER_INCH, 3: UM_PER_CM}
"""Units of TIFF's and EXIF's ResolutionUnit, in um."""


def decode_still(kind: str, file: BinaryIO, name: str) -> Picture:
    """Decode a picture of one of the kinds in OPENERS.

    Raises
    ------
    InputError
        When it is animated, grey, of a wrong size or cut short.
    """
    if kind == "PNG":
        check_png_is_whole(file, name)
    image = OPENERS[kind](file)
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        raise InputError(
            f"{name}: an animated {kind} of {frames} frames is not a field; save one frame as PNG or TIFF."
        )
    check_size(name, *image.size)
    if image.mode in GREY_MODES:
        raise refuse_grey(name)
    samples, alpha, notes = _samples(image, file)
    rgb, more = to_rgb8(name, samples, alpha)
    turn = _orientation(image)
    return Picture(upright(rgb, turn), pixel_sizes(image), (*notes, *more, *orientation_note(turn)))


def check_png_is_whole(file: BinaryIO, name: str) -> None:
    """Raise InputError unless the chunks of a PNG lead to its IEND; the file is rewound."""
    position, size = 8, file.seek(0, 2)
    kind = b""
    while kind != b"IEND":
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            break
        length, kind = struct.unpack(">I4s", header)
        position += 12 + length
    file.seek(0)
    if kind != b"IEND" or position > size:
        raise cut_short(name)


def cut_short(name: str) -> InputError:
    """The error for a file that ends too early."""
    return InputError(f"{name}: the file is damaged or cut short; copy it again from where it was made.")


def _samples(image: Image, file: BinaryIO) -> tuple[Samples, Alpha, tuple[str, ...]]:
    """Decode the samples, and say what a fourth channel means."""
    image.load()  # also where OpenCV decodes: Pillow alone checks every checksum
    if isinstance(image, PngImagePlugin.PngImageFile) and _png_bit_depth(file) == 16:
        return *decode_deep(file), ()
    return colour_samples(image)


def _png_bit_depth(file: BinaryIO) -> int:
    """Bits a sample, from the IHDR of a PNG."""
    file.seek(24)
    return file.read(1)[0]


def decode_deep(file: BinaryIO) -> tuple[Samples, Alpha]:
    """Decode a 16-bit PNG or TIFF, for which Pillow has no mode; (H, W, 3 or 4) uint16, red first.

    Raises
    ------
    ValueError
        When OpenCV does not decode it.
    """
    file.seek(0)
    samples = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None or samples.ndim != 3 or samples.shape[2] not in (3, 4):
        raise ValueError("not decoded by OpenCV")
    if samples.shape[2] == 4:
        return samples[..., [2, 1, 0, 3]], Alpha.STRAIGHT
    return samples[..., ::-1], Alpha.NONE


def colour_samples(image: Image) -> tuple[Samples, Alpha, tuple[str, ...]]:
    """Samples of a loaded colour picture of 8 bit, with palettes, CMYK and transparency resolved."""
    notes = ("CMYK turned into RGB without a colour profile: colours are approximate",) if image.mode == "CMYK" else ()
    if image.has_transparency_data:
        return np.asarray(image.convert("RGBA")), Alpha.STRAIGHT, notes
    return np.asarray(image.convert("RGB")), Alpha.NONE, notes


def _orientation(image: Image) -> int:
    """The EXIF orientation, 1 where there is none."""
    value = image.getexif().get(EXIF_ORIENTATION)
    return value if isinstance(value, int) else 1


def pixel_sizes(image: Image) -> tuple[PixelSize, ...]:
    """Pixel sizes that a PNG's pHYs, a BMP's header, JFIF or EXIF states."""
    found = []
    if image.format in ("PNG", "BMP") and "dpi" in image.info:
        x, y = image.info["dpi"]
        found.append(from_resolution(x, y, UM_PER_INCH, f"{image.format} header"))
    if image.format == "JPEG" and image.info.get("jfif_unit") in (1, 2):
        unit = UM_PER_INCH if image.info["jfif_unit"] == 1 else UM_PER_CM
        x, y = image.info["jfif_density"]
        found.append(from_resolution(x, y, unit, "JFIF header"))
    exif = image.getexif()
    unit = UNIT_TAG_UM.get(exif.get(EXIF_UNIT, 2), 0.0)
    found.append(from_resolution(exif.get(EXIF_X_RESOLUTION), exif.get(EXIF_Y_RESOLUTION), unit, "EXIF resolution"))
    return tuple(found)
