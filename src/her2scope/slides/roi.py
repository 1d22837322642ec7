"""Regions of interest from GeoJSON in pixel coordinates."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from her2scope.analysis.roi import Polygon, Roi
from her2scope.base.errors import InputError
from her2scope.base.geometry import PointsPx

KINDS = ("include", "exclude")
FAR_PX = 1e9
"""No position is as far as this."""
MIN_RING = 4
"""Positions of the smallest closed ring, a triangle whose first is repeated (RFC 7946, 3.1.6)."""


@dataclass(frozen=True)
class Region:
    """One polygon of a file: its kind, such as "include", and the image that it is for (None: for all)."""

    polygon: Polygon
    kind: str
    image: str | None = None


@dataclass(frozen=True)
class RoiFile:
    """The regions of a GeoJSON file.

    Parameters
    ----------
    name
        The file's name, for messages.
    regions
        Its polygons, in the file's order.
    """

    name: str
    regions: tuple[Region, ...]

    def check_images(self, images: Collection[str]) -> None:
        """Raise InputError when a region is for an image that is not among these."""
        for region in self.regions:
            if region.image is not None and region.image not in images:
                raise InputError(
                    f"{self.name}: is for {region.image!r}, which is none of the images; correct the name."
                )

    def for_field(self, image: str, width_px: int, height_px: int) -> Roi:
        """The regions that hold for a field.

        Raises
        ------
        InputError
            When one of them lies wholly outside the field: it was drawn on another picture.
        """
        regions = [region for region in self.regions if region.image in (None, image)]
        for region in regions:
            low, high = region.polygon.ring.min(axis=0), region.polygon.ring.max(axis=0)
            if (high < 0).any() or (low > (width_px, height_px)).any():
                raise InputError(
                    f"{self.name}: a polygon from ({low[0]:g}, {low[1]:g}) to ({high[0]:g}, {high[1]:g}) lies outside "
                    f"{image} of {width_px} x {height_px} px; draw it in that image's own pixels."
                )
        return Roi(*(tuple(region.polygon for region in regions if region.kind == kind) for kind in KINDS))

    def polygons(self, kind: str) -> tuple[Polygon, ...]:
        """All polygons of a kind."""
        return tuple(region.polygon for region in self.regions if region.kind == kind)


def read_roi(path: str | Path, kinds: tuple[str, ...] = KINDS) -> RoiFile:
    """Read polygons from a GeoJSON file.

    A FeatureCollection, a Feature or a bare geometry; Polygon and MultiPolygon, with holes; x right and y down in the
    image's own pixels. A feature's property "kind", or else its "classification" with a "name" as QuPath writes it,
    is "include" (the default) or "exclude"; its property "image" limits it to the field of that name.

    Parameters
    ----------
    path
        The file.
    kinds
        Kinds that polygons may be of, the default first.

    Raises
    ------
    InputError
        When anything in the file is not as above; the sentence names the feature.
    """
    path = Path(path)
    document = _parse(path)
    features = _features(document, path.name)
    regions = [
        region
        for number, feature in enumerate(features, start=1)
        for region in _regions(feature, f"{path.name}: feature {number}", kinds)
    ]
    if not regions:
        raise InputError(f"{path.name}: holds no polygon; draw at least one, or leave out --roi.")
    return RoiFile(path.name, tuple(regions))


def _parse(path: Path) -> Any:
    """Parse the file as JSON."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise InputError(f"{path.name}: cannot be read as GeoJSON ({why}); give a GeoJSON file of polygons.") from error


def _features(document: Any, name: str) -> Sequence[Any]:
    """The features of a document; a bare geometry becomes one without properties."""
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        return list(document["features"])
    if kind == "Feature":
        return [document]
    if kind in ("Polygon", "MultiPolygon"):
        return [{"type": "Feature", "geometry": document}]
    raise InputError(f"{name}: not GeoJSON polygons (its type is {kind!r}); give a FeatureCollection of polygons.")


def _regions(feature: Any, where: str, kinds: tuple[str, ...]) -> Sequence[Region]:
    """The polygons of one feature."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise InputError(f'{where} is not a Feature; give it the type "Feature".')
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise InputError(f"{where} has properties that are not a table; mend or leave them out.")
    image = properties.get("image")
    if not isinstance(image, str | None):
        raise InputError(f"{where} has an image that is not a file's name; mend or leave it out.")
    kind = _kind(properties, where, kinds)
    return [Region(_polygon(rings, where), kind, image) for rings in _rings(feature.get("geometry"), where)]


def _kind(properties: dict[str, Any], where: str, kinds: tuple[str, ...]) -> str:
    """What a feature says that it is."""
    classification = properties.get("classification")
    default = classification.get("name", kinds[0]) if isinstance(classification, dict) else kinds[0]
    kind = properties.get("kind", default)
    if not isinstance(kind, str) or kind.lower() not in kinds:
        raise InputError(f"{where} is of kind {kind!r}; name it {' or '.join(kinds)}.")
    return kind.lower()


def _rings(geometry: Any, where: str) -> Sequence[Any]:
    """The coordinates of each polygon of a geometry."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        coordinates = [coordinates]
    elif kind != "MultiPolygon":
        raise InputError(f"{where} is a {kind}, not a polygon; draw it as Polygon or MultiPolygon.")
    if not isinstance(coordinates, list) or not all(isinstance(rings, list) and rings for rings in coordinates):
        raise InputError(f"{where} has no coordinates; draw it again.")
    return coordinates


def _polygon(rings: Any, where: str) -> Polygon:
    """A polygon from GeoJSON rings: the outline, then the holes."""
    outline, *holes = (_ring(positions, where) for positions in rings)
    return Polygon(outline, tuple(holes))


def _ring(positions: Any, where: str) -> PointsPx:
    """A ring as an (N, 2) array, without its repeated first position."""
    if not isinstance(positions, list) or not all(_is_position(position) for position in positions):
        raise InputError(f"{where} has a position that is not two finite numbers; draw it again.")
    if len(positions) < MIN_RING or positions[0][:2] != positions[-1][:2]:
        raise InputError(
            f"{where} has a ring that is not closed; give at least {MIN_RING} positions, the last equal to the first."
        )
    ring = np.array([position[:2] for position in positions[:-1]], dtype=np.float64)
    if _area(ring) == 0:
        raise InputError(f"{where} has a ring without area; draw it again.")
    return ring


def _is_position(position: Any) -> bool:
    """Whether this is x, y (and perhaps more), all finite numbers."""
    return (
        isinstance(position, list)
        and len(position) >= 2
        and all(type(number) in (int, float) and abs(number) < FAR_PX for number in position)  # NaN is not
    )


def _area(ring: PointsPx) -> float:
    """Area of the triangles that a ring spans with its first point, each taken as positive; 0 on a straight line."""
    spokes = ring - ring[0]
    return float(sum(abs(a[0] * b[1] - a[1] * b[0]) for a, b in pairwise(spokes)))
