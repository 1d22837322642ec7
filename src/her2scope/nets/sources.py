"""Training images as optical density: every source brought to one pixel size, with its marks and its split.

Each reader turns one data set's files into `Source` images. What a data set does not tell is said so in the marks
(Kind.ANY, Kind.IGNORE), never guessed: EndoNuke tells stroma from epithelium in some tiles; DSB2018 marks nuclei of
every sort; BreCaHAD marks tumour nuclei, and not all of them; BCSS marks regions.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import InputError
from her2scope.nets.blobs import Blobs, find_blobs
from her2scope.nets.discs import find_discs
from her2scope.nets.lymphocytes import CUTOUT_PX, cutouts
from her2scope.nets.points import Kind, Points
from her2scope.nets.stains import Absorbed, absorbed, absorbed_one_stain
from her2scope.synth.tissue import render_field

STORE_UM = 0.4
"""Pixel size that sources are kept at; coarser ones keep their own."""
_BRECAHAD_UM = 0.25
_BCSS_UM = 0.25
_ENDONUKE_TILE_UM = 100.0  # as its authors describe the tiles
_ENDONUKE_DOUBT = 2.0  # red cells in some tiles suggest up to 200 um, so training draws a size between
_ENDONUKE_SHIFT_PX = (0.7, 0.3)  # marks lie right of and below the nuclei, the same on all grids (training images)
_ENDONUKE_DISC_PX = 13.0
_BROWN, _BROWN_BLUR_UM = 0.3, 0.6  # of the image's strongest brown
_DSB_NUCLEUS_UM = 8.0


@dataclass(frozen=True)
class Source:
    """One annotated image.

    Parameters
    ----------
    name
        Data set and file, such as "brecahad/10011.jpg".
    stain
        What its stains absorb.
    points
        Its marks, in the pixels of `stain`.
    pixel_um
        Pixel size of `stain`.
    doubt
        The pixel size may be up to so many times larger; 1 where it is known.
    own
        The marks as they are taught while the image keeps its own stain; None: the same.
    """

    name: str
    stain: Absorbed
    points: Points
    pixel_um: float
    doubt: float = 1.0
    own: Points | None = None


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 of a picture file; InputError when it cannot be read."""
    bgr = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise InputError(f"{path}: not a picture that can be read; remove it from the training folder.")
    return np.ascontiguousarray(bgr[..., ::-1])


def _at_store(rgb: NDArray[np.uint8], xy: NDArray[np.float64], pixel_um: float) -> tuple[NDArray[np.uint8], float]:
    """The image at STORE_UM where its pixels are finer; `xy` is moved along in place."""
    factor = pixel_um / STORE_UM
    if factor >= 1:
        return rgb, pixel_um
    xy += 0.5
    xy *= factor
    xy -= 0.5
    small = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), STORE_UM


def make_source(name: str, rgb: NDArray[np.uint8], points: Points, pixel_um: float) -> Source:
    """A source from an image and its marks."""
    xy = points.xy_px.copy()
    stored, stored_um = _at_store(rgb, xy, pixel_um)
    return Source(name, absorbed(stored), Points(xy, points.kind), stored_um)


def _table(path: Path) -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["image"], []).append(row)
    return rows


def _xy(rows: list[dict[str, str]]) -> NDArray[np.float64]:
    return np.asarray([(float(r["x"]), float(r["y"])) for r in rows], np.float64).reshape(-1, 2)


_ENDONUKE_KIND = {"epithelium": Kind.TUMOUR}  # endometrial stroma is plump: in blue it looks like a sheet of tumour
_EPITHELIUM = {"df72bb": (209, 0, 27), "52faf7": (0, 128, 255), "e1f2c6": (0, 128, 255)}
"""Colour of the discs on epithelium, by the grid that a tile was cut from."""


def endonuke(root: Path) -> Iterator[Source]:
    """EndoNuke tiles with a point table; epithelium counts as tumour, the rest as any."""
    for image, rows in _table(root / "points.csv").items():
        marks = [r for r in rows if float(r["x"]) >= 0.5]  # column 0 blends with the picture beside it: no marks
        kinds = [_ENDONUKE_KIND.get(r["colour_class"], Kind.ANY) for r in marks]
        stroma = np.asarray([r["colour_class"] == "stroma" for r in marks], np.bool_)
        yield _endonuke_tile(root, image, Points(_xy(marks), np.asarray(kinds, np.uint8)), stroma)


