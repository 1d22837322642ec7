"""Measuring detectors: what counts for, what against, what is left out, and how stain classes are told."""

import json
from dataclasses import replace

import numpy as np
import pytest

from her2scope.analysis.classes import CellClass
from her2scope.analysis.stain import StainProfile
from her2scope.base.frame import Frame
from her2scope.evaluation.detectors import RADII_UM, Answer, Marked, judge, tumour_finder
from her2scope.evaluation.failures import FALSE, FOUND, MISSED, SIDE_PX, draw_failures, worst_crops
from her2scope.evaluation.held_out import as_field, painted_fields, synthetic_field, synthetic_questions
from her2scope.evaluation.nuclei_report import document, to_markdown, to_text
from her2scope.evaluation.outcomes import EVERY, TUMOUR, outcome
from her2scope.evaluation.stain_classes import (
    NUCLEAR,
    around_nucleus,
    cell_classes,
    dab_at,
    field_stains,
    measured,
    whole_field,
)
from her2scope.nets.points import Kind, Points
from her2scope.nets.sources import make_source
from her2scope.nets.validation import judged
from her2scope.report.json_file import to_json
from her2scope.synth.tissue import render_field

XY = np.array([(60.0, 60.0), (120.0, 60.0), (60.0, 120.0), (120.0, 120.0), (200.0, 200.0)])
KINDS = np.array([Kind.TUMOUR, Kind.TUMOUR, Kind.OTHER, Kind.OTHER, Kind.ANY], np.uint8)
MARKS = Points(XY, KINDS)
GREY = np.full((256, 256, 3), 128, np.uint8)
FIELD = Marked(Frame("a", GREY, 0.5), MARKS)
PROFILE = StainProfile("p", t_weak=0.1, t_intense=0.6)


def _points(found):
    return np.asarray(found, np.float64).reshape(-1, 2)


def _judge(found, wanted, images=2, stains=()):
    return judge(("s", "d"), [Answer(_points(found), MARKS, 0.5, stains)] * images, wanted)


class TestCounts:
    def test_tumour_found_and_lymphocytes_taken(self):
        finding = _judge([XY[0], XY[2], XY[4], (10, 10)], TUMOUR)
        assert finding.recall.value == pytest.approx(1 / 2)
        assert finding.precision.value == pytest.approx(1 / 3)
        assert finding.others_taken.value == pytest.approx(1 / 2)
        assert (finding.images, finding.marked, finding.found) == (2, 4, 6)

    def test_any_nucleus(self):
        finding = _judge(XY + 4, EVERY)
        assert finding.f1.value == 1  # 4 px of 0.5 um each way are 2.8 um: inside 5 um
        assert finding.others_taken.value is None

    def test_f1_grows_with_the_radius(self):
        finding = _judge(XY + np.array([7.0, 0.0]), EVERY)
        assert [m.value for m in finding.f1_by_radius] == [0, 0, 1, 1, 1, 1]
        assert len(RADII_UM) == len(finding.f1_by_radius)

    def test_nothing_found(self):
        finding = _judge([], TUMOUR)
        assert finding.precision.value is None
        assert finding.recall.value == 0

    def test_as_training_counts_where_no_nucleus_lies_between_two_marks(self):
        rng = np.random.default_rng(3)
        found = np.concatenate([XY + rng.normal(0, 2, XY.shape), rng.uniform(0, 256, (20, 2))])
        for wanted in (TUMOUR, EVERY):
            matched, missed, extra = outcome(found, MARKS, wanted, 10).detection
            agreement = judged(found, MARKS, wanted, 10)
            assert (matched, matched + missed, matched + extra) == (
                agreement.matched,
                agreement.marked,
                agreement.found,
            )

    def test_one_image_has_no_interval(self):
        finding = _judge(XY[:1], TUMOUR, images=1)
        assert (finding.recall.value, finding.recall.low) == (0.5, None)
        assert "one image only" in finding.recall.note


