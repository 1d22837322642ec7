"""The other commands as a user runs them."""

import csv
import io
import json
import shutil

import numpy as np
import pytest
from image_files import encode, write

from her2scope.analysis.stain import HEMATOXYLIN
from her2scope.app.timing.report import AppReport, latency
from her2scope.evaluation.benchmark_tasks import FieldSpeed, Spread
from her2scope.settings.stains import load_stain
from her2scope.slides.images import read_field

TIME = Spread(1.0, 2.0, 3.0)
SPEED = FieldSpeed(0.212, 10, 1, 5.0, TIME, {"stain": TIME}, TIME, TIME, None, "linknet", "cpu float32")
SMALL = ("--pixel-size", "0.424", "--size", "300")


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


class TestRender:
    def test_fields_with_their_truth(self, her2scope, tmp_path):
        done = her2scope("render", "--out", tmp_path, "--score", "3+", "--fields", "2", "--seed", "7", *SMALL)
        assert (done.code, done.err) == (0, "")
        names = ["her2_3plus_seed7_01", "her2_3plus_seed7_02"]
        assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == sorted(
            [f"{name}.png" for name in names] + [f"{name}_truth.csv" for name in names]
        )
        frame = read_field(tmp_path / f"{names[0]}.png", None)
        assert (frame.rgb.shape, frame.pixel_um) == ((300, 300, 3), 0.424)
        truth = (tmp_path / f"{names[0]}_truth.csv").read_text()
        assert truth.startswith("x_px,y_px,class,completeness\n")
        assert len(rows(truth)) > 20

    def test_the_same_seed_gives_the_same_field(self, her2scope, tmp_path):
        for out in ("one", "two"):
            her2scope("render", "--out", tmp_path / out, "--seed", "7", *SMALL)
        one, two = (sorted((tmp_path / out).iterdir()) for out in ("one", "two"))
        assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (("--score", "4+"), "'4+' is no synthetic case"),
            (("--fields", "0"), "0 fields"),
            (("--size", "100"), "100 x 100 px"),
            (("--pixel-size", "3"), "outside 0.1 to 1.0"),
            (("--seed", "-1"), "seed -1"),
        ],
    )
    def test_what_cannot_be_rendered(self, her2scope, tmp_path, options, words):
        done = her2scope("render", "--out", tmp_path / "out", *SMALL, *options)
        assert (done.code, len(done.complaints)) == (2, 1)
        assert words in done.err
        assert not (tmp_path / "out").exists()


class TestNuclei:
    def test_one_table_for_all_images(self, her2scope, fields, tmp_path):
        shutil.copy(fields / "a.png", fields / "b.png")
        done = her2scope("nuclei", fields, "--pixel-size", "0.424", "--out", tmp_path / "nuclei.csv")
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines()[-1].endswith(f"nuclei of 2 images are in {tmp_path / 'nuclei.csv'}.")
        table = rows((tmp_path / "nuclei.csv").read_text())
        assert list(table[0]) == ["image", "x_px", "y_px", "score"]
        by_image = {name: [r for r in table if r["image"] == name] for name in ("a.png", "b.png")}
        assert len(by_image["a.png"]) == len(by_image["b.png"]) > 100
        assert all(0 <= float(r["x_px"]) < 512 and float(r["score"]) <= 1 for r in table)

    def test_a_bad_image_among_good_ones(self, her2scope, fields, tmp_path):
        write(fields / "bad.png", b"text")
        done = her2scope("nuclei", fields, "--pixel-size", "0.424", "--out", tmp_path / "nuclei.csv")
        assert (done.code, len(done.complaints)) == (2, 1)
        assert {r["image"] for r in rows((tmp_path / "nuclei.csv").read_text())} == {"a.png"}

    def test_nothing_is_written_when_none_is_good(self, her2scope, tmp_path):
        done = her2scope("nuclei", tmp_path / "none.png", "--pixel-size", "0.424", "--out", tmp_path / "nuclei.csv")
        assert done.code == 2
        assert not (tmp_path / "nuclei.csv").exists()

    @pytest.mark.parametrize(
        ("device", "words"), [("abacus", "choose one of auto, cpu, cuda"), ("cuda", "no CUDA device")]
    )
    def test_a_device_that_is_not_there(self, her2scope, fields, tmp_path, monkeypatch, device, words):
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
        table = tmp_path / "nuclei.csv"
        done = her2scope("nuclei", fields, "--pixel-size", "0.424", "--device", device, "--out", table)
        assert (done.code, len(done.complaints)) == (2, 1)
        assert words in done.err
        assert not table.exists()

    def test_an_image_is_not_overwritten_by_the_table(self, her2scope, fields):
        before = (fields / "a.png").read_bytes()
        done = her2scope("nuclei", fields, "--pixel-size", "0.424", "--out", fields / "a.png")
        assert (done.code, len(done.complaints)) == (2, 1)
        assert (fields / "a.png").read_bytes() == before

    def test_a_table_that_cannot_be_written(self, her2scope, fields, tmp_path):
        (tmp_path / "nuclei.csv").mkdir()
        done = her2scope("nuclei", fields, "--pixel-size", "0.424", "--out", tmp_path / "nuclei.csv")
        assert (done.code, len(done.complaints)) == (2, 1)


