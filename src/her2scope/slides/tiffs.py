"""TIFF: the first page, with the pixel size that the tags or the description state."""

from __future__ import annotations

import logging
import math
from typing import BinaryIO

import numpy as np
import tifffile
from PIL import Image, TiffImagePlugin
from tifffile import PHOTOMETRIC, PLANARCONFIG, TiffPage

from her2scope.base.errors import InputError
from her2scope.slides.picture import Picture, check_size, refuse_grey
from her2scope.slides.pixel_size import UM_PER_INCH, PixelSize, from_description, from_resolution
from her2scope.slides.samples import Alpha, Samples, orientation_note, to_rgb8, upright
from her2scope.slides.stills import UNIT_TAG_UM, colour_samples, cut_short, decode_deep

READABLE = (PHOTOMETRIC.RGB, PHOTOMETRIC.PALETTE, PHOTOMETRIC.SEPARATED, PHOTOMETRIC.YCBCR)
GREY = (PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.MINISWHITE)
ALPHA_TAGS = {1: Alpha.PREMULTIPLIED, 2: Alpha.STRAIGHT}
"""Meaning of TIFF's ExtraSamples; 0 is unstated, and is not taken for transparency."""


def decode_tiff(file: BinaryIO, name: str) -> Picture:
    """Decode the first page.

    Raises
    ------
    InputError
        When it is grey, of a colour space or size that is not read, holds NaN, or is cut short.
    """
    logging.getLogger("tifffile").addHandler(logging.NullHandler())  # it reports on damaged files by itself
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages.first
        check_size(name, page.imagewidth, page.imagelength)
        _check_colours(page, name)
        _check_is_whole(page, file, name)
        samples, alpha, notes = _samples(page, file, name)
        count = len(tiff.pages)
        sizes = _pixel_sizes(page)
    if count > 1:
        notes = (f"first of {count} pages", *notes)
    rgb, more = to_rgb8(name, samples, alpha)
    return Picture(rgb, sizes, (*notes, *more, *orientation_note(_orientation(page))))


def _check_colours(page: TiffPage, name: str) -> None:
    """Raise InputError for grey pages and for colour spaces that are not read."""
    if page.photometric in GREY:
        raise refuse_grey(name)
    if page.photometric not in READABLE:
        space = getattr(page.photometric, "name", page.photometric)
        raise InputError(f"{name}: its colour space {space} is not read; convert it to RGB.")


def _check_is_whole(page: TiffPage, file: BinaryIO, name: str) -> None:
    """Raise InputError when a strip or tile is missing or lies beyond the end of the file."""
    size = file.seek(0, 2)
    ends = [offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True)]
    if not ends or 0 in page.databytecounts or max(ends) > size:
        raise cut_short(name)


def _samples(page: TiffPage, file: BinaryIO, name: str) -> tuple[Samples, Alpha, tuple[str, ...]]:
    """Decode the page's upright samples, and say what a fourth channel means."""
    if _is_8_bit(page):
        file.seek(0)
        image = TiffImagePlugin.TiffImageFile(file)
        image.load()  # turns it upright, too
        return colour_samples(image)
    samples = _deep_samples(page, file, name)
    if page.photometric == PHOTOMETRIC.SEPARATED and samples.dtype == np.uint16 and samples.shape[2] == 4:
        inks = np.round(samples / 257.0).astype(np.uint8)
        return colour_samples(Image.fromarray(inks, mode="CMYK"))
    if page.photometric != PHOTOMETRIC.RGB or samples.shape[2] < 3:
        raise InputError(f"{name}: {page.bitspersample}-bit samples of this colour space are not read; convert to RGB.")
    return samples, _alpha(page, samples), ()


def _is_8_bit(page: TiffPage) -> bool:
    """Whether Pillow has a mode for the page: whole numbers of up to 8 bits."""
    return int(np.max(page.bitspersample)) <= 8


def _deep_samples(page: TiffPage, file: BinaryIO, name: str) -> Samples:
    """Decode samples of more than 8 bits; (H, W, S), upright."""
    try:
        samples = page.asarray()
    except ValueError:  # LZW and its like, which tifffile leaves to a package that is not a dependency
        return _opencv_samples(page, file, name)
    if page.planarconfig == PLANARCONFIG.SEPARATE:
        samples = np.moveaxis(samples.reshape(-1, page.imagelength, page.imagewidth), 0, -1)
    return upright(samples.reshape(page.imagelength, page.imagewidth, -1), _orientation(page))


def _opencv_samples(page: TiffPage, file: BinaryIO, name: str) -> Samples:
    """Decode what tifffile does not; OpenCV turns it upright by itself."""
    try:
        return decode_deep(file)[0]
    except ValueError as error:
        how = f"{page.bitspersample}-bit {getattr(page.compression, 'name', page.compression)}"
        raise InputError(f"{name}: its {how} data cannot be decoded; save it as uncompressed TIFF or PNG.") from error


def _alpha(page: TiffPage, samples: Samples) -> Alpha:
    """Meaning of the fourth of `samples`, by the page's ExtraSamples."""
    if samples.shape[2] < 4 or not page.extrasamples:
        return Alpha.NONE
    return ALPHA_TAGS.get(int(page.extrasamples[0]), Alpha.NONE)


def _orientation(page: TiffPage) -> int:
    """The orientation tag, 1 where there is none."""
    value = _tag(page, "Orientation")
    return int(value) if isinstance(value, int) else 1


def _tag(page: TiffPage, name: str) -> object:
    """Value of a tag, None where there is none."""
    tag = page.tags.get(name)
    return None if tag is None else tag.value


def _pixel_sizes(page: TiffPage) -> tuple[PixelSize, ...]:
    """Pixel sizes by description and by resolution tags."""
    x, y = _tag(page, "XResolution"), _tag(page, "YResolution")
    unit = _tag(page, "ResolutionUnit")
    unit_um = UNIT_TAG_UM.get(int(unit), math.nan) if isinstance(unit, int) else UM_PER_INCH  # the standard's default
    return (*from_description(page.description, x, y), from_resolution(x, y, unit_um, "TIFF resolution tags"))