class TestStainClasses:
    def test_of_a_whole_field(self):
        a = whole_field("case", ("0", "2+"), "2+", len(XY))
        b = whole_field("case", ("0", "2+"), "0", len(XY))
        given = [Answer(_points(XY[:2]), MARKS, 0.5, (a,)), Answer(_points([XY[0], (10, 10)]), MARKS, 0.5, (b,))]
        low, high = judge(("s", "d"), given, TUMOUR).classes
        assert (low.name, low.precision.value, low.recall.value, low.found) == ("0", 0.5, 0.5, 2)
        assert (high.name, high.precision.value, high.recall.value, high.f1.value) == ("2+", 1, 1, 1)
        assert "one image only" in high.recall.note

    def test_of_cells_have_recall_alone(self):
        stains = cell_classes(np.array([CellClass.UNSTAINED, CellClass.INTENSE_COMPLETE]), others=3)
        intense, unstained = _judge(XY[1:], TUMOUR, stains=(stains,)).classes
        assert (intense.name, intense.recall.value) == ("intense complete", 1)
        assert (unstained.name, unstained.recall.value) == ("unstained", 0)
        assert intense.found is None
        assert intense.precision.value is None
        assert "no such class" in intense.precision.note
        assert intense.f1.value is None

    def test_measured_in_the_picture(self):
        rgb = np.full((256, 256, 3), 240, np.uint8)
        rgb[:, 128:] = (110, 60, 30)
        frame = Frame("half brown", rgb, 0.424)
        stains = measured(frame, PROFILE, NUCLEAR, XY)
        blue, brown = NUCLEAR.names
        assert stains.marks.tolist() == [blue, blue, blue, blue, brown]
        finding = judge(("s", "d"), [Answer(_points([XY[0], XY[4], (250, 10)]), MARKS, 0.424, (stains,))], EVERY)
        assert [(c.name, c.precision.value, c.recall.value) for c in finding.classes] == [
            (blue, 1, 1 / 4),
            (brown, 1 / 2, 1),
        ]

    def test_a_ring_counts_as_stained_and_its_middle_alone_does_not(self):
        rgb = np.full((300, 300, 3), 240, np.uint8)
        y, x = np.indices((300, 300))
        far_um = np.hypot(x - 100, y - 100) * 0.424
        rgb[(far_um > 4.5) & (far_um < 5.7)] = (110, 60, 30)
        stains = field_stains(Frame("ring", rgb, 0.424), PROFILE)
        od = dab_at(stains, np.array([(100.0, 100.0), (220.0, 220.0), (0.0, 299.0)]), around_nucleus(PROFILE))
        assert od[0] > 0.3
        assert od[1:].max() < 0.05
        assert dab_at(stains, np.array([(100.0, 100.0)]), NUCLEAR)[0] < 0.05

    def test_bands_are_the_profiles(self):
        assert around_nucleus(PROFILE).names == ("OD below 0.1", "OD 0.1 to 0.6", "OD 0.6 or more")


