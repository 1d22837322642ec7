import io
import json
import subprocess
import sys
import warnings
from dataclasses import replace

import msgspec
import pytest

from her2scope.analysis.backend import CpuBackend
from her2scope.base.errors import ConfigError, DeviceWarning, Her2ScopeError, InputError
from her2scope.evaluation import benchmark as bench
from her2scope.evaluation import benchmark_tasks as tasks
from her2scope.evaluation.benchmark import Plan, Report, benchmark, to_json, to_text
from her2scope.evaluation.benchmark_tasks import FieldsInARow, Task, spread
from her2scope.evaluation.machine import describe_machine, memory_mb, peak_memory_mb, usable_cores


@pytest.fixture(scope="module")
def steps():
    return []


@pytest.fixture(scope="module")
def report(steps):
    return benchmark(
        Plan(size_px=512, pixel_sizes_um=(0.424,), runs=3, fields_in_a_row=4, detectors=("rough",)), steps.append
    )


def test_every_stage_is_timed(report):
    (field,) = report.fields
    assert set(field.stages) == {"quality", "stain", "enhance", "membranes", "nuclei", "cells"}
    spreads = [field.field, field.threshold_change, field.overlay, *field.stages.values()]
    assert all(0.0 < s.least_ms <= s.median_ms <= s.p95_ms for s in spreads)
    assert field.cells > 20
    assert field.field.median_ms > max(s.least_ms for s in field.stages.values())


def test_memory_is_that_of_the_analysis_alone(report):
    (field,) = report.fields
    assert 50.0 < field.peak_mb < 700.0
    assert report.in_a_row.fields == 4
    assert 50.0 < report.in_a_row.early_mb <= report.in_a_row.peak_mb


def test_steps_are_told_before_they_are_taken(report, steps):
    assert [step.split()[0] for step in steps] == ["rendering", "timing", "4"]


def test_a_report_is_json_with_the_machine(report):
    read = json.loads(to_json(report))
    assert read["schema"] == 1
    assert read["machine"]["cores"] == usable_cores()
    assert "numpy" in read["machine"]["libraries"]
    assert read["fields"][0]["stages"]["nuclei"]["median_ms"] == report.fields[0].stages["nuclei"].median_ms


def test_a_report_in_words_names_stages_and_memory(report):
    text = to_text(report)
    assert "512 x 512 px at 0.424 um/px" in text
    assert report.fields[0].engine == ""
    for words in ("rough nuclei", "threshold change", "overlay", "peak memory", "4 fields in a row"):
        assert words in text


def test_the_network_is_timed_too_and_says_where_it_ran():
    plan = Plan(size_px=256, pixel_sizes_um=(0.424,), runs=1, fields_in_a_row=0)
    first, second = benchmark(plan).fields
    assert (first.detector, second.detector) == ("linknet", "rough")
    assert first.engine.startswith("cpu ")
    assert f"linknet nuclei ({first.engine})" in to_text(benchmark(replace(plan, detectors=("linknet",))))


def test_memory_that_the_system_does_not_tell_is_not_measured():
    row = FieldsInARow(0.212, 4, None, None, None)
    assert row.growth_mb is None
    text = to_text(Report(512, "cpu", describe_machine(), (), row))
    assert "not measured early, not measured late" in text


def test_growth_is_late_less_early():
    assert FieldsInARow(0.212, 100, 200.0, 260.0, 300.0).growth_mb == 60.0


def test_a_spread_is_least_median_and_95th_percentile():
    times = spread([float(ms) for ms in range(100, -1, -1)])
    assert (times.least_ms, times.median_ms, times.p95_ms) == (0.0, 50.0, 95.0)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"device": "abacus"}, "no device 'abacus'"),
        ({"size_px": 255}, "255 px"),
        ({"size_px": 5000}, "5000 px"),
        ({"runs": 0}, "nothing to run"),
        ({"fields_in_a_row": -1}, "nothing to run"),
        ({"pixel_sizes_um": ()}, "nothing to run"),
    ],
)
def test_a_plan_that_cannot_be_measured_is_refused(wrong, named):
    with pytest.raises(Her2ScopeError, match=named):
        Plan(**wrong)


def test_without_cuda_there_are_no_times_of_cuda(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ConfigError, match="no CUDA device here"):
        benchmark(Plan(device="cuda"))


def test_the_cpu_is_not_measured_where_cuda_was_asked_for(monkeypatch):
    monkeypatch.setattr(tasks, "find_backend", lambda _: CpuBackend())
    with pytest.raises(ConfigError, match="the CPU's times are not its own"):
        tasks.working_backend("cuda")
    assert tasks.working_backend("auto") == CpuBackend()


def test_a_device_that_gives_way_midway_ends_the_measurement(monkeypatch, capsys):
    def give_way(_):
        warnings.warn("cuda has no memory for a whole field.", DeviceWarning, stacklevel=1)

    monkeypatch.setitem(tasks.TASKS, "speed", give_way)
    task = msgspec.json.encode(Task("speed", "a.npy", 0.424, 512, 1, 1, "cuda"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(task)))
    assert tasks.main() == 2
    assert capsys.readouterr().err == "cuda has no memory for a whole field.\n"


def test_an_error_in_the_process_is_passed_on_as_one_sentence():
    with pytest.raises(InputError, match="outside"):
        benchmark(Plan(size_px=256, pixel_sizes_um=(7.0,)))


def test_a_process_that_dies_is_named(monkeypatch):
    died = subprocess.CompletedProcess([], returncode=-9, stdout=b"", stderr=b"")
    monkeypatch.setattr(bench.subprocess, "run", lambda *_, **__: died)
    with pytest.raises(Her2ScopeError, match=r"ended with -9 .*smaller --size"):
        benchmark(Plan(size_px=256))


class TestMemory:
    def test_the_peak_stays_when_memory_is_given_back(self):
        block = b"x" * 200_000_000
        held = memory_mb()
        del block
        assert memory_mb() < held - 150
        assert peak_memory_mb() > held - 5  # the kernel counts in batches

    def test_the_peak_of_a_process_is_not_that_of_its_starter(self):
        block = b"x" * 300_000_000
        code = "from her2scope.evaluation.machine import peak_memory_mb; print(peak_memory_mb())"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert float(done.stdout) < 150.0 < len(block) / 1e6
