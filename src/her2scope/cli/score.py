"""`her2scope score`: fields to cells, overlays and a score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from her2scope.analysis.guideline import Guideline
from her2scope.analysis.overlay import composite
from her2scope.analysis.patch_drawing import draw_patches
from her2scope.base.errors import InputError
from her2scope.base.frame import Frame
from her2scope.cli.reading import Reader, spare_inputs
from her2scope.cli.say import complain, tell
from her2scope.cli.settings import Analysis, field_settings, software
from her2scope.cli.summary import summary_lines
from her2scope.pipeline.case import read_control, reference_score, score_fields
from her2scope.pipeline.field import FieldResult, overlay
from her2scope.pipeline.patches import control_patch_area, patch_reading
from her2scope.report.case_json import ReportedCase, ReportedControl, ReportedField, case_document
from her2scope.report.files import FileNames, ResultFolder
from her2scope.report.json_file import to_json
from her2scope.report.pictures import png
from her2scope.report.tables import cells_csv
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.slides.roi import RoiFile, read_roi
from her2scope.slides.sources import Sources


@dataclass(frozen=True)
class ScoreRequest:
    """What the user asked of `score`."""

    images: tuple[str, ...]
    out: Path
    analysis: Analysis
    guideline: str | None = None
    controls: tuple[str, ...] = ()
    roi: Path | None = None


@dataclass(frozen=True)
class _Pictures:
    """Where a field's pictures go in the result folder."""

    overlay: str
    patches: str


def run(request: ScoreRequest) -> int:
    """Score; the exit code is 2 when an image could not be read."""
    reader = Reader(field_settings(request.analysis), request.analysis.pixel_um)
    guideline = load_guideline(request.guideline or default_guideline())
    roi = None if request.roi is None else read_roi(request.roi)
    with ResultFolder(request.out) as folder:
        sources, controls = reader.find(request.images), reader.find(request.controls)
        if roi is not None:
            roi.check_images(sources.names)
        scoring = _Scoring(reader, guideline, folder)
        scoring.plan_pictures(sources, controls)
        spare_inputs((request.out / place for place in scoring.places()), sources, controls)
        control = scoring.score_control(controls) if request.controls else None
        fields = scoring.score_fields(sources, roi)
        if not fields:
            folder.abandon()
            if (request.out / "case.json").exists():
                complain(f"{request.out}: still holds the results of an earlier run; nothing was scored in this one.")
            return 2
        case = scoring.case(fields, control)
        folder.write("cells.csv", cells_csv((f.result.name, f.result.cells) for f in fields))
        folder.write("case.json", to_json(case_document(case)))
    for line in summary_lines(case, request.out):
        tell(line)
    return 2 if reader.problems else 0


class _Scoring:
    """One run of `score`.

    Parameters
    ----------
    reader
        Reads and analyses images.
    guideline
        The rules.
    folder
        Where results go.
    """

    def __init__(self, reader: Reader, guideline: Guideline, folder: ResultFolder) -> None:
        self.reader = reader
        self.guideline = guideline
        self.folder = folder
        self.control_area: float | None = None
        self.same: dict[bytes, list[str]] = {}
        self.field_pictures: dict[str, _Pictures] = {}
        self.control_pictures: dict[str, _Pictures] = {}

    def plan_pictures(self, sources: Sources, controls: Sources) -> None:
        """Name all pictures before any is drawn, so that a field's name does not depend on the control's."""
        names = FileNames()
        for found, pictures in ((sources, self.field_pictures), (controls, self.control_pictures)):
            for name in found.names:
                overlay_name, patches_name = names.take(name, ".png"), names.take(name, "_patches.png")
                pictures[name] = _Pictures(f"overlays/{overlay_name}", f"overlays/{patches_name}")

    def places(self) -> Iterator[str]:
        """Where pictures may be written."""
        for pictures in (*self.field_pictures.values(), *self.control_pictures.values()):
            yield from (pictures.overlay, pictures.patches)

    def score_control(self, controls: Sources) -> ReportedControl:
        """Analyse the control's fields, judge the assay by them, and keep their stain to read patches against."""
        pairs = list(self.reader.analyse(controls, "Reading the control"))
        reading = read_control([result for _, result in pairs], self.reader.settings.stain.control)
        no_patches = ""
        if not reading.verdict.passed:
            no_patches = "the control failed, so nothing is read against it"
        else:
            try:
                self.control_area = control_patch_area(pairs)
            except InputError as error:
                no_patches = str(error)
        fields = tuple(self._report(pair, self.control_pictures) for pair in pairs)
        return ReportedControl(reading, fields, no_patches)

    def score_fields(self, sources: Sources, roi: RoiFile | None) -> tuple[ReportedField, ...]:
        """Analyse the fields and draw their pictures, one at a time."""
        pairs = self.reader.analyse(sources, "Scoring fields", roi)
        return tuple(self._report(pair, self.field_pictures) for pair in pairs)

    def _report(self, pair: tuple[Frame, FieldResult], pictures: dict[str, _Pictures]) -> ReportedField:
        """Draw a field's pictures; what is kept of it is small."""
        frame, result = pair
        places = pictures[frame.name]
        if pictures is self.field_pictures:
            self.same.setdefault(blake2b(frame.rgb.tobytes()).digest(), []).append(frame.name)
        drawn = {"overlay": places.overlay}
        self.folder.write(places.overlay, png(composite(frame.rgb, overlay(result)), frame.pixel_um))
        patches = None if self.control_area is None else patch_reading(frame, result, self.control_area)
        if patches is not None:
            drawn["patches"] = places.patches
            self.folder.write(places.patches, png(composite(frame.rgb, draw_patches(patches)), frame.pixel_um))
        score = reference_score(result, self.guideline)
        return ReportedField(replace(result, membranes=None), score, drawn, patches)

    def case(self, fields: tuple[ReportedField, ...], control: ReportedControl | None) -> ReportedCase:
        """Score the case."""
        reading = None if control is None else control.reading
        scored = score_fields([f.result for f in fields], self.guideline, control=reading)
        twice = [names for names in self.same.values() if len(names) > 1]
        flags = [f"{' and '.join(names)} are the same picture: its cells count more than once" for names in twice]
        return ReportedCase(
            software=software(),
            guideline=self.guideline,
            stain=self.reader.settings.stain,
            detector=self.reader.settings.detector.name,
            fields=fields,
            score=replace(scored, flags=(*scored.flags, *flags)),
            control=control,
            unread=tuple(self.reader.problems),
        )
