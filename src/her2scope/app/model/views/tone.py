"""How serious something is, for a window to colour and mark."""

from __future__ import annotations

from enum import StrEnum


class Tone(StrEnum):
    """Seriousness, the calmest first."""

    QUIET = "quiet"
    OK = "ok"
    CAUTION = "caution"
    FAULT = "fault"
