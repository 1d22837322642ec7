"""Starting the application from the command line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from her2scope.base.errors import InputError
from her2scope.cli import window


def test_without_a_display_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(InputError, match="no display"):
        window.run(())


def test_arguments_reach_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr("her2scope.app.main.run_app", lambda arguments: seen.append(arguments) or 7)
    monkeypatch.setattr("gc.disable", lambda: None)
    assert window.run(("--devices", "simulated")) == 7
    assert seen == [("--devices", "simulated")]


def test_application_starts_and_says_when_its_picture_is_seen(tmp_path: Path) -> None:
    own = {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    code = "from her2scope.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "app", "--until-picture"],
        env={**os.environ, **own, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert 0 < float(done.stdout.split()[-1]) <= time.monotonic()
