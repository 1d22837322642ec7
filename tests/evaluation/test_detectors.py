"""Measuring detectors: what counts for, what against, and what is left out."""

import numpy as np
import pytest

from her2scope.base.frame import Frame
from her2scope.evaluation.detectors import EVERY, RADII_UM, Marked, as_field, judge_finder, tumour_finder
from her2scope.evaluation.failures import FALSE, FOUND, MISSED, draw_failures
from her2scope.evaluation.nuclei_card import to_json, to_markdown
from her2scope.nets.points import Kind, Points
from her2scope.nets.sources import make_source

XY = np.array([(60.0, 60.0), (120.0, 60.0), (60.0, 120.0), (120.0, 120.0), (200.0, 200.0)])
KINDS = np.array([Kind.TUMOUR, Kind.TUMOUR, Kind.OTHER, Kind.OTHER, Kind.ANY], np.uint8)
GREY = np.full((256, 256, 3), 128, np.uint8)
FIELD = Marked(Frame("a", GREY, 0.5), Points(XY, KINDS))


def _judge(found, wanted):
    return judge_finder(("s", "d"), lambda _: np.asarray(found, np.float64).reshape(-1, 2), [FIELD, FIELD], wanted)


def test_tumour_found_and_lymphocytes_taken():
    finding = _judge([XY[0], XY[2], XY[4], (10, 10)], (Kind.TUMOUR,))
    assert finding.recall.value == pytest.approx(1 / 2)
    assert finding.precision.value == pytest.approx(1 / 3)
    assert finding.others_taken.value == pytest.approx(1 / 2)
    assert finding.images == 2


def test_any_nucleus():
    finding = _judge(XY + 4, EVERY)
    assert finding.f1.value == 1  # 4 px of 0.5 um each way are 2.8 um: inside 5 um
    assert finding.others_taken.value is None


def test_f1_grows_with_the_radius():
    finding = _judge(XY + np.array([7.0, 0.0]), EVERY)
    assert list(finding.f1_by_radius) == [0, 0, 1, 1, 1, 1]
    assert len(RADII_UM) == len(finding.f1_by_radius)


def test_nothing_found():
    finding = _judge([], (Kind.TUMOUR,))
    assert finding.precision.value is None
    assert finding.recall.value == 0
    assert "not defined" in to_markdown([finding])
    assert "NaN" not in to_json([finding])


def test_small_tiles_become_fields():
    source = make_source("s/a", GREY[:200, :220], Points(XY, KINDS), 0.8)
    field = as_field(source)
    assert min(field.frame.rgb.shape[:2]) >= 256
    np.testing.assert_allclose(field.points.xy_px[0], (60.5 * field.frame.rgb.shape[1] / 220) - 0.5, rtol=0.01)


def test_failures_are_drawn_where_they_are():
    canvas = draw_failures(FIELD, np.array([XY[0], (200.0, 60.0), XY[4]]))
    colours = {tuple(c) for c in canvas.reshape(-1, 3).tolist()}
    assert {FOUND, MISSED, FALSE} <= colours
    assert (canvas[370:430, 370:430] == 128).all()  # a mark that does not tell


def test_a_detector_gets_stain_images():
    class Wants:
        name = "wants"

        def detect(self, frame, stains):
            assert stains.hematoxylin.size
            assert frame.name
            return type("N", (), {"xy_px": np.zeros((0, 2))})()

    assert len(tumour_finder(Wants())(FIELD.frame)) == 0
