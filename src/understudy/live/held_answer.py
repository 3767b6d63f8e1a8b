"""An answer that is sent later, by the loop: no thread waits for it."""

import logging
import time
from typing import Any

from understudy.live.answer_task import BreakableTask
from understudy.messages import Delivery

log = logging.getLogger("understudy")


class HeldAnswer:
    """A timer that sends an answer after its delay, in one piece or more.

    When its client has gone or the server stops, it sends what is left at once.
    """

    __slots__ = (
        "_body",
        "_channel",
        "_chunks",
        "_due_s",
        "_is_ended",
        "_pause_s",
        "_sent_chunks",
        "_task",
        "is_cancelled",
    )

    def __init__(self, channel: Any, task: BreakableTask, delivery: Delivery) -> None:
        self._channel, self._task = channel, task
        self._body = b"".join(task.held_body)
        task.held_body.clear()
        self._chunks = max(1, min(delivery.chunks, len(self._body)))
        self._sent_chunks = 0
        self._pause_s = delivery.spread_over.total_seconds() / max(1, self._chunks - 1)
        self._due_s = time.monotonic() + delivery.delay.total_seconds()
        self._is_ended = False
        self.is_cancelled = False

    @property
    def due_s(self) -> float:
        """When the next piece is due, on the monotonic clock."""
        return 0.0 if self._channel.is_hurried else self._due_s

    def run(self) -> None:
        """Send the next piece; after the last one, finish the request."""
        try:
            self._send_next()
        except Exception:  # a defect must not end the loop
            log.exception("a held answer could not be sent")
            self._channel.will_close = True
            self._end()

    def _send_next(self) -> None:
        first = self._sent_chunks
        self._sent_chunks = self._chunks if self._channel.is_hurried else first + 1
        start = first * len(self._body) // self._chunks
        end = self._sent_chunks * len(self._body) // self._chunks
        if self._channel.connected:
            self._task.send_held(self._body[start:end])
        if self._sent_chunks == self._chunks:
            self._end()
            return
        self._due_s += self._pause_s
        self._channel.server.loop.add_timer(self)
        self._channel.server.loop.look_at(self._channel)

    def _end(self) -> None:
        if self._is_ended:
            return
        self._is_ended = True
        self._channel.finish_held(self._task)
        on_end = self._task.connection.on_end
        if on_end is not None:
            on_end()
