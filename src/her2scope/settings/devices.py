"""Device set-ups as TOML: those shipped in configs/devices, and the user's own, which win by name."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from her2scope.base.errors import ConfigError, Her2ScopeError, OutputError
from her2scope.devices.camera import Control
from her2scope.devices.pedal import PedalAction
from her2scope.devices.setup import CameraSetup, DeviceSetup, Line, PedalSetup
from her2scope.settings.locations import config_dir, user_config_dir

DEFAULT_DEVICES = "simulated"


def _kinds(union: object) -> tuple[str, ...]:
    """What `kind` may be in a table that is one of several."""
    return tuple(str(part.__struct_config__.tag) for part in get_args(union))


_VALUE = r"^Invalid (enum )?value .* - at "
_KIND = r"^(Invalid value .* - at `\$\.{0}\.kind`|Object missing required field `kind` - at `\$\.{0}`)$"
_NAMES = {
    _KIND.format("camera"): _kinds(CameraSetup),
    _KIND.format(r"pedals\[\d+\]"): _kinds(PedalSetup),
    _VALUE + r".*\.(short|long)`$": tuple(PedalAction),
    _VALUE + r".*\.line`$": get_args(Line),
    _VALUE + r".*\.active`$": ("high", "low"),
    _VALUE + r".*`key` in `\$\.controls`$": tuple(Control),
}
"""The valid names, by what msgspec complains of."""


def device_files() -> dict[str, Path]:
    """Every device set-up by name: shipped ones, and the user's, which replace those of the same name."""
    folders = (config_dir() / "devices", user_config_dir() / "devices")
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def load_devices(name_or_path: str) -> DeviceSetup:
    """Load a device set-up by name, or from a TOML file.

    Raises
    ------
    ConfigError
        When there is none, or a key is missing, unknown, of the wrong type or out of range.
    """
    if name_or_path.endswith(".toml"):
        return parse_devices(Path(name_or_path))
    known = device_files()
    if name_or_path not in known:
        raise ConfigError(f"There is no device set-up {name_or_path!r}; choose one of {', '.join(sorted(known))}.")
    return parse_devices(known[name_or_path])


def parse_devices(path: Path) -> DeviceSetup:
    """Read one TOML file strictly; see `load_devices`."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        setup = msgspec.convert(raw, DeviceSetup, strict=True)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check its name and permissions.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML ({error}); mend it there.") from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {in_words(str(error))}; {_remedy(str(error))}.") from error
    except Her2ScopeError as error:
        raise ConfigError(f"{path}: {error}") from error
    if setup.name != path.stem:
        raise ConfigError(f"{path}: name = {setup.name!r} is not the file's name; write name = {path.stem!r}.")
    return setup


def _remedy(complaint: str) -> str:
    """What to do about a complaint of msgspec's; where only some names are valid, these."""
    words = next((words for pattern, words in _NAMES.items() if re.search(pattern, complaint)), ())
    return f"choose one of {', '.join(words)}" if words else "mend that key"


def save_devices(setup: DeviceSetup) -> Path:
    """Save a set-up under its name in the user's config folder, whole or not at all; returns its path.

    Raises
    ------
    ConfigError
        When the name is no plain file name.
    OutputError
        When the folder cannot be written.
    """
    if not re.fullmatch(r"[\w-]+", setup.name):
        raise ConfigError(f"{setup.name!r} cannot name a device set-up; use letters, digits, - and _ only.")
    path = user_config_dir() / "devices" / f"{setup.name}.toml"
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(to_toml(setup), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); check the folder and its disk.") from error
    return path


def tissue_cache_dir() -> Path:
    """Where simulated microscopes keep their tissue: her2scope/tissue under $XDG_CACHE_HOME or ~/.cache.

    Raises
    ------
    ConfigError
        When there is no home folder either.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    if Path(base).is_absolute():  # the XDG specification has relative ones ignored
        return Path(base) / "her2scope" / "tissue"
    try:
        return Path.home() / ".cache" / "her2scope" / "tissue"
    except RuntimeError as error:
        raise ConfigError("This user has no home folder; set XDG_CACHE_HOME to a folder for caches.") from error


def to_toml(setup: DeviceSetup) -> str:
    """The text of a set-up's file."""
    return "\n".join(toml_lines(msgspec.to_builtins(setup))).strip() + "\n"


def toml_lines(table: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a file that holds plain values, lists and tables; a value of None is left out."""
    return _table(table, "")


def _table(table: Mapping[str, Any], path: str) -> Iterator[str]:
    """Lines of a table: its values first, then the tables in it."""
    inner = {key: value for key, value in table.items() if _is_table(value)}
    yield from (f"{_key(k)} = {_value(v)}" for k, v in table.items() if k not in inner and v is not None)
    for key, value in inner.items():
        below = f"{path}.{_key(key)}" if path else _key(key)
        for one in value if isinstance(value, list | tuple) else [value]:
            brackets = "[]" if one is value else "[[]]"
            half = len(brackets) // 2
            yield from ("", f"{brackets[:half]}{below}{brackets[half:]}")
            yield from _table(one, below)


def _is_table(value: object) -> bool:
    is_list = isinstance(value, list | tuple) and bool(value) and all(isinstance(v, dict) for v in value)
    return isinstance(value, dict) or is_list


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _value(value: object) -> str:
    if isinstance(value, str):
        return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")  # else a JSON string is a TOML one
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return repr(value)


def in_words(text: str) -> str:
    """What msgspec says, with the key as the file has it."""
    return re.sub(r" - at `\$\.?(.*?)`$", lambda m: f" in {m[1]}" if m[1] else "", text).replace(" in `$.", " in `")
