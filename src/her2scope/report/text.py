"""Text as UTF-8, whatever a file is called."""

from __future__ import annotations


def utf8(text: str) -> bytes:
    """Encode text that may hold a file name's stray bytes.

    Bytes that were UTF-8 all along, and were only read in another locale, come out right; what is none becomes U+FFFD
    or a question mark.
    """
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a pair, which no file system gave
        data = text.encode("utf-8", "replace")
    return data.decode("utf-8", "replace").encode("utf-8")
