"""A limit on the calls that occupy a thread while they wait: delayed responses, event streams."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from threading import Event, Lock

from understudy.replay.stub_problem import StubProblem

_TICK_S = 0.1
"""How often a waiting call checks whether its client is still connected."""


class ThreadLimit:
    """Lets a limited number of calls wait at the same time; wakes them when the server stops.

    A call that wants to wait calls `acquire` first, and `release` once when it is done.
    Thread-safe.
    """

    def __init__(self, limit: int) -> None:
        if limit < 0:
            raise ValueError(f"the number of waiting calls must not be negative, but is {limit}")
        self.limit = limit
        """How many calls may wait at the same time."""
        self.while_waiting: Callable[[], AbstractContextManager[None]] = nullcontext
        """The context in which a call waits: a server can use its thread's turn for another."""
        self.count_delayed: Callable[[], int] = lambda: 0
        """Returns how many responses a server sends later without a thread."""
        self._active = 0
        self._lock = Lock()
        self._stopped = Event()

    @property
    def active(self) -> int:
        """How many calls have acquired a thread and not released it."""
        return self._active

    def acquire(self) -> bool:
        """Reserve a thread. Return False at once when none is left.

        A call that gets False must not call `release`. When the server stops, every call gets a
        thread, because its wait ends at once.
        """
        with self._lock:
            if self._active >= self.limit and not self._stopped.is_set():
                return False
            self._active += 1
            return True

    def release(self) -> None:
        """Free the thread. Raises RuntimeError when no call holds one."""
        with self._lock:
            if not self._active:
                raise RuntimeError("a call released a thread twice: no call holds one")
            self._active -= 1

    def wait(self, duration: timedelta, gone: Callable[[], bool] | None = None) -> bool:
        """Wait on the wall clock. Return False when the wait ended early.

        It ends early when the server stops, and within 100 ms after `gone` returns True: the
        client has disconnected.
        """
        end = time.monotonic() + duration.total_seconds()
        if not duration:
            return True
        with self.while_waiting():
            while (left := end - time.monotonic()) > 0:
                is_stopped = self._stopped.wait(min(left, _TICK_S))
                if is_stopped or (gone is not None and gone()):
                    return False
        return True

    def stop(self) -> None:
        """Wake every waiting call; later waits end at once."""
        self._stopped.set()


def build_no_thread_problem() -> StubProblem:
    """Build the problem (503) for a call that has to wait when no thread is left."""
    detail = (
        "Half of the server's threads are waiting already (fault delays, waits, event streams). "
        "Try again."
    )
    headers = (("Retry-After", "1"),)
    return StubProblem(503, "no-thread-left", "Too many calls are waiting", detail, headers)
