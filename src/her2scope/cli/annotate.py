"""`her2scope annotate rough`: marks to correct."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from her2scope.analysis.nuclei import Detector
from her2scope.base.frame import Frame
from her2scope.cli.reading import Reader
from her2scope.cli.say import tell
from her2scope.cli.settings import Analysis, field_settings
from her2scope.nets.annotations import points_csv, points_geojson
from her2scope.nets.points import Kind, Points
from her2scope.nets.predict import LinkNetDetector
from her2scope.pipeline.field import FieldResult
from her2scope.report.files import write_whole


def run(images: tuple[str, ...], out: Path, pixel_um: float | None, detector: str) -> int:
    """Mark the nuclei of images; the exit code is 2 when one could not be read."""
    reader = Reader(field_settings(Analysis(pixel_um, detector=detector)), pixel_um)
    marks: dict[str, Points] = {}
    for frame, result in reader.analyse(reader.find(images), "Marking nuclei"):
        points = _marks(reader.settings.detector, frame, result)
        marks[result.name] = points
        others = len(points.select(Kind.OTHER))
        told = f"{len(points.kind) - others} tumour" + (f" and {others} other nuclei" if others else " nuclei")
        reasons = "".join(f" {reason}" for reason in result.reasons)
        tell(f"{result.name}: {told} marked by {result.detector}.{reasons}")
    if not marks:
        return 2
    if out.suffix.lower() == ".csv":
        write_whole(out, points_csv(marks).encode())
    else:
        for name, points in marks.items():
            write_whole(out / f"{Path(name).stem}.geojson", points_geojson(points).encode())
    return 2 if reader.problems else 0


def _marks(detector: Detector, frame: Frame, result: FieldResult) -> Points:
    """Tumour nuclei; from a network also the others, since a nucleus without a mark is learnt as background."""
    if isinstance(detector, LinkNetDetector):
        return detector.detect_all(frame)
    return Points.of(np.asarray(result.nuclei.xy_px), Kind.TUMOUR)
