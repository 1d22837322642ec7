"""Work that takes longer than the GUI thread may wait, on one thread; newest of a kind wins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from her2scope.app.bridge import Bridge
from her2scope.base.errors import Her2ScopeError

_LOOK_S = 0.05
"""How often a worker that may not begin asks again."""


@dataclass(frozen=True)
class _Job:
    work: Callable[[], Any]
    done: Callable[[Any], None]


class Jobs:
    """One worker thread; a job that waits is replaced by a newer one of its kind.

    Parameters
    ----------
    bridge
        Carries results into the GUI thread.
    on_fault
        Called in the GUI thread with one sentence when a job fails.
    order
        Kinds that go first, the first first; others follow in the order in which they were submitted.
    may_begin
        Asked by the worker before it begins a job; jobs wait until it says True.
    """

    def __init__(
        self,
        bridge: Bridge,
        on_fault: Callable[[str], None],
        order: Sequence[str] = (),
        may_begin: Callable[[], bool] = lambda: True,
    ) -> None:
        self._bridge, self._on_fault = bridge, on_fault
        self._rank = {kind: place for place, kind in enumerate(order)}
        self._may_begin = may_begin
        self._wake = threading.Condition()
        self._waiting: dict[str, _Job] = {}
        self._stops = False
        self._thread = threading.Thread(target=self._loop, name="her2scope jobs", daemon=True)
        self._thread.start()

    def submit(self, kind: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Do `work` on the worker, then `done` with its result in the GUI thread.

        Parameters
        ----------
        kind
            A waiting job of the same kind is dropped.
        work
            Touches no widget.
        done
            Takes the result.
        """
        with self._wake:
            self._waiting[kind] = _Job(work, done)
            self._wake.notify()

    def stop(self) -> None:
        """Let the job in hand end, drop the others, join the thread."""
        with self._wake:
            self._stops = True
            self._wake.notify()
        self._thread.join()

    def _loop(self) -> None:
        while (job := self._next()) is not None:
            try:
                result = job.work()
            except Her2ScopeError as error:
                self._tell(str(error))
            except Exception as error:  # noqa: BLE001  # a thread's end: a fault is told, and the program goes on
                self._tell(f"A calculation failed ({type(error).__name__}: {error}); the case is safe, try it again.")
            else:
                self._hand_over(job, result)

    def _next(self) -> _Job | None:
        with self._wake:
            while not self._stops and not (self._waiting and self._may_begin()):
                self._wake.wait(_LOOK_S if self._waiting else None)
            if self._stops:
                return None
            return self._waiting.pop(min(self._waiting, key=lambda kind: self._rank.get(kind, len(self._rank))))

    def _hand_over(self, job: _Job, result: Any) -> None:
        self._bridge.post(lambda: job.done(result))

    def _tell(self, sentence: str) -> None:
        self._bridge.post(lambda: self._on_fault(sentence))
