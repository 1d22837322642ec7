"""Device set-ups: shipped ones are sound, mistakes are named, what is saved is read back."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2scope.base.errors import ConfigError, OutputError
from her2scope.devices.camera import Control, Objective
from her2scope.devices.pedal import PedalAction
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import (
    BaslerSetup,
    ButtonSetup,
    DeviceSetup,
    FolderSetup,
    KeyboardSetup,
    SerialSetup,
    SimulatedSetup,
    SlideSetup,
    Treadle,
)
from her2scope.settings.devices import (
    DEFAULT_DEVICES,
    device_files,
    load_devices,
    parse_devices,
    save_devices,
    tissue_cache_dir,
    to_toml,
)
from her2scope.settings.locations import config_dir

O40 = Objective("40x", 0.212)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


SHIPPED = sorted(path.stem for path in (config_dir() / "devices").glob("*.toml"))


def test_there_is_a_default():
    assert DEFAULT_DEVICES in SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_setups_are_sound(name):
    setup = load_devices(name)
    assert setup.name == name
    assert [(o.name, o.pixel_um) for o in setup.objectives] == [("40x", 0.212), ("20x", 0.424)]
    assert setup.pedals
    assert setup.start_objective.name == "40x"


def test_the_simulated_setup_needs_no_hardware():
    setup = load_devices(DEFAULT_DEVICES)
    assert isinstance(setup.camera, SimulatedSetup)
    assert setup.camera.size_px == (3008, 3008)
    assert [type(p) for p in setup.pedals] == [KeyboardSetup]
    assert setup.pedals[0].presses == PressRule(long=PedalAction.KEEP)


GOOD = """
name = "bench"
title = "My bench"
objective = "40x"
[camera]
kind = "basler"
serial = "123"
[controls]
exposure_ms = 5
[[objectives]]
name = "40x"
pixel_um = 0.2
[[pedals]]
kind = "serial"
name = "pedal"
port = "COM3"
[[pedals.treadles]]
name = "left"
press = "A"
"""


def write(home, text):
    path = home / "bench.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_whole(home):
    setup = load_devices(str(write(home, GOOD)))
    assert setup.camera == BaslerSetup(serial="123")
    assert setup.controls == {Control.EXPOSURE_MS: 5.0}
    assert setup.pedals == (SerialSetup(name="pedal", port="COM3", treadles=(Treadle(name="left", press="A"),)),)
    assert setup.pedals[0].treadles[0].debounce_s == 0.03


MISTAKES = {
    "unknown key": ('serial = "123"', 'serial = "1"\nserail = 2', "unknown field `serail` in camera"),
    "unknown kind": ('kind = "basler"', 'kind = "nikon"', "Invalid value 'nikon' in camera.kind"),
    "missing key": ('serial = "123"', "", "missing required field `serial` in camera"),
    "wrong type": ("exposure_ms = 5", 'exposure_ms = "5"', "Expected `float`, got `str` in controls"),
    "unknown control": ("exposure_ms", "exposure", "Invalid enum value 'exposure'"),
    "unknown action": ('press = "A"', 'press = "A"\nshort = "jump"', "in pedals[0].treadles[0].short"),
    "no objective": ('objective = "40x"', 'objective = "63x"', "objective = '63x' is none of objectives (40x)"),
    "pixel size": ("pixel_um = 0.2", "pixel_um = nan", "a pixel size of nan um is outside"),
    "negative pixel size": ("pixel_um = 0.2", "pixel_um = -0.2", "a pixel size of -0.2 um is outside"),
    "twice": ('name = "left"', 'name = "pedal"', "pedals: the name 'pedal' is given twice"),
    "no contact": ('press = "A"', "", 'needs either press = "..." or line = "cts"'),
    "two contacts": ('press = "A"', 'press = "A"\nline = "cts"', 'needs either press = "..." or line = "cts"'),
    "release alone": ('press = "A"', 'line = "cts"\nrelease = "B"', "release goes with press"),
    "one begins the other": ('press = "A"', 'press = "A"\nrelease = "AB"', "neither may begin the other"),
    "no byte": ('press = "A"', 'press = "\\u20ac"', "can only send bytes"),
    "bounce": ('press = "A"', 'press = "A"\ndebounce_s = 3.0', "debounce_s = 3 loses presses"),
    "long": ('press = "A"', 'press = "A"\nlong_s = 0.1', "long_s = 0.1 cannot be held apart"),
    "baud": ('port = "COM3"', 'port = "COM3"\nbaud = 3', "baud = 3 is no speed"),
    "size": ('serial = "123"', 'serial = "1"\nsize_px = [5000, 3000]', "size_px = [5000, 3000] is no field of view"),
    "another name": ('name = "bench"', 'name = "bank"', "name = 'bank' is not the file's name; write name = 'bench'"),
    "no toml": ('title = "My bench"', "title = My bench", "not valid TOML"),
}


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_named(home, old, new, words):
    assert old in GOOD
    path = write(home, GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError, match=re.escape(words)) as caught:
        load_devices(str(path))
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert "; " in sentence, "a remedy"
    assert "$" not in sentence


VALID = {
    "camera": ('kind = "basler"', 'kind = "webcam"', "camera.kind; choose one of basler, simulated, folder, slide."),
    "no camera": ('kind = "basler"\nserial = "123"', "", "choose one of basler, simulated, folder, slide."),
    "pedal": ('kind = "serial"', 'kind = "foot"', "pedals[0].kind; choose one of serial, keyboard, button."),
    "line": ('press = "A"', 'line = "rts"', "treadles[0].line; choose one of cts, dsr, ri, cd."),
    "level": ('press = "A"', 'line = "cts"\nactive = "up"', "treadles[0].active; choose one of high, low."),
    "action": ('press = "A"', 'press = "A"\nlong = "jump"', f"choose one of {', '.join(PedalAction)}."),
    "control": ("exposure_ms", "exposure", f"choose one of {', '.join(Control)}."),
}


@pytest.mark.parametrize(("old", "new", "words"), VALID.values(), ids=VALID)
def test_where_only_some_names_are_valid_they_are_said(home, old, new, words):
    assert old in GOOD
    with pytest.raises(ConfigError, match=re.escape(words)):
        load_devices(str(write(home, GOOD.replace(old, new, 1))))


def test_what_is_not_there(home):
    with pytest.raises(ConfigError, match="choose one of basler_keyboard, basler_serial, simulated"):
        load_devices("nothing")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_devices(str(home / "nothing.toml"))


def test_the_users_setup_wins_by_name():
    shipped = load_devices("simulated")
    mine = msgspec.structs.replace(shipped, title="Mine")
    path = save_devices(mine)
    assert device_files()["simulated"] == path
    assert load_devices("simulated").title == "Mine"
    assert not list(path.parent.glob("*.part"))


def test_names_that_are_no_file_names_are_refused():
    for name in ("../x", "", "a b", "a/b"):
        with pytest.raises(ConfigError, match="cannot name a device set-up"):
            save_devices(msgspec.structs.replace(load_devices("simulated"), name=name))


def test_a_folder_that_cannot_be_written(home):
    (home / "config").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        save_devices(load_devices("simulated"))


def test_tissue_is_kept_in_the_cache(home, monkeypatch):
    assert tissue_cache_dir() == home / "cache" / "her2scope" / "tissue"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert tissue_cache_dir().parts[-3:] == (".cache", "her2scope", "tissue")


text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
byte_text = st.text(st.characters(min_codepoint=0, max_codepoint=255), min_size=1, max_size=6)
rules = st.builds(
    PressRule,
    short=st.sampled_from(PedalAction),
    long=st.sampled_from(PedalAction),
    long_s=st.floats(0.3, 5),
    debounce_s=st.floats(0, 0.2),
)
treadles = st.one_of(
    st.builds(Treadle, name=st.just("left"), press=byte_text, debounce_s=st.floats(0, 0.2)),
    st.builds(Treadle, name=st.just("left"), line=st.sampled_from(["cts", "dsr"]), active=st.just("low")),
)
pedals = st.one_of(
    st.builds(SerialSetup, name=st.just("foot"), port=text, treadles=st.tuples(treadles), baud=st.just(19200)),
    st.builds(KeyboardSetup, name=st.just("foot"), key=text, presses=rules),
    st.builds(ButtonSetup, name=st.just("foot"), presses=rules),
)
features = st.dictionaries(text, st.one_of(text, st.booleans(), st.integers(-9, 9), st.floats(-1e6, 1e6)), max_size=4)
cameras = st.one_of(
    st.builds(BaslerSetup, serial=text, size_px=st.sampled_from([None, (640, 480)]), features=features),
    st.builds(SimulatedSetup, case=text, seed=st.integers(0, 9), fps=st.floats(1, 60)),
    st.builds(FolderSetup, folder=text, seconds_each=st.floats(0, 100)),
    st.builds(SlideSetup, image=text, pixel_um=st.sampled_from([None, 0.25])),
)
setups = st.builds(
    DeviceSetup,
    name=st.just("bench"),
    title=text,
    camera=cameras,
    objectives=st.just((O40, Objective("20x", 0.424))),
    objective=st.sampled_from(["40x", "20x"]),
    pedals=st.one_of(st.just(()), st.tuples(pedals)),
    controls=st.dictionaries(st.sampled_from(Control), st.floats(-100, 100), max_size=3),
)


@given(setups)
def test_what_is_saved_is_read_back(tmp_path_factory, setup):
    path = tmp_path_factory.mktemp("setups") / "bench.toml"
    path.write_text(to_toml(setup), encoding="utf-8", newline="")
    assert parse_devices(path) == setup
