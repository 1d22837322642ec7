"""`her2scope score` as a user runs it."""

import csv
import io
import json
import shutil
import warnings

import numpy as np
import pytest
import torch
from image_files import encode, png_claiming, tiff, write
from other_stains import turned
from PIL import Image

from her2scope.analysis.backend import CpuBackend
from her2scope.analysis.classes import FIVE_CLASSES
from her2scope.base.errors import DeviceWarning
from her2scope.nets.choose_backend import WithCpuInReserve
from her2scope.nets.field_device import TorchBackend
from her2scope.report.files import ResultFolder
from her2scope.synth.tissue import render_field

PIXEL = ("--pixel-size", "0.424")
COUNTS = {c.label for c in FIVE_CLASSES}


def cells_of(folder):
    return list(csv.DictReader(io.StringIO((folder / "cells.csv").read_text(), newline="")))


def files_in(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


class TestOneField:
    @pytest.fixture(autouse=True)
    def run(self, her2scope, fields, tmp_path):
        self.done = her2scope("score", fields / "a.png", *PIXEL, "--out", tmp_path / "out")

    def test_writes_results_and_nothing_else(self, tmp_path):
        assert (self.done.code, self.done.err) == (0, "")
        assert files_in(tmp_path / "out") == {"case.json", "cells.csv", "overlays/a.png"}

    def test_case_json_keeps_its_schema(self, tmp_path, case_of):
        case = case_of(tmp_path / "out")
        assert case["schema"] == 1
        assert case["software"].startswith("her2scope ")
        assert case["research_use_only"] is True
        assert (case["guideline"], case["stain"], case["detector"]) == ("breast_asco_cap_2018", "default", "linknet")
        (field,) = case["fields"]
        assert (field["image"], field["pixel_um"], field["status"]) == ("a.png", 0.424, "ok")
        assert field["reasons"] == []
        assert set(field["counts"]) == COUNTS
        assert field["score"] == "3+"
        assert all(ms > 0 for ms in field["timings_ms"].values())
        assert {"cells", "counts", "proportions", "score", "reading", "flags", "intervals", "borderline"} <= set(
            case["case"]
        )
        assert case["case"]["score"] == "3+"
        assert case["case"]["cells"] == sum(case["case"]["counts"].values()) == sum(field["counts"].values())
        assert case["control"] is None

    def test_cells_agree_with_the_counts(self, tmp_path, case_of):
        cells = cells_of(tmp_path / "out")
        assert list(cells[0]) == [
            "field", "cell", "x_px", "y_px", "class", "completeness", "membrane_od", "membrane_width_um", "counted",
        ]  # fmt: skip
        counted = [cell["class"] for cell in cells if cell["counted"] == "true"]
        counts = case_of(tmp_path / "out")["fields"][0]["counts"]
        assert {label: counted.count(label) for label in COUNTS} == counts
        assert 0 < len(counted) < len(cells)
        assert all(0 <= float(cell["x_px"]) < 512 and 0 <= float(cell["completeness"]) <= 1 for cell in cells)

    def test_the_overlay_lies_over_the_field(self, tmp_path, pictures):
        drawn = np.asarray(Image.open(tmp_path / "out" / "overlays" / "a.png"))
        assert drawn.shape == pictures["rgb"].shape
        changed = (drawn != pictures["rgb"]).any(axis=2).mean()
        assert 0.01 < changed < 0.5

    def test_says_the_score(self):
        assert "Case: 3+ (HER2 positive); " in self.done.out
        assert "research use only" in self.done.out


class TestOptions:
    def test_a_threshold_changes_the_classes(self, her2scope, fields, tmp_path, case_of):
        her2scope("score", fields, *PIXEL, "--out", tmp_path / "out", "--weak", "0.1", "--intense", "2.4")
        assert case_of(tmp_path / "out")["fields"][0]["counts"]["intense_complete"] == 0
        assert case_of(tmp_path / "out")["stain_profile"]["t_intense"] == 2.4

    def test_a_device_gives_the_classes_that_any_gives(self, her2scope, fields, tmp_path, monkeypatch):
        torch_backend = WithCpuInReserve(TorchBackend(torch.device("cpu")))
        her2scope("score", fields, *PIXEL, "--device", "cpu", "--out", tmp_path / "cpu")
        with monkeypatch.context() as patched:
            patched.setattr("her2scope.nets.choose_backend.choose_backend", lambda _: torch_backend)
            done = her2scope("score", fields, *PIXEL, "--device", "auto", "--out", tmp_path / "auto")
        assert (done.code, done.err) == (0, "")
        assert (tmp_path / "auto" / "cells.csv").read_bytes() == (tmp_path / "cpu" / "cells.csv").read_bytes()

    @pytest.mark.parametrize(
        ("device", "words"), [("abacus", "choose one of auto, cpu, cuda"), ("cuda", "no CUDA device")]
    )
    def test_a_device_that_is_not_there(self, her2scope, fields, tmp_path, monkeypatch, device, words):
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
        done = her2scope("score", fields, *PIXEL, "--device", device, "--out", tmp_path / "out")
        assert (done.code, len(done.complaints)) == (2, 1)
        assert words in done.err
        assert not (tmp_path / "out").exists()

    def test_a_device_that_gives_way_says_so_in_one_sentence(self, her2scope, fields, tmp_path, monkeypatch):
        def give_way(device):
            warnings.warn("cuda failed its trial.", DeviceWarning, stacklevel=1)
            return CpuBackend()

        monkeypatch.setattr("her2scope.nets.choose_backend.choose_backend", give_way)
        with warnings.catch_warnings():
            warnings.simplefilter("default", DeviceWarning)
            done = her2scope("score", fields, *PIXEL, "--out", tmp_path / "out")
        assert (done.code, done.complaints) == (0, ["her2scope: cuda failed its trial."])

    def test_a_guideline_by_name(self, her2scope, fields, tmp_path, case_of):
        her2scope("score", fields, *PIXEL, "--out", tmp_path / "out", "--guideline", "gastric_resection")
        assert case_of(tmp_path / "out")["guideline"] == "gastric_resection"

    def test_a_roi_limits_what_counts(self, her2scope, fields, tmp_path, case_of):
        half = {"type": "Polygon", "coordinates": [[[0, 0], [256, 0], [256, 512], [0, 512], [0, 0]]]}
        (tmp_path / "half.geojson").write_text(json.dumps(half))
        done = her2scope("score", fields, *PIXEL, "--out", tmp_path / "out", "--roi", tmp_path / "half.geojson")
        assert done.code == 0
        counted = [float(cell["x_px"]) for cell in cells_of(tmp_path / "out") if cell["counted"] == "true"]
        assert counted
        assert max(counted) < 256
        assert case_of(tmp_path / "out")["case"]["cells"] == len(counted)

    def test_the_pixel_size_of_the_file(self, her2scope, tmp_path, pictures, case_of):
        dots = 25400 / 0.424
        write(tmp_path / "a.tif", encode(pictures["rgb"], "TIFF", dpi=(dots, dots)))
        assert her2scope("score", tmp_path / "a.tif", "--out", tmp_path / "out").code == 0
        assert case_of(tmp_path / "out")["fields"][0]["pixel_um"] == 0.424


class TestControl:
    @pytest.fixture
    def out(self, her2scope, fields, tmp_path, pictures):
        control = write(tmp_path / "a.png", pictures["control"])
        self.done = her2scope("score", fields, *PIXEL, "--control", control, "--out", tmp_path / "out")
        return tmp_path / "out"

    def test_its_results_stand_apart(self, out, case_of):
        case = case_of(out)
        assert self.done.code == 0
        assert [field["image"] for field in case["fields"]] == ["a.png"]
        assert [field["image"] for field in case["control"]["fields"]] == ["a.png"]
        assert case["control"]["verdict"]["passed"] is True
        assert 0 < case["control"]["offer"]["t_intense"] < 2.5
        assert case["fields"][0]["patches"]["score"] == "3+"
        assert case["case"]["cells"] == case["fields"][0]["counted"]

    def test_pictures_of_field_and_control_do_not_overwrite_each_other(self, out, case_of):
        case = case_of(out)
        pictures = [*case["fields"][0]["pictures"].values(), *case["control"]["fields"][0]["pictures"].values()]
        assert pictures == [
            "overlays/a.png", "overlays/a_patches.png", "overlays/a_2.png", "overlays/a_2_patches.png",
        ]  # fmt: skip
        assert files_in(out) == {"case.json", "cells.csv", *pictures}

    def test_a_failed_control_leaves_no_score(self, her2scope, fields, tmp_path, case_of):
        glass = write(tmp_path / "glass.png", encode(np.full((400, 400, 3), 240, np.uint8)))
        done = her2scope("score", fields, *PIXEL, "--control", glass, "--out", tmp_path / "out")
        assert done.code == 0
        assert case_of(tmp_path / "out")["case"]["score"] is None
        assert "control failed" in done.out

    def test_a_control_that_cannot_be_read_leaves_no_score(self, her2scope, fields, tmp_path, case_of):
        done = her2scope("score", fields, *PIXEL, "--control", tmp_path / "none.png", "--out", tmp_path / "out")
        assert done.code == 2
        assert case_of(tmp_path / "out")["case"]["score"] is None
        assert len(done.complaints) == 1


BAD = {
    "empty.png": b"",
    "text.png": b"no picture",
    "bomb.png": png_claiming(60_000, 60_000),
    "one.png": encode(Image.new("RGB", (1, 1))),
    "grey.png": encode(Image.new("L", (300, 300))),
    "nan.tif": tiff(np.full((300, 300, 3), np.nan, np.float32)),
}


class TestBadAmongGood:
    """Each bad file has its sentence; the others are scored and written; the exit code is 2."""

    def test_each_is_named(self, her2scope, fields, tmp_path, pictures, case_of):
        for name, data in BAD.items():
            write(fields / name, data)
        write(fields / "cut.png", pictures["3+"][:5000])
        (fields / "dangling.png").symlink_to("gone")
        done = her2scope("score", fields, *PIXEL, "--out", tmp_path / "out")
        assert done.code == 2
        named = sorted([*BAD, "cut.png", "dangling.png"])
        assert [line.split(": ")[:2] for line in done.complaints] == [["her2scope", name] for name in named]
        case = case_of(tmp_path / "out")
        assert [field["image"] for field in case["fields"]] == ["a.png"]
        assert case["case"]["score"] == "3+"
        assert len(case["unread"]) == len(named)

    def test_nothing_is_written_when_none_is_good(self, her2scope, tmp_path):
        bad = write(tmp_path / "bad.png", b"text")
        done = her2scope("score", bad, tmp_path / "none.png", *PIXEL, "--out", tmp_path / "new" / "out")
        assert (done.code, len(done.complaints), done.out) == (2, 2, "")
        assert not (tmp_path / "new").exists()

    def test_a_missing_pixel_size_is_asked_for(self, her2scope, fields, tmp_path):
        done = her2scope("score", fields, "--out", tmp_path / "out")
        assert done.code == 2
        assert (
            done.err
            == "her2scope: a.png: the file states no pixel size; give it with --pixel-size UM (um per pixel).\n"
        )


@pytest.mark.parametrize("name", ["white", "black", "noise"])
def test_a_field_without_tissue_is_a_result_without_a_score(her2scope, tmp_path, case_of, name):
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    rgb = {"white": np.full_like(noise, 255), "black": np.zeros_like(noise), "noise": noise}[name]
    write(tmp_path / "a.png", encode(rgb))
    done = her2scope("score", tmp_path / "a.png", *PIXEL, "--out", tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    case = case_of(tmp_path / "out")
    (field,) = case["fields"]
    assert field["status"] == "blocked"
    assert field["reasons"]
    assert field["score"] is None
    assert case["case"]["score"] is None
    assert case["case"]["reading"] == "indeterminate"
    assert cells_of(tmp_path / "out") == []


def test_purple_hematoxylin_is_said_in_the_table_and_in_case_json(her2scope, tmp_path, case_of):
    field = render_field("0", 41, pixel_um=0.424, size_px=512)
    write(tmp_path / "purple.png", encode(turned(field, 0.5)))
    write(tmp_path / "blue.png", encode(field.rgb))
    done = her2scope("score", tmp_path / "purple.png", tmp_path / "blue.png", *PIXEL, "--out", tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    assert "purple.png: caution, " in done.out
    assert "blue.png: ok, " in done.out
    case = case_of(tmp_path / "out")
    purple, blue = case["fields"]
    (reason,) = purple["reasons"]
    assert reason.startswith("the hematoxylin of this field is purpler than that of stain profile default: about ")
    assert f"\n  {reason}\n" in done.out
    assert (purple["status"], blue["status"], blue["reasons"]) == ("caution", "ok", [])
    (flag,) = (flag for flag in case["case"]["flags"] if "purpler" in flag)
    assert flag.startswith("caution in 1 of 2 counted fields: ")
    assert f"\n  {flag}\n" in done.out


class TestSettingsThatCannotBe:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (("--weak", "0.7", "--intense", "0.5"), "t_weak = 0.7 must be below t_intense = 0.5"),
            (("--weak", "0.5", "--intense", "0.5"), "must be below"),
            (("--weak", "nan"), "t_weak = nan"),
            (("--intense", "nan"), "t_intense = nan"),
            (("--intense", "inf"), "t_intense = inf"),
            (("--pixel-size", "5"), "outside 0.1 to 1.0 um"),
            (("--pixel-size", "nan"), "outside 0.1 to 1.0 um"),
            (("--guideline", "breast_9999"), "no guideline 'breast_9999'"),
            (("--guideline", "none.toml"), "none.toml"),
            (("--stain", "none"), "No stain profile 'none'"),
            (("--detector", "none"), "no detector 'none'; choose one of linknet, rough"),
            (("--roi", "none.geojson"), "none.geojson: cannot be read"),
        ],
    )
    def test_one_sentence_and_nothing_written(self, her2scope, fields, tmp_path, options, words):
        done = her2scope("score", fields, *PIXEL, "--out", tmp_path / "out", *options)
        assert done.code == 2
        (sentence,) = done.complaints
        assert words in sentence
        assert sentence.endswith(".")
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ('name = "mine"\n', "'hematoxylin' is missing"),
            ("t_wek = 0.1\n", "unknown key 't_wek'"),
            ("= [", "not valid TOML"),
        ],
    )
    def test_a_stain_file_with_a_mistake(self, her2scope, fields, tmp_path, text, words):
        (tmp_path / "mine.toml").write_text(text)
        done = her2scope("score", fields, *PIXEL, "--out", tmp_path / "out", "--stain", tmp_path / "mine.toml")
        assert done.code == 2
        assert words in done.err
        assert "mine.toml" in done.err

    def test_a_roi_for_another_image(self, her2scope, fields, tmp_path):
        square = {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]]]}
        feature = {"type": "Feature", "geometry": square, "properties": {"image": "b.png"}}
        (tmp_path / "b.geojson").write_text(json.dumps(feature))
        done = her2scope("score", fields, *PIXEL, "--out", tmp_path / "out", "--roi", tmp_path / "b.geojson")
        assert (done.code, len(done.complaints)) == (2, 1)
        assert "'b.png', which is none of the images" in done.err


