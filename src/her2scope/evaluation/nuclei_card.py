"""The numbers of the nucleus detector's model card: detectors on every held-out source, as Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from her2scope.analysis.rough import RoughDetector
from her2scope.evaluation.detectors import (
    EVERY,
    RADII_UM,
    Finder,
    Finding,
    Marked,
    any_finder,
    as_field,
    judge_finder,
    painted_fields,
    synthetic_fields,
    tumour_finder,
)
from her2scope.nets.gather import CASES
from her2scope.nets.points import Kind
from her2scope.nets.predict import LinkNetDetector
from her2scope.nets.sources import Source

SYNTHETIC_SEED = 200_000
"""First seed of the synthetic fields that measure; training and validation lie below (assets/nuclei_split.toml)."""
_TUMOUR = (Kind.TUMOUR,)


@dataclass(frozen=True)
class Question:
    """Fields, and which kinds of nuclei are asked for."""

    name: str
    fields: list[Marked]
    wanted: tuple[Kind, ...]


def questions(test: Sequence[Source], synthetic: int) -> Iterator[Question]:
    """What is measured: sources in their own stain, re-stained as HER2, and synthetic tissue at both pixel sizes.

    Parameters
    ----------
    test
        The held-out images.
    synthetic
        Fields of synthetic tissue for each pixel size.
    """
    own = {name: [s for s in test if s.name.startswith(name)] for name in ("endonuke", "dsb2018", "brecahad")}
    yield Question("EndoNuke, any nucleus", [as_field(s) for s in own["endonuke"]], EVERY)
    yield Question("DSB2018, any nucleus", [as_field(s) for s in own["dsb2018"]], EVERY)
    yield Question("BreCaHAD H&E, tumour", [as_field(s) for s in own["brecahad"]], _TUMOUR)
    yield Question("BreCaHAD painted as HER2, tumour", painted_fields(own["brecahad"], 1), _TUMOUR)
    for pixel_um, side in ((0.212, 1504), (0.424, 752)):
        seeds = range(SYNTHETIC_SEED, SYNTHETIC_SEED + synthetic)
        yield Question(f"synthetic {pixel_um} um/px, tumour", synthetic_fields(CASES, seeds, pixel_um, side), _TUMOUR)


def findings(test: Sequence[Source], detector: LinkNetDetector, synthetic: int) -> Iterator[Finding]:
    """The trained and the rough detector on every question; for any nucleus both answers of the trained one."""
    for question in questions(test, synthetic):
        for name, finder in _finders(question, detector):
            yield judge_finder((question.name, name), finder, question.fields, question.wanted)


def _finders(question: Question, detector: LinkNetDetector) -> Iterator[tuple[str, Finder]]:
    if question.wanted != _TUMOUR:
        yield "linknet, both heatmaps", any_finder(detector)
    yield "linknet", tumour_finder(detector)
    yield "rough", tumour_finder(RoughDetector())


def to_markdown(found: Sequence[Finding]) -> str:
    """Two tables: at 5 um, and F1 against the match radius."""
    head = "| source | detector | images | precision | recall | F1 | others taken |"
    lines = [head, "|---|---|---|---|---|---|---|", *(finding.row() for finding in found), ""]
    lines.append("| F1 at radius | detector | " + " | ".join(f"{r:g} um" for r in RADII_UM) + " |")
    lines.append("|" + "---|" * (2 + len(RADII_UM)))
    for finding in found:
        values = " | ".join(f"{v:.3f}" for v in finding.f1_by_radius)
        lines.append(f"| {finding.source} | {finding.detector} | {values} |")
    return "\n".join(lines) + "\n"


def to_json(found: Sequence[Finding]) -> str:
    """Every number."""
    return json.dumps({"radii_um": RADII_UM, "findings": [asdict(f) for f in found]}, indent=1)
