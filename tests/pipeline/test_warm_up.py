"""The warm-up really goes through the kernels."""

from __future__ import annotations

import pytest

from her2scope.analysis.quality import Status
from her2scope.pipeline import warm_up


def test_warm_up_analyses_fields_that_count(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    analyse = warm_up.analyse_field
    monkeypatch.setattr(warm_up, "analyse_field", lambda *a: seen.append(analyse(*a)) or seen[-1])
    warm_up.warm_up()
    assert len(seen) == 2
    assert all(result.status is not Status.BLOCKED and len(set(result.cells.classes)) > 1 for result in seen)