class TestOutput:
    def test_a_file_in_place_of_the_folder(self, her2scope, fields, tmp_path):
        write(tmp_path / "out", b"mine")
        done = her2scope("score", fields, *PIXEL, "--out", tmp_path / "out")
        assert (done.code, len(done.complaints)) == (2, 1)
        assert "cannot be written" in done.err
        assert (tmp_path / "out").read_bytes() == b"mine"

    def test_an_image_is_not_overwritten_by_its_own_overlay(self, her2scope, fields, tmp_path):
        fields.rename(tmp_path / "overlays")
        before = (tmp_path / "overlays" / "a.png").read_bytes()
        done = her2scope("score", tmp_path / "overlays", *PIXEL, "--out", tmp_path)
        assert (done.code, len(done.complaints)) == (2, 1)
        assert "would be overwritten" in done.err
        assert (tmp_path / "overlays" / "a.png").read_bytes() == before

    def test_a_full_disk_leaves_the_old_results(self, her2scope, fields, tmp_path, monkeypatch):
        out = tmp_path / "out"
        assert her2scope("score", fields, *PIXEL, "--out", out).code == 0
        before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
        write = ResultFolder.write

        def full(self, name, data):
            if name == "case.json":
                monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
            write(self, name, data)

        monkeypatch.setattr(ResultFolder, "write", full)
        done = her2scope("score", fields, *PIXEL, "--out", out, "--intense", "2.4")
        assert (done.code, len(done.complaints)) == (2, 1)
        assert "No space left on device" in done.err
        assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


