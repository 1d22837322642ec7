"""The method end to end on synthetic tissue with known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from other_stains import turned

from her2scope.analysis.classes import FIVE_CLASSES, CellClass
from her2scope.analysis.membrane import MembraneParameters
from her2scope.analysis.nuclei import Nuclei
from her2scope.analysis.quality import Status
from her2scope.analysis.roi import Polygon, Roi
from her2scope.analysis.stain import StainImages, StainProfile
from her2scope.analysis.stain_estimation import estimate_from_images
from her2scope.base.errors import InputError
from her2scope.base.frame import Frame
from her2scope.pipeline.case import read_control, reference_score, score_fields
from her2scope.pipeline.field import FieldResult, FieldSettings, analyse_field, overlay, with_roi, with_thresholds
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.settings.stains import load_stain
from her2scope.synth.tissue import SyntheticField, render_case, render_field

GUIDELINE = load_guideline(default_guideline())
SETTINGS = FieldSettings(load_stain("default"))


class TrueNuclei:
    """A detector that knows the truth."""

    name = "truth"

    def __init__(self, field: SyntheticField) -> None:
        self._xy = field.truth.xy_px

    def detect(self, frame: Frame, stains: StainImages) -> Nuclei:  # noqa: ARG002
        return Nuclei(self._xy, np.ones(len(self._xy), dtype=np.float32))


def analysed(field: SyntheticField, settings: FieldSettings = SETTINGS) -> FieldResult:
    return analyse_field(Frame("field", field.rgb, field.pixel_um), settings)


@pytest.fixture(scope="module")
def three_plus() -> FieldResult:
    return analysed(render_field("3+", 31, pixel_um=0.424, size_px=700))


@pytest.mark.parametrize("pixel_um", [0.212, 0.424])
@pytest.mark.parametrize("case", ["1+", "2+", "3+"])
def test_cells_at_true_nuclei_get_their_class(case: str, pixel_um: float) -> None:
    field = render_field(case, 41, pixel_um=pixel_um, size_px=round(300 / pixel_um))
    result = analysed(field, FieldSettings(SETTINGS.stain, TrueNuclei(field)))
    counted = result.cells.counted
    truth, got = field.truth.classes[counted], result.cells.classes[counted]
    assert (truth == got).mean() > 0.9


@pytest.mark.parametrize("case", ["0", "0+", "1+", "2+", "3+"])
def test_a_synthetic_case_gets_its_score_and_reading(case: str) -> None:
    fields = [analysed(f) for f in render_case(case, 2, 51, pixel_um=0.424, size_px=640)]
    scored = score_fields(fields, GUIDELINE)
    assert scored.score == case.replace("0+", "0")
    if case in ("0", "0+"):
        assert scored.reading.startswith("0+/" if case == "0+" else "0/")


def test_a_result_says_what_it_rests_on(three_plus: FieldResult) -> None:
    assert three_plus.detector == "rough"
    assert any("white was estimated" in note for note in three_plus.notes)
    assert set(three_plus.timings_ms) == {"quality", "stain", "nuclei", "enhance", "membranes", "cells"}
    assert overlay(three_plus).any()
    score = reference_score(three_plus, GUIDELINE)
    assert score is not None
    assert score.score == "3+"


def test_the_white_measured_for_a_frame_wins_over_the_profiles_and_an_estimate() -> None:
    field = render_field("2+", 31, pixel_um=0.424, size_px=320)
    white = (251.0, 250.0, 249.0)
    stain = replace(SETTINGS.stain, white=(200.0, 200.0, 200.0))
    result = analyse_field(Frame("field", field.rgb, field.pixel_um, white=white), replace(SETTINGS, stain=stain))
    assert result.white == white
    assert not any("white was estimated" in note for note in result.notes)
    assert analyse_field(Frame("field", field.rgb, field.pixel_um), replace(SETTINGS, stain=stain)).white == stain.white


@pytest.mark.parametrize("white", [(0.0, 9.0, 9.0), (9.0, 256.0, 9.0), (9.0, 9.0, float("nan"))])
def test_a_white_that_no_glass_has_is_refused(white: tuple[float, float, float]) -> None:
    with pytest.raises(InputError, match=r"field: a white of .* take it from empty glass again"):
        Frame("field", np.zeros((300, 300, 3), np.uint8), 0.424, white=white)


def test_changed_thresholds_give_what_a_new_analysis_gives() -> None:
    field = render_field("2+", 61, pixel_um=0.424, size_px=512)
    stricter = FieldSettings(StainProfile("stricter", t_weak=0.2, t_intense=0.3))
    changed = with_thresholds(analysed(field), stricter)
    fresh = analysed(field, stricter)
    assert np.array_equal(changed.cells.classes, fresh.cells.classes)
    assert np.array_equal(changed.cells.counted, fresh.cells.counted)
    assert not np.array_equal(changed.cells.classes, analysed(field).cells.classes)


def test_a_region_narrows_the_count_and_can_be_widened_again(three_plus: FieldResult) -> None:
    square = Polygon(np.array([[100.0, 100.0], [500.0, 100.0], [500.0, 500.0], [100.0, 500.0]]))
    inside = with_roi(three_plus, Roi(include=(square,)))
    outside = with_roi(three_plus, Roi(exclude=(square,)))
    total = three_plus.cells.counts().total
    assert 0 < inside.cells.counts().total < total
    assert inside.cells.counts().total + outside.cells.counts().total == total
    assert with_roi(inside, None).cells.counts() == three_plus.cells.counts()


def test_a_region_without_nuclei_blocks_the_field(three_plus: FieldResult) -> None:
    sliver = Polygon(np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]]))
    empty = with_roi(three_plus, Roi(include=(sliver,)))
    assert empty.status is Status.BLOCKED
    assert "too few tumour nuclei" in empty.reasons[0]
    assert reference_score(empty, GUIDELINE) is None


def test_glass_is_blocked_and_never_scores() -> None:
    glass = analyse_field(Frame("glass", np.full((512, 512, 3), 240, dtype=np.uint8), 0.424), SETTINGS)
    assert glass.status is Status.BLOCKED
    assert not overlay(glass).any()
    assert with_thresholds(glass, SETTINGS) is glass
    assert with_roi(glass, None) is glass
    scored = score_fields([glass], GUIDELINE)
    assert scored.score is None
    assert scored.reasons


def test_a_blocked_field_beside_good_ones_changes_nothing(three_plus: FieldResult) -> None:
    glass = analyse_field(Frame("glass", np.full((512, 512, 3), 240, dtype=np.uint8), 0.424), SETTINGS)
    assert score_fields([three_plus, glass], GUIDELINE).counts == score_fields([three_plus], GUIDELINE).counts


def test_the_control_passes_on_strong_tissue_and_fails_on_bare() -> None:
    limits = SETTINGS.stain.control
    good = read_control([analysed(render_field("control", 71, pixel_um=0.424, size_px=640))], limits)
    assert good.verdict.passed
    assert good.offer is not None
    assert 0.4 < good.offer.t_intense < 1.6
    bare = read_control([analysed(render_field("0", 71, pixel_um=0.424, size_px=640))], limits)
    assert not bare.verdict.passed
    assert bare.offer is None
    assert bare.no_offer
    scored = score_fields([analysed(render_field("3+", 72, pixel_um=0.424, size_px=640))], GUIDELINE, control=bare)
    assert scored.score is None


def test_all_pixel_sizes_and_odd_shapes_work() -> None:
    for pixel_um, shape in ((0.1, (1201, 1403)), (0.3, (701, 640)), (0.8, (333, 512)), (1.0, (256, 300))):
        field = render_field("3+", 81, pixel_um=pixel_um, size_px=shape)
        result = analysed(field)
        assert result.status is not Status.BLOCKED
        strong = result.cells.counts()[CellClass.INTENSE_COMPLETE] + result.cells.counts()[CellClass.INTENSE_INCOMPLETE]
        assert strong > 0.3 * result.cells.counts().total
        assert overlay(result).shape == (*field.rgb.shape[:2], 4)


def test_counts_are_of_the_five_classes(three_plus: FieldResult) -> None:
    counts = three_plus.cells.counts()
    assert sum(counts[c] for c in FIVE_CLASSES) == counts.total


def purple(share: float, settings: FieldSettings = SETTINGS) -> FieldResult:
    """An unstained field whose hematoxylin reads as DAB to that share."""
    field = render_field("0", 41, pixel_um=0.424, size_px=640)
    frame = Frame(f"purple {share}", turned(field, share), 0.424, white=field.glass_rgb)
    return analyse_field(frame, replace(settings, detector=TrueNuclei(field)))


def stained_share(result: FieldResult) -> float:
    counts = result.cells.counts()
    return 1 - counts[CellClass.UNSTAINED] / counts.total


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_purple_hematoxylin_is_said_of_the_field_and_more_of_it_taken_off(share: float) -> None:
    as_ever = replace(SETTINGS, membrane=MembraneParameters(crosstalk_most=0.0))
    safer, before = purple(share), purple(share, as_ever)
    for field in (safer, before):
        assert field.status is Status.CAUTION
        assert "is purpler than that of stain profile default" in field.reasons[0]
    assert stained_share(safer) < 0.02
    assert share < 0.4 or stained_share(before) > 0.3  # what the caution is for


def test_a_case_says_purple_hematoxylin_once_for_all_fields_that_carry_it() -> None:
    fields = [purple(0.3), purple(0.6), analysed(render_field("0", 41, pixel_um=0.424, size_px=640))]
    assert fields[0].reasons != fields[1].reasons  # each says its own share
    assert fields[2].reasons == ()
    (flag,) = (flag for flag in score_fields(fields, GUIDELINE).flags if "purpler" in flag)
    assert flag.startswith("caution in 2 of 3 counted fields: the hematoxylin is purpler than that of stain profile")
    assert "her2scope stain estimate" in flag


def test_moved_thresholds_keep_the_caution_and_another_profile_lifts_it() -> None:
    field = render_field("2+", 41, pixel_um=0.424, size_px=640)
    frame = Frame("field", turned(field, 0.5), 0.424, white=field.glass_rgb)
    result = analyse_field(frame, SETTINGS)
    assert "purpler" in " ".join(result.reasons)
    higher = replace(SETTINGS, stain=replace(SETTINGS.stain, t_weak=0.2))
    assert with_thresholds(result, higher).reasons == analyse_field(frame, higher).reasons == result.reasons
    made = estimate_from_images([frame.rgb], [field.glass_rgb])
    own = replace(SETTINGS.stain, name="own", hematoxylin=made.hematoxylin, dab=made.dab)
    assert analyse_field(frame, replace(SETTINGS, stain=own)).status is Status.OK
