"""`her2scope demo`: a synthetic case from tissue to score."""

from __future__ import annotations

from pathlib import Path

from her2scope.cli.render import RenderRequest, render
from her2scope.cli.score import ScoreRequest
from her2scope.cli.score import run as score
from her2scope.cli.settings import Analysis

FIELDS = 3
PIXEL_UM = 0.212
SIZE_PX = 1504
"""A quarter of the area of a microscope field: enough cells for a score, and rendered in seconds."""


def run(out: Path, case: str, seed: int) -> int:
    """Render a case and its control under DIR, and score them there."""
    render(RenderRequest(out / "fields", case, FIELDS, seed, PIXEL_UM, SIZE_PX))
    render(RenderRequest(out / "control", "control", 1, seed, PIXEL_UM, SIZE_PX))
    return score(ScoreRequest((str(out / "fields"),), out, Analysis(), controls=(str(out / "control"),)))