class TestNames:
    NAMES = ("a b.png", 'it\'s "so".png', "100%s.png", "two\nlines.png", "-dash.png", "组织_ä.png", "=1+1.png")

    def test_odd_names_in_a_folder(self, her2scope, fields, tmp_path, case_of):
        for name in self.NAMES:
            shutil.copy(fields / "a.png", fields / name)
        (fields / "a.png").unlink()
        done = her2scope("score", fields, *PIXEL, "--out", tmp_path / "out")
        assert (done.code, done.err) == (0, "")
        assert [field["image"] for field in case_of(tmp_path / "out")["fields"]] == sorted(self.NAMES)
        assert files_in(tmp_path / "out") == {"case.json", "cells.csv", *(f"overlays/{name}" for name in self.NAMES)}
        written = {cell["field"] for cell in cells_of(tmp_path / "out")}
        assert written == {"'-dash.png", "'=1+1.png", *self.NAMES} - {"-dash.png", "=1+1.png"}

    def test_a_leading_dash_after_two(self, her2scope, fields, tmp_path, monkeypatch):
        monkeypatch.chdir(fields)
        (fields / "a.png").rename(fields / "-a.png")
        assert her2scope("score", *PIXEL, "--out", tmp_path / "out", "--", "-a.png").code == 0

    def test_the_same_name_in_two_folders(self, her2scope, fields, tmp_path, case_of):
        other = tmp_path / "other"
        shutil.copytree(fields, other)
        done = her2scope("score", fields, other, *PIXEL, "--out", tmp_path / "out")
        assert done.code == 0
        case = case_of(tmp_path / "out")
        assert [field["image"] for field in case["fields"]] == ["fields/a.png", "other/a.png"]
        assert files_in(tmp_path / "out") == {"case.json", "cells.csv", "overlays/a.png", "overlays/a_2.png"}

    def test_a_pattern(self, her2scope, fields, tmp_path, case_of):
        done = her2scope("score", fields / "*.png", *PIXEL, "--out", tmp_path / "out")
        assert done.code == 0
        assert len(case_of(tmp_path / "out")["fields"]) == 1


def test_results_of_an_earlier_run_are_not_taken_for_this_one(her2scope, fields, tmp_path):
    out = tmp_path / "out"
    assert her2scope("score", fields / "a.png", "--pixel-size", "0.424", "--out", out).code == 0
    before = (out / "case.json").read_bytes()
    (tmp_path / "bad.png").write_text("no image")
    done = her2scope("score", tmp_path / "bad.png", "--pixel-size", "0.424", "--out", out)
    assert done.code == 2
    assert "still holds the results of an earlier run" in done.err
    assert (out / "case.json").read_bytes() == before
