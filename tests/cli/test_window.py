"""Starting the application from the command line."""

from __future__ import annotations

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
    assert window.run(("--devices", "simulated")) == 7
    assert seen == [("--devices", "simulated")]
