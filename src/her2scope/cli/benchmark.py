"""`her2scope benchmark`: how fast this machine is."""

from __future__ import annotations

from pathlib import Path

from her2scope.cli.say import complain, tell
from her2scope.evaluation.benchmark import Plan, benchmark, to_json, to_text
from her2scope.report.files import check_writable, write_whole


def run(plan: Plan, json: Path | None) -> int:
    """Measure, say the numbers, and write them when asked."""
    if json is not None:
        check_writable(json)
    report = benchmark(plan, complain)
    for line in to_text(report).splitlines():
        tell(line)
    if json is not None:
        write_whole(json, to_json(report))
    return 0
