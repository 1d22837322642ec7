"""Stain profiles as TOML: those shipped in configs/stains, and the user's own, which win by name.

A file holds a profile's own vectors alone. Those measured under an objective belong to a device set-up as well as to
the profile, and lie with its other measurements (settings.calibration).
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import msgspec

from her2scope.analysis.stain import ControlLimits, StainProfile
from her2scope.base.errors import ConfigError, OutputError
from her2scope.settings.locations import config_dir, user_config_dir

DEFAULT_STAIN = "default"
_REQUIRED = ("name", "hematoxylin", "dab", "t_weak", "t_intense")
_KNOWN = {f.name for f in fields(StainProfile)} - {"lenses"}


def stain_files() -> dict[str, Path]:
    """Every stain profile by name: shipped ones, and the user's, which replace those of the same name."""
    folders = (config_dir() / "stains", user_config_dir() / "stains")
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def load_stain(name_or_path: str) -> StainProfile:
    """Load a stain profile by name, or from a TOML file.

    Raises
    ------
    ConfigError
        When there is none, or a key is missing, unknown, of the wrong type or out of range.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        known = stain_files()
        if name_or_path not in known:
            raise ConfigError(f"No stain profile {name_or_path!r}; there are: {', '.join(sorted(known))}.")
        path = known[name_or_path]
    return parse_stain(path)


def parse_stain(path: Path) -> StainProfile:
    """Read one TOML file strictly; see `load_stain`."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check --stain.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML ({error}); mend it there.") from error
    _check_keys(path, raw, _KNOWN, _REQUIRED)
    if isinstance(raw.get("control"), dict):
        _check_keys(path, raw["control"], {f.name for f in fields(ControlLimits)}, ())
    try:
        return msgspec.convert(raw, StainProfile, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}; mend that key.") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _check_keys(path: Path, raw: dict[str, Any], known: set[str], required: tuple[str, ...]) -> None:
    for key in raw:
        if key not in known:
            raise ConfigError(f"{path}: unknown key {key!r}; known are {', '.join(sorted(known))}.")
    for key in required:
        if key not in raw:
            raise ConfigError(f"{path}: the key {key!r} is missing; add it.")


def save_stain(profile: StainProfile, name: str) -> Path:
    """Save a profile under `name` in the user's config folder, whole or not at all; returns its path.

    Vectors measured under objectives are left out.

    Raises
    ------
    ConfigError
        When the name is no plain file name.
    OutputError
        When the folder cannot be written.
    """
    if not name or not all(c.isalnum() or c in "-_" for c in name):
        raise ConfigError(f"{name!r} cannot name a stain profile; use letters, digits, - and _ only.")
    if (config_dir() / "stains" / f"{name}.toml").exists():
        raise ConfigError(f"{name!r} is the name of a shipped stain profile; save yours under another name.")
    path = user_config_dir() / "stains" / f"{name}.toml"
    text = _to_toml({key: value for key, value in {**asdict(profile), "name": name}.items() if key in _KNOWN})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); check the folder and its disk.") from error
    return path


def _to_toml(values: dict[str, Any]) -> str:
    """The little TOML that a profile needs: strings, numbers, triples and one table."""
    plain = {k: v for k, v in values.items() if v is not None and not isinstance(v, dict)}
    tables = {k: v for k, v in values.items() if isinstance(v, dict)}
    lines = [f"{key} = {_toml_value(value)}" for key, value in plain.items()]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {_toml_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _toml_value(value: object) -> str:
    if isinstance(value, str):
        return msgspec.json.encode(value).decode()  # a JSON string is a TOML basic string
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_toml_value(v) for v in value) + "]"
    return repr(value)
