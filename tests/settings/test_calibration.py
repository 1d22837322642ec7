"""What was measured at a bench comes back, and a broken file is one sentence."""

import pytest

from her2scope.base.errors import ConfigError, OutputError
from her2scope.settings.calibration import (
    Calibration,
    Measured,
    MeasuredStain,
    calibration_file,
    load_calibration,
    save_calibration,
)

PIXEL = {"pixel_um": 0.2131, "pixel_error": 0.004, "pixel_when": "2026-03-01T12:00:00+00:00", "pixel_who": 'Dr "A"'}
LAB = MeasuredStain(
    profile='lab "4B5"', hematoxylin=(1 / 3, 0.7, 0.1 + 0.2), dab=(0.27, 0.57, 0.78), when="2026-03-03", who="C"
)
PLAIN = MeasuredStain(profile="default", hematoxylin=(0.65, 0.7, 0.29), dab=(0.27, 0.57, 0.78))
FULL = Measured(
    name="40x", **PIXEL, white=(240.0, 238.5, 235.0), white_when="2026-03-02", white_who="B", stains=(LAB, PLAIN)
)
STAINS = 'version = 1\ndevices = "bench"\n[[objectives]]\nname = "40x"\n' + (
    '[[objectives.stains]]\nprofile = "default"\nhematoxylin = {}\ndab = {}\n'
)
H, D = "[0.65, 0.7, 0.29]", "[0.27, 0.57, 0.78]"


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def write(text):
    path = calibration_file("bench")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_nothing_measured_is_no_file():
    assert load_calibration("bench") == Calibration(devices="bench")


def test_what_was_measured_comes_back_and_lies_beside_the_set_ups(tmp_path):
    made = Calibration(
        devices="bench",
        objectives=(FULL, Measured(name="20x", white=(1.0, 255.0, 3.0)), Measured(name="10x", stains=(LAB,))),
    )
    path = save_calibration(made)
    assert path == tmp_path / "her2scope" / "devices" / "calibration" / "bench.toml"
    assert "version = 1" in path.read_text()
    assert load_calibration("bench") == made
    assert load_calibration("bench").find("100x") == Measured(name="100x")


def test_an_entry_that_is_forgotten_whole_leaves_the_file():
    made = Calibration(devices="bench", objectives=(FULL,))
    assert made.with_entry(Measured(name="40x")).objectives == ()
    assert made.with_entry(Measured(name="40x", stains=(LAB,))).find("40x").stain_of(LAB.profile) == LAB
    assert made.with_entry(Measured(name="40x", white=(9.0, 9.0, 9.0))).find("40x").pixel_um is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version = ", "not valid TOML"),
        ('version = 2\ndevices = "bench"', "version = 2 is not 1"),
        ('devices = "bench"', "version = None is not 1"),
        ('version = 1\ndevices = "other"', "devices = 'other' is not the file's name"),
        ('version = 1\ndevices = "bench"\ncolour = 1', "unknown field `colour`"),
        ('version = 1\ndevices = "bench"\n[[objectives]]\nname = "40x"\npixel_um = "0.2"', "objectives"),
        ('version = 1\ndevices = "bench"\n[[objectives]]\nname = "40x"\npixel_um = 9.0', "outside 0.1 to 1.0"),
        ('version = 1\ndevices = "bench"\n[[objectives]]\nname = "40x"\npixel_um = nan', "is no number"),
        ('version = 1\ndevices = "bench"\n[[objectives]]\nname = "40x"\nwhite = [0.0, 9.0, 9.0]', "outside 1 to 255"),
        ('version = 1\ndevices = "bench"\n[[objectives]]\nname = "4x"\n[[objectives]]\nname = "4x"', "given twice"),
        (STAINS.format(D, H), "Stain default: hematoxylin and dab seem exchanged"),
        (STAINS.format(H, H), "Stain default: the hematoxylin and dab vectors are nearly the same"),
        (STAINS.format("[0.65, nan, 0.29]", D), "Stain default: hematoxylin must be three absorbances"),
        (STAINS.format(H, "[inf, 0.57, 0.78]"), "Stain default: dab must be three absorbances"),
        (STAINS.format("[0.0, 0.0, 0.0]", D), "not all 0"),
        (STAINS.format("[0.65, 0.7]", D), "length 3, got 2 in objectives.*stains.*hematoxylin"),
        (STAINS.format('["0.65", 0.7, 0.29]', D), "in objectives.*stains.*hematoxylin"),
        (STAINS.format(H, D).replace('"default"', '""'), "in objectives.*stains.*profile"),
        (STAINS.format(H, D) + "t_weak = 0.1", "unknown field `t_weak`"),
        (STAINS.format(H, D).replace("dab", "brown"), "objectives.*stains"),
        (STAINS.format(H, D) + STAINS.format(H, D).split('40x"\n')[1], "stains are given twice"),
    ],
)
def test_a_broken_file_is_one_sentence_that_names_it_and_is_moved_aside_not_lost(text, words):
    path = write(text)
    with pytest.raises(ConfigError, match=words) as caught:
        load_calibration("bench")
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith(".")
    save_calibration(Calibration(devices="bench", objectives=(FULL,)))
    assert load_calibration("bench").find("40x") == FULL
    assert path.with_suffix(".broken").read_text() == text


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "her2scope").write_text("a file")
    with pytest.raises((OutputError, ConfigError), match=r"bench.toml: cannot be (written|read)"):
        save_calibration(Calibration(devices="bench", objectives=(FULL,)))


def test_vectors_of_a_profile_are_replaced_and_forgotten_one_by_one():
    other = MeasuredStain(profile="default", hematoxylin=(0.6, 0.7, 0.3), dab=(0.3, 0.57, 0.78))
    entry = FULL.with_stain(other)
    assert entry.stain_of("default").vectors == other.vectors
    assert entry.stain_of(LAB.profile) == LAB
    assert entry.without_stain("default").stain_of("default") is None
    assert entry.without_stain("default").stain_of(LAB.profile) == LAB
    assert FULL.stain_of("4B5") is None
