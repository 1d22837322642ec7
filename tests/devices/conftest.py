"""What the tests of devices share."""

import os

import pytest
from cameras import small_tiles


@pytest.fixture(scope="session")
def tiles(tmp_path_factory):
    """Small tiles of tissue, made once."""
    return small_tiles(tmp_path_factory.mktemp("tissue"))


@pytest.fixture(scope="session")
def pylon_emulation():
    """Two emulated Basler cameras; the variable is read when pylon first lists its devices."""
    os.environ["PYLON_CAMEMU"] = "2"
    basler = pytest.importorskip("her2scope.devices.basler")
    if len(basler.list_basler_cameras()) < 2:
        pytest.skip("pylon was loaded before its emulation was switched on")
    return basler
