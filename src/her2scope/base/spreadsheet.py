"""Names in tables that a spreadsheet must not run as formulas."""

from __future__ import annotations

import re

RISKY = re.compile(r"^'*[=+\-@\t\r\n]")
"""What a spreadsheet could take for a formula, also behind quotes that protect it already."""


def protect(text: str) -> str:
    """Put a quote in front of a name that a spreadsheet could run as a formula, such as "=1+1.png"."""
    return f"'{text}" if RISKY.match(text) else text


def unprotect(text: str) -> str:
    """Undo `protect`."""
    return text[1:] if text.startswith("'") and RISKY.match(text) else text
