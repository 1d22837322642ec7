"""Guessed marks, checked by a network that was trained on them: a second look at what blobs alone suggested.

BCSS marks regions, and BreCaHAD a part of its nuclei; the rest is guessed from blobs of hematoxylin, some of which are
folds of stroma, while some pale nuclei are missed. A network learns the rule behind many guesses better than single
ones: where it sees nothing the guess is taken back (Kind.IGNORE), and where it sees a nucleus that nobody guessed the
place is one of some kind (Kind.ANY). Marks that people made are never changed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from her2scope.base.geometry import PointsPx
from her2scope.nets.engine import Engine
from her2scope.nets.peaks import PeakRule
from her2scope.nets.picture_size import at_working_size, to_field
from her2scope.nets.points import Kind, Points
from her2scope.nets.predict import Tiling, heatmaps, peaks_of
from her2scope.nets.sources import Source

GUESSED = {
    "bcss": (Kind.TUMOUR, Kind.OTHER, Kind.ANY),
    "brecahad": (Kind.OTHER,),
}
"""Kinds that no person marked, by data set."""
_SEEN = 0.30
_SURE = 0.55
_NEAR_UM = 3.0
_APART_UM = 5.0


def confirm(source: Source, engine: Engine) -> Source:
    """A source with its guessed marks checked.

    Parameters
    ----------
    source
        Of a data set in GUESSED; others come back as they are.
    engine
        A network trained on the unchecked marks.
    """
    guessed = GUESSED.get(source.name.split("/", maxsplit=1)[0])
    if guessed is None:
        return source
    rgb = source.stain.rgb
    working = at_working_size(rgb, source.pixel_um)
    peaks = peaks_of(heatmaps(engine, working, Tiling()), PeakRule(floor=_SEEN))
    places = to_field(peaks.xy, working.shape, rgb.shape)
    checked = _checked(source, places, guessed)
    told = checked.xy_px[checked.kind != Kind.IGNORE]
    sure = places[peaks.score > _SURE]
    new = sure[_distance(sure, told) * source.pixel_um > _APART_UM]
    return replace(source, points=checked.joined(Points.of(new, Kind.ANY)))


def _checked(source: Source, places: PointsPx, guessed: tuple[Kind, ...]) -> Points:
    """The marks, guesses that have no peak near turned into Kind.IGNORE."""
    marks = source.points
    unseen = _distance(marks.xy_px, places) * source.pixel_um > _NEAR_UM
    doubted = unseen & np.isin(marks.kind, [int(k) for k in guessed])
    return Points(marks.xy_px, np.where(doubted, Kind.IGNORE, marks.kind).astype(np.uint8))


def _distance(xy: PointsPx, others: PointsPx) -> NDArray[np.float64]:
    """(N,) distance of each point to the nearest of others; infinite where there is none."""
    if not len(others):
        return np.full(len(xy), np.inf)
    distance, _ = cKDTree(others).query(xy.reshape(-1, 2))
    return np.asarray(distance, np.float64)