class TestStainEstimate:
    def test_says_and_saves(self, her2scope, fields, tmp_path):
        glass = write(tmp_path / "glass.png", encode(np.full((300, 300, 3), 240, np.uint8)))
        done = her2scope("stain", "estimate", fields, "--glass", glass, "--save", "lab1")
        assert (done.code, done.err) == (0, "")
        profile = load_stain("lab1")
        assert profile.white == (240, 240, 240)
        assert np.dot(profile.hematoxylin, HEMATOXYLIN) / np.linalg.norm(HEMATOXYLIN) > 0.95
        assert f"hematoxylin {profile.hematoxylin[0]:.3f}" in done.out
        done = her2scope("score", fields, "--pixel-size", "0.424", "--stain", "lab1", "--out", tmp_path / "out")
        assert done.code == 0
        assert json.loads((tmp_path / "out" / "case.json").read_text())["stain"] == "lab1"

    def test_from_two_regions(self, her2scope, tmp_path):
        rgb = np.full((300, 300, 3), 240, np.uint8)
        rgb[50:100, 50:100], rgb[150:200, 150:200] = (90, 90, 170), (120, 70, 40)
        write(tmp_path / "a.png", encode(rgb))
        ring = [[0, 0], [30, 0], [30, 30], [0, 30], [0, 0]]
        features = [
            {"type": "Feature", "properties": {"kind": kind},
             "geometry": {"type": "Polygon", "coordinates": [[[x + at, y + at] for x, y in ring]]}}
            for kind, at in (("hematoxylin", 60), ("dab", 160))
        ]  # fmt: skip
        path = tmp_path / "pure.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        done = her2scope("stain", "estimate", tmp_path / "a.png", "--regions", path, "--save", "pure")
        assert done.code == 0
        expected = -np.log10(np.array([90, 90, 170]) / 240)
        assert load_stain("pure").hematoxylin == pytest.approx(expected / np.linalg.norm(expected), abs=1e-4)
        path.write_text(json.dumps(features[0]))
        done = her2scope("stain", "estimate", tmp_path / "a.png", "--regions", path)
        assert (done.code, len(done.complaints)) == (2, 1)
        assert 'no region is of kind "dab"' in done.err

    @pytest.mark.parametrize("name", ["../lab", "a/b", "", "a b"])
    def test_names_that_are_none(self, her2scope, fields, name):
        done = her2scope("stain", "estimate", fields, "--save", name)
        assert (done.code, len(done.complaints)) == (2, 1)

    def test_an_image_without_stain(self, her2scope, tmp_path):
        write(tmp_path / "a.png", encode(np.full((300, 300, 3), 240, np.uint8)))
        done = her2scope("stain", "estimate", tmp_path / "a.png")
        assert (done.code, len(done.complaints)) == (2, 1)


