"""Progress bars on stderr, where that is a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import track

_T = TypeVar("_T")


def progress(items: Iterable[_T], total: int, doing: str) -> Iterable[_T]:
    """Hand the items on, with a bar that says what is done with them."""
    console = Console(stderr=True)
    return track(items, doing, total=total, console=console, transient=True, disable=not console.is_terminal)
