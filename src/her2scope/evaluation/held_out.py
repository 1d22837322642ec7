"""The images that measure the nucleus detector: those held out of its training, re-stained ones, and synthetic tissue.

Each question is a source, and which kinds of nuclei are asked for: EndoNuke and DSB2018 mark nuclei of every kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import msgspec
import numpy as np

from her2scope.analysis.stain import StainProfile
from her2scope.base.frame import Frame
from her2scope.base.geometry import MIN_SIDE_PX
from her2scope.evaluation.detectors import Marked
from her2scope.evaluation.outcomes import EVERY, TUMOUR, asked_kinds, in_words
from her2scope.evaluation.stain_classes import (
    NUCLEAR,
    Probe,
    StainClasses,
    around_nucleus,
    cell_classes,
    measured,
    whole_field,
)
from her2scope.nets.gather import CASES, Gathered, gather, lymphocytes
from her2scope.nets.picture_size import WORKING_UM
from her2scope.nets.points import Kind, Points
from her2scope.nets.samples import PLAIN, Variety, draw_painted
from her2scope.nets.sources import Source
from her2scope.nets.train_config import TrainConfig
from her2scope.synth.tissue import render_field

SYNTHETIC_SEED = 200_000
"""First seed of the synthetic fields that measure; training and validation lie below (assets/nuclei_split.toml)."""
_SYNTHETIC = ((0.212, 1504), (0.424, 752))
_SCORES = ("0", "1+", "2+", "3+")
_PAINTED_EACH = 4
_MEASURES_NOTHING = {"bcss", "synthetic"}  # guessed marks; fresh fields are rendered instead


@dataclass(frozen=True)
class Question:
    """Fields, and which kinds of nuclei are asked for."""

    name: str
    fields: Sequence[Marked]
    wanted: tuple[Kind, ...]


def held_out(config: TrainConfig) -> Iterator[Question]:
    """The held-out images of the data sets that a training names, in their own stain and re-stained as HER2.

    Raises
    ------
    ConfigError, InputError
        When settings or data cannot be used.
    """
    data = [msgspec.structs.replace(d, confirm="") for d in config.data if d.kind not in _MEASURES_NOTHING]
    if not data:
        return
    gathered = gather(msgspec.structs.replace(config, data=data, lymphocytes=0.0))
    yield from _own_stain(gathered)
    brecahad = _of(gathered.test, "brecahad")
    if brecahad:
        yield Question("BreCaHAD painted as HER2, tumour", painted_fields(brecahad, 1), TUMOUR)
        if any(d.kind == "dsb2018" for d in data):
            sheets = Variety(lymphocytes(config, gathered.test), infiltrated=1.0)
            name = "BreCaHAD painted as HER2 with lymphocytes, tumour"
            yield Question(name, painted_fields(brecahad, 2, sheets), TUMOUR)


def _own_stain(gathered: Gathered) -> Iterator[Question]:
    for kind, name, wanted, probe in (
        ("endonuke", "EndoNuke, any nucleus", EVERY, NUCLEAR),
        ("dsb2018", "DSB2018, any nucleus", EVERY, None),
        ("brecahad", "BreCaHAD H&E, tumour", TUMOUR, None),
    ):
        sources = _of(gathered.test, kind)
        if sources:
            yield Question(name, [as_field(s, probe) for s in sources], wanted)
        if any(s.doubt > 1 for s in sources):
            coarser = [replace(s, pixel_um=s.pixel_um * s.doubt) for s in sources]
            yield Question(f"{name}, pixels read as twice as large", [as_field(s, probe) for s in coarser], wanted)
    own = _of(gathered.validation, "annotated")
    if own:  # they chose the epoch, but were not learnt
        probe = around_nucleus(StainProfile("default"))
        asked = asked_kinds(source.points for source in own) or TUMOUR
        yield Question(f"own validation pictures, {in_words(asked)}", [as_field(s, probe) for s in own], asked)


def _of(sources: Iterable[Source], kind: str) -> list[Source]:
    return [source for source in sources if source.name.split("/")[0] == kind]


def as_field(source: Source, probe: Probe | None = None) -> Marked:
    """A source's image in its own stain, nuclei sorted by the DAB at them; tiles too small for a frame are enlarged."""
    rgb, xy, pixel_um = source.stain.rgb, source.points.xy_px, source.pixel_um
    factor = max(1.0, (MIN_SIDE_PX + 1) / min(rgb.shape[:2]), pixel_um)
    if factor > 1:
        rgb = np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)
        xy, pixel_um = (xy + 0.5) * factor - 0.5, pixel_um / factor
    frame = Frame(source.name, rgb, pixel_um)
    stains = () if probe is None else (measured(frame, StainProfile("default"), probe, xy),)
    return Marked(frame, Points(xy, source.points.kind), stains)


def painted_fields(sources: Iterable[Source], seed: int, variety: Variety = PLAIN) -> list[Marked]:
    """Crops of held-out sources, re-stained as HER2."""
    fields = []
    for index, source in enumerate(sources):
        for k in range(_PAINTED_EACH):
            painted = draw_painted(np.random.default_rng([seed, index, k]), source, variety)
            frame = Frame(f"{source.name} painted {k}", painted.rgb, WORKING_UM)
            stain = whole_field("drawn score", _SCORES, _SCORES[painted.score], len(painted.points.kind))
            fields.append(Marked(frame, painted.points, (stain,)))
    return fields


def synthetic_questions(fields: int) -> Iterator[Question]:
    """Fresh synthetic HER2 tissue at both pixel sizes, `fields` of each."""
    for pixel_um, side in _SYNTHETIC:
        seeds = range(SYNTHETIC_SEED, SYNTHETIC_SEED + fields)
        name = f"synthetic {pixel_um} um/px, tumour"
        yield Question(name, [synthetic_field(seed, pixel_um, side) for seed in seeds], TUMOUR)


def synthetic_field(seed: int, pixel_um: float, size_px: int) -> Marked:
    """A synthetic field with every nucleus marked; the case goes by the seed."""
    case = CASES[seed % len(CASES)]
    field = render_field(case, seed, pixel_um=pixel_um, size_px=size_px)
    truth = field.truth
    points = Points.of(truth.xy_px, Kind.TUMOUR).joined(Points.of(truth.other_xy_px, Kind.OTHER))
    cells = cell_classes(truth.classes, others=len(truth.other_xy_px))
    stains: tuple[StainClasses, ...] = (whole_field("case", CASES, case, len(points.kind)), cells)
    return Marked(Frame(f"synthetic {seed}", field.rgb, pixel_um), points, stains)
