"""The rules of the layout that a machine can hold; each contract is seen to fail when it is broken."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = CHECKOUT / "src" / "her2scope"
MODULES = sorted(PACKAGE.rglob("*.py"))
PURE = [path for layer in ("base", "analysis") for path in sorted((PACKAGE / layer).rglob("*.py"))]

QUIET = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign,
    ast.AugAssign,
)  # fmt: skip
FILE_CALLS = {
    "open", "imread", "imwrite", "imreadmulti", "imsave", "load", "loadtxt", "save", "savez", "savetxt", "fromfile",
    "tofile", "memmap", "genfromtxt", "VideoCapture", "print", "input",
}  # fmt: skip
VAGUE = {"utils", "util", "helpers", "common", "misc", "tools"}

LAYERS = (
    "base", "analysis", "slides", "synth", "devices", "nets", "store", "pipeline", "wholeslide", "settings",
    "evaluation", "report", "app", "cli",
)  # fmt: skip


def relative(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def without_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node) is not None else node.body


REGISTERS = {"app.add_typer", "register_window", "register_training"}


def is_quiet(statement: ast.stmt) -> bool:
    """Whether a top-level statement defines something, or is run only for a type checker or as a program."""
    if isinstance(statement, ast.If):
        return ast.unparse(statement.test) in {"TYPE_CHECKING", "__name__ == '__main__'"}
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return ast.unparse(statement.value.func) in REGISTERS  # commands are registered as decorators do
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, QUIET)


def function_lengths() -> dict[str, int]:
    """Lines of each function's body, without its docstring."""
    lengths = {}
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (body := without_docstring(node)):
                lengths[f"{relative(path)}:{node.name}:{node.lineno}"] = body[-1].end_lineno - body[0].lineno + 1
    return lengths


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=relative)
def test_an_init_file_holds_one_docstring_line(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) == 1
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_is_one_idea(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < 300
    assert path.stem not in VAGUE


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_nothing_happens_at_import(path):
    loud = [ast.unparse(statement) for statement in tree(path).body if not is_quiet(statement)]
    assert loud == []


@pytest.mark.parametrize("path", PURE, ids=relative)
def test_base_and_analysis_touch_no_files(path):
    calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    names = {f.attr if isinstance(f, ast.Attribute) else f.id for f in calls if isinstance(f, ast.Attribute | ast.Name)}
    assert names & FILE_CALLS == set()


def test_functions_are_short():
    lengths = function_lengths()
    long = {name: lines for name, lines in lengths.items() if lines >= 25}
    assert len(long) <= len(lengths) / 10, long
    assert statistics.median(lengths.values()) < 8
    assert max(lengths.values()) < 60, max(lengths, key=lengths.get)


def test_classes_are_short():
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef):
                assert node.end_lineno - node.lineno < 200, f"{relative(path)}:{node.name}"


KEPT = {
    "nets/network.py": "import torch\nimport onnxruntime\n",
    "app/window.py": "from PySide6 import QtWidgets\nfrom her2scope.devices import basler\n",
    "store/record.py": "import sqlite3\n",
    "devices/basler.py": "from pypylon import pylon\n",
    "devices/serial_pedal.py": "import serial\n",
    "pipeline/field.py": "import her2scope.nets.network\nimport threading\n",
    "evaluation/score.py": "import pathlib\nimport her2scope.pipeline.field\n",
}
"""Every external where it belongs."""

BROKEN = [
    ("layers", {"base/x.py": "import her2scope.analysis\n"}),
    ("layers", {"analysis/x.py": "from her2scope.pipeline import field\n"}),
    ("layers", {"slides/x.py": "import her2scope.synth\n"}),
    ("layers", {"report/x.py": "import her2scope.evaluation\n"}),
    ("layers", {"nets/x.py": "import her2scope.store\n"}),
    ("layers", {"nowhere.py": '"""A module without a place."""\n'}),
    ("cycles", {"analysis/x.py": "import her2scope.analysis.y\n", "analysis/y.py": "import her2scope.analysis.x\n"}),
    ("networks", {"pipeline/x.py": "import torch.nn\n"}),
    ("networks", {"app/x.py": "import openvino\n"}),
    ("qt", {"report/x.py": "from PySide6.QtGui import QPdfWriter\n"}),
    ("qt", {"cli/x.py": "def f():\n    from PySide6 import QtCore\n"}),
    ("sql", {"pipeline/x.py": "import sqlite3\n"}),
    ("vendors", {"devices/x.py": "import pypylon.pylon\n"}),
    ("vendors", {"devices/basler.py": "import serial\n"}),
    ("devices", {"pipeline/x.py": "import her2scope.devices.basler\n"}),
    ("pure", {"analysis/x.py": "from pathlib import Path\n"}),
    ("pure", {"base/x.py": "import threading\n"}),
]


def lint(folder: Path, files: dict[str, str], contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the project's contracts on an empty copy of the layout with some files in it."""
    for layer in LAYERS:
        (folder / "her2scope" / layer).mkdir(parents=True, exist_ok=True)
    for package in [folder / "her2scope", *(folder / "her2scope").iterdir()]:
        (package / "__init__.py").touch()
    for name, text in files.items():
        (folder / "her2scope" / name).write_text(text)
    only = [] if contract is None else ["--contract", contract]
    command = [Path(sys.executable).parent / "lint-imports", "--config", CHECKOUT / "pyproject.toml", "--no-cache"]
    return subprocess.run([*command, *only], cwd=folder, capture_output=True, text=True, check=False)


def test_contracts_hold_where_everything_has_its_place(tmp_path):
    done = lint(tmp_path, KEPT)
    assert "0 broken" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize(("contract", "files"), BROKEN)
def test_a_broken_contract_is_seen(tmp_path, contract, files):
    done = lint(tmp_path, KEPT | files, contract)
    assert "1 broken" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


def test_every_contract_was_seen_broken():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {contract["id"] for contract in project["tool"]["importlinter"]["contracts"]}
    assert contracts == {contract for contract, _ in BROKEN}
