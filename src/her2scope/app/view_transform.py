"""Pan and zoom as a value: where a field lies in a widget."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SCALE = 16.0
MARGIN = 0.25
"""Share of the view that a field may be pulled away from its edge."""


@dataclass(frozen=True)
class ViewTransform:
    """view = (field + 0.5) * scale + shift, for field pixels counted from the centre of the top-left one.

    Parameters
    ----------
    scale
        Device-independent pixels of the view per pixel of the field.
    x, y
        Where the field's top-left corner lies in the view.
    """

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_view(self, x_px: float, y_px: float) -> tuple[float, float]:
        """From the field's pixels to the view."""
        return (x_px + 0.5) * self.scale + self.x, (y_px + 0.5) * self.scale + self.y

    def to_field(self, x: float, y: float) -> tuple[float, float]:
        """From the view to the field's pixels."""
        return (x - self.x) / self.scale - 0.5, (y - self.y) / self.scale - 0.5

    def moved(self, dx: float, dy: float) -> ViewTransform:
        """Moved by device-independent pixels."""
        return ViewTransform(self.scale, self.x + dx, self.y + dy)

    def zoomed(self, factor: float, at: tuple[float, float], least: float) -> ViewTransform:
        """Zoomed about a point of the view, which stays where it is; never below the scale `least`."""
        scale = min(MAX_SCALE, max(least, self.scale * factor))
        k = scale / self.scale
        return ViewTransform(scale, at[0] - (at[0] - self.x) * k, at[1] - (at[1] - self.y) * k)


def fitted(field: tuple[int, int], view: tuple[int, int]) -> ViewTransform:
    """The whole field, centred; `field` and `view` are (width, height)."""
    scale = min(view[0] / field[0], view[1] / field[1])
    return ViewTransform(scale, (view[0] - field[0] * scale) / 2, (view[1] - field[1] * scale) / 2)


def held(transform: ViewTransform, field: tuple[int, int], view: tuple[int, int]) -> ViewTransform:
    """The transform, pulled back so that the field is never lost from view."""
    x, y = (
        _held_axis(shift, side * transform.scale, room)
        for shift, side, room in zip((transform.x, transform.y), field, view, strict=True)
    )
    return ViewTransform(transform.scale, x, y)


def _held_axis(shift: float, length: float, room: float) -> float:
    if length <= room:
        return (room - length) / 2
    margin = MARGIN * room
    return min(margin, max(room - length - margin, shift))
