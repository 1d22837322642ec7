"""The objectives of the bench: as the set-up's file says, and as they were measured here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from her2scope.app.model.ledger import utc_now
from her2scope.app.model.micrometer import MeasuredPixel
from her2scope.app.model.texts import say
from her2scope.devices.camera import Objective, Rgb
from her2scope.settings.calibration import Calibration, Measured


@dataclass(frozen=True)
class LensRow:
    """An objective in words.

    Parameters
    ----------
    name
        What is engraved on it.
    pixel, white
        What is in force, and where it comes from.
    has_pixel, has_white
        Whether a measurement is in force that can be forgotten.
    """

    name: str
    pixel: str
    white: str
    has_pixel: bool
    has_white: bool


class LensBook:
    """Keeps measurements by objective.

    Parameters
    ----------
    stated
        The objectives as the device set-up has them.
    calibration
        What was measured with it before; entries for objectives that the set-up has no more stay in the file.
    save
        Keeps it for the next start; raises Her2ScopeError when it cannot. What was measured is in force all the same.
    """

    def __init__(
        self, stated: Sequence[Objective], calibration: Calibration, save: Callable[[Calibration], object]
    ) -> None:
        self._stated, self._calibration, self._save = tuple(stated), calibration, save

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """As they are in force, in the set-up's order."""
        return tuple(in_force(lens, self._calibration) for lens in self._stated)

    def find(self, name: str) -> Objective | None:
        """An objective as it is in force; None for one that the set-up has not."""
        return next((lens for lens in self.objectives if lens.name == name), None)

    def is_measured(self, name: str) -> bool:
        """Whether a stage micrometer gave the pixel size under it."""
        return self._calibration.find(name).pixel_um is not None

    def rows(self) -> tuple[LensRow, ...]:
        """All of them in words."""
        return tuple(self._row(lens) for lens in self.objectives)

    def take_pixel(self, name: str, measured: MeasuredPixel, who: str) -> None:
        """Put a measured pixel size in force, and keep it."""
        entry = msgspec.structs.replace(
            self._calibration.find(name),
            pixel_um=measured.pixel_um,
            pixel_error=round(measured.error, 6),
            pixel_when=_now(),
            pixel_who=who,
        )
        self._put(entry)

    def take_white(self, name: str, white: Rgb, who: str) -> None:
        """Put the white of empty glass in force, and keep it."""
        entry = msgspec.structs.replace(self._calibration.find(name), white=white, white_when=_now(), white_who=who)
        self._put(entry)

    def forget_pixel(self, name: str) -> None:
        """Go back to the set-up's pixel size."""
        entry = self._calibration.find(name)
        self._put(msgspec.structs.replace(entry, pixel_um=None, pixel_error=None, pixel_when="", pixel_who=""))

    def forget_white(self, name: str) -> None:
        """Go back to a white estimated in every field."""
        self._put(msgspec.structs.replace(self._calibration.find(name), white=None, white_when="", white_who=""))

    def _put(self, entry: Measured) -> None:
        self._calibration = self._calibration.with_entry(entry)
        self._save(self._calibration)

    def _row(self, lens: Objective) -> LensRow:
        entry = self._calibration.find(lens.name)
        pixel_um = f"{lens.pixel_um:.4f}"
        if entry.pixel_um is None:
            pixel = say("lens.pixel_stated", pixel_um=pixel_um)
        else:
            error = f"{100 * (entry.pixel_error or 0):.1f}"
            pixel = say(
                "lens.pixel_measured", pixel_um=pixel_um, error=error, by=_by(entry.pixel_when, entry.pixel_who)
            )
        if lens.white is None:
            white = say("lens.white_estimated")
        else:
            levels = ", ".join(f"{level:.0f}" for level in lens.white)
            by = _by(entry.white_when, entry.white_who)
            white = (
                say("lens.white_measured", levels=levels, by=by)
                if entry.white
                else say("lens.white_stated", levels=levels)
            )
        return LensRow(lens.name, pixel, white, entry.pixel_um is not None, entry.white is not None)


def in_force(stated: Objective, calibration: Calibration) -> Objective:
    """An objective with what was measured under it."""
    entry = calibration.find(stated.name)
    return Objective(stated.name, entry.pixel_um or stated.pixel_um, entry.white or stated.white)


def _now() -> str:
    return utc_now().isoformat(timespec="seconds")


def _by(when: str, who: str) -> str:
    """The day, and who; either may not be known."""
    return ", ".join(part for part in (when[:10], who) if part) or say("lens.unknown")