def endonuke_discs(root: Path) -> Iterator[Source]:
    """EndoNuke tiles that have drawn discs alone: their centres, told apart by colour; merged ones unknown."""
    for path in sorted((root / "masks").glob("*.png")):
        epithelium = _EPITHELIUM.get(path.stem.split("_")[1])
        if epithelium is not None:
            points = _disc_points(read_rgb(path), epithelium)
            yield _endonuke_tile(root, path.name, points, points.kind == Kind.ANY)


def _endonuke_tile(root: Path, image: str, points: Points, stroma: NDArray[np.bool_]) -> Source:
    rgb = read_rgb(root / "images" / image)
    placed = Points(points.xy_px - _ENDONUKE_SHIFT_PX, points.kind)
    source = make_source(f"endonuke/{image}", rgb, placed, _ENDONUKE_TILE_UM / rgb.shape[0])
    return replace(source, doubt=_ENDONUKE_DOUBT, own=_brown_is_tumour(source, stroma))


def _brown_is_tumour(source: Source, stroma: NDArray[np.bool_]) -> Points:
    """Marks of a nuclear DAB stain, kept as it is: brown nuclei as tumour, of the others that they are nuclei.

    In HER2 the one nucleus that looks brown is a tumour cell's, buried in stain. Nuclei told to be stroma's teach that
    of no colour: where hematoxylin is purple, those of a HER2 slide look brown too.
    """
    marks = source.points
    if not source.stain.brown.any():
        return marks
    brown = cv2.GaussianBlur(source.stain.brown, (0, 0), _BROWN_BLUR_UM / source.pixel_um)
    height, width = brown.shape
    x, y = np.rint(marks.xy_px).astype(np.intp).T
    is_brown = brown[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] > _BROWN
    kind = np.where(is_brown & ~stroma, Kind.TUMOUR, Kind.ANY)
    return Points(marks.xy_px, np.where(marks.kind == Kind.IGNORE, Kind.IGNORE, kind).astype(np.uint8))


def _disc_points(drawn: NDArray[np.uint8], epithelium: tuple[int, int, int]) -> Points:
    painted = np.abs(drawn.astype(np.int16) - (221, 210, 230)).sum(axis=2) > 60
    discs = find_discs(painted, _ENDONUKE_DISC_PX)
    x, y = discs.xy_px.astype(np.intp).T
    kind = np.where(np.abs(drawn[y, x].astype(np.int16) - epithelium).sum(axis=1) < 80, Kind.TUMOUR, Kind.ANY)
    return Points(discs.xy_px, kind.astype(np.uint8)).joined(Points.of(discs.unexplained_px, Kind.IGNORE))


def dsb2018(root: Path) -> Iterator[Source]:
    """DSB2018 images: middles of the instances, any kind; scaled so that the median nucleus has a usual size."""
    for path in sorted((root / "images").iterdir()):
        labels = _labels(root, path)
        ids, counts = np.unique(labels[labels > 0], return_counts=True)
        if len(ids) < 3:
            continue
        rows, columns = np.nonzero(labels)
        owner = np.searchsorted(ids, labels[rows, columns])
        xy = np.stack([np.bincount(owner, columns) / counts, np.bincount(owner, rows) / counts], axis=1)
        pixel_um = _DSB_NUCLEUS_UM / float(np.sqrt(np.median(counts) * 4 / np.pi))
        source = make_source(f"dsb2018/{path.name}", read_rgb(path), Points.of(xy, Kind.ANY), pixel_um)
        yield replace(source, stain=absorbed_one_stain(source.stain.rgb))


def _labels(root: Path, image: Path) -> NDArray[np.int32]:
    data = np.frombuffer((root / "labels" / f"{image.stem}.png").read_bytes(), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.int32)


