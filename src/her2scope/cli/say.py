"""What the command line says: sentences on stderr, results on stdout, progress while it works."""

from __future__ import annotations

import sys


def one_line(text: str) -> str:
    """The text on one line, with a file name's control characters and stray bytes spelt out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def complain(error: Exception | str) -> None:
    """Say a sentence on stderr."""
    sys.stderr.write(f"her2scope: {one_line(str(error))}\n")


def tell(text: str = "") -> None:
    """Say a line of the results on stdout."""
    sys.stdout.write(f"{one_line(text)}\n")
