"""How right the method is where the truth is known: synthetic fields and cases of seeds never tuned on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.classes import FIVE_CLASSES, CellClass
from her2scope.analysis.guideline import Guideline
from her2scope.analysis.nuclei import Nuclei
from her2scope.analysis.stain import StainImages
from her2scope.base.frame import Frame
from her2scope.evaluation.metrics import class_f1, confusion_matrix, macro_f1
from her2scope.pipeline.case import score_fields
from her2scope.pipeline.field import FieldSettings, analyse_field
from her2scope.synth.optics import Optics
from her2scope.synth.tissue import SyntheticField, render_case, render_field

CASES = ("0", "0+", "1+", "2+", "3+")
FIELD_UM = 320.0
FIELDS_PER_CASE = 3


@dataclass(frozen=True)
class TrueNuclei:
    """A detector that is told where the nuclei are, to judge the classes alone."""

    nuclei: Nuclei
    name: str = "truth"

    @classmethod
    def of(cls, field: SyntheticField) -> TrueNuclei:
        """The true tumour nuclei of a synthetic field."""
        xy = field.truth.xy_px
        return cls(Nuclei(xy, np.ones(len(xy), dtype=np.float32)))

    def detect(self, frame: Frame, stains: StainImages) -> Nuclei:  # noqa: ARG002 - the detector protocol
        """The nuclei it was made with."""
        return self.nuclei


@dataclass(frozen=True)
class ClassResult:
    """Cell classes at true nuclei against truth.

    Parameters
    ----------
    confusion
        (5, 5) int64, truth by row, in the order of FIVE_CLASSES; counted cells alone.
    macro_f1
        Mean F1 over the five classes.
    f1
        F1 of each class by label.
    cells
        Counted cells compared.
    """

    confusion: NDArray[np.int64]
    macro_f1: float
    f1: dict[str, float]
    cells: int


@dataclass(frozen=True)
class CaseOutcome:
    """One synthetic case: what it is, and what it was scored."""

    truth: str
    seed: int
    score: str | None
    reading: str

    @property
    def right(self) -> bool:
        """Whether score and, for 0 and 0+, the reading are those of the truth."""
        if self.truth in ("0", "0+"):
            return self.score == "0" and self.reading.startswith(f"{self.truth}/")
        return self.score == self.truth


def cell_classes(seeds: Iterable[int], pixel_um: float, optics: Optics, settings: FieldSettings) -> ClassResult:
    """Compare cell classes at true nuclei with truth, over one field of every score for every seed.

    Parameters
    ----------
    seeds
        Seeds of the fields.
    pixel_um
        Pixel size in um; fields are 320 um a side.
    optics
        How they are photographed.
    settings
        Stain profile and membrane parameters; its detector is replaced by the truth.
    """
    confusion = np.zeros((len(FIVE_CLASSES), len(FIVE_CLASSES)), dtype=np.int64)
    for seed in seeds:
        for case in CASES:
            confusion += _field_confusion(
                render_field(case, seed, pixel_um=pixel_um, size_px=round(FIELD_UM / pixel_um), optics=optics), settings
            )
    table = confusion[None].astype(np.float64)
    by_class = {c.label: float(v) for c, v in zip(FIVE_CLASSES, class_f1(table)[0], strict=True)}
    return ClassResult(confusion, float(macro_f1(table)[0]), by_class, int(confusion.sum()))


def _field_confusion(field: SyntheticField, settings: FieldSettings) -> NDArray[np.int64]:
    frame = Frame("synthetic", field.rgb, field.pixel_um)
    cells = analyse_field(frame, replace(settings, detector=TrueNuclei.of(field))).cells
    if not len(cells.classes):  # blocked: every cell of it was missed, so none is compared
        return np.zeros((len(FIVE_CLASSES), len(FIVE_CLASSES)), dtype=np.int64)
    return confusion_matrix(
        _five(field.truth.classes[cells.counted]), _five(cells.classes[cells.counted]), len(FIVE_CLASSES)
    )


def _five(classes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Positions in FIVE_CLASSES; moderate counts as weak."""
    position = {c: k for k, c in enumerate(FIVE_CLASSES)}
    position[CellClass.MODERATE_COMPLETE] = position[CellClass.WEAK_COMPLETE]
    position[CellClass.MODERATE_INCOMPLETE] = position[CellClass.WEAK_INCOMPLETE]
    return np.array([position[CellClass(int(c))] for c in classes], dtype=np.int64)


def case_scores(
    seeds: Sequence[int], pixel_um: float, optics: Optics, settings: FieldSettings, guideline: Guideline
) -> list[CaseOutcome]:
    """Score a synthetic case of every kind for every seed, three fields each, with the settings' own detector.

    Parameters
    ----------
    seeds
        Seeds of the cases.
    pixel_um
        Pixel size in um; fields are 320 um a side.
    optics
        How they are photographed.
    settings
        Stain profile, detector and membrane parameters.
    guideline
        The rules.
    """
    size_px = round(FIELD_UM / pixel_um)
    outcomes = []
    for case in CASES:
        for seed in seeds:
            fields = [
                analyse_field(Frame(f"{case}-{k}", field.rgb, pixel_um), settings)
                for k, field in enumerate(
                    render_case(case, FIELDS_PER_CASE, seed, pixel_um=pixel_um, size_px=size_px, optics=optics)
                )
            ]
            scored = score_fields(fields, guideline)
            outcomes.append(CaseOutcome(case, seed, scored.score, scored.reading))
    return outcomes