class TestHeldOut:
    def test_small_tiles_become_fields(self):
        source = make_source("s/a", GREY[:200, :220], MARKS, 0.8)
        field = as_field(source)
        assert min(field.frame.rgb.shape[:2]) >= 256
        np.testing.assert_allclose(field.points.xy_px[0], (60.5 * field.frame.rgb.shape[1] / 220) - 0.5, rtol=0.01)
        assert field.stains == ()
        assert as_field(source, NUCLEAR).stains[0].scheme == "DAB in the nucleus"

    def test_synthetic_fields_know_case_and_cells(self):
        field = synthetic_field(200_002, 0.424, 300)
        case, cells = field.stains
        assert set(case.marks.tolist()) == {"1+"}
        tumour = field.points.kind == Kind.TUMOUR
        assert (cells.marks[tumour] != "").all()
        assert (cells.marks[~tumour] == "").all()
        assert cells.of_found is None

    def test_synthetic_fields_come_at_both_pixel_sizes(self):
        fine, coarse = synthetic_questions(1)
        assert fine.fields[0].frame.pixel_um == 0.212
        assert coarse.fields[0].frame.pixel_um == 0.424

    def test_painted_crops_know_the_score_that_was_drawn(self):
        tissue = render_field("0", 5, pixel_um=0.4, size_px=700)
        source = make_source("brecahad/x", tissue.rgb, Points.of(tissue.truth.xy_px, Kind.TUMOUR), 0.4)
        fields = painted_fields([source] * 5, 1)
        drawn = [set(f.stains[0].marks.tolist()) for f in fields if len(f.points.kind)]
        assert all(len(d) == 1 and d <= {"0", "1+", "2+", "3+"} for d in drawn)
        assert len(set.union(*drawn)) > 1
        brown = {}
        for field in fields:
            dab = field_stains(field.frame, PROFILE).dab
            brown.setdefault(str(field.stains[0].marks[0]), []).append(np.quantile(dab, 0.95))
        assert np.mean(brown["3+"]) > np.mean(brown["0"]) + 20  # hundredths of OD


class TestReport:
    @pytest.fixture
    def findings(self):
        stains = cell_classes(np.array([CellClass.UNSTAINED, CellClass.INTENSE_COMPLETE]), others=3)
        return [_judge([XY[0], XY[2]], TUMOUR, stains=(stains,)), replace(_judge([], TUMOUR), detector="other")]

    def test_text_says_once_what_is_missing(self, findings):
        text = to_text(findings)
        assert text.count("s: 2 images, 4 nuclei to find") == 1
        assert text.count("what is found has no such class") == 1
        assert "not defined, nothing was found: precision of all" in text
        assert "intense complete, 2 in 2 images" in text

    def test_markdown_has_classes_and_radii(self, findings):
        text = to_markdown(findings)
        assert "| s | d | cell class | unstained | 2 | 2 | not defined (what is found has no such class) |" in text
        assert "| F1 at radius | detector | 2 um |" in text

    def test_data_has_finite_numbers_alone(self, findings):
        data = json.loads(to_json(document(findings)), parse_constant=pytest.fail)
        assert data["findings"][1]["precision"]["value"] is None
        assert data["findings"][0]["classes"][0]["found"] is None


class TestFailures:
    def test_are_drawn_where_they_are(self):
        canvas = draw_failures(FIELD, np.array([XY[0], (200.0, 60.0), XY[4]]))
        colours = {tuple(c) for c in canvas.reshape(-1, 3).tolist()}
        assert {FOUND, MISSED, FALSE} <= colours
        assert (canvas[370:430, 370:430] == 128).all()  # a mark that does not tell

    def test_every_nucleus_is_drawn_where_every_one_is_asked_for(self):
        canvas = draw_failures(FIELD, _points(XY), EVERY)
        colours = {tuple(c) for c in canvas.reshape(-1, 3).tolist()}
        assert FOUND in colours
        assert not {MISSED, FALSE} & colours

    def test_worst_come_first_and_small_ones_are_padded(self):
        wide = Marked(Frame("wide", np.full((256, 1200, 3), 90, np.uint8), 0.25), Points.of(XY[:0], Kind.TUMOUR))
        many = _points([(1100, 20), (1110, 80), (1120, 140), (1130, 200)])
        sheet = worst_crops([FIELD, wide, FIELD], [_points(XY[:2]), many, _points([])], TUMOUR, count=2)
        assert sheet.shape == (SIDE_PX, 2 * SIDE_PX + 8, 3)
        first = sheet[:, :SIDE_PX]
        assert (first[256:] == 255).all()
        assert (first == FALSE).all(axis=-1).any()


def test_a_detector_gets_stain_images():
    class Wants:
        name = "wants"

        def detect(self, frame, stains):
            assert stains.hematoxylin.size
            assert frame.name
            return type("N", (), {"xy_px": np.zeros((0, 2))})()

    assert len(tumour_finder(Wants())(FIELD.frame)) == 0
