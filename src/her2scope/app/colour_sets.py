"""Sets of class colours that colour-blind readers can tell apart; shapes and dashes are the second cue in each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from her2scope.analysis.classes import CellClass
from her2scope.analysis.overlay import OKABE_ITO, OverlayStyle, Rgb


def _style(*colours: Rgb) -> OverlayStyle:
    """Colours in the order of CellClass."""
    return OverlayStyle(MappingProxyType(dict(zip(CellClass, colours, strict=True))))


COLOUR_SETS: Mapping[str, OverlayStyle] = MappingProxyType(
    {
        "Okabe-Ito": OKABE_ITO,
        "Bright on dark": _style(
            (255, 60, 60), (255, 170, 60), (190, 110, 255), (225, 180, 255), (60, 140, 255), (120, 220, 255),
            (255, 255, 120),
        ),
        "Light to dark": _style(  # one lightness scale, as a printed page has it
            (68, 1, 84), (110, 60, 150), (49, 104, 142), (80, 150, 175), (53, 183, 121), (140, 210, 100),
            (253, 231, 37),
        ),
    }
)  # fmt: skip


def colour_set(name: str) -> OverlayStyle:
    """A set by its name; the first where there is none of that name."""
    return COLOUR_SETS.get(name, OKABE_ITO)
