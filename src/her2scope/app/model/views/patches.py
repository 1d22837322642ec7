"""The two readings of a field, by cells and by patches, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from her2scope.analysis.guideline import SCORES
from her2scope.analysis.patches import PatchReading
from her2scope.analysis.readings import compare_readings
from her2scope.analysis.scoring import CaseScore
from her2scope.app.model.texts import say, say_number
from her2scope.app.model.views.legend import NOT_MEASURED
from her2scope.app.model.views.tone import Tone


@dataclass(frozen=True)
class PatchView:
    """Both readings.

    Parameters
    ----------
    cells, patches
        Scores by cells and by patches; a dash where not measured.
    counts
        How many patches have each score, in words, strongest first.
    valid
        How many of the field's patches hold enough stain.
    disagreement
        What to do where the readings differ; empty where they agree.
    tone
        CAUTION where they differ.
    """

    cells: str
    patches: str
    counts: tuple[str, ...]
    valid: str
    disagreement: str
    tone: Tone


def patch_view(score: CaseScore | None, reading: PatchReading | None) -> PatchView:
    """Both readings of a field.

    Parameters
    ----------
    score
        The field's own score by cells; None where it is blocked.
    reading
        Its patches; None where it is blocked.
    """
    by_cells = None if score is None else score.score
    by_patches = None if reading is None else reading.score
    disagreement = compare_readings(by_cells, by_patches) or ""
    counts: tuple[str, ...] = ()
    valid = NOT_MEASURED
    if reading is not None:
        pairs = zip(SCORES, reading.counts, strict=True)
        counts = tuple(say("patches.count", score=name, patches=say_number("patches", n)) for name, n in pairs)[::-1]
        valid = say("patches.valid", n=reading.valid, of=reading.scores.size)
    tone = Tone.CAUTION if disagreement else Tone.OK
    return PatchView(by_cells or NOT_MEASURED, by_patches or NOT_MEASURED, counts, valid, disagreement, tone)
