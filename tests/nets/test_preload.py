"""torch's library is there before torch, and torch works with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import sys
from her2scope.nets.preload import load_library
assert load_library()
assert "torch" not in sys.modules
assert "libtorch_cpu" in open("/proc/self/maps").read()
import torch
assert not load_library(), "nothing is left to do"
print(int(torch.ones(3).sum()))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="loaded ahead on Linux alone")
def test_library_is_loaded_ahead_and_torch_works() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["3"], done.stderr
