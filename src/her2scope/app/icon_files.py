"""Where the icons lie."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from her2scope.base.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def icons_dir() -> Path:
    """The folder of icons: inside the installed package, else assets/icons of the checkout.

    Raises
    ------
    ConfigError
        When neither is there.
    """
    for folder in (_PACKAGE / "assets" / "icons", _PACKAGE.parents[1] / "assets" / "icons"):
        if folder.is_dir():
            return folder
    raise ConfigError(f"{_PACKAGE / 'assets'}: the icons are missing; install HER2Scope again.")
