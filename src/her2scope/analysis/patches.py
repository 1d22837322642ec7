"""The reading by patches: colour saturation of the stained area against the control's (METHOD.md, paper 000).

A patch's characteristic curve is the share of its stained pixels whose HSV saturation is above s, for s from 0.1 to
0.8. The area under it, relative to that of the control (known to be 3+), scores the patch; the counts of patch scores
score the field. The paper's figures show the reading without numbers: every default here is ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.guideline import SCORES, Score
from her2scope.base.errors import ConfigError, InputError

LEVELS = np.linspace(0.1, 0.8, 71)
"""Saturations s of the characteristic curve, 0 to 1."""

NOT_VALID = 255
"""Score of a patch with too little stain."""


@dataclass(frozen=True)
class PatchParams:
    """How patches are cut and scored; all defaults are ours.

    Parameters
    ----------
    patch_um
        Side of a patch in um, about; a field is cut into equal patches. 50 um hold some ten to twenty cells.
    min_stained
        Smallest stained share of a valid patch's area, 0 to 1.
    min_valid
        Smallest share of a field's patches that must be valid for a score, above 0, to 1.
    cutoffs
        Smallest area relative to the control's for 1+, 2+ and 3+; set on synthetic fields, where the medians of patches
        were about 0.1 in 1+, 0.2 in 2+ and 1.0 in 3+ at both objectives. A laboratory should set its own.
    min_share
        More than this share of the valid patches at a score or above give the field that score. Above the guideline's
        10% of cells, since one strong cell raises a whole patch.
    """

    patch_um: float = 50.0
    min_stained: float = 0.02
    min_valid: float = 0.10
    cutoffs: tuple[float, float, float] = (0.05, 0.18, 0.50)
    min_share: float = 0.25

    def __post_init__(self) -> None:
        """Refuse what cuts or scores nothing."""
        if not (math.isfinite(self.patch_um) and self.patch_um > 0):
            raise ConfigError(f"patch_um = {self.patch_um:g} is no side of a patch; give a length in um above 0.")
        if not (0 < self.min_stained <= 1 and 0 < self.min_valid <= 1 and 0 <= self.min_share < 1):
            raise ConfigError("min_stained, min_valid and min_share are shares from 0 to 1; set them again.")
        if not 0 < self.cutoffs[0] < self.cutoffs[1] < self.cutoffs[2]:
            raise ConfigError(f"The patch cut-offs {self.cutoffs} must rise from above 0; set them again.")


@dataclass(frozen=True)
class PatchReading:
    """A field read by patches.

    Parameters
    ----------
    scores
        (rows, columns) uint8, 0 to 3, or NOT_VALID for patches with too little stain.
    relative
        (rows, columns) float32, area under the curve relative to the control's; NaN where not valid.
    y_edges, x_edges
        Edges of the rows and columns in pixels, from 0 to the field's height and width.
    counts
        Valid patches that score 0, 1+, 2+ and 3+.
    score
        The field's; None (not measured) with too few valid patches.
    """

    scores: NDArray[np.uint8]
    relative: NDArray[np.float32]
    y_edges: NDArray[np.intp]
    x_edges: NDArray[np.intp]
    counts: tuple[int, int, int, int]
    score: Score | None

    @property
    def valid(self) -> int:
        """Number of valid patches."""
        return sum(self.counts)


DEFAULT_PATCHES = PatchParams()


def saturation(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """HSV saturation, 0 to 255 for 0 to 1; (H, W) uint8 of (H, W, 3) uint8 RGB."""
    return np.ascontiguousarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)[:, :, 1], dtype=np.uint8)


def characteristic_curve(histogram: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of pixels above each saturation of LEVELS.

    Parameters
    ----------
    histogram
        (256,) int64, stained pixels at each saturation; at least one.

    Returns
    -------
    ndarray
        (71,) float64, falling, 0 to 1.
    """
    at_or_below = np.cumsum(histogram)
    levels = np.floor(LEVELS * 255 + 1e-9).astype(np.intp)  # s * 255 < pixel means pixel > floor(s * 255)
    return np.asarray(1.0 - at_or_below[levels] / at_or_below[-1])


def area_under(curve: NDArray[np.float64]) -> float:
    """Mean height of a characteristic curve by the trapezoidal rule, 0 to 1."""
    return float((curve[1:] + curve[:-1]).mean() / 2)  # levels are evenly spaced


