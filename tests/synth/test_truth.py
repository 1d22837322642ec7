"""Classes come out of edges: two square cells side by side, 14 um wide, stained by hand."""

from dataclasses import replace

import numpy as np
import pytest

from her2scope.analysis.classes import CellClass
from her2scope.synth.cases import RECIPES, Kind
from her2scope.synth.mesh import Mesh
from her2scope.synth.staining import INTENSE, WEAK, Stain, Wishes, kinds, paint_stain, stain_levels
from her2scope.synth.truth import NearestStain, mean_od, read_classes, read_rings

LEFT, RIGHT = 0, 1
SHARED, LEFT_OUT, RIGHT_OUT = 0, 1, 2
SIDE = 14.0


def line(corners):
    """Samples half a um apart along a polyline."""
    corners = np.array(corners, float)
    along = np.append(0, np.cumsum(np.hypot(*np.diff(corners, axis=0).T)))
    at = np.linspace(0, along[-1], round(along[-1] / 0.5) + 1)
    return np.column_stack([np.interp(at, along, corners[:, k]) for k in range(2)])


def two_cells():
    """Cells over x 0 to 14 and 14 to 28, y 0 to 14; edges: between them, left one's outline, right one's outline."""
    lines = [
        line([(SIDE, 0), (SIDE, SIDE)]),
        line([(SIDE, SIDE), (0, SIDE), (0, 0), (SIDE, 0)]),
        line([(SIDE, 0), (2 * SIDE, 0), (2 * SIDE, SIDE), (SIDE, SIDE)]),
    ]
    edge = np.repeat(np.arange(3), [len(part) for part in lines])
    length = np.full(len(edge), 0.5)
    ends = np.append(True, np.diff(edge) > 0) | np.append(np.diff(edge) > 0, True)
    length[ends] = 0.25
    return Mesh(
        centre_um=np.array([[SIDE / 2, SIDE / 2], [1.5 * SIDE, SIDE / 2], [-1e6, -1e6]]),
        area_um2=np.array([SIDE**2, SIDE**2, 0.0]),
        edge_cells=np.array([[LEFT, RIGHT], [LEFT, 2], [RIGHT, 2]]),
        edge_um=np.bincount(edge, length),
        sample_um=np.vstack(lines),
        sample_edge=edge,
        length_um=length,
    )


def stained(mesh, **edges):
    level = np.zeros(len(mesh.sample_edge), np.uint8)
    for name, value in edges.items():
        level[mesh.sample_edge == {"shared": SHARED, "left": LEFT_OUT, "right": RIGHT_OUT}[name]] = value
    return Stain(level, level * 0.5, np.full(len(level), 1.0))


def classes_of(mesh, stain, nuclei_um=None):
    nuclei_um = mesh.centre_um[:2] if nuclei_um is None else np.array(nuclei_um)
    near = [NearestStain(mesh, stain, level).um(nuclei_um) for level in (WEAK, INTENSE)]
    return [CellClass(c).label for c in read_classes(read_rings(mesh, stain.level), np.arange(2), *near)]


CASES = [
    ({}, "unstained", "unstained"),
    ({"left": WEAK, "shared": WEAK}, "weak_complete", "weak_incomplete"),
    ({"left": WEAK}, "weak_incomplete", "unstained"),
    ({"left": INTENSE, "shared": INTENSE}, "intense_complete", "intense_incomplete"),
    ({"left": INTENSE, "shared": WEAK, "right": WEAK}, "intense_incomplete", "weak_complete"),
    ({"left": WEAK, "shared": INTENSE, "right": WEAK}, "intense_incomplete", "intense_incomplete"),
    ({"left": INTENSE, "shared": INTENSE, "right": INTENSE}, "intense_complete", "intense_complete"),
]


@pytest.mark.parametrize(("edges", "left", "right"), CASES, ids=[str(c[0]) for c in CASES])
def test_a_class_is_what_the_edges_say(edges, left, right):
    mesh = two_cells()
    assert classes_of(mesh, stained(mesh, **edges)) == [left, right]


