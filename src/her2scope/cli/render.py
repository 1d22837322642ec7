"""`her2scope render`: synthetic fields with their truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from her2scope.cli.progress import progress
from her2scope.cli.say import tell
from her2scope.report.files import ResultFolder, safe_stem
from her2scope.report.pictures import png
from her2scope.report.tables import truth_csv
from her2scope.synth.tissue import render_case


@dataclass(frozen=True)
class RenderRequest:
    """What the user asked of `render`."""

    out: Path
    score: str
    fields: int
    seed: int
    pixel_um: float
    size_px: int


def run(request: RenderRequest) -> int:
    """Render and write."""
    render(request)
    tell(f"{request.fields} synthetic fields and their truth are in {request.out}. For research use only.")
    return 0


def render(request: RenderRequest) -> None:
    """Write the fields of a case: NAME.png and NAME_truth.csv."""
    rendered = render_case(
        request.score, request.fields, request.seed, pixel_um=request.pixel_um, size_px=request.size_px
    )
    with ResultFolder(request.out) as folder:
        for name, field in zip(_names(request), progress(rendered, request.fields, "Rendering"), strict=False):
            folder.write(f"{name}.png", png(field.rgb, field.pixel_um))
            folder.write(f"{name}_truth.csv", truth_csv(field.truth))


def _names(request: RenderRequest) -> Iterator[str]:
    """Such as her2_3plus_seed7_01; a name with "+" in front would be a formula to a spreadsheet."""
    case = safe_stem(request.score.replace("+", "plus").replace(" ", "_"))
    return (f"her2_{case}_seed{request.seed}_{number:02d}" for number in range(1, request.fields + 1))
