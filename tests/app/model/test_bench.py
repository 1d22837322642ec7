"""White, stain vectors, and the patch reading against the control."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from her2scope.analysis.patch_drawing import draw_patches
from her2scope.analysis.roi import Polygon
from her2scope.analysis.stain import DAB, HEMATOXYLIN, StainProfile
from her2scope.app.model.patches import LoadJob, PatchBench, control_beside, same_scale_zoom
from her2scope.app.model.stain_bench import Offered, Outlined, vectors_from, white_from
from her2scope.app.model.state import Role
from her2scope.app.model.views.legend import NOT_MEASURED
from her2scope.app.model.views.patches import patch_view
from her2scope.app.model.views.tone import Tone
from her2scope.base.errors import InputError
from her2scope.base.frame import Frame

STAIN = StainProfile("lab")


def glass(level: float, noise: float = 2.0) -> Frame:
    rng = np.random.default_rng(5)
    rgb = np.clip(rng.normal(level, noise, (400, 400, 3)), 0, 255).astype(np.uint8)
    return Frame("glass", rgb, 0.424)


def test_white_is_taken_from_empty_glass():
    taken = white_from(glass(235.0))
    assert taken.rgb == pytest.approx((234.5, 234.5, 234.5), abs=1.0)
    assert "23" in taken.text


@pytest.mark.parametrize(("level", "words"), [(80.0, "too dark"), (256.0, "clipped at 255")])
def test_white_is_refused_from_bad_light(level, words):
    with pytest.raises(InputError, match=words):
        white_from(glass(level))


def test_white_is_taken_in_light_that_falls_off_to_the_corners():
    y, x = np.mgrid[-1:1:400j, -1:1:400j]
    fall = 1 - 0.3 * (x * x + y * y) / 2
    rgb = (glass(240.0).rgb * fall[..., None]).astype(np.uint8)
    white_from(Frame("glass", rgb, 0.424))


def test_white_is_refused_where_tissue_reaches_into_the_glass(frames):
    rgb = glass(240.0).rgb.copy()
    rgb[:60, :60] = frames["0"].rgb[100:160, 100:160]
    with pytest.raises(InputError, match="not empty glass"):
        white_from(Frame("edge", rgb, 0.424))


@pytest.mark.parametrize("name", ["0", "2+", "3+"])
def test_white_is_refused_from_tissue(frames, name):
    with pytest.raises(InputError, match="not empty glass"):
        white_from(frames[name])


def two_stains() -> Frame:
    """Pure hematoxylin on the left, pure DAB on the right, glass between; white 240."""
    rgb = np.full((300, 300, 3), 240.0)
    for columns, vector in ((np.s_[:, :100], HEMATOXYLIN), (np.s_[:, 200:], DAB)):
        od = np.asarray(vector) / np.linalg.norm(vector) * 0.8
        rgb[columns] = 240.0 * 10.0**-od
    return Frame("two", rgb.round().astype(np.uint8), 0.424)


def box(x0: float, x1: float) -> Polygon:
    return Polygon(np.array([[x0, 10.0], [x1, 10.0], [x1, 290.0], [x0, 290.0]]))


def picked(frame: Frame, hematoxylin: Polygon, dab: Polygon) -> Offered:
    white = replace(STAIN, white=(240.0, 240.0, 240.0))
    return vectors_from(Outlined(frame, hematoxylin), Outlined(frame, dab), white)


def test_vectors_are_taken_from_two_regions():
    offered = picked(two_stains(), box(5, 95), box(205, 295))
    for got, true in ((offered.vectors.hematoxylin, HEMATOXYLIN), (offered.vectors.dab, DAB)):
        cosine = np.dot(got, true) / np.linalg.norm(got) / np.linalg.norm(true)
        assert cosine > 0.9995
    assert "apart, from" in offered.text


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (box(5, 95), box(120, 180), "DAB region holds no stain"),
        (box(5, 45), box(50, 95), "same|apart|alike"),
        (box(5, 95), box(400, 500), "outside the field"),
        (box(5, 5), box(205, 295), "no area"),
    ],
)
def test_regions_without_two_stains_are_refused(first, second, words):
    with pytest.raises(InputError, match=words):
        picked(two_stains(), first, second)


def test_a_region_that_leaves_the_field_counts_inside_it_alone():
    whole = picked(two_stains(), box(-50, 95), box(205, 400))
    assert whole.vectors.dab[2] > whole.vectors.hematoxylin[2]


def test_patches_are_read_against_the_control(session, take, frames, work):
    control = take("control", Role.CONTROL)
    field = take("3+")
    work()
    bench = PatchBench(session)
    job = bench.job(frames["3+"], session.counted(field))
    assert job.area is None
    outcome = job.run()
    bench.accept(outcome)
    assert outcome.reading.score == "3+"
    assert draw_patches(outcome.reading).shape == (320, 320, 4)
    again = bench.job(frames["3+"], session.counted(field))
    assert again.area == outcome.area
    assert np.array_equal(again.run().reading.scores, outcome.reading.scores)
    take("control", Role.CONTROL)
    session.show(field)
    assert bench.job(frames["3+"], replace(session.counted(field), result=job.result)).area is None
    session.fields.exclude(control)


def test_light_and_whole_control_fields_give_one_area(session, take, frames, work):
    take("control", Role.CONTROL)
    field = take("3+")
    bench = PatchBench(session)
    whole = bench.job(frames["3+"], session.counted(field)).run().area
    work()
    session.show(None)
    session.show(field)
    work()
    held = bench.job(frames["3+"], session.counted(field)).control
    assert held[0].reading.result.membranes is None
    assert bench.job(frames["3+"], session.counted(field)).run().area == whole


def test_patches_need_a_control_that_counts_and_a_field_that_is_read(session, take, frames, work):
    field = take("3+")
    bench = PatchBench(session)
    with pytest.raises(InputError, match="no control field"):
        bench.job(frames["3+"], session.counted(field))
    control = take("control", Role.CONTROL)
    work()
    with pytest.raises(InputError, match="still being read"):
        bench.job(frames["3+"], session.counted(field))
    session.fields.exclude(control)
    with pytest.raises(InputError, match="no control field"):
        bench.job(frames["3+"], session.counted(field))


def test_both_readings_are_shown_and_a_disagreement_is_said(session, take, frames):
    take("control", Role.CONTROL)
    field = take("3+")
    outcome = PatchBench(session).job(frames["3+"], session.counted(field)).run()
    agreed = patch_view(session.field_score(field), outcome.reading)
    assert (agreed.cells, agreed.patches, agreed.disagreement, agreed.tone) == ("3+", "3+", "", Tone.OK)
    assert agreed.counts[0].startswith("3+: ")
    assert agreed.valid == f"{outcome.reading.valid} of {outcome.reading.scores.size} patches hold enough stain"
    other = patch_view(session.field_score(field), replace(outcome.reading, score="1+"))
    assert other.tone is Tone.CAUTION
    assert "look at it beside the control" in other.disagreement
    blocked = patch_view(None, None)
    assert (blocked.cells, blocked.patches, blocked.valid) == (NOT_MEASURED,) * 3


def test_the_control_stands_beside_the_field_at_the_same_scale(session, take, frames, work):
    assert control_beside(session) is None
    first = take("control", Role.CONTROL)
    take("3+")
    work()
    job = control_beside(session)
    assert isinstance(job, LoadJob)
    loaded = job.run()
    assert loaded.field_id == first
    assert np.array_equal(loaded.frame.rgb, frames["control"].rgb)
    assert same_scale_zoom(0.5, 0.212, 0.424) == pytest.approx(1.0)


def test_vectors_by_which_dab_reads_otherwise_are_offered_with_a_caution():
    frame = two_stains()
    good = vectors_from(Outlined(frame, box(10, 90)), Outlined(frame, box(210, 290)), STAIN)
    assert not good.caution
    assert "as much DAB as now" in good.text
    rgb = frame.rgb.astype(float)
    rgb[:, 200:] *= 10.0 ** (-0.3 * np.asarray(HEMATOXYLIN) / np.linalg.norm(HEMATOXYLIN))  # both stains in one region
    mixed = Frame("mixed", rgb.round().astype(np.uint8), 0.424)
    poor = vectors_from(Outlined(mixed, box(10, 90)), Outlined(mixed, box(210, 290)), STAIN)
    assert "more DAB than now" in poor.text
    assert "set the thresholds anew" in poor.caution
