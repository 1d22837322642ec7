"""What is said of presses of the pedal: a part of the table in `texts`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PRESSES: Mapping[str, str] = MappingProxyType(
    {
        "press.down": "Pressed…",
        "press.analysing": "Analysing{n}…",
        "press.one": "A press brought no result. {why}",
        "press.many": "{n} presses brought no result. The last one: {why}",
        "press.brief": (
            "The result before this one was in view for a moment only and is not kept; "
            "go back to its field and press again if it is wanted."
        ),
        "press.keep_waits": "A field is still being analysed: keep it once you see its result.",
        "press.nothing_to_take_back": "There is no field in the case to take back.",
        "close.one": "A field is still being analysed.",
        "close.many": "{n} fields are still being analysed.",
        "close.lost": "Closing now loses what the pedal was pressed for. Wait for the results, or close without them.",
    }
)
