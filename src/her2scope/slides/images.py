"""Reading one image file as a field of view."""

from __future__ import annotations

import errno
import stat
import struct
import warnings
import zlib
from pathlib import Path
from typing import BinaryIO

import cv2
from PIL.Image import DecompressionBombError

from her2scope.base.errors import InputError
from her2scope.base.frame import Frame, check_pixel_um
from her2scope.slides.picture import Picture
from her2scope.slides.pixel_size import choose_pixel_um
from her2scope.slides.stills import cut_short, decode_still
from her2scope.slides.tiffs import decode_tiff

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"II+\x00": "TIFF",
    b"MM\x00+": "TIFF",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"RIFF": "WebP",
}
SUFFIXES = {
    "PNG": (".png", ".apng"),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "TIFF": (".tif", ".tiff", ".btf", ".svs", ".ndpi", ".scn", ".bif"),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "WebP": (".webp",),
}
DAMAGE = (
    ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, SyntaxError, TypeError,
    ValueError, EOFError, DecompressionBombError, struct.error, zlib.error, cv2.error,
)  # fmt: skip
"""What the decoders raise on damaged files."""


def read_field(path: str | Path, pixel_um: float | None, name: str | None = None) -> Frame:
    """Read an image file as a field of view.

    Parameters
    ----------
    path
        The file; its content, not its suffix, says what it is.
    pixel_um
        Pixel size in um as the user gave it, or None to take the file's own.
    name
        What to call the field; the file's name by default.

    Raises
    ------
    InputError
        When the file is not a colour image of 256 to 4096 px a side, is damaged, or states no pixel size and none is
        given.
    """
    path = Path(path)
    name = name or path.name
    if pixel_um is not None:
        check_pixel_um(name, pixel_um)
    picture = read_picture(path, name)
    chosen_um, notes = choose_pixel_um(name, pixel_um, picture.pixel_sizes)
    return Frame(name, picture.rgb, chosen_um, (*picture.notes, *notes))


def read_picture(path: str | Path, name: str | None = None) -> Picture:
    """Read an image file without asking for its pixel size; see read_field."""
    path = Path(path)
    name = name or path.name
    try:
        with open_file(path, name) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # decoders print theirs on damaged files
            return _decode(file, path, name)
    except DAMAGE as error:
        raise cut_short(name) from error


def _decode(file: BinaryIO, path: Path, name: str) -> Picture:
    """Decode an open file by what its content says that it is."""
    kind = sniff(file.read(16))
    if kind is None:
        raise InputError(f"{name}: not an image, whatever its name says; give a PNG, JPEG or TIFF.")
    file.seek(0)
    picture = decode_tiff(file, name) if kind == "TIFF" else decode_still(kind, file, name)
    if path.suffix.lower() in SUFFIXES[kind]:
        return picture
    return Picture(picture.rgb, picture.pixel_sizes, (*picture.notes, f"read as {kind}, which its content is"))


def sniff(head: bytes) -> str | None:
    """The kind of image that a file's first 16 bytes show, or None."""
    kind = next((kind for signature, kind in SIGNATURES.items() if head.startswith(signature)), None)
    if kind == "WebP" and head[8:12] != b"WEBP":
        return None
    return kind


def open_file(path: Path, name: str) -> BinaryIO:
    """Open a regular, non-empty file.

    Raises
    ------
    InputError
        When there is none, or it may not be read.
    """
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_size:
            return path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL
        raise InputError(f"{name}: {_why_not(path, error)}.") from error
    if stat.S_ISREG(status.st_mode):
        raise InputError(f"{name}: the file is empty (0 bytes); copy it again from where it was made.")
    raise InputError(f"{name}: not a file; give an image file, or a folder that holds some.")


def _why_not(path: Path, error: OSError | ValueError) -> str:
    """Say why a path cannot be opened and what to do."""
    if isinstance(error, ValueError):
        return "no file can have this name; check it"
    if error.errno == errno.ENOENT and path.is_symlink():
        return "a link to a file that is not there; mend the link or give the file itself"
    if error.errno == errno.EACCES:
        return "may not be read; change its permissions"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return "no such file; check the name and the folder"
    return f"cannot be opened ({error.strerror}); check the name and the disk"
