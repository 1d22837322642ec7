"""Brings torch's largest library into memory while other threads go on.

Importing torch maps it with Python's lock held: a window stood still for 150 to 190 ms (measured). Called through
ctypes the system's own loader does the same without the lock, and the import then finds it loaded.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path


def load_library() -> bool:
    """Load it, on Linux; False where it cannot be had so, and the import will do what it always does."""
    found = None if "torch" in sys.modules else importlib.util.find_spec("torch")
    if found is None or found.origin is None or not sys.platform.startswith("linux"):
        return False
    library = Path(found.origin).parent / "lib" / "libtorch_cpu.so"
    if not library.exists():
        return False
    load = ctypes.CDLL(None).dlopen  # a foreign call, which lets other threads run
    load.restype, load.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    return load(os.fsencode(library), os.RTLD_NOW | os.RTLD_LOCAL) is not None
