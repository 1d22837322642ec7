"""A stage that is moved by hand on the screen: where the view lies on a virtual slide."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class BoundsUm:
    """A rectangle on a slide in um, x right and y down."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


class VirtualStage:
    """The position of the middle of the view; may be moved from any thread.

    Parameters
    ----------
    bounds_um
        Where the middle of the view may go; moves beyond stop at the edge, as a stage does.
    start_um
        Where it starts.
    """

    def __init__(self, bounds_um: BoundsUm, start_um: tuple[float, float]) -> None:
        self.bounds_um = bounds_um
        self._lock = threading.Lock()
        self._x, self._y = self._inside(*start_um)

    @property
    def position_um(self) -> tuple[float, float]:
        """Middle of the view, x right and y down, in um."""
        with self._lock:
            return self._x, self._y

    def move_to(self, x_um: float, y_um: float) -> None:
        """Go to a place."""
        with self._lock:
            self._x, self._y = self._inside(x_um, y_um)

    def move_by(self, dx_um: float, dy_um: float) -> None:
        """Go further right and down."""
        with self._lock:
            self._x, self._y = self._inside(self._x + dx_um, self._y + dy_um)

    def _inside(self, x_um: float, y_um: float) -> tuple[float, float]:
        b = self.bounds_um
        return min(max(x_um, b.left), b.right), min(max(y_um, b.top), b.bottom)


@runtime_checkable
class HasStage(Protocol):
    """A camera that sits over a virtual slide."""

    @property
    def stage(self) -> VirtualStage:
        """Its stage."""
