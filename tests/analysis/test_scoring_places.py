"""Where cells lie: clusters of stained cells, and cells that two fields both show."""

import numpy as np
import pytest

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import CellClass
from her2scope.analysis.clusters import cluster_sizes, largest_cluster
from her2scope.analysis.overlaps import count_once
from her2scope.analysis.placed import PlacedCells
from her2scope.analysis.scoring import CaseContext, score_case
from her2scope.settings.guidelines import load_guideline

BIOPSY = load_guideline("gastric_biopsy")


def cells_at(xy_px, classes=CellClass.INTENSE_COMPLETE, counted=True) -> Cells:
    xy = np.asarray(xy_px, dtype=np.float64).reshape(-1, 2)
    one = np.ones(len(xy), np.float32)
    return Cells(
        xy,
        np.broadcast_to(np.asarray(classes, np.uint8), len(xy)).copy(),
        one,
        one,
        one,
        np.broadcast_to(counted, len(xy)).copy(),
    )


def row(n: int, step: float) -> np.ndarray:
    return np.stack([step * np.arange(n), np.zeros(n)], axis=1)


@pytest.mark.parametrize(
    ("xy_um", "size"),
    [
        (np.empty((0, 2)), 0),
        (row(1, 0), 1),
        (row(7, 20.0), 7),
        (row(7, 20.1), 1),
        (np.concatenate([row(4, 15), row(3, 15) + np.array([200, 0])]), 4),
    ],
)
def test_largest_cluster_steps_from_cell_to_cell(xy_um, size) -> None:
    assert largest_cluster(xy_um, 20.0) == size


def test_clusters_join_only_counted_cells_of_the_rule_in_um() -> None:
    near = row(6, 80)  # 16.96 um apart at 0.212 um/px
    classes = [CellClass.INTENSE_COMPLETE] * 3 + [CellClass.WEAK_COMPLETE] * 2 + [CellClass.UNSTAINED]
    fields = [PlacedCells(cells_at(near, classes), 0.212)]
    assert list(cluster_sizes(fields, BIOPSY).values()) == [3, 5, 5]
    assert list(cluster_sizes([PlacedCells(cells_at(near, classes), 0.424)], BIOPSY).values()) == [1, 1, 1]
    counted = [True, False, True, True, True, True]
    assert list(cluster_sizes([PlacedCells(cells_at(near, classes, counted), 0.212)], BIOPSY).values()) == [1, 3, 3]


def test_largest_cluster_of_any_field_scores_a_biopsy() -> None:
    scattered = PlacedCells(cells_at(row(60, 500), CellClass.INTENSE_COMPLETE), 0.212)
    cluster = PlacedCells(cells_at(row(5, 80), CellClass.INTENSE_INCOMPLETE), 0.212)
    for fields, score in (([scattered], "0"), ([scattered, cluster], "3+")):
        clusters = cluster_sizes(fields, BIOPSY)
        got = score_case([f.cells.counts() for f in fields], BIOPSY, context=CaseContext(clusters=clusters))
        assert got.score == score


def test_overlap_is_counted_once_across_pixel_sizes() -> None:
    rng = np.random.default_rng(3)
    gx, gy = np.meshgrid(np.arange(10.0, 300, 12), np.arange(10.0, 200, 12))
    slide_um = np.stack([gx.ravel(), gy.ravel()], axis=1)
    left = slide_um[slide_um[:, 0] < 180]
    right = slide_um[slide_um[:, 0] > 120]
    fields = [
        PlacedCells(cells_at(left / 0.212), 0.212, (0.0, 0.0)),
        PlacedCells(cells_at((right - (115, 0) + rng.uniform(-2, 2, right.shape)) / 0.424), 0.424, (115.0, 0.0)),
    ]
    once = count_once(fields)
    assert sum(f.cells.counts().total for f in once) == len(slide_um)
    assert once[0].cells.counts().total == len(left)
    assert sum(f.cells.counts().total for f in fields) > len(slide_um)


def test_one_cell_takes_out_one_other_the_nearest() -> None:
    first = PlacedCells(cells_at([(100, 100)]), 1.0, (0.0, 0.0))
    second = PlacedCells(cells_at([(103, 100), (101, 100), (106, 100)]), 1.0, (0.0, 0.0))
    assert count_once([first, second])[1].cells.counted.tolist() == [True, False, True]


def test_a_cell_that_the_first_field_does_not_count_is_left_to_the_second() -> None:
    border = PlacedCells(cells_at([(5, 5)], counted=False), 1.0, (0.0, 0.0))
    inside = PlacedCells(cells_at([(5, 5)]), 1.0, (0.0, 0.0))
    assert [f.cells.counts().total for f in count_once([border, inside, inside])] == [0, 1, 0]


def test_a_third_field_does_not_count_a_cell_of_the_first() -> None:
    places = [[(5, 5)], [(200, 5)], [(5, 5)]]
    fields = [PlacedCells(cells_at(xy), 1.0, (0.0, 0.0)) for xy in places]
    assert [f.cells.counts().total for f in count_once(fields)] == [1, 1, 0]


def test_fields_without_a_place_are_left_alone() -> None:
    fields = [PlacedCells(cells_at([(5, 5)]), 1.0, origin) for origin in ((0.0, 0.0), None, (100.0, 0.0))]
    once = count_once(fields)
    assert [f.cells.counts().total for f in once] == [1, 1, 1]
    assert once[1] is fields[1]
    assert fields[0].cells.counted.all()


@pytest.mark.parametrize("spacing_um", [2.0, 5.0, 9.0])
def test_crowded_cells_are_matched_nearest_first(spacing_um: float) -> None:
    """Compared with the plain definition: all pairs in reach by their distance, each cell in one of them."""
    rng = np.random.default_rng(int(spacing_um))
    side = spacing_um * 12
    first, second = rng.uniform(0, side, (150, 2)), rng.uniform(side / 3, side * 4 / 3, (150, 2))
    distance = np.linalg.norm(second[:, None] - first[None], axis=2)
    left = set(range(150))
    used: set[int] = set()
    for flat in np.argsort(distance, axis=None, kind="stable"):
        new, seen = (int(v) for v in np.unravel_index(flat, distance.shape))
        if distance[new, seen] <= 5.0 and new in left and seen not in used:
            left.discard(new)
            used.add(seen)
    fields = [PlacedCells(cells_at(xy), 1.0, (0.0, 0.0)) for xy in (first, second)]
    assert np.flatnonzero(count_once(fields)[1].cells.counted).tolist() == sorted(left)
