"""A bound on the calls that keep a thread of the server waiting: late answers, streams of events."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Lock

_TICK_S = 0.1
"""How often a waiting call looks whether its client is still there."""


class ThreadLimit:
    """Lets a bounded number of calls wait at the same time, and wakes them all when the server stops.

    A call that wants to wait asks `enter` first, and says `leave` once when it is over. Safe for threads.
    """

    def __init__(self, limit: int) -> None:
        if limit < 0:
            raise ValueError(f"the number of calls that may wait is 0 or more, not {limit}")
        self.limit = limit
        """How many calls may wait at the same time."""
        self._active = 0
        self._lock = Lock()
        self._stopped = Event()

    @property
    def active(self) -> int:
        """How many calls have entered and not left."""
        return self._active

    def acquire(self) -> bool:
        """Take a place. False, at once, when all are taken or the server stops: then nothing may be left either."""
        with self._lock:
            if self._stopped.is_set() or self._active >= self.limit:
                return False
            self._active += 1
            return True

    def release(self) -> None:
        """Give the place back. Raises RuntimeError when nobody is in: a caller left twice."""
        with self._lock:
            if not self._active:
                raise RuntimeError("a call left its place among the waiting, and had none")
            self._active -= 1

    def wait(self, duration: timedelta, gone: Callable[[], bool] | None = None) -> bool:
        """Wait for a time on the wall clock. True when it has passed; False when the wait ended before.

        It ends before when the server stops, and within 100 ms of `gone` saying that nobody waits for the answer.
        """
        end = time.monotonic() + duration.total_seconds()
        while (left := end - time.monotonic()) > 0:
            if self._stopped.wait(min(left, _TICK_S)) or (gone is not None and gone()):
                return False
        return True

    def stop(self) -> None:
        """Wake all that wait; nobody enters any more."""
        self._stopped.set()
