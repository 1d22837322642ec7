"""What was measured at a bench, as TOML beside the user's device set-ups: pixel size, white and stains by objective.

One file for each device set-up, devices/calibration/NAME.toml in the user's config folder; the set-up itself stays as
it is, so that a measurement can be forgotten.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from her2scope.analysis.stain import StainProfile
from her2scope.analysis.stain_vectors import Absorbance, StainVectors
from her2scope.base.errors import ConfigError, Her2ScopeError, OutputError
from her2scope.devices.camera import Objective, Rgb
from her2scope.settings.devices import in_words, toml_lines
from her2scope.settings.locations import user_config_dir

VERSION = 1


class MeasuredStain(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The stain vectors of a profile as they were picked under one objective.

    Parameters
    ----------
    profile
        The profile's name: an assay's vectors tell nothing of another's.
    hematoxylin, dab
        Absorbance of R, G, B.
    when, who
        When (ISO 8601) and by whom.
    """

    profile: Annotated[str, msgspec.Meta(min_length=1)]
    hematoxylin: Absorbance
    dab: Absorbance
    when: str = ""
    who: str = ""

    def __post_init__(self) -> None:
        """Refuse what no profile can have."""
        StainProfile(self.profile, hematoxylin=self.hematoxylin, dab=self.dab)

    @property
    def vectors(self) -> StainVectors:
        """Both."""
        return StainVectors(self.hematoxylin, self.dab)


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was measured under one objective.

    Parameters
    ----------
    name
        The objective's name in the set-up.
    pixel_um
        Side of a camera pixel in um by a stage micrometer; None: as the set-up says.
    pixel_error
        Its relative error, 0 to 1.
    pixel_when, pixel_who
        When (ISO 8601) and by whom.
    white
        Red, green and blue of empty glass, 1 to 255; None: estimated in every field.
    white_when, white_who
        When and by whom.
    stains
        Stain vectors, at most one entry for each profile; a profile without one has its own vectors.
    """

    name: Annotated[str, msgspec.Meta(min_length=1)]
    pixel_um: float | None = None
    pixel_error: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    pixel_when: str = ""
    pixel_who: str = ""
    white: Rgb | None = None
    white_when: str = ""
    white_who: str = ""
    stains: tuple[MeasuredStain, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no objective can have."""
        profiles = [entry.profile for entry in self.stains]
        if len(set(profiles)) < len(profiles):
            raise ConfigError(f"objective {self.name}: a profile's stains are given twice; keep one of their tables.")
        if self.pixel_um is not None and not math.isfinite(self.pixel_um):
            raise ConfigError(f"objective {self.name}: pixel_um is no number; measure it again.")
        Objective(self.name, 0.5 if self.pixel_um is None else self.pixel_um, self.white)

    def stain_of(self, profile: str) -> MeasuredStain | None:
        """The vectors kept for a profile; None where it has its own."""
        return next((entry for entry in self.stains if entry.profile == profile), None)

    def with_stain(self, measured: MeasuredStain) -> Measured:
        """With other vectors for a profile."""
        return msgspec.structs.replace(self, stains=(*self.without_stain(measured.profile).stains, measured))

    def without_stain(self, profile: str) -> Measured:
        """Without vectors for a profile."""
        stains = tuple(entry for entry in self.stains if entry.profile != profile)
        return msgspec.structs.replace(self, stains=stains)


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that was measured with one device set-up.

    Parameters
    ----------
    devices
        The set-up's name.
    version
        Of the file's form.
    objectives
        At most one entry for each.
    """

    devices: str
    version: int = VERSION
    objectives: tuple[Measured, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an objective that is measured twice."""
        names = [entry.name for entry in self.objectives]
        if len(set(names)) < len(names):
            raise ConfigError("an objective is given twice; keep one of its tables.")

    def find(self, name: str) -> Measured:
        """What was measured under an objective; an empty entry when nothing was."""
        return next((entry for entry in self.objectives if entry.name == name), Measured(name=name))

    def with_entry(self, changed: Measured) -> Calibration:
        """With another entry for its objective; one without a measurement is left out."""
        others = tuple(entry for entry in self.objectives if entry.name != changed.name)
        keeps = changed.pixel_um is not None or changed.white is not None or bool(changed.stains)
        return msgspec.structs.replace(self, objectives=(*others, changed) if keeps else others)


def calibration_file(devices: str) -> Path:
    """Where a set-up's measurements are kept."""
    return user_config_dir() / "devices" / "calibration" / f"{devices}.toml"


def load_calibration(devices: str) -> Calibration:
    """What was measured with a set-up; nothing where there is no file.

    Raises
    ------
    ConfigError
        When the file cannot be used; the sentence names file and key.
    """
    path = calibration_file(devices)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Calibration(devices=devices)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}); mend its permissions, or measure again."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML ({error}); mend it there, or measure again.") from error
    try:
        _check_version(raw.get("version"), devices, raw.get("devices"))
        return msgspec.convert(raw, Calibration, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {in_words(str(error))}; mend that key, or measure again.") from error
    except Her2ScopeError as error:
        raise ConfigError(f"{path}: {error}") from error


def _check_version(version: object, devices: str, written: object) -> None:
    if version != VERSION:
        raise ConfigError(f"version = {version} is not {VERSION}, which this program reads; measure again.")
    if written != devices:
        raise ConfigError(f"devices = {written!r} is not the file's name; write devices = {devices!r}.")


def save_calibration(calibration: Calibration) -> Path:
    """Keep a set-up's measurements, whole or not at all; a file that cannot be read is moved aside. Returns its path.

    Raises
    ------
    OutputError
        When the folder cannot be written.
    """
    path = calibration_file(calibration.devices)
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _move_broken_aside(path, calibration.devices)
        part.write_text("\n".join(toml_lines(msgspec.to_builtins(calibration))).strip() + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); check the folder and its disk.") from error
    return path


def _move_broken_aside(path: Path, devices: str) -> None:
    try:
        load_calibration(devices)
    except ConfigError:
        path.replace(path.with_suffix(".broken"))
