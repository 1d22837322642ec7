"""Training tissue: nuclei set in as lymphocytes, nuclear antigens, discs painted over one another, EndoNuke's tiles."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from her2scope.base.errors import ConfigError
from her2scope.nets.discs import find_discs
from her2scope.nets.gather import gather
from her2scope.nets.lymphocytes import CUTOUT_PX, cutouts, infiltrated
from her2scope.nets.points import Kind, Points
from her2scope.nets.restain import Tissue, restain_nuclei
from her2scope.nets.samples import Share, draw_sample, place
from her2scope.nets.sources import endonuke, endonuke_discs, make_source
from her2scope.nets.train_config import DataSet, TrainConfig

SIDE = 256


def _labels():
    """A round nucleus, a long one, one at the border."""
    labels = np.zeros((80, 120), np.int32)
    cv2.circle(labels, (30, 40), 10, 1, -1)
    cv2.ellipse(labels, (80, 40), (18, 5), 0, 0, 360, 2, -1)
    cv2.circle(labels, (118, 70), 10, 3, -1)
    return labels


@pytest.fixture
def stock():
    labels = _labels()
    return np.asarray(list(cutouts(labels, (labels > 0).astype(np.float32))), np.float32)


def test_only_round_whole_nuclei_are_cut_out(stock):
    assert stock.shape == (1, CUTOUT_PX, CUTOUT_PX)
    assert stock[0, CUTOUT_PX // 2, CUTOUT_PX // 2] == pytest.approx(1, abs=0.1)
    assert stock[0, 0, 0] == 0


def _tissue_marks():
    grid = np.stack(np.meshgrid(np.arange(16, SIDE, 32), np.arange(16, SIDE, 32)), axis=-1).reshape(-1, 2)
    return Points.of(grid.astype(np.float64), Kind.TUMOUR)


@pytest.mark.parametrize("seed", range(6))
def test_lymphocytes_are_marked_as_other_where_they_lie(stock, seed):
    ground = np.full((SIDE, SIDE), 0.05, np.float32)
    marks = _tissue_marks()
    picture, points = infiltrated(np.random.default_rng(seed), ground, marks, stock, 0.5)
    others = points.select(Kind.OTHER)
    assert len(others) > 5
    inside = others[((others > 8) & (others < SIDE - 8)).all(axis=1)]
    x, y = np.rint(inside).astype(int).T
    assert (picture[y, x] > 0.3).all()
    assert ground.max() == np.float32(0.05)  # the input is left as it was
    kept = points.select(Kind.TUMOUR)
    apart = np.linalg.norm(others[:, None] - kept[None], axis=2)
    assert apart.size == 0 or apart.min() > 4.5 / 0.5  # none on a tumour nucleus
    assert len(kept) <= len(marks.xy_px)


def test_a_sheet_takes_the_marks_under_it(stock):
    ground, fewer = np.full((SIDE, SIDE), 0.05, np.float32), []
    for seed in range(12):
        _, points = infiltrated(np.random.default_rng(seed), ground, _tissue_marks(), stock, 0.5)
        fewer.append(len(points.select(Kind.TUMOUR)) < 64)
    assert any(fewer)
    assert not all(fewer)


def test_a_nuclear_antigen_browns_nuclei_and_nothing_else():
    rng = np.random.default_rng(3)
    hematoxylin = np.zeros((SIDE, SIDE), np.float32)
    cv2.circle(hematoxylin, (80, 80), 9, 1.0, -1)
    nothing = np.zeros_like(hematoxylin)
    brown = []
    for _ in range(20):
        tissue = Tissue(hematoxylin, nothing, np.array([[80.0, 80.0]]), np.array([True]), 0.5)
        density = restain_nuclei(rng, tissue)
        excess = density[..., 2] - density[..., 0]  # DAB absorbs blue, hematoxylin red
        brown.append(excess[78:83, 78:83].mean() - excess[180:240, 180:240].mean())
    assert max(brown) > 0.1
    assert np.isfinite(density).all()


def test_lymphocytes_need_instances_to_cut_out(tmp_path):
    config = TrainConfig([DataSet("synthetic", fields=10)], lymphocytes=0.2)
    with pytest.raises(ConfigError, match="cut out of dsb2018"):
        gather(config)


def test_overlapping_discs_are_found():
    centres = np.array([(60, 60), (72, 66), (84, 60), (150, 90), (40, 140), (52, 150)])
    painted = np.zeros((200, 200), np.uint8)
    for x, y in centres.tolist():
        cv2.circle(painted, (x, y), 13, 1, -1)
    discs = find_discs(painted > 0, 13.0)
    apart = np.linalg.norm(centres[:, None] - discs.xy_px[None], axis=2).min(axis=1)
    assert (apart < 2.5).all()
    assert len(discs.xy_px) == len(centres)
    assert len(discs.unexplained_px) == 0


def test_paint_without_an_outline_is_unexplained():
    painted = np.zeros((200, 200), bool)
    painted[20:180, 20:180] = True
    discs = find_discs(painted, 13.0)
    middle = ((discs.unexplained_px > 60) & (discs.unexplained_px < 140)).all(axis=1)
    assert middle.sum() > 20


def test_endonuke_tiles_have_their_size_and_no_marks_in_the_first_column(tmp_path):
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "a.png"), np.full((250, 250, 3), 220, np.uint8))
    rows = ["image,x,y,colour_class", "a.png,0.0,30,stroma", "a.png,100.7,50.3,epithelium", "a.png,150.7,60.3,stroma"]
    (tmp_path / "points.csv").write_text("\n".join(rows) + "\n")
    (source,) = endonuke(tmp_path)
    assert source.pixel_um == pytest.approx(100 / 250)
    assert source.doubt == 2.0
    np.testing.assert_allclose(source.points.xy_px, [(100, 50), (150, 60)])
    assert source.points.kind.tolist() == [Kind.TUMOUR, Kind.ANY]


def test_brown_nuclei_of_a_nuclear_stain_are_taught_as_tumour_unless_they_are_stroma(tmp_path):
    (tmp_path / "images").mkdir()
    tile = np.full((250, 250, 3), 220, np.uint8)
    for x in (50, 100):
        cv2.circle(tile, (x, 60), 19, (30, 60, 110), -1)  # BGR: brown
    cv2.circle(tile, (150, 60), 14, (150, 80, 90), -1)
    cv2.imwrite(str(tmp_path / "images" / "a.png"), tile)
    rows = ["image,x,y,colour_class", "a.png,50,60,unspecified", "a.png,100,60,stroma", "a.png,150,60,unspecified"]
    (tmp_path / "points.csv").write_text("\n".join(rows) + "\n")
    (source,) = endonuke(tmp_path)
    assert source.points.kind.tolist() == [Kind.ANY] * 3
    assert source.own.kind.tolist() == [Kind.TUMOUR, Kind.ANY, Kind.ANY]
    np.testing.assert_array_equal(source.own.xy_px, source.points.xy_px)
    asked = {}
    for own_stain in (1.0, 0.0):
        drawn = [draw_sample(np.random.default_rng(seed), source, Share(1, own_stain)) for seed in range(8)]
        asked[own_stain] = max(sample.target.heat[0].max() for sample in drawn)
    assert asked[1.0] > 0.5  # its tumour nucleus
    assert asked[0.0] == 0


def test_paint_that_nothing_explains_is_never_taught_as_nuclei(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    tile = np.full((345, 345, 3), 220, np.uint8)
    tile[100:250, 100:250] = (30, 60, 110)
    drawn = np.full((345, 345, 3), (230, 210, 221), np.uint8)
    drawn[100:250, 100:250] = (27, 0, 209)
    for folder, picture in (("images", tile), ("masks", drawn)):
        cv2.imwrite(str(tmp_path / folder / "endonuke_df72bb_00.png"), picture)
    (source,) = endonuke_discs(tmp_path)
    unknown = source.points.kind == Kind.IGNORE
    assert unknown.sum() > 20
    assert (source.own.kind[unknown] == Kind.IGNORE).all()


def test_a_doubted_pixel_size_is_drawn_anew():
    rgb = np.full((300, 300, 3), 220, np.uint8)
    sure = make_source("own/a", rgb, Points.of(np.zeros((0, 2)), Kind.ANY), 0.4)
    zoom = {}
    for source in (sure, replace(sure, doubt=2.0)):
        drawn = [place(np.random.default_rng(seed), source, 256) for seed in range(200)]
        zoom[source.doubt] = np.median([abs(np.linalg.det(p.to_source[:, :2])) ** 0.5 for p in drawn])
    assert 1.25 < zoom[1.0] / zoom[2.0] < 1.6  # on average sqrt(2) um more a pixel, so fewer pixels for the same tissue
