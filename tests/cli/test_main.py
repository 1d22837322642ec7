"""Exit codes, help and what is imported for it."""

import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from her2scope.cli.say import one_line
from her2scope.synth.cases import RECIPES

COMMANDS = ("score", "nuclei", "stain", "render", "demo", "evaluate", "benchmark", "version")


def test_the_console_script_is_main():
    (script,) = (entry for entry in entry_points(group="console_scripts") if entry.name == "her2scope")
    assert script.value == "her2scope.cli.main:main"


def test_help_names_every_command(her2scope):
    done = her2scope("--help")
    assert done.code == 0
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", done.out, re.MULTILINE)
    assert "research use only" in " ".join(done.out.split())


@pytest.mark.parametrize(
    "command",
    [
        ("score",),
        ("nuclei",),
        ("stain", "estimate"),
        ("render",),
        ("demo",),
        ("evaluate",),
        ("evaluate", "cells"),
        ("evaluate", "nuclei"),
        ("benchmark",),
    ],
)
def test_help_of_a_command_has_an_example(her2scope, command):
    done = her2scope(*command, "--help")
    assert done.code == 0
    assert f"  her2scope {' '.join(command)} " in done.out


@pytest.mark.parametrize("command", ["render", "demo"])
def test_help_names_every_case(her2scope, command):
    said = " ".join(her2scope(command, "--help").out.split())
    assert [case for case in RECIPES if case not in said] == []


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "sys.argv = ['her2scope', '--help']\n"
        "from her2scope.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'cv2', 'PIL', 'scipy', 'numba', 'torch', 'msgspec', 'tifffile', 'PySide6'}\n"
        "sys.exit(','.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
    assert done.returncode == 0


def test_version(her2scope):
    done = her2scope("version")
    assert re.fullmatch(r"her2scope \d+\.\d+\.\d+\S*\n", done.out)


@pytest.mark.parametrize(
    "arguments", [("score",), ("score", "a.png"), ("none",), ("score", "a.png", "--out", "x", "--pixel-size", "wide")]
)
def test_a_command_line_that_is_none(her2scope, arguments):
    done = her2scope(*arguments)
    assert done.code == 2
    assert done.complaints[-1].startswith("Error: ")


def test_a_bug_is_said_to_be_ours(her2scope, monkeypatch, tmp_path):
    def broken():
        raise RuntimeError("the cause\nof it")

    monkeypatch.setattr("her2scope.cli.settings.software", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = her2scope("version")
    assert done.code == 70
    (sentence,) = done.complaints
    assert "RuntimeError is a bug of ours" in sentence
    log = Path(re.search(r"(\S+\.log)\.$", sentence).group(1))
    assert log.parent == tmp_path
    assert "the cause" in log.read_text()
    assert 'raise RuntimeError("the cause' in log.read_text()


def test_interrupted(her2scope, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr("her2scope.cli.settings.software", interrupt)
    done = her2scope("version")
    assert (done.code, done.out, done.err) == (130, "", "")


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\nb", "a\\nb"), ("a\x1b[31mred", "a\\x1b[31mred"), ("组织 'ä' %s", "组织 'ä' %s"), ("\udce9", "\\udce9")],
)
def test_one_line(text, line):
    assert one_line(text) == line
