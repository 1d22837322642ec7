"""The overlay: what is drawn where, and that the cues differ without colour."""

from __future__ import annotations

from dataclasses import fields, replace

import cv2
import numpy as np

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import SEVEN_CLASSES, CellClass
from her2scope.analysis.classify import classify
from her2scope.analysis.membrane import MembraneImages, MembraneParameters, Thresholds, describe
from her2scope.analysis.overlay import OKABE_ITO, composite, draw_overlay

UM = 0.424
PLAIN = MembraneParameters(haze_share=0.0, crosstalk_share=0.0)


def one_ring_one_arc(size: int = 300):  # type: ignore[no-untyped-def]
    dab = np.zeros((size, size), dtype=np.uint8)
    cv2.ellipse(dab, (80, 80), (16, 16), 0, 0, 360, 120, 2)
    cv2.ellipse(dab, (200, 200), (40, 40), 0, 0, 250, 40, 2)
    membranes = describe(MembraneImages(dab, dab, UM), Thresholds(0.2, 0.7), PLAIN)
    return membranes, classify(np.array([[80.0, 80.0], [170.0, 200.0], [260.0, 30.0]]), 1.0, membranes, PLAIN)


def painted(overlay: np.ndarray, cell_class: CellClass) -> np.ndarray:
    return (overlay[..., :3] == OKABE_ITO.colours[cell_class]).all(axis=2) & (overlay[..., 3] > 0)


def test_complete_membranes_are_solid_and_incomplete_ones_dashed() -> None:
    membranes, cells = one_ring_one_arc()
    overlay = draw_overlay((300, 300), cells, membranes, UM)
    ring = painted(overlay, CellClass.INTENSE_COMPLETE)[60:101, 60:101]
    ring[12:29, 12:29] = False  # the cell's own point
    assert cv2.connectedComponents(ring.astype(np.uint8))[0] - 1 == 1
    arc = painted(overlay, CellClass.WEAK_INCOMPLETE)[150:, 190:]
    assert cv2.connectedComponents(arc.astype(np.uint8))[0] - 1 >= 5
    assert overlay[0, 0, 3] == 0


def test_lines_lie_on_the_membrane_at_any_resolution() -> None:
    membranes, cells = one_ring_one_arc()
    none = replace(cells, **{f.name: getattr(cells, f.name)[:0] for f in fields(cells)})
    for scale in (0.5, 1.0, 2.0):
        size = round(300 * scale)
        overlay = draw_overlay((size, size), none, membranes, UM / scale)
        y, x = np.nonzero(painted(overlay, CellClass.INTENSE_COMPLETE))
        centre = (80 + 0.5) * scale - 0.5
        radius = np.hypot(x - centre, y - centre)
        assert len(radius) > 60 * scale
        assert np.abs(radius - 16 * scale).max() < 2.5 * scale + 1.5


def test_every_class_has_its_own_shape_and_colour() -> None:
    assert len({OKABE_ITO.colours[c] for c in SEVEN_CLASSES}) == len(SEVEN_CLASSES)
    membranes, _ = one_ring_one_arc()
    shapes = {}
    for cell_class in (CellClass.INTENSE_COMPLETE, CellClass.INTENSE_INCOMPLETE, CellClass.UNSTAINED):
        none = np.zeros(1, dtype=np.float32)
        at = np.array([[250.0, 50.0]])
        cells = Cells(at, np.array([cell_class], np.uint8), none, none, none, np.ones(1, bool))
        overlay = draw_overlay((300, 300), cells, membranes, UM)
        shapes[cell_class] = painted(overlay, cell_class)[30:70, 230:270].tobytes()
    assert len(set(shapes.values())) == 3


def test_compositing_leaves_the_rest_of_the_picture() -> None:
    membranes, cells = one_ring_one_arc()
    overlay = draw_overlay((300, 300), cells, membranes, UM)
    picture = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    out = composite(picture, overlay)
    drawn = overlay[..., 3] > 0
    assert np.array_equal(out[~drawn], picture[~drawn])
    assert np.array_equal(out[drawn], overlay[drawn][:, :3])
