"""Traps of the libraries that the project steps around."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from her2scope.settings.locations import config_dir

CHECKOUT = Path(__file__).resolve().parents[1]


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_signals_keep_their_references():
    # PySide6 6.12.0 on Python < 3.12 loses a reference to True with each emit, and aborts in the end
    core = pytest.importorskip("PySide6.QtCore", reason="needs the system libraries of Qt", exc_type=ImportError)

    class Sender(core.QObject):
        sent = core.Signal(bool)

    received = []
    sender = Sender()
    sender.sent.connect(received.append)
    sender.sent.emit(True)
    received.clear()
    before = sys.getrefcount(True)
    for _ in range(50):
        sender.sent.emit(True)
    received.clear()
    assert abs(sys.getrefcount(True) - before) < 10


def test_opencv_leaves_the_environment_of_qt_alone():
    assert run("import cv2, os; print([k for k in os.environ if k.startswith('QT_QPA_PLATFORM_PLUGIN')])") == "[]"


@pytest.mark.parametrize("module", ["her2scope.cli.main", "her2scope.pipeline.field"])
def test_torch_and_qt_are_not_loaded_before_they_are_needed(module):
    code = f"import sys, {module}; print(sorted({{'torch', 'PySide6', 'pypylon', 'serial'}} & set(sys.modules)))"
    assert run(code) == "[]"


def test_settings_and_assets_go_into_the_package():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    inside = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert inside == {"configs": "her2scope/configs", "assets": "her2scope/assets"}
    assert config_dir() == CHECKOUT / "configs"
    assert (CHECKOUT / "assets").is_dir()
