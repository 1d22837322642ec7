"""A start that fails is said in a window, with the ways on that help."""

import pytest
from PySide6.QtWidgets import QMessageBox

from her2scope.app import main
from her2scope.app.main import _open_first
from her2scope.app.preferences import Preferences, load_preferences, save_preferences
from her2scope.base.errors import ConfigError, Her2ScopeError
from her2scope.settings.guidelines import default_guideline


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


@pytest.fixture
def answer(monkeypatch):
    """Press a button by its text in every box that comes; returns what was said, and what was offered."""
    said = []
    monkeypatch.setattr(main, "is_seen", lambda: True)

    def choose(text):
        def run(box):
            said.append((box.text(), [button.text() for button in box.buttons()]))
            next(button for button in box.buttons() if text in button.text()).click()
            return 0

        monkeypatch.setattr(QMessageBox, "exec", run)
        return said

    return choose


def broken_set_up(home, name="bench"):
    path = home / "XDG_CONFIG_HOME" / "her2scope" / "devices" / f"{name}.toml"
    path.parent.mkdir(parents=True)
    path.write_text("name = ")
    return path


def close(desk):
    desk.stop()
    desk.window.deleteLater()


@pytest.mark.parametrize("name", ["bench", "simulated"])
def test_a_broken_device_set_up_is_said_and_the_simulated_microscope_offered(qapp, home, answer, name):
    path = broken_set_up(home, name)
    said = answer("simulated")
    start, (desk, devices) = _open_first(None, name)
    assert str(path) in said[0][0]
    assert devices.setup == "simulated"
    assert start.devices.endswith("simulated.toml")
    close(desk)


def test_a_start_that_is_closed_ends_with_its_fault(qapp, home, answer):
    broken_set_up(home)
    answer("Close")
    with pytest.raises(ConfigError, match="not valid TOML"):
        _open_first(None, "bench")


def test_nothing_is_asked_where_nobody_sees_it(qapp, home, monkeypatch):
    monkeypatch.setattr(QMessageBox, "exec", lambda _: pytest.fail("asked"))
    broken_set_up(home)
    with pytest.raises(ConfigError):
        _open_first(None, "bench")


def test_a_missing_guideline_is_said_and_the_shipped_one_offered(qapp, answer):
    save_preferences(Preferences(guideline="of_the_lab", user="Dr Test"))
    said = answer("Use the guideline")
    _, (desk, _) = _open_first(None, None)
    assert "of_the_lab" in said[0][0]
    assert desk.session.state.guideline.name == default_guideline()
    assert load_preferences() == Preferences(user="Dr Test")
    close(desk)


def test_a_case_that_is_not_there_offers_a_new_one_and_no_other_microscope(qapp, home, answer):
    said = answer("new case")
    _, (desk, _) = _open_first(home / "gone", None)
    assert [text.replace("&", "") for text in said[0][1]] == ["Begin a new case", "Close"]
    assert desk.session.state.fields == ()
    close(desk)


def test_what_nothing_helps_is_only_said(qapp, answer, monkeypatch):
    def fail(*_):
        raise Her2ScopeError("The disk is gone; find it.")

    monkeypatch.setattr(main, "_open", fail)
    said = answer("Close")
    with pytest.raises(Her2ScopeError):
        _open_first(None, None)
    assert said == [("The disk is gone; find it.", said[0][1])]
    assert len(said[0][1]) == 1
