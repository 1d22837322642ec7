"""Training samples: crops of sources, turned, scaled, stained and photographed anew, with their targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.nets.camera import photograph, rephotograph
from her2scope.nets.linknet import HEAT_STRIDE
from her2scope.nets.lymphocytes import CUTOUT_PX, infiltrated
from her2scope.nets.picture_size import WORKING_UM
from her2scope.nets.points import Kind, Points
from her2scope.nets.restain import Tissue, draw_staining, restain, restain_nuclei
from her2scope.nets.sources import Source
from her2scope.nets.targets import Target, make_target

SIDE_PX = 256
"""Side of a sample: 128 um of surroundings."""


@dataclass(frozen=True)
class Sample:
    """One picture and what the network should say of it.

    Parameters
    ----------
    rgb
        (S, S, 3) uint8.
    target
        Heatmaps of S / 2 a side.
    """

    rgb: NDArray[np.uint8]
    target: Target


@dataclass(frozen=True)
class Share:
    """How often a source is drawn, and how often it keeps its own stain.

    Parameters
    ----------
    weight
        Relative frequency of the data set.
    own_stain
        Share of its samples that are not re-stained.
    """

    weight: float
    own_stain: float


@dataclass(frozen=True)
class Variety:
    """What re-stained training samples hold beside their own tissue as HER2.

    Parameters
    ----------
    lymphocytes
        (N, CUTOUT_PX, CUTOUT_PX) float32 round nuclei to set in as lymphocytes; none where N is 0.
    infiltrated
        Share of the samples that they are set into.
    nuclear
        Share of the samples that are stained for a nuclear antigen instead of HER2.
    """

    lymphocytes: NDArray[np.float32]
    infiltrated: float = 0.0
    nuclear: float = 0.0


PLAIN = Variety(np.zeros((0, CUTOUT_PX, CUTOUT_PX), np.float32))
"""Tissue as it is, as HER2."""


@dataclass(frozen=True)
class Placement:
    """Where a crop lies in its source.

    Parameters
    ----------
    to_source
        (2, 3) float64, crop pixels to source pixels.
    pixel_um
        Apparent pixel size of the crop: WORKING_UM times the random scale.
    """

    to_source: NDArray[np.float64]
    pixel_um: float

    def crop(self, image: NDArray[Any], side: int) -> NDArray[np.float32]:
        """The crop of an image, mirrored beyond its border."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = cv2.warpAffine(image, self.to_source, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(crop, dtype=np.float32)

    def points(self, points: Points, side: int) -> Points:
        """Marks in the crop's pixels, those inside it and a little around."""
        inverse = cv2.invertAffineTransform(self.to_source)
        xy = points.xy_px @ inverse[:, :2].T + inverse[:, 2]
        near = ((xy > -20) & (xy < side + 20)).all(axis=1)
        return Points(xy[near], points.kind[near])


def place(rng: np.random.Generator, source: Source, side: int) -> Placement:
    """Draw a placement around one of the source's marks, or anywhere."""
    height, width = source.stain.hematoxylin.shape
    scale = min(1.6, max(0.65, float(np.exp(rng.normal(0.03, 0.22)))))
    pixel_um = source.pixel_um * source.doubt ** rng.random()
    zoom = WORKING_UM / pixel_um * scale
    angle = rng.uniform(0, 2 * np.pi)
    turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn[:, 0] *= rng.choice([-1.0, 1.0]) * rng.uniform(0.92, 1.08)
    half = min(side * zoom / 2, min(height, width) / 2)
    centre = np.array([rng.uniform(half, width - half), rng.uniform(half, height - half)])
    middle = np.full(2, (side - 1) / 2)
    matrix = np.hstack([turn, (centre - turn @ middle)[:, None]])
    return Placement(matrix, pixel_um * zoom)


def outside(placement: Placement, source: Source, side: int) -> Points:
    """Marks that forget the mirrored surroundings, where a nucleus has no mark of its own."""
    height, width = source.stain.hematoxylin.shape
    step = np.arange(0, side, 4)
    grid = np.stack(np.meshgrid(step, step), axis=-1).reshape(-1, 2).astype(np.float64)
    there = grid @ placement.to_source[:, :2].T + placement.to_source[:, 2]
    beyond = ((there < -1) | (there > (width, height))).any(axis=1)
    return Points.of(grid[beyond], Kind.IGNORE)


