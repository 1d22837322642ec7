"""Synthetic fields: the same every time, and what they claim to be."""

import numpy as np
import pytest

from her2scope.analysis.classes import COMPLETE_CLASSES, CellClass
from her2scope.base.errors import InputError
from her2scope.synth.cases import RECIPES
from her2scope.synth.optics import DAB, HEMATOXYLIN
from her2scope.synth.tissue import CASES, REALISTIC, SHARP, render_case, render_field

IC, II = CellClass.INTENSE_COMPLETE, CellClass.INTENSE_INCOMPLETE
WC, WI, N = CellClass.WEAK_COMPLETE, CellClass.WEAK_INCOMPLETE, CellClass.UNSTAINED


@pytest.fixture(scope="module")
def cases():
    """The joint truth of the two fields of a case: two cases of each of CASES, one of every other recipe."""

    def classes(name, seed):
        fields = render_case(name, 2, seed, pixel_um=1.0, size_px=(280, 330), optics=SHARP)
        return np.concatenate([field.truth.classes for field in fields])

    return {name: [classes(name, seed) for seed in ((1, 2) if name in CASES else (1,))] for name in RECIPES}


@pytest.fixture(scope="module")
def strong():
    return render_field("3+", 7, pixel_um=0.4, size_px=512, optics=SHARP)


PROPORTIONS = [
    ("0", (IC, II, WC, WI), 0.0, 0.0),
    ("0+", (WI,), 0.03, 0.07),
    ("0+", (IC, II, WC), 0.0, 0.01),
    ("1+", (WC, WI), 0.30, 0.70),
    ("1+", (IC, WC), 0.0, 0.05),
    ("1+", (II,), 0.0, 0.01),
    ("2+", (WC,), 0.20, 0.60),
    ("2+", (IC,), 0.0, 0.06),
    ("3+", (IC,), 0.40, 0.90),
    ("control", (IC,), 0.80, 1.0),
    ("3+ heterogeneous", (IC,), 0.13, 0.40),
    ("2+ unusual pattern", (II,), 0.25, 0.60),
    ("2+ unusual pattern", (IC, WC), 0.0, 0.07),
]


@pytest.mark.parametrize(("case", "classes", "low", "high"), PROPORTIONS, ids=str)
def test_a_case_keeps_three_points_off_the_cuts_of_the_guideline(cases, case, classes, low, high):
    for truth in cases[case]:
        assert len(truth) > 200
        assert low <= np.isin(truth, classes).mean() <= high


def test_zero_plus_and_one_plus_differ_from_nothing(cases):
    assert all((truth == N).all() for truth in cases["0"])
    assert all((truth != N).any() for truth in cases["0+"])


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    first, again, other = (render_field("2+", seed, pixel_um=0.5, size_px=256, optics=REALISTIC) for seed in (3, 3, 4))
    assert np.array_equal(first.rgb, again.rgb)
    assert first.glass_rgb == again.glass_rgb
    for name in ("xy_px", "classes", "completeness", "membrane_od", "other_xy_px"):
        assert np.array_equal(getattr(first.truth, name), getattr(again.truth, name), equal_nan=name == "membrane_od")
    assert not np.array_equal(first.rgb, other.rgb)


def test_fields_of_a_case_differ_and_another_field_count_keeps_the_first_ones():
    two = list(render_case("1+", 2, 5, pixel_um=1.0, size_px=256))
    one = list(render_case("1+", 1, 5, pixel_um=1.0, size_px=256))
    assert not np.array_equal(two[0].rgb, two[1].rgb)
    assert np.array_equal(two[0].rgb, one[0].rgb)


def test_optics_change_the_image_but_not_the_tissue():
    sharp, real = (render_field("3+", 2, pixel_um=0.5, size_px=256, optics=optics) for optics in (SHARP, REALISTIC))
    assert not np.array_equal(sharp.rgb, real.rgb)
    assert np.array_equal(sharp.truth.xy_px, real.truth.xy_px)


def test_the_same_tissue_at_every_pixel_size():
    fine, coarse = (render_field("2+", 9, pixel_um=p, size_px=n, optics=SHARP) for p, n in ((0.4, 640), (0.8, 320)))
    assert np.array_equal(fine.truth.classes, coarse.truth.classes)
    assert (fine.truth.xy_px + 0.5) * 0.4 == pytest.approx((coarse.truth.xy_px + 0.5) * 0.8)
    mean = fine.rgb.reshape(320, 2, 320, 2, 3).mean(axis=(1, 3))
    assert np.abs(mean - coarse.rgb).mean() < 4


@pytest.mark.parametrize("pixel_um", [0.4, 0.8])
def test_strips_leave_no_seams(monkeypatch, pixel_um):
    whole = render_field("3+", 3, pixel_um=pixel_um, size_px=256, optics=SHARP)
    monkeypatch.setattr("her2scope.synth.tissue._STRIP_PX", 20_000)
    strips = render_field("3+", 3, pixel_um=pixel_um, size_px=256, optics=SHARP)
    assert np.abs(whole.rgb.astype(int) - strips.rgb).max() <= 1


