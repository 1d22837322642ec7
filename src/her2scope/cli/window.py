"""`her2scope` and `her2scope app`: the microscope application."""

from __future__ import annotations

import os
import sys

from her2scope.base.errors import InputError


def run(arguments: tuple[str, ...]) -> int:
    """Start the application with its own arguments; returns its exit code.

    Raises
    ------
    InputError
        When there is no display to open it on.
    """
    if not has_display():
        raise InputError(
            "There is no display for the application; start it at a desktop, or run: her2scope demo --out demo"
        )
    from her2scope.app.main import run_app

    return run_app(arguments)


def has_display() -> bool:
    """Whether a window can be opened: always but on a Linux without X11, Wayland or a platform of Qt's own choice."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)
