"""The threads of the server: one of them computes, the others wait or are idle.

Python computes in one thread at a time. To wake a thread for each request, as waitress does, only
makes the threads compete: with 16 connections, most of the time goes into switching between them.
"""

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock, Thread
from typing import Protocol

log = logging.getLogger("understudy")

_SLICE_S = 0.005
"""After this time in one task, another thread begins with the next: the first may be blocked."""


class Task(Protocol):
    """What a thread does: the requests of one connection that have arrived."""

    def service(self) -> None:
        """Answer the next request."""

    def cancel(self) -> None:
        """Give up the requests; the server stops."""


class TaskDispatcher:
    """Lets a limited number of threads work on tasks, in the order in which they were added.

    A thread that takes a task is computing, until it has no further task or calls `waiting`. An
    idle thread is woken if no thread computes, or if the last task began 5 ms ago: `check_queue`
    finds this out, and has to be called that often while `has_queue` is true. The thread that
    became idle last is woken first, so that few threads do most of the work: each thread that
    works gets an arena of memory of its own from the C library.
    Has the interface of waitress' own dispatcher. Thread-safe.
    """

    def __init__(self, threads: int) -> None:
        self._queue: deque[Task] = deque()
        self._lock = Lock()
        self._exit = Condition(self._lock)
        self._running = threads
        self._idle: list[Condition] = []
        """What each idle thread waits for; the one that became idle last is the last."""
        self._computing = threads
        """How many threads are neither idle nor waiting; a new one looks for a task first."""
        self._last_begin = 0.0
        self._is_stopping = False
        for number in range(threads):
            Thread(target=self._run, name=f"understudy-{number}", daemon=True).start()

    @property
    def has_queue(self) -> bool:
        """Whether a task has not begun yet."""
        return bool(self._queue)

    def add_task(self, task: Task) -> None:
        """Add a task."""
        with self._lock:
            self._queue.append(task)
            self._wake_if_free()

    def check_queue(self) -> None:
        """Wake a thread if the first task has waited too long for the present one to end."""
        with self._lock:
            self._wake_if_free()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """During this block, the calling thread does not compute: another one may."""
        with self._lock:
            self._computing -= 1
            self._wake_if_free()
        try:
            yield
        finally:
            with self._lock:
                self._computing += 1

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Let the threads end, wait for them at most `timeout` seconds, and cancel the tasks."""
        with self._lock:
            self._is_stopping = True
            for wake in self._idle:
                wake.notify()
            is_ended = self._exit.wait_for(lambda: not self._running, timeout)
            if not is_ended:
                log.warning("%d threads of the server are still running", self._running)
            while cancel_pending and self._queue:
                self._queue.popleft().cancel()
        return is_ended

    def _wake_if_free(self) -> None:
        """Wake a thread for the first task, if one may begin."""
        if not (self._queue and self._idle):
            return
        now = time.monotonic()
        if self._computing <= 0 or now - self._last_begin > _SLICE_S:
            # The thread counts as computing from now on: it is not woken twice.
            self._computing += 1
            self._last_begin = now
            self._idle.pop().notify()

    def _run(self) -> None:
        wake = Condition(self._lock)
        while (task := self._next_task(wake)) is not None:
            try:
                task.service()
            except BaseException:
                log.exception("a request failed in the server")

    def _next_task(self, wake: Condition) -> Task | None:
        """Return the next task, as soon as there is one; None when the server stops."""
        with self._lock:
            while not self._queue and not self._is_stopping:
                self._computing -= 1
                self._idle.append(wake)
                wake.wait()
            if self._is_stopping:
                self._running -= 1
                self._exit.notify_all()
                return None
            self._last_begin = time.monotonic()
            return self._queue.popleft()
