"""Marked nuclei: where they are and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from her2scope.base.geometry import PointsPx


class Kind(IntEnum):
    """What a mark says."""

    TUMOUR = 0
    """A tumour nucleus."""
    OTHER = 1
    """A nucleus that is not tumour: lymphocyte, stroma, vessel."""
    ANY = 2
    """A nucleus; whether tumour, the source does not tell."""
    IGNORE = 3
    """Perhaps a nucleus: nothing is learnt here."""


@dataclass(frozen=True)
class Points:
    """Marks of one image.

    Parameters
    ----------
    xy_px
        (N, 2) float64, x right and y down, in the image's own pixels.
    kind
        (N,) uint8, values of Kind.
    """

    xy_px: PointsPx
    kind: NDArray[np.uint8]

    @classmethod
    def of(cls, xy_px: PointsPx, kind: Kind) -> Points:
        """Marks that all say the same."""
        return cls(np.asarray(xy_px, np.float64).reshape(-1, 2), np.full(len(xy_px), kind, np.uint8))

    def select(self, *kinds: Kind) -> PointsPx:
        """(N, 2) positions of the marks of these kinds."""
        return self.xy_px[np.isin(self.kind, [int(k) for k in kinds])]

    def joined(self, other: Points) -> Points:
        """These marks and `other`."""
        return Points(np.concatenate([self.xy_px, other.xy_px]), np.concatenate([self.kind, other.kind]))
