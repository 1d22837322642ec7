"""`her2scope annotate rough`: marks to correct."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from her2scope.cli.reading import Reader
from her2scope.cli.say import tell
from her2scope.cli.settings import Analysis, field_settings
from her2scope.nets.annotations import points_csv, points_geojson
from her2scope.nets.points import Kind, Points
from her2scope.report.files import write_whole


def run(images: tuple[str, ...], out: Path, pixel_um: float | None, detector: str) -> int:
    """Mark the nuclei of images; the exit code is 2 when one could not be read."""
    reader = Reader(field_settings(Analysis(pixel_um, detector=detector)), pixel_um)
    marks: dict[str, Points] = {}
    for _, result in reader.analyse(reader.find(images), "Marking nuclei"):
        marks[result.name] = Points.of(np.asarray(result.nuclei.xy_px), Kind.TUMOUR)
        tell(f"{result.name}: {len(result.nuclei.score)} nuclei marked by {result.detector}.")
    if not marks:
        return 2
    if out.suffix.lower() == ".csv":
        write_whole(out, points_csv(marks).encode())
    else:
        for name, points in marks.items():
            write_whole(out / f"{Path(name).stem}.geojson", points_geojson(points).encode())
    return 2 if reader.problems else 0
