"""The command line run in this process, on small synthetic fields."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from image_files import encode, write

from her2scope.cli.main import main
from her2scope.synth.tissue import render_field

PIXEL_UM = 0.424
SIZE_PX = 512


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """The sentences on stderr."""
        return self.err.splitlines()


@pytest.fixture
def her2scope(monkeypatch, capfd):
    """Run a command line; gives its exit code and what it said."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr("sys.argv", ["her2scope", *(str(a) for a in arguments)])
        code = 0
        try:
            main()
        except SystemExit as done:
            code = int(done.code or 0)
        said = capfd.readouterr()
        return Outcome(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def pictures() -> dict[str, bytes]:
    """PNG bytes of a 3+ field, of control tissue and of empty glass."""
    rendered = {case: render_field(case, 3, pixel_um=PIXEL_UM, size_px=SIZE_PX).rgb for case in ("3+", "control")}
    return {case: encode(rgb) for case, rgb in rendered.items()} | {"rgb": rendered["3+"]}


@pytest.fixture
def fields(tmp_path, pictures) -> Path:
    """A folder with one 3+ field, a.png."""
    folder = tmp_path / "fields"
    folder.mkdir()
    write(folder / "a.png", pictures["3+"])
    return folder


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch) -> Path:
    """A user's config folder of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture
def case_of():
    """Read case.json, strictly: NaN and infinities are an error."""

    def read(folder: Path) -> dict:
        def refuse(name: str) -> None:
            raise AssertionError(name)

        return json.loads((folder / "case.json").read_text(), parse_constant=refuse)

    return read


def tree(folder: Path) -> list[str]:
    """All files under a folder."""
    return sorted(os.path.relpath(Path(where, name), folder) for where, _, names in os.walk(folder) for name in names)
