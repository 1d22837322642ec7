"""Synthetic fields as other laboratories stain them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.stain import DAB, HEMATOXYLIN, StainProfile, optical_density, unmix
from her2scope.synth.tissue import SyntheticField


def unit(vector: tuple[float, float, float]) -> NDArray[np.float64]:
    """A vector of length 1."""
    array = np.asarray(vector, dtype=np.float64)
    return np.asarray(array / np.linalg.norm(array))


def turned(field: SyntheticField, dab_share: float) -> NDArray[np.uint8]:
    """The field with hematoxylin turned towards DAB (or away): that share of it reads as DAB with shipped vectors."""
    hematoxylin = unmix(field.rgb, StainProfile("shipped"), field.glass_rgb)[..., :1]
    change = unit(tuple(unit(HEMATOXYLIN) + dab_share * unit(DAB))) - unit(HEMATOXYLIN)
    return photographed(field, optical_density(field.rgb, field.glass_rgb) + hematoxylin * change)


def browned(field: SyntheticField, dab_od: float) -> NDArray[np.uint8]:
    """The field with that much DAB over all of its tissue: nuclei, cytoplasm and stroma."""
    od = optical_density(field.rgb, field.glass_rgb)
    tissue = np.clip(od.sum(axis=2, keepdims=True) / 0.12, 0, 1)
    return photographed(field, od + dab_od * tissue * unit(DAB))


def brown_nuclei(field: SyntheticField, share: float) -> NDArray[np.uint8]:
    """The field with DAB in the nuclei of that part of it, from the left."""
    od = optical_density(field.rgb, field.glass_rgb)
    hematoxylin = unmix(field.rgb, StainProfile("shipped"), field.glass_rgb)[..., :1]
    stained = np.arange(od.shape[1])[None, :, None] < share * od.shape[1]
    return photographed(field, od + np.where(stained & (hematoxylin > 0.15), 2.0 * hematoxylin, 0) * unit(DAB))


def photographed(field: SyntheticField, od: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 of an OD, before the field's glass."""
    return np.clip(np.rint(np.asarray(field.glass_rgb) * 10.0 ** -np.maximum(od, 0)), 0, 255).astype(np.uint8)
