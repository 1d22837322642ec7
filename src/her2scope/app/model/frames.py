"""Frames of the case's fields: packed without loss, on disk or in memory, so that memory stays flat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.membrane import MembraneImages
from her2scope.analysis.stain import StainProfile
from her2scope.app.model.texts import say
from her2scope.base.errors import InputError, OutputError
from her2scope.base.frame import Frame, Lens

_FAST = (cv2.IMWRITE_PNG_COMPRESSION, 1)
_NOISY = (*_FAST, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY)
"""For frames: in their noise nothing repeats; 329 ms and 12.3 MB where looking for repeats took 417 and 12.4."""
_THUMBNAIL_PX = 192


@dataclass(frozen=True)
class Packed:
    """A picture as PNG, in memory or in a file.

    Parameters
    ----------
    data
        The PNG; None once it lies in a file.
    path, size
        The file, and its bytes; None while there is none.
    """

    data: bytes | None
    path: Path | None = None
    size: int | None = None

    @property
    def is_there(self) -> bool:
        """Whether it is in memory, or its file exists."""
        return self.data is not None or (self.path is not None and self.path.exists())

    def read(self) -> NDArray[np.uint8]:
        """(H, W) or (H, W, 3) uint8, channels as packed.

        Raises
        ------
        InputError
            When the file is gone or broken.
        """
        return unpack_png(self.png(), str(self.path))

    def png(self) -> bytes:
        """The PNG; InputError when its file is gone or has not its length."""
        if self.data is not None:
            return self.data
        if self.path is None:
            raise InputError(say("error.picture_lost"))
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise InputError(say("error.picture_unread", path=self.path, why=error.strerror)) from error
        if self.size is not None and len(data) != self.size:
            raise InputError(say("error.picture_broken", name=self.path))
        return data


def pack_png(picture: NDArray[np.uint8]) -> bytes:
    """Encode (H, W) or (H, W, 3) RGB uint8 without loss."""
    how: tuple[int, ...] = _FAST
    if picture.ndim == 3:
        picture, how = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), dtype=np.uint8), _NOISY
    done, data = cv2.imencode(".png", picture, how)
    if not done:
        raise OutputError(say("error.picture_unpacked"))
    return data.tobytes()


def unpack_png(data: bytes, name: str) -> NDArray[np.uint8]:
    """Decode what `pack_png` made.

    Raises
    ------
    InputError
        When the data is no such picture.
    """
    picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if picture is None:
        raise InputError(say("error.picture_broken", name=name))
    if picture.ndim == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    return np.asarray(picture, dtype=np.uint8)


@dataclass(frozen=True)
class PackedField:
    """A field's pictures, packed.

    Parameters
    ----------
    name, pixel_um, notes, white, lens
        Of the frame.
    frame
        The frame, RGB.
    membrane
        DAB over the same without haze, one above the other, grey; None in a field blocked before it was analysed.
    membrane_um
        Pixel size of the membrane images in um.
    stain
        Plain profile by whose white and vectors the membrane images were made.
    """

    name: str
    pixel_um: float
    notes: tuple[str, ...]
    frame: Packed
    membrane: Packed | None
    membrane_um: float
    stain: StainProfile
    white: tuple[float, float, float] | None = None
    lens: Lens | None = None

    def load_frame(self) -> Frame:
        """The frame as it was taken; InputError when its file is gone or broken."""
        return Frame(self.name, self._read(self.frame), self.pixel_um, self.notes, self.white, self.lens)

    def load_images(self) -> MembraneImages | None:
        """The membrane images; None in a blocked field; InputError when their file is gone or broken."""
        if self.membrane is None:
            return None
        dab, line = np.split(self._read(self.membrane), 2)
        return MembraneImages(dab, line, self.membrane_um)

    def _read(self, packed: Packed) -> NDArray[np.uint8]:
        try:
            return packed.read()
        except InputError as error:
            raise InputError(say("error.field_lost", name=self.name, why=str(error).rstrip("."))) from error


def pack_field(frame: Frame, images: MembraneImages | None, stain: StainProfile) -> PackedField:
    """Pack a field's pictures in memory; `stain` is the profile that it was read with."""
    frame_png = Packed(pack_png(frame.rgb))
    packed = PackedField(frame.name, frame.pixel_um, frame.notes, frame_png, None, 0.0, stain, frame.white, frame.lens)
    return with_membrane(packed, images, stain)


def with_membrane(packed: PackedField, images: MembraneImages | None, stain: StainProfile) -> PackedField:
    """The same frame with other membrane images, after it was read with another white or other vectors."""
    if images is None:
        return replace(packed, membrane=None, membrane_um=0.0, stain=stain)
    membrane = Packed(pack_png(np.vstack([images.dab, images.line])))
    return replace(packed, membrane=membrane, membrane_um=images.pixel_um, stain=stain)


def thumbnail(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture at most 192 px a side; (h, w, 3) uint8, a copy of (H, W, 3); 4 ms at 3008 x 3008."""
    step = max(1, max(rgb.shape[:2]) // (3 * _THUMBNAIL_PX))  # averaging every pixel would take 40 ms
    rgb = np.ascontiguousarray(rgb[::step, ::step])
    scale = _THUMBNAIL_PX / max(rgb.shape[:2])
    if scale >= 1:
        return rgb.copy()
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
