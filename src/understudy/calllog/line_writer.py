"""Writes lines to a terminal or pipe from a thread of its own, so that no answer waits for it."""

import logging
import os
import select
from collections import deque
from collections.abc import Callable
from threading import Event, Thread
from typing import Generic, TypeVar

from understudy.escapes import register_escapes

MAX_QUEUED = 4096
"""How many items wait for the thread at most; further ones are dropped and counted."""
_PAUSE_S = 0.02
"""The thread wakes at most once in this time: to wake it for each call would slow the calls."""
_BATCH = 512
"""How many items become one piece of output."""
_STOP_S = 1.0
"""How long `stop` waits for a slow terminal."""

T = TypeVar("T")


class LineWriter(Generic[T]):
    """Renders items as lines and writes them to a file descriptor, in a thread of its own.

    `put` never waits: when the queue is full, the item is dropped and counted, and a line reports
    the number as soon as the terminal accepts lines again. After the reader has closed its end,
    everything is dropped. Characters that `encoding` does not have are escaped.
    """

    def __init__(
        self,
        descriptor: int,
        render: Callable[[T], str],
        *,
        render_message: Callable[[str], str] = "{}\n".format,
        max_queued: int = MAX_QUEUED,
        encoding: str = "utf-8",
    ) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._errors = register_escapes()
        self._render = render
        self._render_message = render_message
        """Renders a text that is not an item."""
        self._queue: deque[T | str] = deque()
        self._max_queued = max_queued
        self._wake = Event()
        self._stopping = Event()
        self._is_closed = False
        """Whether the reader of the lines has closed its end."""
        self._reported = 0
        """How many of the dropped items a line has reported."""
        self.dropped = 0
        """How many items were dropped, because the queue was full or its reader gone."""
        self._thread = Thread(target=self._run, name="understudy-log", daemon=True)

    @property
    def has_queue(self) -> bool:
        """Whether items wait for the thread."""
        return bool(self._queue)

    def start(self) -> None:
        """Begin to write; until then, items wait in the queue."""
        self._thread.start()

    def put(self, item: T | str) -> None:
        """Add an item, or a message. Never waits; may be called from every thread."""
        if self._is_closed or len(self._queue) >= self._max_queued:
            self.dropped += 1
            return
        self._queue.append(item)
        if not self._wake.is_set():
            self._wake.set()

    def stop(self, timeout_s: float = _STOP_S) -> None:
        """Write what is queued, and end the thread; wait at most `timeout_s` seconds."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()  # before the queue is read: a later item sets it again
            self._write_queue()
            self._stopping.wait(_PAUSE_S)
        self._write_queue()

    def _write_queue(self) -> None:
        while self._queue:
            count = min(len(self._queue), _BATCH)
            lines = [self._render_item(self._queue.popleft()) for _ in range(count)]
            missing = self.dropped - self._reported
            if missing and not self._is_closed:
                self._reported += missing
                message = f"{missing} lines were dropped: the terminal is too slow"
                lines.append(self._render_message(message))
            self._write("".join(lines).encode(self._encoding, self._errors))

    def _render_item(self, item: T | str) -> str:
        if isinstance(item, str):
            return self._render_message(item)
        try:
            return self._render(item)
        except Exception as error:  # the thread must go on: later lines are needed too
            message = f"a call could not be logged: {type(error).__name__}: {error}"
            return self._render_message(message)

    def _write(self, data: bytes) -> None:
        """Write all bytes; a slow reader delays this thread only."""
        while data and not self._is_closed:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:  # another program made the terminal non-blocking
                select.select([], [self._descriptor], [], 1)
            except OSError:
                self._is_closed = True


class WriterHandler(logging.Handler):
    """Passes the records of `logging` to a writer, so that they delay no answer either."""

    def __init__(self, writer: "LineWriter[T]") -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record's text as a message."""
        self._writer.put(self.format(record))
