"""Scoring guidelines as TOML: those shipped in configs/guidelines, and the user's own."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import msgspec

from her2scope.analysis.classes import CellClass
from her2scope.analysis.guideline import (
    Action,
    ClusterCutoff,
    Guideline,
    IshGroup,
    IshWindow,
    Op,
    Outcome,
    Rule,
    Score,
    ShareCutoff,
    Status,
    expand_moderate,
)
from her2scope.analysis.guideline_checks import check_guideline
from her2scope.base.errors import ConfigError
from her2scope.settings.locations import config_dir, user_config_dir

_CHOICES = {
    "score": get_args(Score),
    "outcomes": get_args(Score),
    "op": get_args(Op),
    "action": get_args(Action),
    "status": get_args(Status),
}
"""What a key may say, for the error that it says something else."""


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file; a key that is not named here is an error."""


class _RuleTable(_Strict, frozen=True):
    id: str
    classes: list[str]
    score: Score
    op: Op | None = None
    percent: float | None = None
    cluster_cells: int | None = None
    action: Action = "score"
    flag: str = ""


class _ReadingTable(_Strict, frozen=True):
    reading: str
    clinical: str


class _OutcomeTable(_Strict, frozen=True):
    reading: str
    clinical: str
    status: Status
    with_staining: _ReadingTable | None = None


class _IshTable(_Strict, frozen=True):
    group: int
    finding: str
    status: Status
    clinical: str
    recount: str = ""
    ratio_from: float = 0.0
    ratio_below: float = math.inf
    copies_from: float = 0.0
    copies_below: float = math.inf


class _GuidelineTable(_Strict, frozen=True):
    name: str
    title: str
    source: str
    version: str
    minimum_cells: int
    minimum_cells_per_field: int
    minimum_fields: int
    rules: list[_RuleTable]
    outcomes: dict[Score, _OutcomeTable]
    note: str = ""
    caution: str = ""
    default: bool = False
    cluster_reach_um: float | None = None
    ish: list[_IshTable] = []


def list_guidelines() -> dict[str, Path]:
    """Every guideline file by name: shipped and the user's own, in alphabetical order.

    Raises
    ------
    ConfigError
        When a file of the user has the name of a shipped one: a report's name must mean one file.
    """
    found: dict[str, Path] = {}
    for folder in (config_dir() / "guidelines", user_config_dir() / "guidelines"):
        for path in folder.glob("*.toml"):
            if path.stem in found:
                raise ConfigError(f"{path}: {found[path.stem]} has the same name; rename yours, file and name key.")
            found[path.stem] = path
    return dict(sorted(found.items()))


def default_guideline() -> str:
    """The name of the shipped guideline that says it is the default.

    Raises
    ------
    ConfigError
        When not exactly one does.
    """
    folder = config_dir() / "guidelines"
    names = [path.stem for path in sorted(folder.glob("*.toml")) if _read_table(path).default]
    if len(names) != 1:
        raise ConfigError(f"{folder}: {len(names)} guidelines say default = true; let exactly one say it.")
    return names[0]


def load_guideline(name_or_path: str) -> Guideline:
    """Load a guideline by its name, or from a TOML file.

    Raises
    ------
    ConfigError
        When there is none of that name, or the file cannot be used; the sentence names file and key.
    """
    if name_or_path.endswith(".toml"):
        return parse_guideline(Path(name_or_path))
    known = list_guidelines()
    if name_or_path not in known:
        raise ConfigError(f"There is no guideline {name_or_path!r}; choose one of {', '.join(known)}, or a .toml file.")
    return parse_guideline(known[name_or_path])


def parse_guideline(path: Path) -> Guideline:
    """Read one guideline file strictly; see `load_guideline`."""
    table = _read_table(path)
    try:
        if table.name != path.stem:
            raise ConfigError(f"name = {table.name!r} is not the file's name; write name = {path.stem!r}.")
        guideline = _guideline(table, path.name)
        check_guideline(guideline)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    return guideline


def _read_table(path: Path) -> _GuidelineTable:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); give a readable guideline file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML ({error}); correct it there.") from error
    try:
        return msgspec.convert(raw, _GuidelineTable, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_in_words(str(error), raw)}.") from error


