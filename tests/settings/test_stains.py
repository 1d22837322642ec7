"""Stain profiles as files: strict to read, whole to write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from her2scope.analysis.stain import ControlLimits, StainProfile
from her2scope.analysis.stain_vectors import StainVectors
from her2scope.base.errors import ConfigError
from her2scope.base.frame import Lens
from her2scope.settings.stains import DEFAULT_STAIN, load_stain, save_stain, stain_files

GOOD = """
name = "mine"
hematoxylin = [0.65, 0.70, 0.29]
dab = [0.27, 0.57, 0.78]
t_weak = 0.1
t_intense = 0.6
"""


@pytest.fixture(autouse=True)
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


def test_the_shipped_profile_loads() -> None:
    assert load_stain(DEFAULT_STAIN).name == DEFAULT_STAIN
    for name in stain_files():
        load_stain(name)


def test_a_saved_profile_comes_back_as_it_was() -> None:
    profile = StainProfile(
        'clone "4B5"\n\\ 2',
        t_weak=0.123,
        t_moderate=0.3,
        t_intense=0.7,
        white=(250.0, 249.5, 240.25),
        assay="Ünïcode",
        objective="40x",
        control=ControlLimits(0.6, 0.8),
    )
    path = save_stain(profile, "mine")
    back = load_stain("mine")
    assert back == StainProfile(**{**profile.__dict__, "name": "mine"})
    assert [p.name for p in path.parent.iterdir()] == ["mine.toml"]


BAD = [
    ("no such key", GOOD + "t_week = 0.1\n", "unknown key 't_week'"),
    ("missing", GOOD.replace("t_weak = 0.1", ""), "'t_weak' is missing"),
    ("order", GOOD.replace("t_weak = 0.1", "t_weak = 0.8"), "must be below"),
    ("type", GOOD.replace("t_weak = 0.1", 't_weak = "low"'), "t_weak"),
    ("nan", GOOD.replace("t_weak = 0.1", "t_weak = nan"), "t_weak"),
    ("two numbers", GOOD.replace("[0.27, 0.57, 0.78]", "[0.27, 0.57]"), "dab"),
    ("toml", GOOD + "t_moderate = = 3", "not valid TOML"),
    ("control key", GOOD + "[control]\nmin_od = 1.0\n", "unknown key 'min_od'"),
]


@pytest.mark.parametrize(("name", "text", "sentence"), BAD, ids=[b[0] for b in BAD])
def test_a_bad_file_is_one_sentence_naming_file_and_key(name: str, text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=sentence) as caught:
        load_stain(str(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ConfigError, match="default"):
        load_stain("herceptest")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_stain("missing.toml")


@pytest.mark.parametrize("name", ["", "../x", "a b", "x/y", "nul\0"])
def test_a_name_stays_in_its_folder(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot name"):
        save_stain(StainProfile("x"), name)


def test_vectors_by_objective_are_no_part_of_a_profiles_file(tmp_path: Path) -> None:
    profile = load_stain(DEFAULT_STAIN)
    dressed = profile.with_vectors(Lens("bench", "40x"), StainVectors((0.6, 0.7, 0.3), (0.3, 0.57, 0.78)))
    path = save_stain(dressed, "lab")
    assert "lens" not in path.read_text()
    assert load_stain("lab") == replace(profile, name="lab")
    path.write_text(path.read_text() + "[[lenses]]\n")
    with pytest.raises(ConfigError, match="unknown key 'lenses'"):
        load_stain("lab")
