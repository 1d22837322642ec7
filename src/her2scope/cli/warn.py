"""Warnings on the command line."""

from __future__ import annotations

import sys
import warnings
from typing import TextIO

from her2scope.base.errors import DeviceWarning
from her2scope.cli.say import complain


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
