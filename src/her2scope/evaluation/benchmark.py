"""How fast fields are analysed on this machine, and in how much memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec

from her2scope.base.errors import Her2ScopeError, InputError
from her2scope.base.geometry import MAX_SIDE_PX, MIN_SIDE_PX
from her2scope.evaluation.benchmark_tasks import FieldsInARow, FieldSpeed, Spread, Task, working_backend
from her2scope.evaluation.machine import Machine, describe_machine
from her2scope.pipeline.backends import check_device

_T = TypeVar("_T")

DETECTORS = ("linknet", "rough")
PIXEL_SIZES_UM = (0.212, 0.424)


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Parameters
    ----------
    size_px
        Side of the field, 256 to 4096 px.
    device
        Where to compute: "cpu", "cuda", or "auto", which is CUDA where it works.
    pixel_sizes_um
        Pixel sizes to measure, in um: 40x and 20x unless told.
    runs
        How often each field is analysed after the warm-up, at least 1.
    fields_in_a_row
        How many fields to analyse in a row while watching the memory; 0 leaves it out.
    seed
        Of the synthetic field.
    detectors
        Nucleus detectors to measure with; memory over many fields is watched with the first.

    Raises
    ------
    InputError
        When one of them is out of range.
    ConfigError
        When there is no such device.
    """

    size_px: int = 3008
    device: str = "cpu"
    pixel_sizes_um: tuple[float, ...] = PIXEL_SIZES_UM
    runs: int = 20
    fields_in_a_row: int = 100
    seed: int = 1
    detectors: tuple[str, ...] = DETECTORS

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        check_device(self.device)
        if not MIN_SIDE_PX <= self.size_px <= MAX_SIDE_PX:
            raise InputError(f"A field of {self.size_px} px a side; choose a size of {MIN_SIDE_PX} to {MAX_SIDE_PX}.")
        if self.runs < 1 or self.fields_in_a_row < 0 or not self.pixel_sizes_um or not self.detectors:
            raise InputError("The benchmark has nothing to run; ask for at least one run, pixel size and detector.")


@dataclass(frozen=True)
class Report:
    """What was measured, on which machine; `device` is its processor ("cpu") or names the card."""

    size_px: int
    device: str
    machine: Machine
    fields: tuple[FieldSpeed, ...]
    in_a_row: FieldsInARow | None
    schema: int = 1


def benchmark(plan: Plan, tell: Callable[[str], None] = lambda _: None) -> Report:
    """Measure speed at each pixel size, and memory over many fields at the first one.

    Parameters
    ----------
    plan
        What to measure.
    tell
        Called with a few words before each step (the whole takes minutes).

    Raises
    ------
    Her2ScopeError
        When a field cannot be rendered or analysed, or the device asked for does not work.
    """
    device = working_backend(plan.device).name
    plan, machine = replace(plan, device=device.partition(" ")[0]), describe_machine()
    with TemporaryDirectory(prefix="her2scope-benchmark-") as folder:
        tasks = [_task(plan, um, Path(folder) / f"{index}.npy") for index, um in enumerate(plan.pixel_sizes_um)]
        for task in tasks:
            tell(f"rendering a field at {task.pixel_um:g} um/px")
            _run_apart(task, type(None))
        speeds = []
        for task, detector in product(tasks, plan.detectors):
            tell(f"timing it at {task.pixel_um:g} um/px with {detector} nuclei")
            speeds.append(_run_apart(replace(task, kind="speed", detector=detector), FieldSpeed))
        row = _run_in_a_row(plan, tasks[0], tell)
    return Report(plan.size_px, device, machine, tuple(speeds), row)


def to_json(report: Report) -> bytes:
    """Write a report as JSON with indents and a closing newline; what was not measured is null."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def to_text(report: Report) -> str:
    """Lay out a report as plain text, for the terminal."""
    machine = report.machine
    memory = "" if machine.memory_gb is None else f", {machine.memory_gb:g} GB"
    lines = [
        f"{machine.cpu}, {machine.cores} cores{memory}; {machine.system}; Python {machine.python}",
        ", ".join(f"{name} {version}" for name, version in machine.libraries.items()),
        f"load before: {_or_unknown(machine.load)} (other programs take their part of the times)",
    ]
    for field in report.fields:
        lines += ["", *_speed_lines(report, field)]
    if report.in_a_row is not None:
        lines += ["", *_row_lines(report.in_a_row)]
    return "\n".join([*lines, ""])


def _task(plan: Plan, pixel_um: float, field: Path) -> Task:
    return Task("render", str(field), pixel_um, plan.size_px, plan.seed, plan.runs, plan.device, plan.detectors[0])


def _run_in_a_row(plan: Plan, task: Task, tell: Callable[[str], None]) -> FieldsInARow | None:
    if plan.fields_in_a_row == 0:
        return None
    tell(f"{plan.fields_in_a_row} fields in a row at {task.pixel_um:g} um/px")
    return _run_apart(replace(task, kind="row", runs=plan.fields_in_a_row), FieldsInARow)


def _run_apart(task: Task, result: type[_T]) -> _T:
    """Run a task in a fresh process, so that its memory is its own."""
    command = [sys.executable, "-m", "her2scope.evaluation.benchmark_tasks"]
    done = subprocess.run(command, input=msgspec.json.encode(task), capture_output=True, check=False)
    if done.returncode == 0:
        return msgspec.json.decode(done.stdout, type=result)
    said = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
    if done.returncode == 2:
        raise InputError(said[-1])
    raise Her2ScopeError(f"the benchmark's process ended with {done.returncode} ({said[-1]}); try a smaller --size.")


def _speed_lines(report: Report, field: FieldSpeed) -> list[str]:
    rows = {"field": field.field, **{f"  {name}": s for name, s in field.stages.items()}}
    rows |= {"threshold change": field.threshold_change, "overlay": field.overlay}
    engine = f" ({field.engine})" if field.engine else ""
    size = f"{report.size_px} x {report.size_px} px at {field.pixel_um:g} um/px"
    return [
        f"{size}, {field.cells} cells, {field.runs} runs on the {report.device}, {field.detector} nuclei{engine}",
        f"  {'':20}{'least':>10}{'median':>10}{'95%':>10}",
        *(f"  {name:20}{_ms(s)}" for name, s in rows.items()),
        f"  first field {field.first_ms:.0f} ms; peak memory {_mb(field.peak_mb)}",
    ]


def _row_lines(row: FieldsInARow) -> list[str]:
    held = f"{_mb(row.early_mb)} early, {_mb(row.late_mb)} late"
    return [f"{row.fields} fields in a row at {row.pixel_um:g} um/px: {held}; peak {_mb(row.peak_mb)}"]


def _ms(spread: Spread) -> str:
    return "".join(f"{time:7.1f} ms" for time in (spread.least_ms, spread.median_ms, spread.p95_ms))


def _mb(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.0f} MB"


def _or_unknown(value: float | None) -> str:
    return "not known" if value is None else f"{value:g}"
