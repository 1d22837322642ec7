"""What the benchmark runs in processes of their own: rendering a field, timing it, and many fields in a row.

Each task is one fresh process, so that its peak memory is its own: `python -m her2scope.evaluation.benchmark_tasks`
reads a Task as JSON and writes what it measured as JSON.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from time import perf_counter
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.backend import FieldBackend
from her2scope.analysis.guideline import Guideline
from her2scope.analysis.scoring import CaseScore
from her2scope.base.errors import ConfigError, DeviceWarning, Her2ScopeError, InputError
from her2scope.base.frame import Frame
from her2scope.evaluation.machine import memory_mb, peak_memory_mb
from her2scope.pipeline.backends import find_backend
from her2scope.pipeline.case import score_fields
from her2scope.pipeline.detectors import find_detector
from her2scope.pipeline.field import FieldResult, FieldSettings, analyse_field, overlay, with_thresholds
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.settings.stains import DEFAULT_STAIN, load_stain

_T = TypeVar("_T")

WARM_UPS = 2
CASE = "2+"
SHIFTS = (0.9, 1.1, 1.0)
"""Thresholds are moved by these factors in turn."""


@dataclass(frozen=True)
class Task:
    """One thing to run: `kind` is "render", "speed" or "row"; `field` is the .npy file of the field's RGB.

    `device` is where to compute: "cpu" or "cuda".
    """

    kind: str
    field: str
    pixel_um: float
    size_px: int
    seed: int
    runs: int
    device: str = "cpu"
    detector: str = "rough"


@dataclass(frozen=True)
class Spread:
    """Repeated times in ms: their median, their 95th percentile, and the least, which other programs disturb least."""

    least_ms: float
    median_ms: float
    p95_ms: float


@dataclass(frozen=True)
class FieldSpeed:
    """How fast one field is analysed, by a process that does nothing else.

    Parameters
    ----------
    pixel_um
        Side of a pixel in um.
    cells
        How many cells were found in it.
    runs
        How often it was analysed after the warm-up.
    first_ms
        The first field of a process, the loading of detector and backend included; with kernels to compile when they
        never were.
    field
        The whole analysis, frame to cells; its stages run side by side, so they add up to more.
    stages
        Each stage by its name.
    threshold_change
        New thresholds on the analysed field, to new classes, proportions and score.
    overlay
        Drawing the overlay, which is not part of the analysis.
    peak_mb
        Most memory of the process in 10^6 bytes, interpreter and libraries included; None where not measured.
    detector
        What found the nuclei; with the rough detector it is the time of everything but a network.
    engine
        Where its network ran and in which numbers; empty where it has none.
    """

    pixel_um: float
    cells: int
    runs: int
    first_ms: float
    field: Spread
    stages: dict[str, Spread]
    threshold_change: Spread
    overlay: Spread
    peak_mb: float | None
    detector: str
    engine: str


@dataclass(frozen=True)
class FieldsInARow:
    """Memory over many different fields, one after the other, in 10^6 bytes.

    Parameters
    ----------
    pixel_um
        Side of a pixel in um.
    fields
        How many.
    early_mb, late_mb
        Median after each of the second and of the last tenth of them; None where not measured.
    peak_mb
        The most that was held.
    """

    pixel_um: float
    fields: int
    early_mb: float | None
    late_mb: float | None
    peak_mb: float | None

    @property
    def growth_mb(self) -> float | None:
        """What was held more at the end than at the start; None where not measured."""
        return None if self.early_mb is None or self.late_mb is None else self.late_mb - self.early_mb


def main() -> int:
    """Run the task given on standard input; one sentence on standard error and 2 when that cannot be done."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    warnings.simplefilter("error", DeviceWarning)  # the CPU's times are not those of the device
    try:
        sys.stdout.buffer.write(msgspec.json.encode(TASKS[task.kind](task)))
    except (Her2ScopeError, DeviceWarning) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def render(task: Task) -> None:
    """Render the field and save its RGB."""
    from her2scope.synth.tissue import render_field  # noqa: PLC0415  not in the memory of other tasks

    field = render_field(CASE, task.seed, pixel_um=task.pixel_um, size_px=task.size_px)
    np.save(task.field, field.rgb)


