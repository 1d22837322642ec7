"""How a tone looks: the style sheet's name and the theme's colour for it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from her2scope.app.model.views.tone import Tone
from her2scope.app.theme import Theme

TEXT_STYLES: Mapping[Tone, str] = MappingProxyType(
    {Tone.QUIET: "small", Tone.OK: "good", Tone.CAUTION: "caution", Tone.FAULT: "bad"}
)
CHIP_STYLES: Mapping[Tone, str] = MappingProxyType(
    {Tone.QUIET: "chip", Tone.OK: "chip", Tone.CAUTION: "chip_caution", Tone.FAULT: "chip_bad"}
)


def tone_colour(tone: Tone, theme: Theme) -> str:
    """The colour of a tone, as #rrggbb."""
    return {Tone.QUIET: theme.muted, Tone.OK: theme.good, Tone.CAUTION: theme.caution, Tone.FAULT: theme.bad}[tone]
