"""`her2scope nuclei`: where the tumour nuclei are."""

from __future__ import annotations

from pathlib import Path

from her2scope.analysis.nuclei import Nuclei
from her2scope.base.frame import Frame
from her2scope.cli.reading import Reader, spare_inputs
from her2scope.cli.say import tell
from her2scope.cli.settings import Analysis, field_settings
from her2scope.pipeline.field import FieldResult, FieldSettings, nuclei_of_other_stain
from her2scope.report.files import check_writable, write_whole
from her2scope.report.tables import nuclei_csv


def run(images: tuple[str, ...], out: Path, analysis: Analysis) -> int:
    """Find nuclei and write one table; the exit code is 2 when an image could not be read."""
    reader = Reader(field_settings(analysis), analysis.pixel_um)
    sources = reader.find(images)
    spare_inputs((out,), sources)
    check_writable(out)
    found = [_found(pair, reader.settings) for pair in reader.analyse(sources, "Finding nuclei")]
    if not found:
        return 2
    write_whole(out, nuclei_csv(found))
    tell(f"{sum(len(nuclei.score) for _, nuclei in found)} nuclei of {len(found)} images are in {out}.")
    return 2 if reader.problems else 0


def _found(pair: tuple[Frame, FieldResult], settings: FieldSettings) -> tuple[str, Nuclei]:
    """Name and nuclei of an image; the reason of a blocked one is said, and only one of another stain has nuclei."""
    frame, result = pair
    nuclei = nuclei_of_other_stain(frame, settings, result) or result.nuclei
    reasons = "".join(f" {reason}" for reason in result.reasons)
    tell(f"{result.name}: {result.status.value}, {len(nuclei.score)} nuclei.{reasons}")
    return result.name, nuclei
