"""What a person does in a session, in order."""

from __future__ import annotations

from collections.abc import Callable

from her2scope.app.timing.case_steps import CaseSteps
from her2scope.app.timing.live_steps import LiveSteps
from her2scope.app.timing.notes import Notes
from her2scope.app.timing.plan import AppPlan
from her2scope.app.timing.stage import OpenedApp


def run_scenario(opened: OpenedApp, plan: AppPlan, tell: Callable[[str], None]) -> Notes:
    """Live picture, presses, thresholds, fields, and continuous mode.

    Parameters
    ----------
    opened
        The application.
    plan
        What to measure.
    tell
        Called with a few words before each step.
    """
    notes = Notes()
    live, case = LiveSteps(opened, plan, notes), CaseSteps(opened, plan, notes)
    tell("live picture")
    live.first_press()
    live.live()
    tell(f"{plan.presses} presses")
    live.presses()
    tell("thresholds")
    case.move_thresholds()
    case.drag_threshold()
    case.let_go()
    tell("fields of the case")
    case.undo()
    case.open_fields()
    tell("continuous mode")
    live.continuous()
    return notes
