"""Where settings lie: those shipped with the program, and the user's own."""

from __future__ import annotations

import os
from pathlib import Path

from her2scope.base.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parents[1]


def config_dir() -> Path:
    """The folder of shipped settings: inside the installed package, else configs/ of the checkout.

    Raises
    ------
    ConfigError
        When neither is there.
    """
    for folder in (_PACKAGE / "configs", _PACKAGE.parents[1] / "configs"):
        if folder.is_dir():
            return folder
    raise ConfigError(f"{_PACKAGE / 'configs'}: the shipped settings are missing; install HER2Scope again.")


def user_config_dir() -> Path:
    """The user's own settings, her2scope under $XDG_CONFIG_HOME or ~/.config; it need not exist.

    Raises
    ------
    ConfigError
        When there is no home folder either.
    """
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if Path(base).is_absolute():  # the XDG specification has relative ones ignored
        return Path(base) / "her2scope"
    try:
        return Path.home() / ".config" / "her2scope"
    except RuntimeError as error:
        raise ConfigError("This user has no home folder; set XDG_CONFIG_HOME to a folder for settings.") from error
