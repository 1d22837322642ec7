"""The method as METHOD.md words it, slowly: what the packed kernels must agree with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from her2scope.analysis.classes import CellClass
from her2scope.analysis.membrane import MembraneImages, MembraneParameters, Thresholds
from her2scope.analysis.stain import OD_STEP

Mask = NDArray[np.bool_]


def zhang_suen(mask: Mask) -> Mask:
    """Thinning by the 1984 rule, a pixel at a time in meaning, an array at a time in numpy."""
    image = np.pad(mask, 1)
    while True:
        before = image.copy()
        for first in (True, False):
            p2, p6 = np.roll(image, 1, 0), np.roll(image, -1, 0)
            p4, p8 = np.roll(image, -1, 1), np.roll(image, 1, 1)
            p3, p9, p5, p7 = np.roll(p2, -1, 1), np.roll(p2, 1, 1), np.roll(p6, -1, 1), np.roll(p6, 1, 1)
            ring = [p2, p3, p4, p5, p6, p7, p8, p9]
            steps = sum((~a & b).astype(int) for a, b in zip(ring, [*ring[1:], p2], strict=True))
            set_ = sum(p.astype(int) for p in ring)
            blocked = (p2 & p4 & p6) | (p4 & p6 & p8) if first else (p2 & p4 & p8) | (p2 & p6 & p8)
            image = image & ~((steps == 1) & (set_ >= 2) & (set_ <= 6) & ~blocked)
        if (image == before).all():
            return image[1:-1, 1:-1]


def disk(radius_px: float) -> Mask:
    r = int(radius_px)
    y, x = np.mgrid[-r : r + 1, -r : r + 1]
    return x * x + y * y <= radius_px**2


def without_specks(mask: Mask, min_px: float) -> Mask:
    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return mask & (sizes[labels] >= min_px)


def cell_faces(skeleton: Mask, pixel_um: float, p: MembraneParameters) -> tuple[Mask, Mask]:
    """P_enclosed: complete faces with their outline; and the like of cell-sized faces that touch the border."""
    labels, count = ndimage.label(~skeleton)  # 4-connected
    complete, cut = np.zeros_like(skeleton), np.zeros_like(skeleton)
    areas = np.bincount(labels.ravel(), minlength=count + 1) * pixel_um**2
    edge = set(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]).tolist())
    for k, box in enumerate(ndimage.find_objects(labels), start=1):
        if areas[k] > p.max_cell_um2:
            continue
        into = cut if k in edge else complete if areas[k] >= p.min_cell_um2 else None
        if into is not None:
            wide = tuple(slice(max(0, s.start - 1), s.stop + 1) for s in box)
            face = labels[wide] == k
            into[wide] |= face | (ndimage.binary_dilation(face, np.ones((3, 3))) & skeleton[wide])
    return complete, cut


def classes(
    images: MembraneImages, xy: NDArray[np.float64], thresholds: Thresholds, p: MembraneParameters
) -> tuple[NDArray[np.uint8], Mask]:
    """Class of every nucleus (analysed pixels), and whether it counts."""
    um = images.pixel_um
    dab, line = images.dab.astype(float) * OD_STEP, images.line.astype(float) * OD_STEP
    smallest = p.min_speck_um2 / um**2
    m_weak = without_specks(line >= thresholds.t_weak - 1e-9, smallest)
    c_weak = zhang_suen(m_weak)
    m_intense = m_weak & without_specks(dab >= thresholds.t_intense - 1e-9, smallest)
    weak_enclosed, cut = cell_faces(c_weak, um, p)
    intense_enclosed, _ = cell_faces(c_weak & m_intense, um, p)
    e_weak = ndimage.binary_dilation(m_weak, disk(p.reach_um / um))
    e_intense = ndimage.binary_dilation(m_intense, disk(p.reach_um / um))
    out, counted = [], []
    for x, y in xy:
        at = (int(np.rint(y)), int(np.rint(x)))
        if intense_enclosed[at]:
            out.append(CellClass.INTENSE_COMPLETE)
        elif e_intense[at]:
            out.append(CellClass.INTENSE_INCOMPLETE)
        elif weak_enclosed[at]:
            out.append(CellClass.WEAK_COMPLETE)
        elif e_weak[at]:
            out.append(CellClass.WEAK_INCOMPLETE)
        else:
            out.append(CellClass.UNSTAINED)
        height, width = line.shape
        to_border = min(x, y, width - 1 - x, height - 1 - y) + 0.5
        counted.append(to_border >= p.reach_um / um and not cut[at])
    return np.array(out, dtype=np.uint8), np.array(counted)
