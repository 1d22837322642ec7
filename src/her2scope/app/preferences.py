"""What a user prefers of windows and devices: kept in one file, and never in the way of a start."""

from __future__ import annotations

from pathlib import Path

import msgspec

from her2scope.app.model.alignment import Alignment
from her2scope.app.model.views.ar import ArMode, ArSettings
from her2scope.base.errors import ConfigError, OutputError
from her2scope.settings.locations import user_config_dir


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """Preferences; what is missing or cannot be read is as here.

    Parameters
    ----------
    devices, guideline, stain
        Names of the device set-up, and of the scoring guideline and stain profile of new cases; an empty one is the
        shipped default.
    theme, colours
        Of the windows, and of the classes.
    user
        Who works; goes into the case's record.
    cases_dir
        Folder of the cases; empty: the usual place.
    ar_display
        Name of the display that the eyepiece's picture fills; empty: the one that the main window is not on.
    ar_mode, ar_brightness
        What the eyepiece shows, and how bright (0.1 to 1).
    ar_scale, ar_shift_px, ar_rotation_deg
        Where the camera's picture lies on the eyepiece's display.
    was_welcomed
        Whether the first-run hint was shown.
    """

    devices: str = "simulated"
    guideline: str = ""
    stain: str = ""
    theme: str = "dark"
    colours: str = "Okabe-Ito"
    user: str = ""
    cases_dir: str = ""
    ar_display: str = ""
    ar_mode: str = ArMode.ALL.value
    ar_brightness: float = 1.0
    ar_scale: float = 1.0
    ar_shift_px: tuple[float, float] = (0.0, 0.0)
    ar_rotation_deg: float = 0.0
    was_welcomed: bool = False

    @property
    def ar(self) -> ArSettings:
        """The eyepiece's content; the default where it cannot be."""
        try:
            return ArSettings(ArMode(self.ar_mode), self.ar_brightness)
        except (ValueError, ConfigError):
            return ArSettings()

    @property
    def alignment(self) -> Alignment:
        """The eyepiece's alignment; none where it cannot be."""
        try:
            return Alignment(self.ar_scale, self.ar_shift_px, self.ar_rotation_deg)
        except ConfigError:
            return Alignment()


def preferences_file() -> Path:
    """Where they are kept."""
    return user_config_dir() / "window.json"


def load_preferences() -> Preferences:
    """The preferences; defaults where there is no file or it is broken: a window must open."""
    try:
        return msgspec.json.decode(preferences_file().read_bytes(), type=Preferences, strict=False)
    except (OSError, msgspec.DecodeError, ConfigError):
        return Preferences()


def set_aside_broken() -> str:
    """Move preferences that cannot be read out of the way; what to say of it, empty where there is nothing to say."""
    path = preferences_file()
    aside = path.with_suffix(".broken")
    try:
        msgspec.json.decode(path.read_bytes(), type=Preferences, strict=False)
    except OSError:
        return ""
    except (msgspec.DecodeError, ConfigError):
        try:
            path.replace(aside)
        except OSError:
            aside = path
        return (
            f"{path}: your settings cannot be read, so they are as shipped, guideline and stain profile too; set them "
            f"again. What the file held is in {aside.name}."
        )
    return ""


def save_preferences(preferences: Preferences) -> None:
    """Keep them; OutputError when the folder cannot be written."""
    path = preferences_file()
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.format(msgspec.json.encode(preferences), indent=2))
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); check the folder and its disk.") from error
