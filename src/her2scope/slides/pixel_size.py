"""Pixel sizes that image files carry, and which of them may be believed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from her2scope.base.errors import InputError
from her2scope.base.geometry import MAX_PIXEL_UM, MIN_PIXEL_UM

UM_PER_INCH = 25400.0
UM_PER_CM = 10000.0
NOT_SQUARE = 0.01
"""Relative difference of width and height from which pixels are not square."""
DISAGREES = 0.05
"""Relative difference from which a stated and a given pixel size are worth a note."""

UNITS_UM = {"m": 1e6, "cm": 1e4, "mm": 1e3, "um": 1.0, "µm": 1.0, "nm": 1e-3, "å": 1e-4, "inch": UM_PER_INCH}
UNITS_UM |= {"micron": 1.0, "microns": 1.0, "micrometer": 1.0, "micrometre": 1.0}


@dataclass(frozen=True)
class PixelSize:
    """Width and height of a pixel in um as a file states them (anything, NaN too), and where it does."""

    x_um: float
    y_um: float
    source: str


def choose_pixel_um(name: str, given_um: float | None, stated: Iterable[PixelSize]) -> tuple[float, tuple[str, ...]]:
    """Settle the pixel size of a file.

    Parameters
    ----------
    name
        The file's name, for messages.
    given_um
        What the user gave, in um; it wins.
    stated
        What the file states, the most trusted first. The first that can be the pixel size of a microscope field
        (0.1 to 1.0 um) counts; printing resolutions such as 72 or 300 dpi, zeros and NaN are as if absent.

    Returns
    -------
    The pixel size in um, and remarks for the user.

    Raises
    ------
    InputError
        When there is no pixel size, or the file's pixels are not square.
    """
    believed = next((size for size in stated if is_plausible(size)), None)
    if given_um is not None:
        return given_um, _disagreement(given_um, believed)
    if believed is None:
        raise InputError(f"{name}: the file states no pixel size; give it with --pixel-size UM (um per pixel).")
    if not is_square(believed):
        raise InputError(
            f"{name}: its pixels are not square ({believed.x_um:.4g} x {believed.y_um:.4g} um by {believed.source}); "
            "resample it to square pixels, or give the true size with --pixel-size UM."
        )
    return round((believed.x_um + believed.y_um) / 2, 6), ()  # PNG and JPEG hold whole dots a length


def is_plausible(size: PixelSize) -> bool:
    """Whether this can be a microscope's pixel: two positive numbers, one of them at least 0.1 to 1.0 um."""
    sides = (size.x_um, size.y_um)
    if not all(math.isfinite(side) and side > 0 for side in sides):
        return False
    return any(MIN_PIXEL_UM <= side <= MAX_PIXEL_UM for side in sides)


def is_square(size: PixelSize) -> bool:
    """Whether width and height agree within 1%."""
    return abs(size.x_um - size.y_um) <= NOT_SQUARE * max(size.x_um, size.y_um)


def _disagreement(given_um: float, believed: PixelSize | None) -> tuple[str, ...]:
    """Remark that the file states another size than the user gave."""
    if believed is None:
        return ()
    if all(abs(side - given_um) <= DISAGREES * given_um for side in (believed.x_um, believed.y_um)):
        return ()
    stated = " x ".join(f"{side:.4g}" for side in dict.fromkeys((believed.x_um, believed.y_um)))
    return (f"pixel size {given_um:.4g} um as given, although the file states {stated} um ({believed.source})",)


def from_resolution(x_per_unit: object, y_per_unit: object, unit_um: float, source: str) -> PixelSize:
    """Pixel size of a resolution tag: pixels per unit in x and y, and the unit's length in um."""
    return PixelSize(_inverse(x_per_unit) * unit_um, _inverse(y_per_unit) * unit_um, source)


def _inverse(value: object) -> float:
    """One over a number or a (numerator, denominator) pair; NaN where that cannot be."""
    pair: tuple[Any, ...] = value if isinstance(value, tuple) and len(value) == 2 else (value, 1)
    try:
        return float(pair[1]) / float(pair[0])  # a fraction of Pillow's is a number
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return math.nan


def from_description(text: str, x_per_unit: object = None, y_per_unit: object = None) -> Sequence[PixelSize]:
    """Pixel sizes that a TIFF's ImageDescription states: OME-XML, Aperio's MPP, ImageJ's unit.

    Parameters
    ----------
    text
        The description.
    x_per_unit, y_per_unit
        The file's resolution tags; ImageJ counts them in the unit that its description names.
    """
    if "<" in text and "Pixels" in text:
        return _from_ome(text)
    if text.startswith("Aperio"):
        return _from_aperio(text)
    if text.startswith("ImageJ"):
        return _from_imagej(text, x_per_unit, y_per_unit)
    return ()


def _from_ome(text: str) -> Sequence[PixelSize]:
    """Read the first Pixels element of OME-XML; its sizes are in um unless it names another unit."""
    element = re.search(r"<(?:\w+:)?Pixels\b[^>]*>", text)
    if element is None:
        return ()
    found = dict(re.findall(r"\b(PhysicalSize[XY](?:Unit)?)\s*=\s*[\"']([^\"']*)[\"']", element.group()))
    x_um, y_um = (
        _number(found.get(f"PhysicalSize{axis}")) * unit_um(found.get(f"PhysicalSize{axis}Unit", "um")) for axis in "XY"
    )
    return (PixelSize(x_um, y_um, "OME-XML PhysicalSize"),)


def _from_aperio(text: str) -> Sequence[PixelSize]:
    """Read Aperio's microns per pixel, one number for both sides."""
    found = re.search(r"\bMPP\s*=\s*([^|\s]+)", text)
    size = _number(found.group(1) if found else None)
    return (PixelSize(size, size, "Aperio MPP"),)


def _from_imagej(text: str, x_per_unit: object, y_per_unit: object) -> Sequence[PixelSize]:
    """Read the resolution tags in the unit that ImageJ's description names."""
    found = re.search(r"^unit=(.*)$", text, re.MULTILINE)
    length = unit_um(found.group(1) if found else "pixel")
    return (from_resolution(x_per_unit, y_per_unit, length, "ImageJ unit"),)


def unit_um(name: str) -> float:
    """Length of a named unit in um; NaN for a unit that is none of length, such as "pixel"."""
    plain = name.strip().lower().replace("\\u00b5", "µ").replace("μ", "µ").replace("&#181;", "µ").replace("&#xb5;", "µ")
    return UNITS_UM.get(plain, math.nan)


def _number(text: str | None) -> float:
    """A number from text; NaN where there is none."""
    try:
        return float(text) if text is not None else math.nan
    except ValueError:
        return math.nan
