"""Training: settings, samples, a tiny run that learns, is killed and goes on."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from her2scope.base.errors import ConfigError, InputError
from her2scope.base.frame import Frame
from her2scope.nets import training
from her2scope.nets.annotations import points_csv
from her2scope.nets.checkpoint import FILE, load_state
from her2scope.nets.gather import gather, load_split, shipped_split
from her2scope.nets.points import Kind, Points
from her2scope.nets.predict import LinkNetDetector
from her2scope.nets.restain import Staining, Tissue, membranes
from her2scope.nets.samples import SIDE_PX, Mixture, Share
from her2scope.nets.sources import make_source
from her2scope.nets.train_config import DataSet, TrainConfig, load_train_config
from her2scope.nets.validation import judged
from her2scope.nets.weights import load_weights


def _tissue(seed, side=300):
    """White ground with round blue nuclei of 10 um at 0.5 um/px, at known places."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(20, side, 36), np.arange(20, side, 36)), axis=-1).reshape(-1, 2)
    xy = grid + rng.uniform(-6, 6, grid.shape)
    rgb = np.full((side, side, 3), 235, np.uint8)
    for x, y in xy:
        cv2.circle(rgb, (round(x), round(y)), 10, (90, 80, 160), -1, cv2.LINE_AA)
    return rgb, xy


