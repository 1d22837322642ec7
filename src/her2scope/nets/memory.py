"""Telling a lack of memory from other failures, however a library words it."""

from __future__ import annotations

import torch

_WORDS = ("memory", "bad_alloc", "temporarily unavailable")  # the last: no room for the stack of one more thread


def lacks_memory(error: BaseException) -> bool:
    """Whether an error says that memory, of the machine or of a device, did not suffice."""
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(w in str(error).lower() for w in _WORDS)
