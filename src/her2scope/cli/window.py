"""`her2scope` and `her2scope app`: the microscope application."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from her2scope.base.errors import InputError


def register(app: typer.Typer) -> None:
    """Give a command line the application: as `app`, and when no command is given."""
    app.callback()(without_command)
    app.command(name="app")(application)


def without_command(context: typer.Context) -> None:
    """Start the application when no command is given."""
    if context.invoked_subcommand is None:
        raise typer.Exit(run(()))


def application(
    devices: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Device set-up: a name, or a TOML file of one.")
    ] = None,
    case: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of a kept case to go on with.")] = None,
    until_picture: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Start the microscope application (also: no command)."""
    given = (("--devices", devices), ("--case", None if case is None else str(case)))
    words = tuple(word for name, value in given if value is not None for word in (name, value))
    raise typer.Exit(run((*words, "--until-picture") if until_picture else words))


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
    gc.disable()  # a collection amid the imports takes 200 ms; the composed application enables it
    from her2scope.app.main import run_app

    return run_app(arguments)


def has_display() -> bool:
    """Whether a window can be opened: always but on a Linux without X11, Wayland or a platform of Qt's own choice."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)
