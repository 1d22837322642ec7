"""`her2scope stain estimate`: stain vectors from images or from drawn regions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.measures import measure
from her2scope.analysis.quality import Status, check_stain
from her2scope.analysis.roi import Polygon, mask_of
from her2scope.analysis.stain import StainProfile
from her2scope.analysis.stain_estimation import StainEstimate, estimate_from_images, estimate_from_regions
from her2scope.analysis.white import estimate_white, white_from_glass
from her2scope.base.errors import Her2ScopeError, InputError
from her2scope.cli.say import complain, tell
from her2scope.settings.stains import DEFAULT_STAIN, load_stain, save_stain
from her2scope.slides.images import read_picture
from her2scope.slides.roi import read_roi
from her2scope.slides.sources import find_images

STAINS = ("hematoxylin", "dab")
White = tuple[float, float, float]
Pictures = list[NDArray[np.uint8]]
_ANY_PIXEL_UM = 0.424
"""Colour and tissue are measured alike at any pixel size."""
_MOST_DIRT = 0.02


@dataclass(frozen=True)
class EstimateRequest:
    """What the user asked of `stain estimate`."""

    images: tuple[str, ...]
    save: str | None = None
    regions: Path | None = None
    glass: Path | None = None
    stain: str | None = None


def run(request: EstimateRequest) -> int:
    """Estimate, say the numbers, and save them when asked; the exit code is 2 when an image could not be read."""
    profile = load_stain(request.stain or DEFAULT_STAIN)
    glass = None if request.glass is None else _white_of(request.glass)
    pictures, problems = _read(request.images)
    if not pictures:
        return 2
    if request.regions is None:
        estimate = estimate_from_images(pictures, [glass or estimate_white(rgb) for rgb in pictures])
    else:
        estimate = _from_regions(pictures, request.regions, glass)
    _say(estimate, glass)
    if request.save is not None:
        _save(profile, estimate, glass or profile.white, request.save)
    return 2 if problems else 0


def _white_of(path: Path) -> White:
    """The white reference from an image of empty glass; InputError when tissue is on it."""
    rgb = read_picture(path).rgb
    if measure(rgb, _ANY_PIXEL_UM, estimate_white(rgb)).tissue > _MOST_DIRT:
        raise InputError(f"{path.name}: this is not empty glass; take a picture beside the tissue.")
    return white_from_glass(rgb)


def _check_stain(name: str, rgb: NDArray[np.uint8]) -> None:
    """InputError when a picture is grey or looks like H&E."""
    finding = check_stain(measure(rgb, _ANY_PIXEL_UM, estimate_white(rgb)))
    if finding is not None and finding.status is Status.BLOCKED:
        raise InputError(f"{name}: {finding.reason}.")


def _read(images: tuple[str, ...]) -> tuple[Pictures, int]:
    """The pictures that can be read, and how many problems were said."""
    sources = find_images(images)
    problems: list[Her2ScopeError] = list(sources.problems)
    pictures = []
    for path, name in zip(sources.paths, sources.names, strict=True):
        try:
            rgb = read_picture(path, name).rgb
            _check_stain(name, rgb)
            pictures.append(rgb)
        except Her2ScopeError as error:
            problems.append(error)
    for problem in problems:
        complain(problem)
    return pictures, len(problems)


def _from_regions(pictures: Pictures, regions: Path, glass: White | None) -> StainEstimate:
    """Estimate from the pixels of drawn regions."""
    if len(pictures) != 1:
        raise InputError(f"{regions.name}: regions are drawn on one image, and {len(pictures)} are given; give one.")
    (rgb,) = pictures
    drawn = read_roi(regions, STAINS)
    pixels = []
    for kind in STAINS:
        polygons = drawn.polygons(kind)
        if not polygons:
            raise InputError(f'{regions.name}: no region is of kind "{kind}"; draw one of each stain.')
        pixels.append(_inside(rgb, polygons))
    return estimate_from_regions(pixels[0], pixels[1], glass or estimate_white(rgb))


def _inside(rgb: NDArray[np.uint8], polygons: tuple[Polygon, ...]) -> NDArray[np.uint8]:
    """(N, 3) pixels inside any of the polygons."""
    masks = [mask_of(polygon, rgb.shape[0], rgb.shape[1]) for polygon in polygons]
    return np.asarray(rgb[np.any(masks, axis=0)], dtype=np.uint8)


def _say(estimate: StainEstimate, glass: White | None) -> None:
    for name in STAINS:
        tell(f"{name:12}" + "  ".join(f"{value:.3f}" for value in getattr(estimate, name)))
    tell(f"{estimate.angle_deg:.1f} degrees apart, from {estimate.pixels} stained pixels")
    if glass is not None:
        tell("white       " + "  ".join(f"{value:.1f}" for value in glass))


def _save(profile: StainProfile, estimate: StainEstimate, white: White | None, name: str) -> None:
    saved = replace(profile, name=name, hematoxylin=estimate.hematoxylin, dab=estimate.dab, white=white)
    path = save_stain(saved, name)
    tell(f"Saved as {name!r} in {path}; use it with --stain {name}.")
    tell(f"Its thresholds are those of {profile.name!r} (t_weak {saved.t_weak:g}, t_intense {saved.t_intense:g}).")
