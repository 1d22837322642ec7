"""`her2scope evaluate`, its two commands and the short spelling of one, from files to files."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from image_files import write

from her2scope.nets.linknet import LinkNet, LinkNetShape
from her2scope.nets.peaks import PeakRule
from her2scope.nets.weights import Weights, save_weights

MARKS = "image,x_px,y_px,kind\n"
TABLE = b"image,x_px,y_px,score\na.png,10,20,1\n"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def own(tmp_path):
    """Two rendered pictures with marks, and the truth of what they are."""
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(folder / name), np.full((300, 300, 3), 220, np.uint8))
    write(folder / "points.csv", (MARKS + "a.png,10,20,tumour\nb.png,30,40,tumour\n").encode())
    return folder


def test_a_case_of_ones_own_from_rendering_to_pictures_of_failures(her2scope, tmp_path):
    folder = tmp_path / "fields"
    size = ("--pixel-size", "0.424", "--size", "300")
    assert her2scope("render", "--out", folder, "--fields", "2", "--score", "2+", *size).code == 0
    done = her2scope(
        "evaluate", "nuclei", folder, "--detector", "rough", "--out", tmp_path / "card", "--json", tmp_path / "n.json"
    )
    assert (done.code, done.err) == (0, "")
    assert "by cell class" in done.out
    assert "by DAB around the nucleus" in done.out
    (finding,) = json.loads((tmp_path / "n.json").read_text())["findings"]
    assert finding["f1"]["value"] > 0.5
    assert finding["detector"] == "rough"
    assert "| fields, tumour | rough | 2 |" in (tmp_path / "card" / "nuclei.md").read_text()
    picture = cv2.imread(str(tmp_path / "card" / "failures_fields_tumour.jpg"))
    assert picture.shape[0] == 512


def test_synthetic_tissue_and_detectors_side_by_side(her2scope, tmp_path, monkeypatch):
    monkeypatch.setattr("her2scope.evaluation.held_out._SYNTHETIC", ((0.424, 300),))
    torch.manual_seed(0)
    net = LinkNet(LinkNetShape(4, (1, 1, 1, 1))).eval()
    save_weights(tmp_path / "w.safetensors", Weights(net, PeakRule(), {}))
    weights = ("--weights", tmp_path / "w.safetensors")
    done = her2scope("evaluate", "nuclei", "--synthetic", "1", *weights)
    assert (done.code, done.err) == (0, "")
    assert "by case" in done.out
    assert "  linknet w " in done.out
    assert "  rough " in done.out
    assert "one image only" in done.out


def test_the_held_out_images_of_a_training(her2scope, tmp_path):
    if not (DATA / "dsb2018_histology").is_dir():
        pytest.skip("the dsb2018 images are not beside the checkout")
    settings = tmp_path / "t.toml"
    settings.write_text(f"[[data]]\nkind = 'dsb2018'\nfolder = {str(DATA / 'dsb2018_histology')!r}\n")
    done = her2scope("evaluate", "nuclei", settings, "--synthetic", "0", "--detector", "rough")
    assert (done.code, done.err) == (0, "")
    assert "DSB2018, any nucleus: 22 images" in done.out


@pytest.mark.parametrize(("kind", "asked"), [("tumour", "tumour"), ("any", "any nucleus")])
def test_the_validation_pictures_of_ones_own_training(her2scope, tmp_path, own, kind, asked):
    write(own / "points.csv", (MARKS + f"a.png,10,20,{kind}\nb.png,30,40,{kind}\n").encode())
    settings = tmp_path / "t.toml"
    settings.write_text(f"[[data]]\nkind = 'annotated'\nfolder = {str(own)!r}\npixel_um = 0.5\n")
    done = her2scope("evaluate", "nuclei", settings, "--synthetic", "0", "--detector", "rough")
    assert (done.code, done.err) == (0, "")
    assert f"own validation pictures, {asked}: 1 image, 1 nucleus to find" in done.out


def test_a_table_against_marks_and_by_the_short_spelling_of_cells(her2scope, tmp_path, own):
    table = write(tmp_path / "n.csv", TABLE)
    done = her2scope("evaluate", "nuclei", table, "--truth", own, "--pixel-size", "0.5")
    assert (done.code, done.err) == (0, "")
    assert "n.csv, tumour: 2 images, 2 nuclei to find" in done.out
    write(own / "a_truth.csv", b"x_px,y_px\n10,20\n")
    for words in (("evaluate", "cells", table), ("evaluate", table)):
        done = her2scope(*words, "--truth", own, "--pixel-size", "0.5")
        assert (done.code, done.err) == (0, "")
        assert "Detection within 5 um: 1 true, 1 found" in done.out
    assert "1 found" in her2scope("evaluate", "--truth", own, "--pixel-size", "0.5", table).out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("none",), "no such folder or file"),
        (("empty",), "no picture has marks"),
        (("own",), "--pixel-size"),
        (("own", "--pixel-size", "9"), "--pixel-size"),
        (("own", "--pixel-size", "0.5", "--weights", "none.safetensors"), "weights are missing"),
        (("own", "--pixel-size", "0.5", "--weights", "x", "--detector", "rough"), "--weights are for linknet"),
        (("own", "--pixel-size", "0.5", "--detector", "magic"), "'magic'"),
        (("n.csv",), "--truth"),
        (("n.csv", "--truth", "own"), "--pixel-size"),
        (("n.csv", "--truth", "none"), "no such file or folder of marks"),
        (("other.csv", "--truth", "own", "--pixel-size", "0.5"), "z.png"),
        (("n.csv", "--truth", "own", "--pixel-size", "0.5", "--detector", "rough"), "not for a table"),
        (("n.csv", "own", "--truth", "own"), "one table"),
        (("--synthetic", "0"), "nothing to measure"),
        (("bad.toml",), "bad.toml"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_sentence(her2scope, tmp_path, own, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    write(tmp_path / "n.csv", TABLE)
    write(tmp_path / "other.csv", TABLE.replace(b"a.png", b"z.png"))
    write(tmp_path / "bad.toml", b"data = 3\n")
    done = her2scope("evaluate", "nuclei", *arguments)
    assert (done.code, len(done.complaints)) == (2, 1)
    assert says in done.err
