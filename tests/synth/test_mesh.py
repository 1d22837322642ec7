"""Cells are whole, of a tumour cell's size, and share their edges."""

import numpy as np
import pytest

from her2scope.synth.grid import Extent
from her2scope.synth.ground import lay_ground
from her2scope.synth.mesh import pack_cells


@pytest.fixture(scope="module")
def mesh():
    extent = Extent(320.0, 260.0)
    rng = np.random.default_rng(6)
    return pack_cells(rng, extent, lay_ground(rng, extent))


def neighbours(mesh):
    """Both ends of each piece of an edge, as indices of samples."""
    piece = np.flatnonzero(np.diff(mesh.sample_edge) == 0)
    return piece, piece + 1


def test_cells_are_as_large_as_tumour_cells(mesh):
    diameter = 2 * np.sqrt(mesh.area_um2[mesh.tumour] / np.pi)
    assert len(diameter) > 150
    assert 11 < np.median(diameter) < 18
    assert (np.percentile(diameter, [2, 98]) > [8, 11]).all()
    assert diameter.max() < 24


def test_samples_follow_each_other_closely(mesh):
    first, second = neighbours(mesh)
    gap = np.hypot(*(mesh.sample_um[first] - mesh.sample_um[second]).T)
    assert np.median(gap) == pytest.approx(0.5, abs=0.1)
    assert gap.max() < 1.2


def test_every_ring_is_closed(mesh):
    """The triangles from a cell's middle to the pieces of its edges fill the whole turn."""
    first, second = neighbours(mesh)
    turn = np.zeros(len(mesh.area_um2))
    for cell in mesh.edge_cells[mesh.sample_edge[first]].T:
        a, b = (mesh.sample_um[k] - mesh.centre_um[cell] for k in (first, second))
        angle = np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1))
        turn += np.bincount(cell, np.abs(angle), minlength=len(turn))
    turn = turn[mesh.tumour] / (2 * np.pi)
    assert turn.min() > 0.999
    assert (turn < 1.06).mean() > 0.98  # thin corners may fold back a little


def test_edges_between_cells_are_shared(mesh):
    """In packed nests most of a cell's ring is its neighbours' too, and nests end in stroma."""
    inner = mesh.tumour[mesh.edge_cells].all(axis=1)
    assert (mesh.edge_cells[:, 0] != mesh.edge_cells[:, 1]).all()
    assert 0.6 < mesh.edge_um[inner].sum() / mesh.edge_um.sum() < 1
