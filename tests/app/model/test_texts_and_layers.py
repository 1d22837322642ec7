"""Texts are in one place and all in use; the model knows no Qt, no threads, and files in few modules only."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

import her2scope.app.model.texts as texts_module
from her2scope.analysis.classes import CellClass
from her2scope.app.model.texts import ENGLISH, say, say_number

MODEL = Path(texts_module.__file__).parent
MODULES = sorted(MODEL.rglob("*.py"))
APP = sorted(MODEL.parent.rglob("*.py"))
FORBIDDEN = {"PySide6", "shiboken6", "threading", "concurrent", "asyncio", "multiprocessing", "queue", "time"}
FILES = {"pathlib", "os", "shutil", "tempfile", "io", "tomllib", "json"}
TABLES = {"texts.py", "texts_of_changes.py"}
MAY_TOUCH_FILES = {"frames.py", "folder_store.py", "kept_cases.py"}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.name)
def test_a_module_imports_no_qt_and_no_threads(path):
    assert imported(path) & FORBIDDEN == set()
    if path.name not in MAY_TOUCH_FILES:
        assert imported(path) & FILES == set()


def test_the_model_loads_without_qt_torch_or_devices():
    names = [".".join(("her2scope.app.model", *path.relative_to(MODEL).with_suffix("").parts)) for path in MODULES]
    modules = [name.removesuffix(".__init__") for name in names]
    code = f"import importlib, sys\nfor m in {modules!r}: importlib.import_module(m)\n"
    code += "print([m for m in ('PySide6', 'torch', 'pypylon', 'serial', 'sqlite3') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def used_patterns() -> set[str]:
    """Keys asked for anywhere in the application, as patterns where they are put together."""
    patterns = set()
    for path in APP:
        if path.name in TABLES:
            continue  # a text is not in use for being there
        source = path.read_text(encoding="utf-8")
        for name in re.findall(r'"([a-z_]+(?:\.[a-z0-9_]+)+)"', source):
            patterns |= {re.escape(name), re.escape(name) + r"\.(?:one|many)"}
        patterns |= {re.escape(name) for name in re.findall(r'say\([\'"]([a-z_.]+)[\'"]', source)}
        for name in re.findall(r'say\(f"([^"]+)"', source):
            patterns.add(re.sub(r"\{[^}]*\}", "[a-z_0-9]+", name.replace(".", r"\.")))
        for name in re.findall(r'say_number\(\s*[\'"]([a-z_.]+)[\'"]', source):
            patterns.add(re.escape(name) + r"\.(?:one|many)")
    return patterns


def test_every_text_is_in_use():
    patterns = used_patterns()
    unused = [key for key in ENGLISH if not any(re.fullmatch(pattern, key) for pattern in patterns)]
    assert unused == []


def literal_calls() -> list[tuple[str, str, set[str], bool]]:
    """(file, key, names of values, whether more are passed on) of each `say("...")` with a literal key."""
    calls = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"):
                continue
            if node.args and isinstance(node.args[0], ast.Constant):
                names = {keyword.arg for keyword in node.keywords if keyword.arg}
                calls.append((path.name, node.args[0].value, names, any(not k.arg for k in node.keywords)))
    return calls


@pytest.mark.parametrize(("file", "key", "names", "more"), literal_calls())
def test_every_blank_is_filled(file, key, names, more):
    blanks = {name for _, name, _, _ in string.Formatter().parse(ENGLISH[key]) if name}
    assert blanks == names or (more and names <= blanks)


def test_every_class_has_a_name():
    assert len({say(f"class.{c.label}") for c in CellClass}) == len(CellClass)


def test_numbers_agree_with_their_nouns():
    assert [say_number("cells", n) for n in (0, 1, 2, 1234)] == ["0 cells", "1 cell", "2 cells", "1\u202f234 cells"]
