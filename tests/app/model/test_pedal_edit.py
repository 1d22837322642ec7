"""Pedals as the settings edit them."""

import msgspec
import pytest
from msgspec.structs import replace

from her2scope.app.model.pedal_edit import (
    action_names,
    bytes_of,
    bytes_text,
    check_pedals,
    key_note,
    new_keyboard,
    new_serial,
    new_treadle,
)
from her2scope.app.model.setup_text import pedal_lines, setup_text
from her2scope.base.errors import ConfigError
from her2scope.devices.pedal import PedalAction
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import ButtonSetup, KeyboardSetup
from her2scope.settings.devices import device_files, load_devices


def test_every_action_has_a_name():
    assert [action for action, _ in action_names()] == list(PedalAction)
    assert len({name for _, name in action_names()}) == len(PedalAction)


def test_new_pedals_have_names_and_keys_of_their_own():
    first = new_keyboard(())
    second = new_keyboard((first,))
    assert (first.key, second.key) == ("Space", "F5")
    assert first.name != second.name
    serial = new_serial((first, second), "usb:0403:6001")
    check_pedals((first, second, serial))
    assert (serial.port, serial.treadles[0].line) == ("usb:0403:6001", "cts")
    other = new_treadle(serial.treadles, serial.name)
    assert (other.line, other.short) == ("dsr", PedalAction.TAKE_BACK)
    msgspec.structs.replace(serial, treadles=(*serial.treadles, other))


@pytest.mark.parametrize(
    ("pedals", "words"),
    [
        ((KeyboardSetup(name="a", key="F9"), KeyboardSetup(name="b", key="f9")), "the key f9"),
        ((new_serial((), "COM3"), new_serial((), "COM3")), "on the port COM3"),
        ((ButtonSetup(name="a", presses=PressRule(short=PedalAction.KEEP)),), "No press analyses"),
    ],
)
def test_pedals_that_cannot_work_together_are_refused(pedals, words):
    with pytest.raises(ConfigError, match=words):
        check_pedals(pedals)


def test_no_pedal_is_fine():
    check_pedals(())


def test_a_key_that_means_something_else_is_said():
    shortcuts = {"Return": "Keep in the case", "PgUp": "Focus up", "T": "Threshold bar…"}
    assert "Keep in the case" in key_note("Return", shortcuts)
    assert "Focus up" in key_note("PageUp", shortcuts)
    assert key_note("t", shortcuts).count("…") == 0
    assert key_note("F9", shortcuts) == ""


@pytest.mark.parametrize("sent", ["P", "down\r\n", "\x01\xff", "\\", ""])
def test_bytes_are_typed_as_they_are_shown(sent):
    assert bytes_of(bytes_text(sent)) == sent


@pytest.mark.parametrize("text", ["\\x1", "é€", "\\"])
def test_bytes_that_mean_nothing_are_refused(text):
    with pytest.raises(ConfigError, match=r"write \\r"):
        bytes_of(text)


def test_what_the_presses_of_a_set_up_do_is_told():
    assert pedal_lines(load_devices("simulated")) == (("Space", "Pedal: Analyse; held: Keep in the case"),)
    assert [name for name, _ in pedal_lines(load_devices("basler_serial"))] == ["treadle", "Space"]
    short = replace(load_devices("simulated"), pedals=(KeyboardSetup(name="a", key="F9"),))
    assert pedal_lines(short) == (("F9", "Pedal: Analyse"),)


@pytest.mark.parametrize("name", sorted(device_files()))
def test_a_set_up_is_told_in_three_lines(name):
    camera, lenses, pedals = setup_text(load_devices(name)).splitlines()
    assert camera.startswith("Camera: ")
    assert "40x (0.212 µm/px)" in lenses
    assert "Space bar" in pedals
