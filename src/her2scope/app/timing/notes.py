"""What is noted down while the application is measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from her2scope.app.timing.report import Latency, Situation, latency
from her2scope.app.timing.stage import Press


@dataclass
class Notes:
    """Latencies and situations in the order of measuring, every press, cells of each field; see AppReport."""

    latencies: list[Latency] = field(default_factory=list)
    situations: list[Situation] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    continuous_per_s: float = 0.0
    redraws: int = 0
    gaps: int = 0

    def times(self, name: str, times_s: Iterable[float | None]) -> None:
        """Note how long something took in seconds; None where the answer never came."""
        self.latencies.append(latency(name, [time_s for time_s in times_s if time_s is not None]))
