"""Stops the server on SIGTERM and SIGINT, in every phase of its life.

The handler takes no lock, because the thread that it interrupts may hold it. `Event.set` and
logging take one.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

_SAME_S = 0.1
"""Two signals within this time are one: `make` and supervisors signal a process and its group."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """The handler of SIGTERM and SIGINT during a `with` block.

    The first signal asks the server to stop. Before there is one, and at a second signal, the
    process ends at once. The exit code is 0. Further signals are ignored after the block, unless
    it raises: the process is about to end, and a signal that arrives while Python shuts down would
    kill it. `same_s` is the time in which further signals are the first one.
    """

    def __init__(self, same_s: float = _SAME_S) -> None:
        self._same_s = same_s
        self._request_stop: Callable[[], None] | None = None
        self._first_s: float | None = None
        self._before: dict[signal.Signals, Any] = {}

    def set_server(self, request_stop: Callable[[], None]) -> None:
        """From now on, the first signal calls this function, which must not take a lock."""
        self._request_stop = request_stop

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, signal.SIG_IGN if error is None else before)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._request_stop is None:
            os._exit(0)
        if self._first_s is None:
            self._first_s = time.monotonic()
            self._request_stop()
        elif time.monotonic() - self._first_s > self._same_s:
            os._exit(0)


def end_process() -> None:
    """End the process with 0, although threads are still running."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # its reader has gone, or it is closed
            if stream is not None:
                stream.flush()
    os._exit(0)
