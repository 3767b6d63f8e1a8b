"""Connections of waitress that a response can break, and that notice when their client hangs up.

The classes override internals of waitress: `_flush_some`, `handle_read`, `handle_write` and others.
"""

import contextlib
import socket
import struct
import time
from collections.abc import Iterator
from threading import get_ident
from typing import Any

from understudy.live.answer_task import AnswerHeld, BreakableTask, ProblemTask
from understudy.live.held_answer import HeldAnswer
from understudy.live.request_parser import MAX_RAW, FieldParser
from understudy.live.timed_channel import TimedChannel
from understudy.messages import Ending

_LINGER_ZERO = struct.pack("ii", 1, 0)
"""SO_LINGER with a time of 0: closing discards what is unsent, and sends a reset (RST)."""


class BreakableChannel(TimedChannel):
    """One connection, which reads on while a request is answered, to notice when its client goes.

    Reading on is an option of the server (`channel_request_lookahead`). A client that only ends its
    sending (`nc -N`) looks like one that has gone: a delayed response stops waiting for it, and
    every response is still sent. Waitress alone would drop the response.
    """

    error_task_class = ProblemTask
    parser_class = FieldParser
    ending = Ending.WHOLE
    """How the connection ends after the last response."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._loop_thread = get_ident()  # the loop accepts connections
        self._pieces: list[bytes] | None = None
        self._held: HeldAnswer | None = None
        """The answer to the first request, if it is sent later."""
        self._sent_task: BreakableTask | None = None
        """The task of an answer that was held and is sent now."""
        super().__init__(*args, **options)

    def task_class(self, _: "BreakableChannel", request: FieldParser) -> BreakableTask:
        """Return the task of a request; waitress calls this, as it would call a class."""
        task, self._sent_task = self._sent_task, None
        return task or BreakableTask(self, request)

    def service(self) -> None:
        """Answer the next request, in a thread of the server.

        An answer that is sent later is left to the loop, and the thread is free.
        """
        with self.server.loop.serve(self):
            try:
                super().service()
            except AnswerHeld as held:
                self._held = HeldAnswer(self, held.task, held.delivery)
                self.server.loop.add_timer(self._held)

    def finish_held(self, task: BreakableTask) -> None:
        """End a held answer that was sent; begin with the next request."""
        self._held, self._sent_task = None, task
        if len(self.requests) > 1:
            self.server.add_task(self)  # a thread ends it: that may wait for a slow client
        else:
            super().service()
        self.server.loop.look_at(self)

    def hurry(self) -> None:
        """Send an answer that is held now; only the loop calls this."""
        held = self._held
        if held is not None:
            self.server.loop.cancel_timer(held)
            held.run()

    @property
    def is_hurried(self) -> bool:
        """Whether answers are not held: the client has gone, or the server stops."""
        return self.check_client_disconnected() or self.server.is_stopping

    def received(self, data: bytes) -> bool:
        """Receive bytes; a known request is answered at once, all others wait for a thread."""
        answer = self._find_answer(data)
        if answer is None:
            return bool(super().received(data))
        self._send_at_once(answer)
        return True

    def _find_answer(self, data: bytes) -> bytes | None:
        """Return the answer to a known request, if nothing else is under way here."""
        answer_bytes = self.server.answer_bytes
        if answer_bytes is None or len(data) > MAX_RAW:
            return None
        is_busy = self.requests or self.request is not None or self.total_outbufs_len
        if is_busy or self.will_close or self.close_when_flushed or self.has_client_ended:
            return None
        return answer_bytes(data)  # type: ignore[no-any-return]

    def _send_at_once(self, answer: bytes) -> None:
        """Send an answer from the loop; what the socket does not take now is sent later."""
        rest = answer if self.total_outbufs_len else answer[self._send_now(answer) :]
        if rest:
            with self.outbuf_lock:
                self.outbufs[-1].append(rest)
                self.current_outbuf_count += len(rest)
                self.total_outbufs_len += len(rest)

    def _send_now(self, data: bytes) -> int:
        """Send what the socket takes at once, without the buffers of waitress; return the bytes.

        While something is in these buffers, the loop looks at the connection again and again.
        """
        try:
            return self.socket.send(data)  # type: ignore[no-any-return]
        except BlockingIOError:
            return 0
        except OSError:
            self.will_close = True  # the loop closes the connection
            return len(data)

    @contextlib.contextmanager
    def write_in_one_piece(self) -> Iterator[None]:
        """Send what the block writes in one piece, at the end of the block.

        Waitress sends header fields and body separately, which wakes up the client twice for each
        response. Raises ClientDisconnected.
        """
        pieces = self._pieces = []
        try:
            yield
        finally:
            self._pieces = None
        data = b"".join(pieces)
        if get_ident() == self._loop_thread:  # an answer that was held: the loop never waits
            self._send_at_once(data)
            return
        with self.outbuf_lock:
            if self.connected and not (self.total_outbufs_len or self.will_close):
                data = data[self._send_now(data) :]
            super().write_soon(data)

    def write_soon(self, data: Any) -> int:
        """Send data, or collect it for `write_in_one_piece`. Raises ClientDisconnected."""
        if self._pieces is None:
            return int(super().write_soon(data))
        self._pieces.append(data)
        return len(data)

    @property
    def is_at_last_request(self) -> bool:
        """Whether the server stops, and this connection has no request behind the current one."""
        return self.server.is_stopping and len(self.requests) <= 1 and self.request is None

    @property
    def is_idle(self) -> bool:
        """Whether no response is under way or incompletely sent."""
        return not (self.requests or self.total_outbufs_len)

    def check_client_disconnected(self) -> bool:
        """Return whether the client has hung up, or has ended its sending."""
        return self.has_client_ended or not self.connected

    def readable(self) -> bool:
        """Return whether the loop should wait for data of the client."""
        if self.has_client_ended:
            return False
        return self.is_lingering or self.is_rejected or bool(super().readable())

    def writable(self) -> bool:
        """Return whether the loop should send data, or close the connection."""
        if self.is_lingering:
            return self.has_client_ended
        return self._is_complete() or bool(super().writable())

    def handle_read(self) -> None:
        """Read requests, or note that the client has ended its sending."""
        try:
            data = self.socket.recv(self.adj.recv_bytes)
        except BlockingIOError:
            return
        except OSError:
            self.handle_close()
            return
        if data:
            self.last_activity = time.time()  # noqa: TID251 (the idle time of the socket)
            self.received(data)
        else:
            self.has_client_ended = True
            self.hurry()

    def handle_write(self) -> None:
        """Send data; then close the connection if it is complete."""
        if self._is_complete():
            self.close_when_flushed = True
        super().handle_write()

    def handle_close(self) -> None:
        """Close the socket as the last response requires; only the loop calls this."""
        if self.socket is not None:
            with contextlib.suppress(OSError):  # the client closed it first
                if not self.is_lingering and self._prepare_close():
                    return
        super().handle_close()
        self.hurry()  # nothing is sent any more

    def _flush_some(self, do_close: bool = True) -> bool:
        """Send data from one thread at a time: the loop, or the thread of the response.

        When waitress says "100 Continue" after another response, that thread sends and closes too,
        concurrently with the loop: the client then gets the 100 twice or never.
        """
        with self.outbuf_lock:
            is_loop = get_ident() == self._loop_thread
            return bool(super()._flush_some(do_close=do_close and is_loop))

    def _is_complete(self) -> bool:
        """Return whether every request of a client that sends no more is answered."""
        return self.has_client_ended and not self.requests

    def _prepare_close(self) -> bool:
        """Do before a close what the ending requires; return whether the connection lingers."""
        match self.ending:
            case Ending.RESET:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
                return False
            case Ending.WHOLE | Ending.EMPTY | Ending.TRUNCATE:
                return self.linger()
