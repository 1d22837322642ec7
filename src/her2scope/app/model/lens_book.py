"""The objectives of the bench: as the set-up's file says, and as they were measured here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec

from her2scope.analysis.stain import StainProfile
from her2scope.analysis.stain_vectors import StainVectors
from her2scope.app.model.ledger import utc_now
from her2scope.app.model.micrometer import MeasuredPixel
from her2scope.app.model.stain_words import unbroken
from her2scope.app.model.texts import say
from her2scope.base.frame import Lens
from her2scope.devices.camera import BenchObjective, Objective, Rgb
from her2scope.settings.calibration import Calibration, Measured, MeasuredStain


@dataclass(frozen=True)
class StainRow:
    """The vectors kept for a profile under an objective, in words."""

    profile: str
    text: str


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
    stains
        Stain vectors that can be forgotten, by profile.
    """

    name: str
    pixel: str
    white: str
    has_pixel: bool
    has_white: bool
    stains: tuple[StainRow, ...] = ()


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
    def setup(self) -> str:
        """Name of the device set-up."""
        return self._calibration.devices

    @property
    def objectives(self) -> tuple[BenchObjective, ...]:
        """As they are in force, in the set-up's order."""
        return tuple(in_force(lens, self._calibration) for lens in self._stated)

    def find(self, name: str) -> BenchObjective | None:
        """An objective as it is in force; None for one that the set-up has not."""
        return next((lens for lens in self.objectives if lens.name == name), None)

    def is_measured(self, name: str) -> bool:
        """Whether a stage micrometer gave the pixel size under it."""
        return self._calibration.find(name).pixel_um is not None

    def rows(self) -> tuple[LensRow, ...]:
        """All of them in words."""
        return tuple(self._row(lens) for lens in self.objectives)

    def dressed(self, profile: StainProfile, before: StainProfile | None = None) -> StainProfile:
        """A profile with the vectors kept for it under the objectives of this set-up.

        Parameters
        ----------
        profile
            As its file has it.
        before
            The case's profile until now. Where it is the same one, what it holds of other set-ups stays: this book
            knows nothing of them.
        """
        is_same = before is not None and before.name == profile.name
        elsewhere = before.lenses if before is not None and is_same else ()
        others = tuple(entry for entry in elsewhere if entry.lens.setup != self.setup)
        return dressed_by(self._calibration, replace(profile, lenses=others))

    def unlike(self, profile: StainProfile) -> tuple[str, ...]:
        """Objectives under which a case's profile has other vectors than are kept for it here."""
        kept, names = self.dressed(profile, profile), [lens.name for lens in self._stated]
        lenses = [Lens(self.setup, name) for name in names]
        return tuple(lens.objective for lens in lenses if kept.vectors_under(lens) != profile.vectors_under(lens))

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

    def take_stain(self, name: str, profile: str, vectors: StainVectors, who: str) -> None:
        """Keep the vectors of a profile under an objective; `dressed` gives them from now on."""
        self._put(self._calibration.find(name).with_stain(_measured(profile, vectors, _now(), who)))

    def take_stains(self, profile: StainProfile, name: str, who: str) -> None:
        """Keep all vectors that a profile has on this set-up for a profile of another name, which it is saved as."""
        calibration = self._calibration
        for entry in profile.lenses:
            if entry.lens.setup == self.setup:
                known = calibration.find(entry.lens.objective)
                kept = known.stain_of(profile.name)
                is_kept = kept is not None and kept.vectors == entry.vectors
                when, by = (kept.when, kept.who) if kept is not None and is_kept else (_now(), who)
                calibration = calibration.with_entry(known.with_stain(_measured(name, entry.vectors, when, by)))
        if calibration != self._calibration:
            self._calibration = calibration
            self._save(calibration)

    def forget_pixel(self, name: str) -> None:
        """Go back to the set-up's pixel size."""
        entry = self._calibration.find(name)
        self._put(msgspec.structs.replace(entry, pixel_um=None, pixel_error=None, pixel_when="", pixel_who=""))

    def forget_white(self, name: str) -> None:
        """Go back to a white estimated in every field."""
        self._put(msgspec.structs.replace(self._calibration.find(name), white=None, white_when="", white_who=""))

    def forget_stain(self, name: str, profile: str) -> None:
        """Go back to a profile's own vectors under an objective; a case that has others keeps them."""
        self._put(self._calibration.find(name).without_stain(profile))

    def _put(self, entry: Measured) -> None:
        self._calibration = self._calibration.with_entry(entry)
        self._save(self._calibration)

    def _row(self, lens: Objective) -> LensRow:
        entry = self._calibration.find(lens.name)
        stains = tuple(StainRow(kept.profile, _stain_text(kept)) for kept in entry.stains)
        pixel, white = _pixel_text(lens, entry), _white_text(lens, entry)
        return LensRow(lens.name, pixel, white, entry.pixel_um is not None, entry.white is not None, stains)


def dressed_by(calibration: Calibration, profile: StainProfile) -> StainProfile:
    """A profile with the vectors kept for it under the objectives of a set-up; what it has of other ones stays."""
    for entry in calibration.objectives:
        kept = entry.stain_of(profile.name)
        if kept is not None:
            profile = profile.with_vectors(Lens(calibration.devices, entry.name), kept.vectors)
    return profile


def in_force(stated: Objective, calibration: Calibration) -> BenchObjective:
    """An objective with what was measured under it."""
    entry = calibration.find(stated.name)
    pixel_um, white = entry.pixel_um or stated.pixel_um, entry.white or stated.white
    return BenchObjective(name=stated.name, pixel_um=pixel_um, white=white, setup=calibration.devices)


def _measured(profile: str, vectors: StainVectors, when: str, who: str) -> MeasuredStain:
    return MeasuredStain(profile=profile, hematoxylin=vectors.hematoxylin, dab=vectors.dab, when=when, who=who)


def _pixel_text(lens: Objective, entry: Measured) -> str:
    pixel_um = f"{lens.pixel_um:.4f}"
    if entry.pixel_um is None:
        return say("lens.pixel_stated", pixel_um=pixel_um)
    error, by = f"{100 * (entry.pixel_error or 0):.1f}", _by(entry.pixel_when, entry.pixel_who)
    return say("lens.pixel_measured", pixel_um=pixel_um, error=error, by=by)


def _white_text(lens: Objective, entry: Measured) -> str:
    if lens.white is None:
        return say("lens.white_estimated")
    levels = ", ".join(f"{level:.0f}" for level in lens.white)
    if entry.white is None:
        return say("lens.white_stated", levels=levels)
    return say("lens.white_measured", levels=levels, by=_by(entry.white_when, entry.white_who))


def _stain_text(kept: MeasuredStain) -> str:
    by = _by(kept.when, kept.who)
    return say("lens.stain", profile=kept.profile, vectors=unbroken(kept.vectors), by=by)


def _now() -> str:
    return utc_now().isoformat(timespec="seconds")


def _by(when: str, who: str) -> str:
    """The day, and who; either may not be known."""
    return ", ".join(part for part in (when[:10], who) if part) or say("lens.unknown")
