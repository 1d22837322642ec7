"""A case on small synthetic fields, and a worker that runs in the test's own thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from other_stains import turned

from her2scope.analysis.guideline import Guideline
from her2scope.app.model.session import CaseSession
from her2scope.app.model.state import Role, Source
from her2scope.base.frame import Frame
from her2scope.pipeline.field import FieldResult, FieldSettings, analyse_field
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.settings.stains import load_stain
from her2scope.synth.tissue import render_field

SLIDE = Source("bench", "a slide on the bench", "bench: slide 1")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def settings() -> FieldSettings:
    return FieldSettings(load_stain("default"))


@pytest.fixture(scope="session")
def guideline() -> Guideline:
    """The default rules, with minimum numbers that small fields reach."""
    return replace(load_guideline(default_guideline()), minimum_cells=20, minimum_cells_per_field=5, minimum_fields=2)


@pytest.fixture(scope="session")
def frames() -> dict[str, Frame]:
    cases = {"3+": "3+", "2+": "2+", "0": "0", "control": "control"}
    made = {
        name: Frame(f"{name}.png", render_field(case, 7, pixel_um=0.424, size_px=320).rgb, 0.424, ("synthetic",))
        for name, case in cases.items()
    }
    purple = turned(render_field("0", 7, pixel_um=0.424, size_px=320), 0.5)
    made["purple"] = Frame("purple.png", purple, 0.424, ("synthetic",))
    glass = np.full((256, 256, 3), 240, dtype=np.uint8)
    return {**made, "glass": Frame("glass.png", glass, 0.424)}


@pytest.fixture(scope="session")
def results(frames: dict[str, Frame], settings: FieldSettings) -> dict[str, FieldResult]:
    return {name: analyse_field(frame, settings) for name, frame in frames.items()}


@pytest.fixture
def session(settings: FieldSettings, guideline: Guideline) -> CaseSession:
    session = CaseSession(settings, guideline, "Dr Test", lambda: NOON)
    session.source = SLIDE
    return session


Take = Callable[..., int]


@pytest.fixture
def take(session: CaseSession, results: dict[str, FieldResult], frames: dict[str, Frame]) -> Take:
    """Take a field of a name into the case."""

    def taken(name: str, role: Role = Role.CASE, origin_um: tuple[float, float] | None = None) -> int:
        return session.take(results[name], frames[name], role=role, origin_um=origin_um)

    return taken


@pytest.fixture
def work(session: CaseSession) -> Callable[[], int]:
    """Run all jobs that are due; returns how many outcomes were accepted."""
    return lambda: run_jobs(session)


def run_jobs(session: CaseSession) -> int:
    accepted = 0
    for _ in range(20):
        jobs = session.jobs()
        if not jobs:
            return accepted
        accepted += sum(session.accept(job.run()) for job in jobs)
    raise AssertionError("the jobs never end")
