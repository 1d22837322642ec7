"""`her2scope evaluate nuclei`: detectors on held-out, one's own and synthetic images, and tables against marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from her2scope.analysis.nuclei import Detector
from her2scope.analysis.stain import StainProfile
from her2scope.base.errors import InputError
from her2scope.base.frame import check_pixel_um
from her2scope.cli.progress import progress
from her2scope.cli.say import tell
from her2scope.cli.settings import software
from her2scope.evaluation.detectors import Answer, Finder, Finding, any_finder, judge, tumour_finder
from her2scope.evaluation.failures import worst_crops
from her2scope.evaluation.held_out import Question, held_out, synthetic_questions
from her2scope.evaluation.nuclei_report import document, to_markdown, to_text
from her2scope.evaluation.outcomes import TUMOUR, in_words
from her2scope.evaluation.own_marks import own_question, table_answers
from her2scope.nets.points import Kind
from her2scope.nets.predict import LinkNetDetector
from her2scope.nets.train_config import load_train_config
from her2scope.pipeline.detectors import DEFAULT_DETECTOR, DETECTORS, find_detector
from her2scope.report.files import ResultFolder, check_writable, write_whole
from her2scope.report.json_file import to_json
from her2scope.report.pictures import jpeg
from her2scope.settings.stains import DEFAULT_STAIN, load_stain

SYNTHETIC_FIELDS = 20
_SETTINGS = ".toml"


@dataclass(frozen=True)
class NucleiRequest:
    """What the user asked of `evaluate nuclei`; empty or None where nothing was said."""

    sources: tuple[Path, ...] = ()
    truth: tuple[Path, ...] = ()
    detectors: tuple[str, ...] = ()
    weights: Path | None = None
    pixel_um: float | None = None
    stain: str | None = None
    synthetic: int | None = None
    json: Path | None = None
    out: Path | None = None

    @property
    def measures_detectors(self) -> bool:
        """Whether an option was given that a table has no use for."""
        return bool(self.detectors or self.weights or self.stain or self.synthetic)


@dataclass
class _Measured:
    """Findings, and pictures of failures by file name."""

    findings: list[Finding] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)


def run(request: NucleiRequest) -> int:
    """Measure, say the numbers, and write them when asked."""
    if request.pixel_um is not None:
        check_pixel_um("--pixel-size", request.pixel_um)
    if request.json is not None:
        check_writable(request.json)
    measured = _table(request) if request.truth else _fields(request)
    for line in to_text(measured.findings).splitlines():
        tell(line)
    if request.json is not None:
        write_whole(request.json, to_json({"software": software(), **document(measured.findings)}))
    if request.out is not None:
        with ResultFolder(request.out) as folder:
            folder.write("nuclei.md", to_markdown(measured.findings).encode())
            for name, data in measured.pictures.items():
                folder.write(name, data)
        tell()
        tell(f"The tables and pictures of failures are in {request.out}. For research use only.")
    return 0


def _table(request: NucleiRequest) -> _Measured:
    """A table of what was found against marks."""
    if len(request.sources) != 1:
        raise InputError("--truth goes with one table of nuclei or cells; give that table, or leave out --truth.")
    if request.measures_detectors:
        raise InputError(
            "--detector, --weights, --stain and --synthetic are for images, not for a table; leave them out."
        )
    (source,) = request.sources
    table = source / "cells.csv" if source.is_dir() else source
    given, wanted = table_answers(table, request.truth, request.pixel_um)
    return _Measured([judge((f"{source.name}, {in_words(wanted)}", table.name), given, wanted)])


def _fields(request: NucleiRequest) -> _Measured:
    """Detectors on images."""
    profile = load_stain(request.stain or DEFAULT_STAIN)
    detectors = _detectors(request)
    measured = _Measured()
    for question in _questions(request, profile):
        finders = [pair for detector in detectors for pair in _finders(detector, question.wanted, profile)]
        given = {name: _answers(name, finder, question) for name, finder in finders}
        measured.findings += [judge((question.name, name), answers, question.wanted) for name, answers in given.items()]
        if request.out is not None:
            first = next(iter(given.values()))
            crops = worst_crops(question.fields, [answer.found for answer in first], question.wanted)
            measured.pictures[f"failures_{_slug(question.name)}.jpg"] = jpeg(crops)
    if not measured.findings:
        raise InputError("There is nothing to measure; give a SOURCE with held-out images, or --synthetic N.")
    return measured


def _detectors(request: NucleiRequest) -> list[Detector]:
    """The detectors asked for, each once."""
    names = list(dict.fromkeys(request.detectors or DETECTORS))
    if request.weights is None:
        return [find_detector(name) for name in names]
    if DEFAULT_DETECTOR not in names:
        raise InputError(f"--weights are for {DEFAULT_DETECTOR}; add --detector {DEFAULT_DETECTOR}, or leave them out.")
    return [LinkNetDetector(request.weights) if name == DEFAULT_DETECTOR else find_detector(name) for name in names]


def _finders(detector: Detector, wanted: Sequence[Kind], profile: StainProfile) -> Iterator[tuple[str, Finder]]:
    """The ways to ask a detector: for nuclei of every kind, where it knows more than one, and for tumour."""
    if isinstance(detector, LinkNetDetector) and tuple(wanted) != TUMOUR:
        yield f"{detector.name}, both heatmaps", any_finder(detector)
    yield detector.name, tumour_finder(detector, profile)


def _answers(name: str, finder: Finder, question: Question) -> list[Answer]:
    fields = progress(question.fields, len(question.fields), f"{question.name}: {name}")
    return [Answer(finder(f.frame), f.points, f.frame.pixel_um, f.stains) for f in fields]


def _questions(request: NucleiRequest, profile: StainProfile) -> Iterator[Question]:
    """What is to be measured, in the order given; synthetic tissue last."""
    for source in request.sources:
        if source.is_dir():
            yield own_question(source, request.pixel_um, profile)
        elif source.suffix.lower() == _SETTINGS:
            yield from held_out(load_train_config(source))
        elif source.exists():
            raise InputError(f"{source}: a table is measured against marks; add --truth, or give a folder of pictures.")
        else:
            raise InputError(f"{source}: no such folder or file; check the name.")
    own = any(source.is_dir() for source in request.sources)
    fields = request.synthetic if request.synthetic is not None else 0 if own else SYNTHETIC_FIELDS
    if fields:
        yield from synthetic_questions(fields)


def _slug(name: str) -> str:
    """A file name's stem, such as endonuke_any_nucleus."""
    return re.sub(r"[^a-z0-9.]+", "_", name.lower()).strip("_")
