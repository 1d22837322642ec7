"""Where the application keeps what it makes."""

from __future__ import annotations

import os
from pathlib import Path

from her2scope.app.preferences import Preferences


def cases_dir(preferences: Preferences) -> Path:
    """The folder of the cases: as preferred, else her2scope/cases in $XDG_DATA_HOME or ~/.local/share."""
    return Path(preferences.cases_dir) if preferences.cases_dir else _data_dir() / "cases"


def marks_dir() -> Path:
    """Where open cases are marked: her2scope/open in $XDG_DATA_HOME or ~/.local/share."""
    return _data_dir() / "open"


def _data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share") / "her2scope"
