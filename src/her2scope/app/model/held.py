"""What is held of a field beside the case: its reading and its pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from her2scope.app.model.counting import Reading, same_light
from her2scope.app.model.frames import PackedField
from her2scope.base.frame import Frame
from her2scope.pipeline.field import FieldSettings


@dataclass(frozen=True)
class Held:
    """What is held of a field: its reading, its pictures (whole until they are packed), and a small picture."""

    reading: Reading
    pictures: PackedField | Frame
    thumbnail: NDArray[np.uint8]

    @property
    def is_packed(self) -> bool:
        """Whether the pictures are packed, so that the membranes can be had from them."""
        return isinstance(self.pictures, PackedField) and same_light(self.pictures.stain, self.reading.stain)

    def settings(self, settings: FieldSettings) -> FieldSettings:
        """The case's settings as they are for this field: with the vectors of what it was taken through."""
        return settings.under(self.pictures.lens)

    def light(self) -> Held:
        """The same without membranes, where they can be had back."""
        if not self.is_packed or self.reading.result.membranes is None:
            return self
        result = replace(self.reading.result, membranes=None)
        return replace(self, reading=replace(self.reading, result=result))
