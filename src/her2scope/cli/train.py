"""`her2scope train`: the nucleus detector, from settings to weights."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from her2scope.cli.say import tell
from her2scope.nets.checkpoint import Epoch
from her2scope.nets.train_config import load_train_config
from her2scope.nets.training import train


def run(settings: Path, out: Path) -> int:
    """Train, and say what each epoch came to."""
    config = load_train_config(settings)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    above = sys.stdout.isatty()  # else what is told goes to its file, not above the bar
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet, redirect_stdout=above) as bar:
        task = bar.add_task("Starting", total=None)

        def report(doing: str, done: int, whole: int) -> None:
            bar.update(task, description=doing, completed=done, total=whole)

        trained = train(config, out, report, _tell_epoch)
    best = max(reversed(trained.history), key=lambda epoch: epoch.figure)
    tell(f"{trained.best} is of epoch {best.epoch}: {trained.stopped}.")
    return 0


def _tell_epoch(epoch: Epoch) -> None:
    """Say what an epoch came to, at once: a log is read while training goes on."""
    tell(
        f"epoch {epoch.epoch}: loss {epoch.loss:.4f}, validation F1 tumour {epoch.tumour_f1:.3f}, "
        f"any nucleus {epoch.any_f1:.3f}"
    )
    sys.stdout.flush()