def dsb2018_cutouts(root: Path, names: Container[str]) -> NDArray[np.float32]:
    """(N, CUTOUT_PX, CUTOUT_PX) float32 round nuclei of the images named, see `lymphocytes.cutouts`."""
    paths = [path for path in sorted((root / "images").iterdir()) if path.name in names]
    found = [c for p in paths for c in cutouts(_labels(root, p), absorbed_one_stain(read_rgb(p)).hematoxylin)]
    return np.asarray(found, np.float32).reshape(-1, CUTOUT_PX, CUTOUT_PX)


def brecahad(root: Path) -> Iterator[Source]:
    """BreCaHAD fields: marked nuclei are tumour; of the unmarked, small or thin ones are other, the rest unknown."""
    for image, rows in _table(root / "points_from_discs.csv").items():
        rgb = read_rgb(root / "images" / image)
        source = make_source(f"brecahad/{image}", rgb, Points.of(_xy(rows), Kind.TUMOUR), _BRECAHAD_UM)
        blobs = find_blobs(source.stain.hematoxylin, source.pixel_um)
        points = source.points.joined(_unmarked(blobs, source))
        yield replace(source, points=points)


def _unmarked(blobs: Blobs, source: Source) -> Points:
    marked = source.points.xy_px
    apart = np.linalg.norm(blobs.xy_px[:, None] - marked[None], axis=2)
    free = apart.min(axis=1) * source.pixel_um > 4.5
    usual = float(np.median(blobs.area_um2[apart.argmin(axis=0)]))
    slight = (blobs.area_um2 < 0.5 * usual) | (blobs.roundness < 0.4)
    free &= blobs.strength > 0.06
    kind = np.where(slight & (blobs.strength > 0.12), Kind.OTHER, Kind.IGNORE).astype(np.uint8)
    return Points(blobs.xy_px[free], kind[free])


def bcss(root: Path) -> Iterator[Source]:
    """BCSS regions: candidates inside tumour are tumour, outside other; near an outline any; faint ones unknown."""
    for path in sorted((root / "images").iterdir()):
        mask = read_rgb(root / "masks" / path.name)[..., 0] > 127
        source = make_source(f"bcss/{path.name}", read_rgb(path), Points.of(np.zeros((0, 2)), Kind.ANY), _BCSS_UM)
        blobs = find_blobs(source.stain.hematoxylin, source.pixel_um)
        points = _by_region(blobs, mask, source.pixel_um)
        yield replace(source, points=points)


def _by_region(blobs: Blobs, mask: NDArray[np.bool_], pixel_um: float) -> Points:
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    x, y = np.rint((blobs.xy_px + 0.5) * pixel_um / _BCSS_UM - 0.5).astype(np.intp).T
    y, x = np.clip(y, 0, mask.shape[0] - 1), np.clip(x, 0, mask.shape[1] - 1)
    depth_um = (inside[y, x] - outside[y, x]) * _BCSS_UM
    slight = (blobs.area_um2 < 22) | (blobs.roundness < 0.35)  # lymphocytes and stroma caught in the outline
    kind = np.where(depth_um > 4, np.where(slight, Kind.ANY, Kind.TUMOUR), Kind.ANY)
    kind = np.where(depth_um < -4, Kind.OTHER, kind)
    kind = np.where(blobs.strength > 0.10, kind, Kind.IGNORE).astype(np.uint8)
    told = blobs.strength > 0.05
    return Points(blobs.xy_px[told], kind[told])


READERS: dict[str, tuple[tuple[str, Callable[[Path], Iterator[Source]]], ...]] = {
    "endonuke": (("points", endonuke), ("discs", endonuke_discs)),
    "dsb2018": (("instances", dsb2018),),
    "brecahad": (("points", brecahad),),
    "bcss": (("regions", bcss),),
}
"""Readers by the name of a data set."""


def synthetic(cases: tuple[str, ...], seeds: range, pixel_um: float, size_px: int) -> Iterator[Source]:
    """Rendered HER2 fields, which know every nucleus; `seeds` are told apart between training and measuring."""
    for seed in seeds:
        field = render_field(cases[seed % len(cases)], seed, pixel_um=pixel_um, size_px=size_px)
        tumour = Points.of(field.truth.xy_px, Kind.TUMOUR)
        points = tumour.joined(Points.of(field.truth.other_xy_px, Kind.OTHER))
        yield make_source(f"synthetic/{seed}", field.rgb, points, pixel_um)
