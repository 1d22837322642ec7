"""Guideline files: what is shipped loads, and every way to get one wrong is one sentence naming file, key, remedy."""

from fractions import Fraction
from pathlib import Path

import pytest

from her2scope.analysis.classes import CellClass
from her2scope.base.errors import ConfigError
from her2scope.settings import guidelines, locations
from her2scope.settings.guidelines import default_guideline, list_guidelines, load_guideline

SHIPPED = ["breast_2007", "breast_2013", "breast_asco_cap_2018", "gastric_biopsy", "gastric_resection"]
BREAST = locations.config_dir() / "guidelines" / "breast_asco_cap_2018.toml"
CLUSTER_RULE = '[[rules]]\nid = "{}"\nclasses = ["intense_complete"]\ncluster_cells = {}\nscore = "3+"\n'


@pytest.fixture(autouse=True)
def own_config(tmp_path, monkeypatch) -> Path:
    """A user without settings of their own, whoever runs the tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "her2scope" / "guidelines"
    folder.mkdir(parents=True)
    return folder


def changed(tmp_path: Path, old: str, new: str) -> str:
    """The default guideline with the first `old` replaced, as a file of its own."""
    text = BREAST.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / BREAST.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return str(path)


def rules_of(*rules: str) -> str:
    """Rules such as "IC gt 10 3+" as TOML."""
    names = {"IC": "intense_complete", "II": "intense_incomplete", "WC": "weak_complete", "WI": "weak_incomplete"}
    parts = []
    for index, rule in enumerate(rules):
        classes, op, percent, score = rule.split()
        labels = ", ".join(f'"{names[name]}"' for name in classes.split("+"))
        head = f'[[rules]]\nid = "rule {index}"\nclasses = [{labels}]\n'
        parts.append(f'{head}op = "{op}"\npercent = {percent}\nscore = "{score}"\n')
    return "\n".join(parts)


def with_rules(tmp_path: Path, rules: str) -> str:
    text = BREAST.read_text(encoding="utf-8")
    path = tmp_path / BREAST.name
    path.write_text(text[: text.index("[[rules]]")] + rules + text[text.index("[outcomes.") :], encoding="utf-8")
    return str(path)


def test_shipped_guidelines_load() -> None:
    assert list(list_guidelines()) == SHIPPED
    for name in SHIPPED:
        guideline = load_guideline(name)
        assert (guideline.name, guideline.file) == (name, f"{name}.toml")
        assert guideline.source
        assert guideline.minimum_cells >= guideline.minimum_cells_per_field


def test_default_is_said_by_its_file() -> None:
    assert default_guideline() == "breast_asco_cap_2018"


def test_two_defaults_are_refused(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "shipped" / "guidelines"
    folder.mkdir(parents=True)
    for name in ("one", "two"):
        text = BREAST.read_text(encoding="utf-8").replace(f'name = "{BREAST.stem}"', f'name = "{name}"')
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(guidelines, "config_dir", lambda: tmp_path / "shipped")
    with pytest.raises(ConfigError, match="2 guidelines say default = true"):
        default_guideline()


def test_gastric_guidelines_are_marked() -> None:
    for name in SHIPPED:
        marked = load_guideline(name).caution == "check against the primary text before clinical use"
        assert marked == name.startswith("gastric")


def test_moderate_classes_go_with_weak_ones() -> None:
    rules = {rule.id: rule for rule in load_guideline("breast_asco_cap_2018").rules}
    assert rules["complete"].classes == (
        CellClass.INTENSE_COMPLETE,
        CellClass.MODERATE_COMPLETE,
        CellClass.WEAK_COMPLETE,
    )
    assert set(rules["stained"].classes) == set(CellClass) - {CellClass.UNSTAINED}


def test_decimal_percent_is_exact(tmp_path) -> None:
    guideline = load_guideline(changed(tmp_path, "percent = 10", "percent = 12.3"))
    assert guideline.rules[0].cutoff.percent == Fraction(123, 10)


def test_own_guideline_is_found_by_name(own_config) -> None:
    text = BREAST.read_text(encoding="utf-8").replace(f'name = "{BREAST.stem}"', 'name = "ours"')
    (own_config / "ours.toml").write_text(text, encoding="utf-8")
    assert "ours" in list_guidelines()
    assert load_guideline("ours").name == "ours"
    assert default_guideline() == BREAST.stem


def test_own_guideline_cannot_take_a_shipped_name(own_config) -> None:
    (own_config / BREAST.name).write_text(BREAST.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ConfigError, match="has the same name; rename yours"):
        load_guideline("breast_2013")


def test_misspelled_name_lists_what_there_is() -> None:
    with pytest.raises(ConfigError) as caught:
        load_guideline("brest_2013")
    assert all(name in str(caught.value) for name in SHIPPED)


BAD = [
    ("unknown key", "percent = 10", "percnt = 10", r"rule 'intense complete'\).*'percnt' is unknown; write 'percent'"),
    ("unknown key far from any", 'version = "2018/2023"', 'version = "1"\nxyzzy = 1', "'xyzzy' is unknown; remove it"),
    ("missing key", "minimum_cells = 100\n", "", "'minimum_cells' is missing; add it"),
    ("missing rule key", 'id = "stained"\n', "", "'id' is missing"),
    ("missing percent", "percent = 10\n", "", "rules 'intense complete': the key 'percent' is missing"),
    ("missing op", 'op = "gt"\n', "", "rules 'intense complete': the key 'op' is missing"),
    ("text for a number", "percent = 10", 'percent = "10"', "percent.*got 'str'"),
    ("truth for a number", "percent = 10", "percent = true", "percent.*got 'bool'"),
    ("NaN", "percent = 10", "percent = nan", "percent = nan is not a number"),
    ("infinite", "percent = 10", "percent = inf", "percent = inf is not a number"),
    ("above 100", "percent = 10", "percent = 110", "percent = 110 is outside 0 to 100"),
    ("below 0", "percent = 10", "percent = -1", "percent = -1 is outside 0 to 100"),
    ("never true", "percent = 10", "percent = 100", "never true"),
    (
        "unknown class",
        '"weak_complete"',
        '"weak_compleet"',
        "'weak_compleet' is not a cell class; write 'weak_complete'",
    ),
    ("nonsense class", '"weak_complete"', '"qqq"', "'qqq' is not a cell class; use intense_complete, "),
    ("unstained", '"weak_complete"', '"unstained"', "'unstained' cannot raise a score"),
    ("no class", 'classes = ["intense_complete"]', "classes = []", "classes is empty"),
    ("unknown score", 'score = "3+"', 'score = "4+"', r"'4\+'; use one of 0, 1\+, 2\+, 3\+"),
    ("unknown op", 'op = "gt"', 'op = ">"', "op.*'>'; use one of gt, ge"),
    ("unknown action", 'action = "off"', 'action = "maybe"', "'maybe'; use one of score, flag, off"),
    ("flag without text", 'action = "off"\nflag = ', 'action = "flag"\n# ', "the key 'flag' is missing"),
    ("two of one id", 'id = "complete"', 'id = "stained"', "two have the id 'stained'"),
    ("other name than file", 'name = "breast', 'name = "brest', "is not the file's name"),
    ("no reading", '[outcomes."1+"]', '[outcomes."1-"]', r"outcomes.*'1-'; use one of 0, 1\+"),
    (
        "score without reading",
        '[outcomes."1+"]\nreading = "1+"\nstatus = "negative"\nclinical',
        "[x]\na",
        "x' is unknown",
    ),
    ("zero minimum", "minimum_cells = 100", "minimum_cells = 0", "minimum_cells = 0 must be 1 or more"),
    ("fraction for a count", "minimum_fields = 5", "minimum_fields = 2.5", "minimum_fields.*got 'float'"),
    ("ISH group twice", "group = 5", "group = 4", "groups are 1 to 5, each at most once"),
    ("ISH group 6", "group = 5", "group = 6", "groups are 1 to 5"),
    ("reach without cluster", "minimum_fields = 5", "minimum_fields = 5\ncluster_reach_um = 9.0", "no rule has"),
    ("cluster beside share", "percent = 10", "percent = 10\ncluster_cells = 5", "keep one kind of cut-off"),
    ("no TOML", "title = ", "title ", "not valid TOML"),
]


@pytest.mark.parametrize(("old", "new", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_wrong_file_is_one_sentence(tmp_path, old, new, words) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(ConfigError, match=words) as caught:
        load_guideline(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message


UNREACHABLE = [
    ("same classes, same cut-off", ("IC gt 10 3+", "IC gt 10 2+")),
    ("same classes, higher cut-off", ("IC gt 10 3+", "IC gt 30 2+")),
    ("ge covers gt", ("IC ge 10 3+", "IC gt 10 2+")),
    ("ge covers ge", ("IC ge 10 3+", "IC ge 10 2+")),
    ("superset first", ("IC+WC gt 10 3+", "IC gt 10 2+")),
    ("sum of two before", ("IC gt 10 3+", "WC gt 10 2+", "IC+WC gt 20 1+")),
    ("sum of three before", ("IC gt 10 3+", "WC gt 10 2+", "II gt 5 2+", "IC+WC+II gt 25 1+")),
]
REACHABLE = [
    ("gt leaves ge its cut-off", ("IC gt 10 3+", "IC ge 10 2+")),
    ("lower cut-off", ("IC gt 30 3+", "IC gt 10 2+")),
    ("more classes", ("IC gt 10 3+", "IC+WC gt 10 2+")),
    ("other classes", ("IC gt 10 3+", "WC gt 20 2+")),
    ("just under the sum", ("IC gt 10 3+", "WC gt 10 2+", "IC+WC ge 20 1+")),
]


@pytest.mark.parametrize("rules", [row[1] for row in UNREACHABLE], ids=[row[0] for row in UNREACHABLE])
def test_rule_that_is_always_covered_is_refused(tmp_path, rules) -> None:
    with pytest.raises(ConfigError, match=rf"'rule {len(rules) - 1}' can never be reached.*move it up") as caught:
        load_guideline(with_rules(tmp_path, rules_of(*rules)))
    assert "'rule 0'" in str(caught.value)


@pytest.mark.parametrize("rules", [row[1] for row in REACHABLE], ids=[row[0] for row in REACHABLE])
def test_rule_that_some_case_reaches_is_kept(tmp_path, rules) -> None:
    assert len(load_guideline(with_rules(tmp_path, rules_of(*rules))).rules) == len(rules)


def test_rule_behind_one_that_is_off_is_reachable(tmp_path) -> None:
    first, second = rules_of("IC gt 10 3+", "IC gt 10 2+").split("\n\n")
    guideline = load_guideline(with_rules(tmp_path, f'{first}\naction = "off"\n\n{second}\n'))
    assert len(guideline.rules) == 2


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (CLUSTER_RULE.format("a", 5) + CLUSTER_RULE.format("b", 6), "'b' can never be reached"),
        (rules_of("IC gt 0 2+") + CLUSTER_RULE.format("b", 6), "'b' can never be reached"),
        (CLUSTER_RULE.format("a", 0), "cluster_cells = 0 is no cluster"),
        (CLUSTER_RULE.format("a", 5), "cluster_reach_um must be above 0"),
        (rules_of("IC gt 10 3+") + 'action = "off"\n', "none has the action"),
        ("rules = [1]\n", r"rules\[0\]: Expected 'object', got 'int'"),
        ("rules = []\n", "none has the action"),
    ],
)
def test_wrong_rules_are_refused(tmp_path, rules, words) -> None:
    reach = "" if "reach_um" in words else "cluster_reach_um = 20.0\n" if "cluster_cells" in rules else ""
    with pytest.raises(ConfigError, match=words):
        load_guideline(with_rules(tmp_path, reach + rules))


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b""])
def test_unreadable_file_is_refused(tmp_path, content) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"cannot be read|not valid TOML|is missing"):
        load_guideline(str(path))


def test_folder_for_a_file_is_refused(tmp_path) -> None:
    (tmp_path / "mine.toml").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_guideline(str(tmp_path / "mine.toml"))


def test_user_folder_follows_xdg(tmp_path, monkeypatch) -> None:
    assert locations.user_config_dir() == tmp_path / "config" / "her2scope"
    for ignored in ("", "relative/path"):
        monkeypatch.setenv("XDG_CONFIG_HOME", ignored)
        monkeypatch.setenv("HOME", "/home/someone")
        assert locations.user_config_dir() == Path("/home/someone/.config/her2scope")


def test_missing_settings_are_said(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(locations, "_PACKAGE", tmp_path / "src" / "her2scope")
    with pytest.raises(ConfigError, match="shipped settings are missing; install"):
        locations.config_dir()


def test_installed_settings_come_first(tmp_path, monkeypatch) -> None:
    package = tmp_path / "src" / "her2scope"
    (tmp_path / "configs").mkdir()
    monkeypatch.setattr(locations, "_PACKAGE", package)
    assert locations.config_dir() == tmp_path / "configs"
    (package / "configs").mkdir(parents=True)
    assert locations.config_dir() == package / "configs"
