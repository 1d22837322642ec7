"""What a field must pass before it counts: each check is a function of a few measures, with a measured threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from her2scope.analysis.hematoxylin import Hematoxylin
from her2scope.analysis.measures import Measures

_PURPLE_SHARE = 0.15
_PURPLE_OD = 0.05


class Status(StrEnum):
    """Whether a field counts."""

    OK = "ok"
    CAUTION = "caution"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Finding:
    """What a check found: how bad, and the reason in words that say what to do.

    `of_case` is the reason without the field's own numbers, so that a case says it once for all its fields; empty
    where the reason serves as well.
    """

    status: Status
    reason: str
    of_case: str = ""


def check_exposure(m: Measures) -> Finding | None:
    """Too dark a picture, or tissue clipped to white."""
    if m.white < 60:
        return Finding(Status.BLOCKED, "the picture is black or far too dark: raise the light or the exposure time")
    if m.median_level < max(35.0, 0.3 * m.white):
        return Finding(
            Status.BLOCKED,
            "most of the picture is black (fluorescence, dark field or a closed shutter): use bright-field light",
        )
    if m.white < 110:
        return Finding(Status.CAUTION, "underexposed: raise the light until empty glass is nearly white")
    if m.clipped > 0.2:
        return Finding(Status.CAUTION, "tissue is overexposed (red clipped at 255): lower the light, then take white")
    return None


def check_light(m: Measures) -> Finding | None:
    """Background that is not white: seen 0.78 or more (H&E of one laboratory), 0.94 or more on DAB slides."""
    if m.white_balance < 0.5:
        return Finding(
            Status.BLOCKED,
            "the brightest background is strongly coloured, not white glass: use bright-field light, then take white",
        )
    if m.white_balance < 0.7:
        return Finding(Status.CAUTION, "the white balance is far off: take white from empty glass")
    return None


def check_evenness(m: Measures) -> Finding | None:
    """Light that falls off across the field, which reads as stain; certainty 5.4 at most on even DAB, 7 on H&E."""
    if m.fall_certainty < 6.5:
        return None
    fall = f"the light falls by {100 * (1 - m.fall):.0f}% across the field"
    if m.fall < 0.65 and m.fall_certainty > 9.0:
        return Finding(Status.BLOCKED, f"{fall}, which reads as stain: centre the lamp and the condenser")
    if m.fall < 0.88:
        return Finding(Status.CAUTION, f"{fall}: weak stain is uncertain in its dark part")
    return None


def check_tissue(m: Measures) -> Finding | None:
    """Empty glass, or too little tissue to stand for anything."""
    if m.tissue < 0.01:
        return Finding(Status.BLOCKED, "empty glass: no tissue in the field; move to tumour")
    if m.tissue < 0.05:
        return Finding(Status.BLOCKED, f"too little tissue ({100 * m.tissue:.0f}% of the field); move to tumour")
    if m.tissue < 0.15:
        return Finding(Status.CAUTION, f"little tissue ({100 * m.tissue:.0f}% of the field)")
    return None


def check_noise(m: Measures) -> Finding | None:
    """A picture of noise: seen 0.5 to 1.4 on tissue, 4.6 on noise."""
    if m.noise > 3.0:
        return Finding(Status.BLOCKED, "the picture is noise, not tissue; check camera, gain and cable")
    if m.noise > 1.6:
        return Finding(Status.CAUTION, "the picture is noisy: lower the gain")
    return None


def check_stain(m: Measures) -> Finding | None:
    """Not DAB and hematoxylin: grey (colour 0; seen 0.05 or more), or H&E (pink 0.38 or more; H-DAB up to 0.10)."""
    if m.colour < 0.03:
        return Finding(Status.BLOCKED, "the picture is grey: HER2 scoring needs the colours of DAB and hematoxylin")
    if m.pink > 0.25:
        return Finding(Status.BLOCKED, "not a DAB stain: it looks like H&E; use the HER2 immunohistochemistry slide")
    if m.pink > 0.15:
        return Finding(Status.CAUTION, "the stain is unusually pink for DAB and hematoxylin: check slide and white")
    return None


def check_focus(m: Measures) -> Finding | None:
    """Out of focus: seen 0.56 or more on HER2 tiles in focus; 0.41 after a blur of 1.2 um (sigma).

    Synthetic 2+ keeps its score to a blur of 0.6 um (0.49 or more), and loses it from 0.85 um (0.45 to 0.51).
    """
    if m.sharpness < 0.43:
        return Finding(Status.BLOCKED, "out of focus: focus and take the field again")
    if m.sharpness < 0.53:
        return Finding(
            Status.CAUTION, "slightly out of focus: thin membranes may be missed, and complete ones read incomplete"
        )
    return None


def check_folds(m: Measures) -> Finding | None:
    """Folds, ink and dirt: broad areas dark in red too; seen 0.09 at most on clean fields."""
    if m.fold > 0.35:
        return Finding(Status.BLOCKED, "a fold, ink or dirt covers much of the field; move to clean tissue")
    if m.fold > 0.10:
        return Finding(Status.CAUTION, "a fold, ink or dirt is in the field; exclude it with a region")
    return None


def check_resolution(pixel_um: float) -> Finding | None:
    """Pixels too coarse for complete and incomplete weak membranes to be told apart (a 1+ line is 0.64 um wide)."""
    if pixel_um > 0.55:
        return Finding(
            Status.CAUTION,
            f"{pixel_um:g} um per pixel is too coarse for weak membranes, and 2+ may read 1+: use 20x or 40x",
        )
    return None


def check_hematoxylin(hematoxylin: Hematoxylin | None, profile: str) -> Finding | None:
    """Hematoxylin so purple for the stain profile (named `profile`) that nuclei may pass for stained membrane.

    On synthetic unstained tissue with no more taken off than usual, the first cells read stained where 0.20 to 0.30
    of its OD truly reads as DAB (measured there: 0.12 to 0.26), 10% of them at 0.40. With the profile's own
    hematoxylin at most 0.09 is measured, whatever the score (680 fields).
    Pale nuclei bring too little DAB to reach the shipped t_weak of 0.08, whatever their colour.
    """
    if hematoxylin is None or hematoxylin.dab_share < _PURPLE_SHARE:
        return None
    if hematoxylin.dab_share * hematoxylin.dark_od < _PURPLE_OD:
        return None
    seen = f"purpler than that of stain profile {profile}"
    percent = 5 * round(20 * hematoxylin.dab_share)
    do = (
        "unstained cells may look stained although more is taken off here; make a profile for this laboratory "
        "(her2scope stain estimate, or Tools, Pick stain vectors)"
    )
    return Finding(
        Status.CAUTION,
        f"the hematoxylin of this field is {seen}: about {percent}% of it reads as DAB, and {do}",
        f"the hematoxylin is {seen}: part of it reads as DAB, and {do}",
    )


def check_nuclei(counted: int) -> Finding | None:
    """Too few counted tumour nuclei for the field to say anything."""
    if counted < 5:
        return Finding(Status.BLOCKED, f"too few tumour nuclei ({counted} counted); move to tumour")
    if counted < 50:
        return Finding(Status.CAUTION, f"few tumour nuclei ({counted} counted)")
    return None


CHECKS: tuple[Callable[[Measures], Finding | None], ...] = (
    check_exposure,
    check_light,
    check_tissue,
    check_noise,
    check_stain,
    check_evenness,
    check_focus,
    check_folds,
)


def judge(m: Measures) -> tuple[Finding, ...]:
    """All findings on a field's measures; only the first that blocks, for the rest would follow from it."""
    found = [finding for check in CHECKS if (finding := check(m)) is not None]
    blocking = [finding for finding in found if finding.status is Status.BLOCKED]
    return (blocking[0],) if blocking else tuple(found)


def overall(findings: tuple[Finding, ...]) -> Status:
    """The worst status among findings; ok when there are none."""
    order = (Status.OK, Status.CAUTION, Status.BLOCKED)
    return max((f.status for f in findings), key=order.index, default=Status.OK)
