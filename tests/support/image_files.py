"""Small pictures that look like stained tissue, written as files of every kind."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

PIXEL_UM = 0.25
CORNERS = {"red": (200, 60, 40), "blue": (60, 60, 180)}


def tissue(height: int = 260, width: int = 300) -> NDArray[np.uint8]:
    """Smooth colours, a red top-left and a blue bottom-right corner: turned, mirrored or swapped, it shows."""
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([230 - 0.1 * x, 190 - 0.3 * y, 150 + 0.2 * x - 0.1 * y], axis=-1).clip(0, 255).astype(np.uint8)
    rgb[:40, :60] = CORNERS["red"]
    rgb[-30:, -50:] = CORNERS["blue"]
    return rgb


def encode(rgb: NDArray[np.uint8] | Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The bytes of a file, by Pillow."""
    buffer = io.BytesIO()
    image = rgb if isinstance(rgb, Image.Image) else Image.fromarray(rgb)
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(samples: NDArray, **options: object) -> bytes:
    """The bytes of a TIFF, by tifffile."""
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, samples, **{"photometric": "rgb"} | options)
    return buffer.getvalue()


def tags(**values: object) -> TiffImagePlugin.ImageFileDirectory_v2:
    """TIFF tags by number, as `tags(_282=0.0)`."""
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    for key, value in values.items():
        directory[int(key[1:])] = value
    return directory


def write(path: Path, data: bytes) -> Path:
    """Write a file and hand back its path."""
    path.write_bytes(data)
    return path


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int) -> bytes:
    """A well-formed PNG whose header claims a size that its few bytes of data do not hold."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, content) for kind, content in chunks)
