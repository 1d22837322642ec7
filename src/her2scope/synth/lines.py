"""Edges as rows for the line brush."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from her2scope.synth.grid import Window
from her2scope.synth.mesh import Mesh


def line_rows(
    mesh: Mesh, od: NDArray[np.float64], width_um: NDArray[np.float64], window: Window
) -> NDArray[np.float64]:
    """Rows of `strokes.paint_lines` for the pieces of edges that touch a window.

    Parameters
    ----------
    mesh
        The edges.
    od, width_um
        (S,) optical density and width at each sample; pieces between two samples of density 0 are left out.
    window
        What is painted. Lines thinner than a pixel are painted a pixel wide and as much paler.
    """
    piece = np.flatnonzero((np.diff(mesh.sample_edge) == 0) & (np.maximum(od[1:], od[:-1]) > 0))
    at = window.to_px(mesh.sample_um)
    near = 12 / window.pixel_um
    piece = piece[(at[piece, 1] > -near) & (at[piece, 1] < window.height_px + near)]
    width = np.hypot(width_um / window.pixel_um, 0.6)
    od = od * width_um / window.pixel_um / width
    ends = (piece, piece + 1)
    columns = [at[ends[0]], at[ends[1]], *(od[e] for e in ends), *(width[e] for e in ends)]
    return np.ascontiguousarray(np.column_stack(columns))