def _in_words(message: str, raw: dict[str, Any]) -> str:
    """The validator's message with its place first and the remedy last."""
    text, _, place = message.replace("`key` in ", "").partition(" - at ")
    where = place.strip("`").removeprefix("$").removeprefix(".")
    rule = re.match(r"rules\[(\d+)\]", where)
    table = raw["rules"][int(rule[1])] if rule is not None else None
    if isinstance(table, dict):
        where += f" (rule {table.get('id', 'without id')!r})"
    key = re.search(r"`(\w+)`", text)
    if key is not None and "missing" in text:
        return _placed(where, f"the key '{key[1]}' is missing; add it")
    if key is not None and "unknown" in text:
        return _placed(where, f"the key '{key[1]}' is unknown; {_did_you_mean(key[1])}")
    choices = _CHOICES.get(where.split(" ")[0].rpartition(".")[2]) if "enum" in text else None
    remedy = f"use one of {', '.join(choices)}" if choices else "correct it"
    return _placed(where, f"{text.replace('`', chr(39))}; {remedy}")


def _placed(where: str, text: str) -> str:
    return f"{where}: {text}" if where else text


def _did_you_mean(key: str) -> str:
    tables = (_GuidelineTable, _RuleTable, _OutcomeTable, _IshTable)
    near = difflib.get_close_matches(key, [f for table in tables for f in table.__struct_fields__], n=1)
    return f"write '{near[0]}'" if near else "remove it"


def _guideline(table: _GuidelineTable, file: str) -> Guideline:
    stained = {
        score: Outcome(entry.with_staining.reading, entry.with_staining.clinical, entry.status)
        for score, entry in table.outcomes.items()
        if entry.with_staining is not None
    }
    return Guideline(
        name=table.name,
        title=table.title,
        source=table.source,
        version=table.version,
        rules=tuple(_rule(entry) for entry in table.rules),
        outcomes={score: Outcome(e.reading, e.clinical, e.status) for score, e in table.outcomes.items()},
        minimum_cells=table.minimum_cells,
        minimum_cells_per_field=table.minimum_cells_per_field,
        minimum_fields=table.minimum_fields,
        stained_outcomes=stained,
        cluster_reach_um=table.cluster_reach_um,
        ish=tuple(_ish(entry) for entry in table.ish),
        note=table.note,
        caution=table.caution,
        file=file,
    )


def _ish(table: _IshTable) -> IshGroup:
    ratio, copies = (table.ratio_from, table.ratio_below), (table.copies_from, table.copies_below)
    everything = (0.0, math.inf)
    try:
        window = None if ratio == copies == everything else IshWindow(ratio, copies)
    except ConfigError as error:
        raise ConfigError(f"ish {table.group}: {error}") from error
    return IshGroup(table.group, table.finding, table.status, table.clinical, table.recount, window)


def _rule(table: _RuleTable) -> Rule:
    try:
        classes = expand_moderate(tuple(_cell_class(label) for label in table.classes))
        if not classes:
            raise ConfigError("classes is empty; name the cell classes that the rule adds up.")
        return Rule(table.id, classes, _cutoff(table), table.score, table.action, table.flag)
    except ConfigError as error:
        raise ConfigError(f"rules '{table.id}': {error}") from error


def _cell_class(label: str) -> CellClass:
    labels = [c.label for c in CellClass]
    if label not in labels:
        near = difflib.get_close_matches(label, labels, n=1)
        hint = f"write {near[0]!r}." if near else f"use {', '.join(labels)}."
        raise ConfigError(f"classes: {label!r} is not a cell class; {hint}")
    if label == CellClass.UNSTAINED.label:
        raise ConfigError("classes: 'unstained' cannot raise a score; name stained classes.")
    return CellClass.from_label(label)


def _cutoff(table: _RuleTable) -> ShareCutoff | ClusterCutoff:
    if table.cluster_cells is not None:
        if table.op is not None or table.percent is not None:
            raise ConfigError("cluster_cells stands beside op or percent; keep one kind of cut-off.")
        return ClusterCutoff(table.cluster_cells)
    if table.op is None or table.percent is None:
        missing = "op" if table.op is None else "percent"
        raise ConfigError(f"the key '{missing}' is missing; add it, or give cluster_cells alone.")
    if not math.isfinite(table.percent):
        raise ConfigError(f"percent = {table.percent} is not a number; give a percentage from 0 to 100.")
    return ShareCutoff(table.op, Fraction(str(table.percent)))  # as written: 12.3 is 123/10