@pytest.mark.parametrize(("level", "near"), [(WEAK, "weak_incomplete"), (INTENSE, "intense_incomplete")])
def test_a_nucleus_within_reach_of_a_neighbours_stain_counts_as_stained(level, near):
    """The left cell's line ends at (14, 0) and is 1 um wide; the reach is 7 um from its border."""
    mesh = two_cells()
    stain = stained(mesh, left=level)
    assert classes_of(mesh, stain, [[7, 7], [SIDE + 7.4, 0.1]])[RIGHT] == near
    assert classes_of(mesh, stain, [[7, 7], [SIDE + 7.7, 0.1]])[RIGHT] == "unstained"


def test_completeness_is_the_stained_share_of_the_ring():
    mesh = two_cells()
    rings = read_rings(mesh, stained(mesh, left=WEAK).level)
    share = rings.stained_um / rings.around_um
    assert share[:2] == pytest.approx([0.75, 0.0])


def test_membrane_od_is_that_of_the_stained_stretches_only():
    mesh = two_cells()
    od = mean_od(mesh, stained(mesh, left=INTENSE, shared=WEAK))
    assert od[LEFT] == pytest.approx((3 * 1.0 + 0.5) / 4)
    assert od[RIGHT] == pytest.approx(0.5)
    assert np.isnan(mean_od(mesh, stained(mesh))[LEFT])


def wishes(start=0.0, width=2 * np.pi):
    three = np.zeros(3)
    return Wishes(rank=np.array([0.0, 0.5, 1.0]), start=three + start, width=three + width, rest=three.astype(np.uint8))


def test_a_pair_in_a_closed_ring_gets_its_border_stained():
    """Else the ring would be one face, of a cell's area, around two nuclei."""
    mesh = two_cells()
    kind = np.array([Kind.WEAK_PART, Kind.WEAK_PART, Kind.NONE], np.uint8)
    around = wishes()
    around = replace(around, start=np.array([0.9, -2.2, 0.0]), width=np.full(3, 2 * np.pi - 1.8))
    level = stain_levels(mesh, kind, around)
    assert (level[mesh.sample_edge == SHARED] == WEAK).all()
    opened = replace(around, width=np.array([2.0, 2 * np.pi - 1.8, 0.0]))
    assert (stain_levels(mesh, kind, opened)[mesh.sample_edge == SHARED] == 0).any()


@pytest.mark.parametrize(("gap_um", "stays"), [(1.5, False), (4.0, True)])
def test_only_gaps_that_stay_open_under_any_optics_are_left(gap_um, stays):
    mesh = two_cells()
    kind = np.array([Kind.WEAK_PART, Kind.NONE, Kind.NONE], np.uint8)
    half = np.arctan(gap_um / 2 / (SIDE / 2))  # the gap in the middle of the left side
    level = stain_levels(mesh, kind, wishes(start=-np.pi + half, width=2 * np.pi - 2 * half))
    outline = level[mesh.sample_edge == LEFT_OUT]
    assert (outline == 0).any() == stays
    assert (outline == WEAK).any()


def test_more_of_a_kind_never_stains_a_cell_less():
    rank = np.linspace(0, 1, 200, endpoint=False)
    tumour = np.ones(200, bool)
    every = Wishes(rank, np.zeros(200), np.zeros(200), np.zeros(200, np.uint8))
    before = np.zeros(200, np.uint8)
    for amount in (0.1, 0.4, 1.0):
        now = kinds(RECIPES["3+"], amount, every, tumour)
        assert (now >= before).all()
        before = now


def test_weak_and_intense_lines_lie_on_either_side_of_a_cut_at_0_6():
    mesh = two_cells()
    level = stained(mesh, left=INTENSE, right=WEAK).level
    for seed in range(20):
        stain = paint_stain(np.random.default_rng(seed), RECIPES["2+"], mesh, level, np.array([0.0, 0.5, 1.0]))
        assert stain.od[level == 0].max() == 0
        assert stain.od[level == WEAK].max() < 0.6 < stain.od[level == INTENSE].min()
