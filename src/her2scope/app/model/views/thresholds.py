"""The threshold bar: histogram of DAB OD, thresholds that keep their order, what differs from the saved profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.membrane import MembraneImages
from her2scope.analysis.stain import LEAST_OD, OD_STEP, StainProfile
from her2scope.app.model.texts import say
from her2scope.base.frame import Lens

MOST_OD = 2.0
"""Range of the sliders in OD (base 10); a profile may go up to 2.5."""

Moved = Literal["t_weak", "t_moderate", "t_intense"]


@dataclass(frozen=True)
class ThresholdValues:
    """Thresholds on DAB OD (base 10), ascending; t_moderate None: five classes."""

    t_weak: float
    t_intense: float
    t_moderate: float | None = None


@dataclass(frozen=True)
class Histogram:
    """DAB OD (base 10) of a field's pixels.

    Parameters
    ----------
    od
        (256,) float64, lower edge of each bin.
    line
        (256,) float64, share of the field's pixels in each bin of the image that t_weak is put to.
    dab
        The same of the image that t_intense and t_moderate are put to.
    height
        (256,) float64, `dab` on a logarithmic scale from 0 to 1, to draw: most pixels have no stain.
    """

    od: NDArray[np.float64]
    line: NDArray[np.float64]
    dab: NDArray[np.float64]
    height: NDArray[np.float64]


@dataclass(frozen=True)
class ThresholdBar:
    """The threshold bar.

    Parameters
    ----------
    values
        Thresholds shown: those in force, or those that a slider just moves to.
    is_split
        Whether moderate is split from weak.
    weak_text, intense_text, moderate_text
        The share of the field's pixels at or above each threshold, in words; empty without a field.
    histogram
        Of the shown field; None without one.
    profile_text
        Name of the profile, and whether it was changed since.
    can_reset, can_save
        Whether anything differs from the profile as saved, and there is one to go back to.
    vectors_text
        Whose vectors the picture in view is read by, where they are not the profile's own.
    """

    values: ThresholdValues
    is_split: bool
    weak_text: str
    intense_text: str
    moderate_text: str
    histogram: Histogram | None
    profile_text: str
    can_reset: bool
    can_save: bool
    vectors_text: str = ""


def values_of(stain: StainProfile) -> ThresholdValues:
    """The thresholds of a profile."""
    return ThresholdValues(stain.t_weak, stain.t_intense, stain.t_moderate)


def histogram(images: MembraneImages) -> Histogram:
    """Count a field's pixels by DAB OD; under 10 ms at 3008 x 3008 (40x)."""
    dab = _shares(images.dab)
    height = np.log1p(dab * images.dab.size)
    od = np.arange(256, dtype=np.float64) * OD_STEP
    return Histogram(od, _shares(images.line), dab, np.asarray(height / height.max(), dtype=np.float64))


def _shares(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    counts = cv2.calcHist([image], [0], None, [256], [0, 256])
    return np.asarray(counts.ravel(), dtype=np.float64) / image.size


def threshold_bar(
    values: ThresholdValues, loaded: StainProfile | None, shown: Histogram | None, *, in_force: StainProfile
) -> ThresholdBar:
    """The bar as it stands.

    Parameters
    ----------
    values
        Shown thresholds.
    loaded
        The profile as it is saved, which reset goes back to; None where none of its name is.
    shown
        Histogram of the shown field.
    in_force
        The case's profile.
    """
    changed = loaded is None or values != values_of(loaded) or in_force != loaded
    return ThresholdBar(
        values=values,
        is_split=values.t_moderate is not None,
        weak_text="" if shown is None else _above(shown.line, values.t_weak),
        intense_text="" if shown is None else _above(shown.dab, values.t_intense),
        moderate_text="" if shown is None or values.t_moderate is None else _above(shown.dab, values.t_moderate),
        histogram=shown,
        profile_text=_profile_text(loaded, in_force, changed=changed),
        can_reset=changed and loaded is not None,
        can_save=changed,
    )


def with_lens(bar: ThresholdBar, in_force: StainProfile, lens: Lens | None) -> ThresholdBar:
    """The bar over a picture that was taken through `lens`: it says where the picture has vectors of its own."""
    if lens is None or in_force.vectors_under(lens) is None:
        return bar
    return replace(bar, vectors_text=say("profile.lens", lens=lens.objective))


def od_decimals(od: float) -> int:
    """Decimals that a threshold needs to be read as it is: 2, or 3 where a control has set it between two steps."""
    return 2 if abs(od - round(od, 2)) < 5e-4 else 3


def od_text(od: float) -> str:
    """A threshold in OD (base 10), as it is."""
    return f"{od:.{od_decimals(od)}f}"


def _profile_text(loaded: StainProfile | None, in_force: StainProfile, *, changed: bool) -> str:
    if loaded is None:
        return say("profile.unsaved", name=in_force.name)
    return say("profile.changed" if changed else "profile.as_saved", name=loaded.name)


def _above(shares: NDArray[np.float64], threshold_od: float) -> str:
    level = int(np.ceil(threshold_od / OD_STEP - 1e-6))
    return say("threshold.above", share=f"{100 * shares[level:].sum():.1f}")


def guard(values: ThresholdValues, moved: Moved, to: float) -> ThresholdValues:
    """The thresholds after one moved: it stops one step (0.01 OD) short of its neighbours, which never move.

    Parameters
    ----------
    values
        Ascending thresholds before.
    moved, to
        Which one moved, and where a hand wants it (OD, base 10).

    Returns
    -------
    ThresholdValues
        Always t_weak < t_moderate < t_intense, in steps of 0.01 OD.
    """
    low, high = LEAST_OD, MOST_OD
    middle = values.t_moderate
    if moved == "t_weak":
        high = (values.t_intense if middle is None else middle) - OD_STEP
    elif moved == "t_intense":
        low = (values.t_weak if middle is None else middle) + OD_STEP
    else:
        low, high = values.t_weak + OD_STEP, values.t_intense - OD_STEP
    held = round(min(max(to, low), high), 2) if np.isfinite(to) else getattr(values, moved)
    return ThresholdValues(
        held if moved == "t_weak" else values.t_weak,
        held if moved == "t_intense" else values.t_intense,
        held if moved == "t_moderate" else middle,
    )


def split(values: ThresholdValues) -> ThresholdValues:
    """With moderate split off half way between weak and intense; unchanged where there is no room for a step."""
    middle = round((values.t_weak + values.t_intense) / 2, 2)
    if not values.t_weak < middle < values.t_intense:
        return values
    return ThresholdValues(values.t_weak, values.t_intense, middle)


def joined(values: ThresholdValues) -> ThresholdValues:
    """With moderate and weak as one class again."""
    return ThresholdValues(values.t_weak, values.t_intense)