def time_field(task: Task) -> FieldSpeed:
    """Time a field's analysis, its stages, a change of thresholds and the overlay."""
    frame = Frame("benchmark", np.load(task.field), task.pixel_um)
    settings_ms, settings = _timed(lambda: _settings(task))
    first_ms, _ = _timed(lambda: analyse_field(frame, settings))
    for _ in range(WARM_UPS):
        analyse_field(frame, settings)
    whole_ms, stages_ms = [], []
    for _ in range(task.runs):  # one result at a time: a program holds no more
        ms, result = _timed(lambda: analyse_field(frame, settings))
        whole_ms.append(ms)
        stages_ms.append(result.timings_ms)
    if result.membranes is None:
        raise InputError(f"The benchmark's field was blocked ({'; '.join(result.reasons)}); choose a larger --size.")
    return FieldSpeed(
        pixel_um=task.pixel_um,
        detector=result.detector,
        engine=_engine(settings),
        cells=len(result.cells.classes),
        runs=task.runs,
        first_ms=settings_ms + first_ms,
        field=spread(whole_ms),
        stages=_stages(stages_ms),
        threshold_change=_time_threshold_changes(result, settings, task.runs),
        overlay=spread([_timed(lambda: overlay(result))[0] for _ in range(WARM_UPS + task.runs)][WARM_UPS:]),
        peak_mb=peak_memory_mb(),
    )


def run_in_a_row(task: Task) -> FieldsInARow:
    """Analyse and draw many different fields, and watch the memory."""
    settings = _settings(task)
    held = []
    for rgb in islice(_turned(np.load(task.field)), task.runs):
        overlay(analyse_field(Frame("benchmark", rgb, task.pixel_um), settings))
        held.append(memory_mb())
    tenth = max(1, task.runs // 10)
    return FieldsInARow(
        pixel_um=task.pixel_um,
        fields=task.runs,
        early_mb=_median(held[tenth : 2 * tenth]),
        late_mb=_median(held[-tenth:]),
        peak_mb=peak_memory_mb(),
    )


def spread(times_ms: list[float]) -> Spread:
    """Sum up repeated times in ms."""
    return Spread(min(times_ms), float(np.median(times_ms)), float(np.percentile(times_ms, 95)))


def working_backend(device: str) -> FieldBackend:
    """The backend that is measured: never the CPU where CUDA was asked for.

    Raises
    ------
    ConfigError
        When CUDA was asked for and does not work.
    """
    backend = find_backend(device)
    if device == "cuda" and not backend.name.startswith("cuda"):
        raise ConfigError("CUDA does not work here, and the CPU's times are not its own; choose --device cpu.")
    return backend


def _settings(task: Task) -> FieldSettings:
    detector = find_detector(task.detector, task.device)
    return FieldSettings(load_stain(DEFAULT_STAIN), detector, backend=working_backend(task.device))


def _engine(settings: FieldSettings) -> str:
    engine = getattr(settings.detector, "engine", None)
    return "" if engine is None else str(engine.described)


def _timed(step: Callable[[], _T]) -> tuple[float, _T]:
    start = perf_counter()
    result = step()
    return (perf_counter() - start) * 1e3, result


def _stages(runs: list[dict[str, float]]) -> dict[str, Spread]:
    return {stage: spread([run[stage] for run in runs]) for stage in runs[0]}


def _time_threshold_changes(result: FieldResult, settings: FieldSettings, runs: int) -> Spread:
    """Move both thresholds and score again, in turn over SHIFTS."""
    guideline = load_guideline(default_guideline())
    stain = settings.stain
    moved = [
        replace(settings, stain=replace(stain, t_weak=stain.t_weak * by, t_intense=stain.t_intense * by))
        for by in SHIFTS
    ]
    changes = [partial(_change, result, settings, guideline) for settings in moved]
    times = [_timed(change)[0] for change in islice(cycle(changes), WARM_UPS + runs)]
    return spread(times[WARM_UPS:])


def _change(result: FieldResult, settings: FieldSettings, guideline: Guideline) -> CaseScore:
    return score_fields([with_thresholds(result, settings)], guideline)


def _turned(rgb: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """The eight ways to lay a field, over and over; each is a new array."""
    for turn in cycle(range(8)):
        turned = np.rot90(rgb, turn % 4)
        yield np.ascontiguousarray(turned[:, ::-1] if turn >= 4 else turned)


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


TASKS: dict[str, Callable[[Task], object]] = {"render": render, "speed": time_field, "row": run_in_a_row}

if __name__ == "__main__":
    sys.exit(main())