def control_area(fields: Sequence[tuple[NDArray[np.uint8], NDArray[np.bool_]]]) -> float:
    """The area under the control's curve, from the stained pixels of all its fields.

    Parameters
    ----------
    fields
        (H, W, 3) uint8 RGB and (H, W) bool, its DAB-stained area, of each control field.

    Raises
    ------
    InputError
        When no pixel is stained, or none is coloured.
    """
    total = np.zeros(256, np.int64)
    for rgb, stained in fields:
        total += _histogram(saturation(rgb), _as_mask(rgb, stained))
    area = area_under(characteristic_curve(total)) if total.sum() else 0.0
    if area <= 0:
        raise InputError("The control fields show no stained area to compare with; take stained fields of the control.")
    return area


def read_patches(
    rgb: NDArray[np.uint8],
    stained: NDArray[np.bool_],
    pixel_um: float,
    control: float,
    params: PatchParams = DEFAULT_PATCHES,
) -> PatchReading:
    """Read a field by patches against the control.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8; white-balanced as the control's fields are.
    stained
        (H, W) bool, the DAB-stained area.
    pixel_um
        Side of a pixel in um.
    control
        Area under the control's curve, of `control_area`.
    params
        Patches, validity and cut-offs.

    Raises
    ------
    InputError
        When the mask's shape is not the field's, or the control's area is not above 0.
    """
    if not 0 < control <= 1:
        raise InputError(f"A control area of {control:g} is not from 0 to 1; take the control's fields again.")
    mask, image = _as_mask(rgb, stained), saturation(rgb)
    y_edges, x_edges = (_edges(side, pixel_um, params.patch_um) for side in mask.shape)
    relative = np.full((len(y_edges) - 1, len(x_edges) - 1), np.nan, np.float32)
    for row, column in np.ndindex(relative.shape):
        patch = np.s_[y_edges[row] : y_edges[row + 1], x_edges[column] : x_edges[column + 1]]
        histogram = _histogram(image[patch], mask[patch])
        if histogram.sum() >= params.min_stained * mask[patch].size:
            relative[row, column] = area_under(characteristic_curve(histogram)) / control
    scores = _scores(relative, params)
    counts = np.bincount(scores[scores != NOT_VALID], minlength=4)
    zero, one, two, three = (int(k) for k in counts)
    counted = (zero, one, two, three)
    return PatchReading(scores, relative, y_edges, x_edges, counted, field_score(counted, scores.size, params))


def field_score(counts: tuple[int, int, int, int], patches: int, params: PatchParams = DEFAULT_PATCHES) -> Score | None:
    """The strongest score that more than `min_share` of the valid patches reach.

    Parameters
    ----------
    counts
        Valid patches that score 0, 1+, 2+ and 3+.
    patches
        All patches of the field, at least one.

    Returns
    -------
    str or None
        None (not measured) with too few valid patches.
    """
    valid = sum(counts)
    if valid == 0 or valid < params.min_valid * patches:
        return None
    for score in (3, 2, 1):
        if sum(counts[score:]) > params.min_share * valid:
            return SCORES[score]
    return "0"


def _scores(relative: NDArray[np.float32], params: PatchParams) -> NDArray[np.uint8]:
    scores = np.digitize(relative, params.cutoffs).astype(np.uint8)
    scores[np.isnan(relative)] = NOT_VALID
    return scores


def _edges(side_px: int, pixel_um: float, patch_um: float) -> NDArray[np.intp]:
    patches = min(side_px, max(1, round(side_px * pixel_um / patch_um)))
    return np.linspace(0, side_px, patches + 1).round().astype(np.intp)


def _as_mask(rgb: NDArray[np.uint8], stained: NDArray[np.bool_]) -> NDArray[np.uint8]:
    if stained.shape != rgb.shape[:2]:
        raise InputError(
            f"The stained area of {stained.shape} does not fit the field of {rgb.shape[:2]}; make it again."
        )
    return np.ascontiguousarray(stained, dtype=np.uint8)


def _histogram(image: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.int64]:
    counts = cv2.calcHist([image], [0], mask, [256], [0, 256])
    return np.asarray(counts.ravel().round(), dtype=np.int64)