@pytest.mark.parametrize(("pixel_um", "size_px"), [(0.1, 256), (1.0, 256), (0.3, (256, 400))], ids=str)
def test_every_pixel_size_and_shape(pixel_um, size_px):
    field = render_field("3+", 1, pixel_um=pixel_um, size_px=size_px)
    height, width = size_px if isinstance(size_px, tuple) else (size_px, size_px)
    assert field.rgb.shape == (height, width, 3)
    assert field.rgb.dtype == np.uint8
    assert len(field.truth.xy_px) > 0
    for points in (field.truth.xy_px, field.truth.other_xy_px):
        assert ((points >= -0.5) & (points < np.array([width, height]) - 0.5)).all()


def test_evidence_agrees_with_the_class(strong):
    truth = strong.truth
    complete = np.isin(truth.classes, COMPLETE_CLASSES)
    assert (truth.completeness[complete] == 1).all()
    assert (truth.completeness[truth.classes == N] == 0).all()
    assert (truth.completeness[truth.classes == WI] < 1).all()
    assert np.isnan(truth.membrane_od[truth.classes == N]).all()
    assert np.nanmin(truth.membrane_od[truth.classes == IC]) > 0.6
    assert np.nanmax(truth.membrane_od[truth.classes == WC]) < 0.6


def unmixed(field):
    """Hematoxylin and DAB optical density, by least squares."""
    vectors = np.array([np.array(v) / np.linalg.norm(v) for v in (HEMATOXYLIN, DAB)])
    density = -np.log10(np.maximum(field.rgb, 1) / np.array(field.glass_rgb))
    return np.linalg.lstsq(vectors.T, density.reshape(-1, 3).T, rcond=None)[0].reshape(2, *field.rgb.shape[:2])


def profile(image, xy_px, radius_px):
    """(N, 32) maximum along each of 32 rays of a length."""
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    steps = np.arange(0.1 * radius_px, radius_px)[:, None, None]
    x = xy_px[:, 0, None] + steps * np.cos(angle)
    y = xy_px[:, 1, None] + steps * np.sin(angle)
    rows, columns = (np.clip(np.rint(v), 0, n - 1).astype(int) for v, n in zip((y, x), image.shape, strict=True))
    return image[rows, columns].max(axis=0)


def test_the_image_shows_what_the_truth_says(strong):
    """Around a ringed nucleus every ray meets dark brown; around a bare one none does."""
    bare = render_field("0", 7, pixel_um=0.4, size_px=512, optics=SHARP)
    ringed = strong.truth.xy_px[strong.truth.classes == IC]
    inside = ((ringed > 40) & (ringed < 470)).all(axis=1)
    assert np.percentile(profile(unmixed(strong)[1], ringed[inside], 16 / 0.4).min(axis=1), 5) > 0.6
    assert np.percentile(profile(unmixed(bare)[1], bare.truth.xy_px, 12 / 0.4).max(axis=1), 95) < 0.15


def test_nuclei_are_blue_where_the_truth_says(strong):
    bare = render_field("0", 7, pixel_um=0.4, size_px=512, optics=SHARP)
    for points in (bare.truth.xy_px, bare.truth.other_xy_px):
        at = np.clip(np.rint(points).astype(int), 0, 511)
        blue = unmixed(bare)[0]
        assert np.median(blue[at[:, 1], at[:, 0]]) > 2 * np.median(blue)


GOOD = {"case": "2+", "seed": 1, "pixel_um": 0.5, "size_px": 256}
BAD = [
    ({"case": "4+"}, "4\\+.*choose one of 0"),
    ({"seed": -1}, "seed -1"),
    ({"pixel_um": 0.05}, "0.05 um"),
    ({"pixel_um": float("nan")}, "nan um"),
    ({"size_px": 255}, "255 x 255 px.*256 to 4096"),
    ({"size_px": (256, 5000)}, "5000 x 256 px"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD, ids=[str(b[0]) for b in BAD])
def test_what_cannot_be_rendered_is_refused_in_a_sentence(wrong, message):
    arguments = GOOD | wrong
    case, seed = arguments.pop("case"), arguments.pop("seed")
    with pytest.raises(InputError, match=message):
        render_field(case, seed, **arguments)
    with pytest.raises(InputError, match=message):
        render_case(case, 3, seed, **arguments)


def test_no_fields_are_refused_before_any_is_rendered():
    with pytest.raises(InputError, match="at least 1"):
        render_case("2+", 0, 1, pixel_um=0.5, size_px=256)


def test_every_named_case_has_a_recipe():
    assert set(CASES) <= set(RECIPES)
    assert all(recipe.name == name for name, recipe in RECIPES.items())
