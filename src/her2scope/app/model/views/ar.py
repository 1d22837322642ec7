"""What the eyepiece shows: few, thin, bright elements on black, which is transparent there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from her2scope.analysis.classes import CellClass
from her2scope.analysis.overlay import OverlayStyle, Rgb
from her2scope.app.model.texts import say
from her2scope.app.model.views.score import ScoreHeader
from her2scope.base.errors import ConfigError


class ArMode(StrEnum):
    """How much the eyepiece shows, least first."""

    NOTHING = "nothing"
    SCORE = "score"
    CELLS = "cells"
    MEMBRANES = "membranes"
    ALL = "all"


@dataclass(frozen=True)
class ArSettings:
    """Mode, and brightness of 0.1 to 1 of the display's full one.

    Raises
    ------
    ConfigError
        When the brightness is outside that.
    """

    mode: ArMode = ArMode.ALL
    brightness: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a brightness that shows nothing, or more than everything."""
        if not 0.1 <= self.brightness <= 1:
            raise ConfigError(say("ar.brightness", value=f"{self.brightness:g}"))


@dataclass(frozen=True)
class ArView:
    """What the eyepiece draws.

    Parameters
    ----------
    shows_cells, shows_membranes
        Which parts of the overlay.
    score, reading, notice
        Three short texts: score, reading, and what must not be missed; empty ones are not drawn.
    style
        Colours on black, at the brightness wanted.
    text_colour
        RGB of the texts.
    """

    shows_cells: bool
    shows_membranes: bool
    score: str
    reading: str
    notice: str
    style: OverlayStyle
    text_colour: Rgb


def ar_view(settings: ArSettings, header: ScoreHeader, style: OverlayStyle) -> ArView:
    """The eyepiece's content for what the main window shows.

    Parameters
    ----------
    settings
        Mode and brightness.
    header
        The score that the main window shows.
    style
        Its colours, brightened for a see-through display.
    """
    mode = settings.mode
    words = mode is not ArMode.NOTHING
    lit = {c: scaled(bright(colour), settings.brightness) for c, colour in style.colours.items()}
    return ArView(
        shows_cells=mode in (ArMode.CELLS, ArMode.ALL),
        shows_membranes=mode in (ArMode.MEMBRANES, ArMode.ALL),
        score=header.score if words else "",
        reading=header.reading if words else "",
        notice=_notice(header) if words else "",
        style=OverlayStyle(lit),
        text_colour=scaled((255, 255, 255), settings.brightness),
    )


def _notice(header: ScoreHeader) -> str:
    if header.reasons:
        return header.reasons[0]
    near = () if header.borderline is None else (say("ar.borderline", other=header.borderline.other),)
    return "; ".join((*near, say("ar.caution")) if header.cautions else near)


def bright(colour: Rgb) -> Rgb:
    """The colour with its strongest channel at 255: dark colours vanish on the bright tissue behind."""
    most = max(colour)
    if most == 0:
        return 255, 255, 255
    red, green, blue = (round(channel * 255 / most) for channel in colour)
    return red, green, blue


def scaled(colour: Rgb, share: float) -> Rgb:
    """The colour at a share (0 to 1) of its brightness."""
    red, green, blue = (round(channel * share) for channel in colour)
    return red, green, blue


def next_mode(mode: ArMode) -> ArMode:
    """The mode after this one, for a key that steps through them."""
    modes = tuple(ArMode)
    return modes[(modes.index(mode) + 1) % len(modes)]


def ar_mode_text(mode: ArMode) -> str:
    """A mode's name on screen."""
    return say(f"ar.{mode.value}")


def cells_shown(view: ArView, classes: tuple[CellClass, ...]) -> tuple[CellClass, ...]:
    """Which classes get a mark in the eyepiece: unstained cells get none, they are what is left."""
    return tuple(c for c in classes if c is not CellClass.UNSTAINED) if view.shows_cells else ()
