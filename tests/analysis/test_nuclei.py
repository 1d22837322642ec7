"""Peaks, spacing and the rough detector."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from her2scope.analysis.nuclei import local_maxima, sparse
from her2scope.analysis.rough import RoughDetector, blob_response
from her2scope.analysis.stain import StainProfile, stain_images
from her2scope.analysis.white import estimate_white
from her2scope.base.frame import Frame
from her2scope.synth.tissue import SyntheticField, render_field


def test_maxima_are_strict_within_their_neighbourhood() -> None:
    image = np.zeros((20, 20), dtype=np.float32)
    image[3, 4], image[5, 5], image[15, 15] = 2.0, 1.0, 3.0
    image[10, 2] = image[10, 3] = 1.5  # a plateau: its first pixel
    found = {tuple(p) for p in local_maxima(image, 2, 0.5).tolist()}
    assert found == {(3, 4), (15, 15), (10, 2)}
    assert len(local_maxima(np.ones((8, 8), np.float32), 2, 0.5)) == 1
    assert len(local_maxima(image, 2, 3.0)) == 0


def test_sparse_points_keep_their_distance_and_the_best() -> None:
    points = np.random.default_rng(0).random((500, 2)) * 100
    stay = sparse(points, 7.0)
    kept = points[stay]
    assert stay[0] == 0
    assert cKDTree(kept).query(kept, k=2)[0][:, 1].min() >= 7.0
    assert cKDTree(kept).query(points)[0].max() < 7.0  # nobody goes without a better neighbour


def test_a_disk_answers_and_a_fibre_does_not() -> None:
    y, x = np.mgrid[:80, :160].astype(np.float32)
    disk = ((x - 40) ** 2 + (y - 40) ** 2 < 36).astype(np.float32)
    fibre = ((np.abs(x - 120) < 3) & (y > 5)).astype(np.float32)
    across, along = blob_response(disk + fibre, 4.3)
    assert across[40, 40] > 0.3
    assert abs(across[40, 120]) < 0.05
    assert along[40, 120] > 0.3


def score(field: SyntheticField) -> tuple[float, float]:
    """Recall and precision at 5 um, by nearest neighbours both ways."""
    stains = stain_images(field.rgb, StainProfile("test"), estimate_white(field.rgb), field.pixel_um, 0.424)
    found = RoughDetector().detect(Frame("field", field.rgb, field.pixel_um), stains)
    assert ((found.score > 0) & (found.score <= 1)).all()
    reach = 5 / field.pixel_um
    recall = (cKDTree(found.xy_px).query(field.truth.xy_px)[0] <= reach).mean()
    precision = (cKDTree(field.truth.xy_px).query(found.xy_px)[0] <= reach).mean()
    return float(recall), float(precision)


@pytest.mark.parametrize("pixel_um", [0.212, 0.424])
@pytest.mark.parametrize("case", ["0", "3+"])
def test_rough_nuclei_of_synthetic_tissue(case: str, pixel_um: float) -> None:
    recall, precision = score(render_field(case, 21, pixel_um=pixel_um, size_px=round(320 / pixel_um)))
    assert recall > 0.75
    assert precision > 0.7


def test_no_nuclei_on_glass() -> None:
    glass = np.full((300, 300, 3), 240, dtype=np.uint8)
    stains = stain_images(glass, StainProfile("test"), (240.0, 240.0, 240.0), 0.424, 0.424)
    assert len(RoughDetector().detect(Frame("glass", glass, 0.424), stains).xy_px) == 0
