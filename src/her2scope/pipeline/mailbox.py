"""A mailbox with one slot: the newest wins."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Hands the newest item from one thread to another; older ones that nobody took are forgotten."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None

    def put(self, item: T) -> bool:
        """Put an item in the place of the one there; True when the slot was empty, so that somebody may be told."""
        with self._changed:
            was_empty = self._item is None
            self._item = item
            self._changed.notify()
            return was_empty

    def peek(self) -> T | None:
        """The newest item, which stays; None when the slot is empty."""
        with self._changed:
            return self._item

    def take(self, timeout_s: float) -> T | None:
        """The newest item, which leaves an empty slot; None when none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None, timeout_s)
            item, self._item = self._item, None
            return item

    def clear(self) -> None:
        """Empty the slot."""
        with self._changed:
            self._item = None
