"""Regions of interest as a hand draws them."""

from __future__ import annotations

import numpy as np

from her2scope.app.model.texts import say
from her2scope.base.errors import InputError
from her2scope.base.geometry import PointsPx


def check_ring(ring: PointsPx) -> None:
    """Raise InputError unless a ring is a closed outline with an area: (N, 2) finite, N of 3 or more."""
    if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 3 or not np.isfinite(ring).all():
        raise InputError(say("error.region_points"))
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    if np.abs(x[:-1] * y[1:] - x[1:] * y[:-1]).sum() == 0:
        raise InputError(say("error.region_area"))
