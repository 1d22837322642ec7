"""From the command to the live picture: the program started in processes of their own."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from her2scope.app.timing.report import Latency, latency
from her2scope.app.until_picture import UNTIL_PICTURE
from her2scope.base.errors import Her2ScopeError

_PATIENCE_S = 60.0


def measure_starts(command: Sequence[str], starts: int, tell: Callable[[str], None]) -> tuple[Latency, ...]:
    """Start the program some times, after a first time that warms the disk; nothing for 0 starts.

    Parameters
    ----------
    command
        That starts the application; UNTIL_PICTURE is put behind it.
    starts
        How often.
    tell
        Called with a few words.

    Raises
    ------
    Her2ScopeError
        When the program does not come as far as a picture.
    """
    if not starts:
        return ()
    tell(f"{starts} starts")
    times_s = [_start(command) for _ in range(starts + 1)]
    return (latency("start to live picture", times_s[1:]),)


def _start(command: Sequence[str]) -> float:
    """Seconds from the command to the picture; settings and cases of the user are left alone."""
    with TemporaryDirectory(prefix="her2scope-start-") as folder:
        own = {name: str(Path(folder) / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        start_s = time.monotonic()  # the same clock in all processes of a machine
        try:
            done = subprocess.run(
                [*command, UNTIL_PICTURE],
                env={**os.environ, **own},
                capture_output=True,
                text=True,
                timeout=_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Her2ScopeError(f"The program showed no picture in {_PATIENCE_S:g} s; start it by hand.") from error
    said = done.stdout.split()
    if done.returncode or not said:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1].rstrip(".")
        raise Her2ScopeError(f"The program could not be started ({reason}); start it by hand.")
    return float(said[-1]) - start_s
