"""Which display the eyepiece's picture goes to."""

from __future__ import annotations

from collections.abc import Sequence


def eyepiece_display(displays: Sequence[str], main: str, chosen: str = "") -> str | None:
    """The display that the eyepiece's picture fills; None: there is none, and it stays in a window.

    Parameters
    ----------
    displays
        Names of those connected.
    main
        The one that the main window is on: it is never covered.
    chosen
        The one that the user chose; empty: whichever is free.
    """
    free = [name for name in displays if name != main]
    if chosen:
        return chosen if chosen in free else None
    return free[0] if free else None
