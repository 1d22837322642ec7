"""`her2scope train` and `her2scope annotate rough`, from files to files."""

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from her2scope.base.errors import ConfigError
from her2scope.cli.training import register
from her2scope.nets.annotations import read_csv, read_folder
from her2scope.nets.points import Kind
from her2scope.synth.tissue import render_field


@pytest.fixture(scope="module")
def app():
    app = typer.Typer()
    register(app)
    return app


@pytest.fixture(scope="module")
def fields(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fields")
    for seed in (1, 2):
        rgb = render_field("2+", seed, pixel_um=0.424, size_px=300).rgb
        cv2.imwrite(str(folder / f"f{seed}.png"), rgb[..., ::-1])
    return folder


def test_rough_marks_can_be_trained_on(app, fields, tmp_path):
    table = fields / "points.csv"
    marked = CliRunner().invoke(app, ["annotate", "rough", str(fields), "--pixel-size", "0.424", "--out", str(table)])
    assert marked.exit_code == 0, marked.output
    assert set(read_csv(table)) == {"f1.png", "f2.png"}
    settings = tmp_path / "own.toml"
    settings.write_text(
        "epochs = 1\nsamples_per_epoch = 2\nbatch = 2\nwidth = 4\nblocks = [1, 1, 1, 1]\nthreads = 1\ndevice = 'cpu'\n"
        f"[[data]]\nkind = 'annotated'\nfolder = {str(fields)!r}\npixel_um = 0.424\n"
    )
    trained = CliRunner().invoke(app, ["train", str(settings), "--out", str(tmp_path / "out")])
    assert trained.exit_code == 0, trained.output
    assert "epoch 1: loss" in trained.output
    assert (tmp_path / "out" / "best.safetensors").is_file()


def test_marks_as_geojson_lie_beside_their_pictures(app, fields, tmp_path):
    marked = CliRunner().invoke(
        app, ["annotate", "rough", str(fields), "--pixel-size", "0.424", "--out", str(tmp_path)]
    )
    assert marked.exit_code == 0, marked.output
    for picture in fields.glob("*.png"):
        (tmp_path / picture.name).write_bytes(picture.read_bytes())
    marks = read_folder(tmp_path)
    assert len(marks) == 2
    assert all(np.isfinite(points.xy_px).all() and len(points.kind) > 20 for points in marks.values())


def test_a_network_marks_other_nuclei_too(app, fields, tmp_path):
    table = tmp_path / "marks.csv"
    options = ["--pixel-size", "0.424", "--detector", "linknet", "--out", str(table)]
    marked = CliRunner().invoke(app, ["annotate", "rough", str(fields), *options])
    assert marked.exit_code == 0, marked.output
    kinds = {int(kind) for points in read_csv(table).values() for kind in points.kind}
    assert kinds == {Kind.TUMOUR, Kind.OTHER}
    assert "other nuclei marked by linknet" in marked.output


def test_a_training_goes_on_and_refuses_other_settings(app, fields, tmp_path):
    settings, out = tmp_path / "own.toml", tmp_path / "out"
    picture = rough_folder(app, fields, tmp_path)
    text = (
        "epochs = 2\nsamples_per_epoch = 2\nbatch = 2\nwidth = 4\nblocks = [1, 1, 1, 1]\nthreads = 1\ndevice = 'cpu'\n"
        f"[[data]]\nkind = 'annotated'\nfolder = {str(picture)!r}\npixel_um = 0.424\n"
    )
    settings.write_text(text)
    first = CliRunner().invoke(app, ["train", str(settings), "--out", str(out)])
    again = CliRunner().invoke(app, ["train", str(settings), "--out", str(out)])
    assert first.exit_code == again.exit_code == 0
    assert first.output == again.output  # nothing was left to do, and it says what was done
    assert first.output.count("epoch ") == 3
    settings.write_text(text.replace("epochs = 2", "epochs = 3"))
    other = CliRunner().invoke(app, ["train", str(settings), "--out", str(out)])
    assert isinstance(other.exception, ConfigError)
    assert "name its best.safetensors as their start" in str(other.exception)


def rough_folder(app, fields, tmp_path):
    """A folder of the pictures with rough marks."""
    folder = tmp_path / "marked"
    folder.mkdir()
    for picture in fields.glob("*.png"):
        (folder / picture.name).write_bytes(picture.read_bytes())
    options = ["--pixel-size", "0.424", "--out", str(folder / "points.csv")]
    assert CliRunner().invoke(app, ["annotate", "rough", str(folder), *options]).exit_code == 0
    return folder


def test_bad_settings_are_named(app, tmp_path):
    settings = tmp_path / "bad.toml"
    settings.write_text("data = []\n")
    result = CliRunner().invoke(app, ["train", str(settings), "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, ConfigError)
    assert "data is empty" in str(result.exception)
