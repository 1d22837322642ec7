"""`her2scope benchmark --app`: how quickly the application answers on this machine."""

from __future__ import annotations

import dataclasses
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from her2scope.cli.say import complain, tell
from her2scope.cli.window import has_display
from her2scope.evaluation.machine import describe_machine
from her2scope.report.files import check_writable, write_whole
from her2scope.report.json_file import to_json

_START = "import sys; from her2scope.cli.main import main; sys.exit(main())"


@dataclass(frozen=True)
class AppRequest:
    """Side of a frame in pixels, presses of the pedal, and the detector's name."""

    size_px: int
    presses: int
    detector: str


def run(request: AppRequest, json: Path | None) -> int:
    """Measure, say the numbers, and write them when asked; without a display, on Qt's offscreen platform."""
    if json is not None:
        check_writable(json)
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        complain("there is no display, so the window is painted into memory")
    from her2scope.app.timing.measure import measure_app
    from her2scope.app.timing.plan import AppPlan
    from her2scope.app.timing.report import to_text

    machine = describe_machine()
    plan = AppPlan(request.detector, request.size_px, presses=request.presses, fields=min(10, request.presses))
    report = measure_app(plan, (sys.executable, "-c", _START, "app"), complain)
    tell(f"{machine.cpu}, {machine.cores} cores; {machine.system}; Python {machine.python}; load {machine.load}")
    for line in to_text(report).splitlines():
        tell(line)
    if json is not None:
        write_whole(json, to_json({"machine": dataclasses.asdict(machine), "app": dataclasses.asdict(report)}))
    return 0