def draw_sample(rng: np.random.Generator, source: Source, share: Share, variety: Variety = PLAIN) -> Sample:
    """One training sample of a source.

    Parameters
    ----------
    rng
        Source of every draw.
    source
        Where the tissue comes from.
    share
        How often its own stain is kept.
    variety
        What re-stained samples hold beside.
    """
    side = SIDE_PX
    placement = place(rng, source, side)
    keeps = rng.random() < share.own_stain
    rgb, points = _own(rng, source, placement) if keeps else _restained(rng, source, placement, variety)
    beyond = outside(placement, source, side)
    target = make_target(points.joined(beyond), (side // HEAT_STRIDE, side // HEAT_STRIDE), HEAT_STRIDE)
    return Sample(rgb, target)


@dataclass(frozen=True)
class Painted:
    """A crop re-stained as HER2, to measure on.

    Parameters
    ----------
    rgb
        (SIDE_PX, SIDE_PX, 3) uint8 at WORKING_UM.
    points
        Marks in its pixels; those beyond its border are Kind.IGNORE.
    score
        What a field so stained could score, 0 to 3.
    """

    rgb: NDArray[np.uint8]
    points: Points
    score: int


def draw_painted(rng: np.random.Generator, source: Source, variety: Variety = PLAIN) -> Painted:
    """A crop that lies in its source, re-stained as HER2 whatever the variety says of nuclear antigens."""
    placement = place(rng, source, SIDE_PX)
    tissue, points = _to_stain(rng, source, placement, variety)
    staining = draw_staining(rng)
    rgb = photograph(rng, restain(rng, tissue, staining))
    marks = points.joined(outside(placement, source, SIDE_PX))
    inside = ((marks.xy_px >= 0) & (marks.xy_px <= SIDE_PX - 1)).all(axis=1)
    kind = np.where(inside, marks.kind, Kind.IGNORE).astype(np.uint8)
    return Painted(rgb, Points(marks.xy_px, kind), staining.score)


def _own(rng: np.random.Generator, source: Source, placement: Placement) -> tuple[NDArray[np.uint8], Points]:
    """A crop in its own stain, photographed anew."""
    points = placement.points(source.points if source.own is None else source.own, SIDE_PX)
    return rephotograph(rng, np.asarray(placement.crop(source.stain.rgb, SIDE_PX), np.uint8)), points


def _restained(
    rng: np.random.Generator, source: Source, placement: Placement, variety: Variety
) -> tuple[NDArray[np.uint8], Points]:
    """A crop as IHC of a membrane's or of a nuclear antigen."""
    tissue, points = _to_stain(rng, source, placement, variety)
    is_nuclear = variety.nuclear > 0 and rng.random() < variety.nuclear
    return photograph(rng, restain_nuclei(rng, tissue) if is_nuclear else restain(rng, tissue)), points


def _to_stain(
    rng: np.random.Generator, source: Source, placement: Placement, variety: Variety
) -> tuple[Tissue, Points]:
    """A crop to stain: membranes around tumour, around what may be tumour, and in half the crops around any."""
    points = placement.points(source.points, SIDE_PX)
    paintable = [int(Kind.TUMOUR), int(Kind.IGNORE)] + [int(Kind.ANY)] * int(rng.random() < 0.5)
    hematoxylin = placement.crop(source.stain.hematoxylin, SIDE_PX)
    if len(variety.lymphocytes) and rng.random() < variety.infiltrated:
        hematoxylin, points = infiltrated(rng, hematoxylin, points, variety.lymphocytes, placement.pixel_um)
    tissue = Tissue(
        hematoxylin,
        placement.crop(source.stain.counter, SIDE_PX),
        points.xy_px,
        np.isin(points.kind, paintable),
        placement.pixel_um,
    )
    return tissue, points


class Mixture:
    """Samples of several data sets in given shares.

    Parameters
    ----------
    sources
        Every training image.
    shares
        By the data set's name (the part of a source's name before the slash).
    variety
        What re-stained samples hold beside.
    """

    def __init__(self, sources: Sequence[Source], shares: dict[str, Share], variety: Variety = PLAIN) -> None:
        """Group the sources."""
        self._variety = variety
        self._groups = {name: [s for s in sources if s.name.split("/")[0] == name] for name in shares}
        self._groups = {name: group for name, group in self._groups.items() if group}
        self._shares = {name: shares[name] for name in self._groups}
        weights = np.array([share.weight for share in self._shares.values()])
        self._odds = weights / weights.sum()

    def draw(self, rng: np.random.Generator) -> Sample:
        """One sample."""
        name = list(self._groups)[int(rng.choice(len(self._odds), p=self._odds))]
        group = self._groups[name]
        size = np.array([s.stain.hematoxylin.size * s.pixel_um**2 for s in group], np.float64)
        source = group[int(rng.choice(len(group), p=size**0.5 / (size**0.5).sum()))]
        return draw_sample(rng, source, self._shares[name], self._variety)