class TestDemoAndEvaluate:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch):
        """The demonstration at a size that tests can wait for."""
        for name, value in {"SIZE_PX": 600, "PIXEL_UM": 0.424, "FIELDS": 2}.items():
            monkeypatch.setattr(f"her2scope.cli.demo.{name}", value)

    def test_a_case_from_tissue_to_score(self, her2scope, tmp_path, case_of):
        done = her2scope("demo", "--out", tmp_path / "demo")
        assert (done.code, done.err) == (0, "")
        case = case_of(tmp_path / "demo")
        assert case["case"]["score"] == "3+"
        assert case["control"]["verdict"]["passed"] is True
        assert len(list((tmp_path / "demo" / "overlays").glob("*.png"))) == 6
        done = her2scope(
            "evaluate", tmp_path / "demo", "--truth", tmp_path / "demo" / "fields", "--json", tmp_path / "e.json"
        )
        assert (done.code, done.err) == (0, "")
        assert "Detection within 5 um" in done.out
        evaluation = json.loads((tmp_path / "e.json").read_text())
        assert evaluation["detection"]["f1"]["value"] > 0.7
        assert evaluation["classes"]["classes"][0] == "intense_complete"

    def test_truth_that_is_not_there(self, her2scope, tmp_path):
        write(tmp_path / "n.csv", b"image,x_px,y_px,score\na.png,1,1,1\n")
        done = her2scope("evaluate", tmp_path / "n.csv", "--truth", tmp_path / "none", "--pixel-size", "0.4")
        assert (done.code, len(done.complaints)) == (2, 1)


IN_APP = AppReport(
    "offscreen", (1920, 1080), (512, 512), 0.212, "rough", 100, (latency("press to overlay", []),), (), 3.0, 0, 0, 3, 3
)


class TestBenchmark:
    def test_says_and_writes(self, her2scope, tmp_path, monkeypatch):
        monkeypatch.setattr(
            "her2scope.evaluation.benchmark._run_apart", lambda _, result: result is type(None) or SPEED
        )
        done = her2scope("benchmark", "--size", "512", "--runs", "1", "--in-a-row", "0", "--json", tmp_path / "b.json")
        assert done.code == 0
        assert "512 x 512 px at 0.212 um/px" in done.out
        assert json.loads((tmp_path / "b.json").read_text())["size_px"] == 512

    def test_cuda_is_refused_where_there_is_none(self, her2scope, tmp_path, monkeypatch):
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
        done = her2scope("benchmark", "--device", "cuda", "--size", "512", "--json", tmp_path / "b.json")
        assert (done.code, len(done.complaints)) == (2, 1)
        assert "no CUDA device here" in done.err
        assert not (tmp_path / "b.json").exists()

    @pytest.mark.parametrize("options", [("--device", "abacus"), ("--size", "100"), ("--runs", "0")])
    def test_what_cannot_be_measured(self, her2scope, tmp_path, options):
        done = her2scope("benchmark", *options, "--json", tmp_path / "b.json")
        assert (done.code, len(done.complaints)) == (2, 1)
        assert not (tmp_path / "b.json").exists()

    @pytest.mark.parametrize("option", [(), ("--app",)], ids=["plain", "app"])
    def test_a_place_for_the_numbers_is_looked_at_before_measuring(self, her2scope, tmp_path, monkeypatch, option):
        for work in ("her2scope.cli.benchmark.benchmark", "her2scope.app.timing.measure.measure_app"):
            monkeypatch.setattr(work, lambda *_: pytest.fail("measured"))
        (tmp_path / "file").write_text("")
        for place in (tmp_path, tmp_path / "file" / "b.json"):
            done = her2scope("benchmark", *option, "--json", place)
            assert (done.code, len(done.complaints)) == (2, 1)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]

    def test_application_in_its_window(self, her2scope, tmp_path, monkeypatch):
        monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
        seen = []
        monkeypatch.setattr("her2scope.app.timing.measure.measure_app", lambda *given: seen.append(given) or IN_APP)
        options = ("--app", "--detector", "rough", "--runs", "3", "--size", "512")
        done = her2scope("benchmark", *options, "--json", tmp_path / "b.json")
        assert done.code == 0
        plan = seen[0][0]
        assert (plan.detector, plan.presses, plan.fields, plan.size_px) == ("rough", 3, 3, 512)
        assert "press to overlay" in done.out
        written = json.loads((tmp_path / "b.json").read_text())
        assert written["app"]["latencies"][0] == {
            "name": "press to overlay", "samples": 0, "median_ms": None, "p95_ms": None, "most_ms": None,
        }  # fmt: skip
        assert written["machine"]["cores"] >= 1


def test_nuclei_are_found_in_another_stain_with_the_reason_said(her2scope, shared_data, tmp_path):
    image = next((shared_data / "brecahad" / "images").glob("*.jpg"))
    done = her2scope("nuclei", image, "--pixel-size", "0.25", "--out", tmp_path / "n.csv")
    assert done.code == 0
    assert "H&E" in done.out
    assert len((tmp_path / "n.csv").read_text().splitlines()) > 100
