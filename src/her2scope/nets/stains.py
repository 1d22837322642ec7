"""What the stains of a training image absorb: hematoxylin apart from eosin or DAB, for any laboratory's colours."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.stain import optical_density
from her2scope.analysis.white import estimate_white

Floats = NDArray[np.float32]
_TISSUE_OD = 0.15
_EDGE_PERCENT = 2.0


@dataclass(frozen=True)
class Absorbed:
    """An image taken apart.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8, as it was.
    hematoxylin
        (H, W) float32, the nuclear stain, about 1 at its dark nuclei.
    counter
        (H, W) float32, the other stain (eosin), on the same scale.
    brown
        (H, W) float32, blue light absorbed beyond what hematoxylin would: 0 in H&E, nuclear DAB in EndoNuke.
    """

    rgb: NDArray[np.uint8]
    hematoxylin: Floats
    counter: Floats
    brown: Floats


def absorbed(rgb: NDArray[np.uint8]) -> Absorbed:
    """Take an image apart; an image with brown in it counts all its density as the nuclear stain."""
    od = optical_density(rgb, estimate_white(rgb))
    brown = np.maximum(0.0, od[..., 2] - 0.75 * od[..., 0]).astype(np.float32)
    if float((brown > 0.25).mean()) > 0.02 and float(od[..., 2].mean()) > 0.9 * float(od[..., 0].mean()):
        return Absorbed(rgb, _unit(od.mean(axis=2)), np.zeros_like(brown), _unit(brown))
    nuclear, counter = _two_stains(od)
    return Absorbed(rgb, nuclear, counter, np.zeros_like(brown))


def absorbed_one_stain(rgb: NDArray[np.uint8]) -> Absorbed:
    """Take an image apart that has one stain alone: all density above the field's is the nuclear stain."""
    density = optical_density(rgb, estimate_white(rgb)).mean(axis=2)
    nothing = np.zeros_like(density)
    return Absorbed(rgb, _unit(density - np.percentile(density, 5)), nothing, nothing)


def _unit(stain: Floats) -> Floats:
    """Scaled so that dark nuclei are about 1."""
    top = max(0.05, float(np.percentile(stain[::2, ::2], 98)))
    return np.asarray(np.clip(stain / top, 0, 1.6), dtype=np.float32)


def _two_stains(od: Floats) -> tuple[Floats, Floats]:
    """Split into the two extreme colours of the image (Macenko 2009): nuclear first.

    The nuclear stain is the one that absorbs more red.
    """
    tissue = od[::3, ::3].reshape(-1, 3)
    tissue = tissue[tissue.mean(axis=1) > _TISSUE_OD]
    if len(tissue) < 200:
        return _unit(od[..., 0]), np.zeros(od.shape[:2], np.float32)
    _, vectors = np.linalg.eigh(np.cov(tissue.T))
    plane = vectors[:, [2, 1]] * np.where(vectors[:, [2, 1]].sum(axis=0) < 0, -1, 1)
    angle = np.arctan2(tissue @ plane[:, 1], tissue @ plane[:, 0])
    ends = np.percentile(angle, [_EDGE_PERCENT, 100 - _EDGE_PERCENT])
    stains = np.stack([plane @ (np.cos(a), np.sin(a)) for a in ends])
    stains = stains[np.argsort(-stains[:, 0] / np.linalg.norm(stains, axis=1))]
    third = np.cross(stains[0], stains[1])
    inverse = np.linalg.inv(np.vstack([stains, third / max(1e-6, float(np.linalg.norm(third)))]))
    amounts = cv2.transform(od, inverse.T.astype(np.float32))
    nuclear = _unit(np.maximum(amounts[..., 0], 0))
    return nuclear, _unit(np.maximum(amounts[..., 1], 0)) * np.float32(0.6)
