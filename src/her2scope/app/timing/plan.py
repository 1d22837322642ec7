"""What to measure of the application."""

from __future__ import annotations

from dataclasses import dataclass

from her2scope.base.errors import InputError
from her2scope.pipeline.detectors import DEFAULT_DETECTOR


@dataclass(frozen=True)
class AppPlan:
    """What to measure.

    Parameters
    ----------
    detector
        Name of the nucleus detector.
    size_px
        Side of a frame in pixels.
    window_px
        Width and height of the window.
    presses
        Presses of the pedal, at least 1; the first ones are kept, so that the case has fields.
    fields
        Fields to keep.
    moves
        Moves of a threshold that are waited for, one by one.
    seconds
        How long each live situation lasts.
    starts
        Starts of the program, each in a process of its own; 0 leaves them out.
    patience
        Factor of the rests between two steps, in which work that can wait is done.

    Raises
    ------
    InputError
        When there is nothing to measure.
    """

    detector: str = DEFAULT_DETECTOR
    size_px: int = 3008
    window_px: tuple[int, int] = (1920, 1080)
    presses: int = 20
    fields: int = 10
    moves: int = 30
    seconds: float = 4.0
    starts: int = 3
    patience: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        if not (1 <= self.fields <= self.presses and self.moves >= 1 and self.seconds > 0 and self.starts >= 0):
            raise InputError("The benchmark has nothing to run; ask for at least one press and one field.")
