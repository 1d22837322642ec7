"""`her2scope train`: the nucleus detector, from settings to weights."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from her2scope.cli.say import tell
from her2scope.nets.train_config import load_train_config
from her2scope.nets.training import train


def run(settings: Path, out: Path) -> int:
    """Train and say what came of it."""
    config = load_train_config(settings)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Starting", total=None)

        def report(doing: str, done: int, whole: int) -> None:
            bar.update(task, description=doing, completed=done, total=whole)

        trained = train(config, out, report)
    for epoch in trained.history:
        tell(
            f"epoch {epoch.epoch}: loss {epoch.loss:.4f}, validation F1 tumour {epoch.tumour_f1:.3f}, "
            f"any nucleus {epoch.any_f1:.3f}"
        )
    tell(f"{trained.best}: {trained.stopped}.")
    return 0