@pytest.fixture
def folder(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    marks = {}
    for k in range(3):
        rgb, xy = _tissue(k)
        cv2.imwrite(str(own / f"f{k}.png"), rgb[..., ::-1])
        marks[f"f{k}.png"] = Points.of(xy, Kind.TUMOUR)
    (own / "points.csv").write_text(points_csv(marks))
    return own


def _config(folder, **changes):
    data = [DataSet("annotated", str(folder), pixel_um=0.5)]
    settings = {"epochs": 2, "samples_per_epoch": 8, "batch": 4, "width": 4, "blocks": (1, 1, 1, 1), "threads": 1}
    return TrainConfig(data, **{**settings, "workers": 1, "device": "cpu", **changes})


def test_a_training_leaves_weights_curves_and_history(folder, tmp_path):
    said = []
    trained = training.train(_config(folder), tmp_path / "out", lambda *what: said.append(what))
    assert len(trained.history) == 2
    assert load_weights(trained.best).facts["settings"]
    assert cv2.imread(str(tmp_path / "out" / training.CURVES)) is not None
    assert said[-1] == ("Epoch 2 of 2", 2, 2)
    LinkNetDetector(trained.best, "cpu").detect(Frame("a", _tissue(9)[0], 0.5))


def test_a_killed_training_goes_on_and_comes_to_the_same(folder, tmp_path, monkeypatch):
    whole = training.train(_config(folder), tmp_path / "whole")
    real = training.save_state

    def killed(*arguments):
        real(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "save_state", killed)
    with pytest.raises(KeyboardInterrupt):
        training.train(_config(folder), tmp_path / "parts")
    monkeypatch.setattr(training, "save_state", real)
    parts = training.train(_config(folder), tmp_path / "parts")
    assert [e.epoch for e in parts.history] == [1, 2]
    assert parts.history[1].loss == pytest.approx(whole.history[1].loss, rel=1e-3)
    one, two = (load_file(tmp_path / name / FILE) for name in ("whole", "parts"))
    assert one.keys() == two.keys()
    for name in (n for n in one if n.startswith(("adam.", "net.head"))):
        torch.testing.assert_close(one[name], two[name], rtol=1e-3, atol=1e-7)


def test_a_checkpoint_of_other_settings_is_refused(folder, tmp_path):
    training.train(_config(folder, epochs=1), tmp_path / "out")
    with pytest.raises(ConfigError, match="other settings or data"):
        training.train(_config(folder, epochs=1, seed=2), tmp_path / "out")


def test_a_broken_checkpoint_is_refused(tmp_path):
    (tmp_path / FILE).write_bytes(b"broken")
    with pytest.raises(ConfigError, match="remove it to start again"):
        load_state(tmp_path, None, "")


def test_training_stops_early(folder, tmp_path, monkeypatch):
    real = training.validate
    figures = iter([0.5, 0.4, 0.3, 0.2])

    def worse(*arguments):
        figure = next(figures)
        return replace(real(*arguments), tumour_f1=figure, any_f1=figure)

    monkeypatch.setattr(training, "validate", worse)
    trained = training.train(_config(folder, epochs=4, patience=2, samples_per_epoch=4), tmp_path / "out")
    assert len(trained.history) == 3
    assert "no better" in trained.stopped


def test_samples_do_not_depend_on_who_makes_them(folder):
    sources = gather(_config(folder)).train
    mixture = Mixture(sources, {"annotated": Share(1, 0.5)})
    one, two = (mixture.draw(np.random.default_rng([1, 2, 3])) for _ in range(2))
    assert one.rgb.shape == (SIDE_PX, SIDE_PX, 3)
    np.testing.assert_array_equal(one.rgb, two.rgb)
    np.testing.assert_array_equal(one.target.heat, two.target.heat)


@pytest.mark.parametrize("own_stain", [0.0, 1.0])
def test_marks_lie_on_their_nuclei_in_samples(own_stain):
    rgb, xy = _tissue(1)
    source = make_source("annotated/a", rgb, Points.of(xy, Kind.TUMOUR), 0.5)
    mixture = Mixture([source], {"annotated": Share(1, own_stain)})
    darker = []
    for seed in range(6):
        sample = mixture.draw(np.random.default_rng(seed))
        grey = cv2.resize(sample.rgb, (128, 128), interpolation=cv2.INTER_AREA)[..., 0].astype(float)
        marked = (sample.target.heat[0] > 0.8) & (sample.target.known[0] > 0)
        darker.append(grey[marked].mean() < grey[sample.target.heat[0] < 0.01].mean())
    assert sum(darker) >= 5


def test_painted_samples_are_brown_and_only_around_tumour():
    xy = np.array([(60.0, 60.0), (190.0, 190.0)])
    blank = np.zeros((256, 256), np.float32)
    tissue = Tissue(blank, blank, xy, np.array([True, False]), 0.5)
    lines, _ = membranes(np.random.default_rng(0), tissue, Staining(1.0, 1.5, 1.0, 1.0, 0.1))
    assert lines[30:90, 30:90].max() > 0.5
    assert lines[160:220, 160:220].max() < 0.01


def test_a_tumour_nucleus_that_another_covers_has_no_membrane():
    blank = np.zeros((256, 256), np.float32)
    tissue = Tissue(blank, blank, np.array([(60.0, 60.0), (60.0, 60.0)]), np.array([True, False]), 0.5)
    lines, haze = membranes(np.random.default_rng(0), tissue, Staining(1.0, 1.5, 1.0, 1.0, 0.1))
    assert lines.max() == 0
    assert haze.max() == 0


def test_settings_are_strict(tmp_path):
    path = tmp_path / "t.toml"
    path.write_text('epoch = 3\n[[data]]\nkind = "synthetic"\n')
    with pytest.raises(ConfigError, match=r"t\.toml.*epoch.*perhaps epochs"):
        load_train_config(path)


@pytest.mark.parametrize("name", ["shipped.toml", "finetune.toml"])
def test_shipped_settings_can_be_read(name):
    assert load_train_config(Path(__file__).parents[2] / "configs" / "training" / name).data


@pytest.mark.parametrize(
    ("data", "error", "wanted"),
    [
        (DataSet("brecahed", "x"), ConfigError, "no data set 'brecahed'"),
        (DataSet("brecahad", "/not/there"), InputError, "is not there"),
        (DataSet("annotated", "."), ConfigError, "pixel_um is missing"),
    ],
)
def test_bad_data(data, error, wanted):
    with pytest.raises(error, match=wanted):
        gather(TrainConfig([data]))


def test_test_images_never_train():
    split = load_split(shipped_split())
    assert split.side("brecahad", 0, "10013.jpg") == "test"
    assert split.side("brecahad", 0, "10011.jpg") == "train"
    assert [split.side("dsb2018", k, "") for k in range(5)] == ["test", "validation", "train", "train", "train"]


def test_what_is_found_at_unknown_marks_is_excused():
    marks = Points(np.array([(10.0, 10.0), (50.0, 50.0)]), np.array([Kind.TUMOUR, Kind.IGNORE], np.uint8))
    found = np.array([(11.0, 10.0), (50.0, 51.0), (90.0, 90.0)])
    result = judged(found, marks, (Kind.TUMOUR,), 5.0)
    assert (result.matched, result.found, result.marked) == (1, 2, 1)
