"""Guessed marks are checked by a network; marks that people made are never changed."""

import cv2
import numpy as np
import torch

from her2scope.nets.confirm import confirm
from her2scope.nets.points import Kind, Points
from her2scope.nets.sources import make_source


class _SeesDark:
    """An engine that finds whatever is dark."""

    device = torch.device("cpu")

    def heat(self, rgb):
        dark = cv2.resize(255 - rgb[..., 0], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.float32)
        dark = cv2.GaussianBlur(dark / 255, (0, 0), 1.5)
        return torch.from_numpy(np.stack([dark, np.zeros_like(dark)]))


def _source(name, marks):
    rgb = np.full((300, 300, 3), 255, np.uint8)
    for x, y in ((60, 60), (200, 200)):
        cv2.circle(rgb, (x, y), 9, (0, 0, 60), -1)
    return make_source(name, rgb, marks, 0.5)


def test_guesses_are_taken_back_and_missed_nuclei_added():
    marks = Points(np.array([(60.0, 60.0), (120.0, 120.0)]), np.array([Kind.TUMOUR, Kind.TUMOUR], np.uint8))
    points = confirm(_source("bcss/a", marks), _SeesDark()).points
    assert points.kind.tolist() == [Kind.TUMOUR, Kind.IGNORE, Kind.ANY]
    np.testing.assert_allclose(points.xy_px[2], (200, 200), atol=1)


def test_marks_of_people_stay():
    marks = Points(np.array([(120.0, 120.0), (130.0, 250.0)]), np.array([Kind.TUMOUR, Kind.OTHER], np.uint8))
    assert confirm(_source("brecahad/a", marks), _SeesDark()).points.kind.tolist()[:2] == [Kind.TUMOUR, Kind.IGNORE]
    source = _source("endonuke/a", marks)
    assert confirm(source, _SeesDark()) is source
