"""Stain classes of nuclei: as the truth tells them, or by the DAB measured around each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.classes import FIVE_CLASSES, SEVEN_CLASSES, CellClass
from her2scope.analysis.stain import OD_STEP, StainImages, StainProfile, stain_images
from her2scope.analysis.white import estimate_white
from her2scope.base.frame import Frame
from her2scope.base.geometry import PointsPx

Names = NDArray[np.str_]
NO_CLASS = ""
NOT_OF_FOUND = "what is found has no such class"
ANALYSED_UM = 0.424
"""Pixel size at which stain is measured, as membranes are (METHOD.md)."""


@dataclass(frozen=True)
class StainClasses:
    """One way to sort the nuclei of an image by their stain.

    Parameters
    ----------
    scheme
        What it goes by, in words.
    order
        The classes in the order to report them.
    marks
        (N,) class of each mark; NO_CLASS where it has none.
    of_found
        From (M, 2) found nuclei to their (M,) classes; None where what is found has none, so that precision is not
        defined.
    """

    scheme: str
    order: tuple[str, ...]
    marks: Names
    of_found: Callable[[PointsPx], Names] | None = None


def whole_field(scheme: str, order: tuple[str, ...], name: str, marks: int) -> StainClasses:
    """Every nucleus of a field, marked or found, is of the field's class."""
    return StainClasses(scheme, order, np.full(marks, name), lambda xy: np.full(len(xy), name))


def cell_classes(classes: NDArray[np.int64] | NDArray[np.uint8], others: int = 0) -> StainClasses:
    """The truth's class of each tumour cell, which a found nucleus has not; `others` marks that follow have none."""
    names = [CellClass(int(c)).label.replace("_", " ") for c in classes] + [NO_CLASS] * others
    known = SEVEN_CLASSES if set(classes.tolist()) - {int(c) for c in FIVE_CLASSES} else FIVE_CLASSES
    return StainClasses("cell class", tuple(c.label.replace("_", " ") for c in known), np.array(names, np.str_))


@dataclass(frozen=True)
class Probe:
    """How DAB is measured at a nucleus.

    Parameters
    ----------
    radius_um
        Of a disc around it.
    quantile
        Of the disc's OD: 0.9 is reached by a tenth of the disc.
    bounds_od
        Rising limits between the classes, DAB OD (base 10).
    names
        The classes, one more than there are limits.
    scheme
        What to call it.
    """

    radius_um: float
    quantile: float
    bounds_od: tuple[float, ...]
    names: tuple[str, ...]
    scheme: str


NUCLEAR = Probe(1.5, 0.5, (0.30,), ("blue, OD below 0.3", "brown, OD 0.3 or more"), "DAB in the nucleus")
"""Nuclear stains (ER, PR): the median of a nucleus's middle; on EndoNuke's training tiles the counts dip at 0.3."""


def around_nucleus(profile: StainProfile) -> Probe:
    """Membrane stains: the OD that a tenth of the disc of 6 um reaches, by a profile's thresholds."""
    weak, intense = profile.t_weak, profile.t_intense
    names = (f"OD below {weak:g}", f"OD {weak:g} to {intense:g}", f"OD {intense:g} or more")
    return Probe(6.0, 0.9, (weak, intense), names, "DAB around the nucleus")


def measured(frame: Frame, profile: StainProfile, probe: Probe, marks: PointsPx) -> StainClasses:
    """Sort marked and found nuclei of a field by the DAB at them."""
    stains = field_stains(frame, profile)

    def classes(xy: PointsPx) -> Names:
        return np.array(probe.names, np.str_)[np.searchsorted(probe.bounds_od, dab_at(stains, xy, probe), "right")]

    return StainClasses(probe.scheme, probe.names, classes(marks), classes)


def field_stains(frame: Frame, profile: StainProfile) -> StainImages:
    """A field's stains at ANALYSED_UM, by the profile's white or the field's own."""
    white = profile.white or estimate_white(frame.rgb)
    return stain_images(frame.rgb, profile, white, frame.pixel_um, ANALYSED_UM)


def dab_at(stains: StainImages, xy_px: PointsPx, probe: Probe) -> NDArray[np.float64]:
    """(N,) DAB OD (base 10) at nuclei, given in the field's pixels; the disc is cut at the field's border."""
    radius = probe.radius_um / stains.pixel_um
    reach = int(np.ceil(radius))
    steps = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    rows, columns = steps[:, (steps**2).sum(axis=0) <= radius**2]
    height, width = stains.dab.shape
    found = np.zeros(len(xy_px))
    places = np.clip(np.rint((xy_px + 0.5) * stains.scale - 0.5), 0, (width - 1, height - 1)).astype(np.intp)
    for index, (x, y) in enumerate(places):
        inside = (rows + y >= 0) & (rows + y < height) & (columns + x >= 0) & (columns + x < width)
        found[index] = np.quantile(stains.dab[rows[inside] + y, columns[inside] + x], probe.quantile) * OD_STEP
    return found
