"""What the command line says: sentences on stderr, results on stdout, progress while it works."""

from __future__ import annotations

import sys
import warnings
from typing import TextIO

from her2scope.base.errors import DeviceWarning


def one_line(text: str) -> str:
    """The text on one line, with a file name's control characters and stray bytes spelt out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def complain(error: Exception | str) -> None:
    """Say a sentence on stderr."""
    sys.stderr.write(f"her2scope: {one_line(str(error))}\n")


def tell(text: str = "") -> None:
    """Say a line of the results on stdout."""
    sys.stdout.write(f"{one_line(text)}\n")


def show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Say a warning of ours as a sentence, without file and line; others as Python does (`warnings.showwarning`)."""
    if issubclass(category, DeviceWarning):
        complain(str(message))
    else:
        (file or sys.stderr).write(warnings.formatwarning(message, category, filename, lineno, line))
