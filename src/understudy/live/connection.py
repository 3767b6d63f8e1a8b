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

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

from understudy.calllog import CallLog
from understudy.live.request_head import RejectedRequestError
from understudy.live.request_parser import MAX_RAW, FieldParser
from understudy.messages import Ending
from understudy.replay import StubProblem
from understudy.server.adapter import FIELDS
from understudy.server.call_report import log_server_problem
from understudy.server.cross_origin import CrossOrigin, PageCall
from understudy.server.delivery import CONNECTION
from understudy.server.operation_front import RAW, RECOGNISED, split_head

_LINGER_ZERO = struct.pack("ii", 1, 0)
"""SO_LINGER with a time of 0: closing discards what is unsent, and sends a reset (RST)."""
_MAX_DRAINING_READS = 64
"""How many reads drain what a client still sends before its connection is closed."""
_READ_BYTES = 65536
_TOO_LARGE = (413, 414, 431)
"""The statuses of requests that are larger than the server reads."""


class BreakableConnection:
    """What a response can request of its connection; the loop of the server carries it out.

    It does not know the task, so that a request leaves no reference cycle behind.
    """

    __slots__ = ("ending",)

    def __init__(self) -> None:
        self.ending = Ending.WHOLE
        """How the connection ends after this response."""

    def reset(self) -> None:
        """Send nothing and reset the connection (TCP RST)."""
        self.ending = Ending.RESET

    def close_empty(self) -> None:
        """Send nothing and close the connection in an orderly way (TCP FIN)."""
        self.ending = Ending.EMPTY

    def truncate(self) -> None:
        """Send the body of the application, though shorter than Content-Length; then close."""
        self.ending = Ending.TRUNCATE


class BreakableTask(WSGITask):  # type: ignore[misc]  # waitress has no types
    """One request, answered in a thread of the server; its WSGI environment has the connection."""

    def __init__(self, channel: "BreakableChannel", request: FieldParser) -> None:
        self._length: int | None = None
        self._environ: dict[str, Any] = {}
        self.connection = BreakableConnection()
        super().__init__(channel, request)

    @property
    def content_length(self) -> int | None:
        """The length that waitress enforces; None for a body that is shorter on purpose."""
        return self._length if self.connection.ending is Ending.WHOLE else None

    @content_length.setter
    def content_length(self, length: int | None) -> None:
        self._length = length

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment, with the connection under CONNECTION."""
        environ: dict[str, Any] = super().get_environment()
        environ[CONNECTION] = self.connection
        environ[FIELDS] = self.request.fields
        if self.request.raw is not None:
            environ[RAW] = self.request.raw
        self._environ = environ
        return environ

    def set_close_on_finish(self) -> None:
        """Close the connection after this response, unless waitress only misses its length.

        Waitress closes after each response without Content-Length. One without content ends with
        its header fields (RFC 9112, section 6.3), so that the connection persists (section 9.3).
        """
        option = self.request.headers.get("CONNECTION", "").lower()
        wants_close = option == "close" or (self.version == "1.0" and option != "keep-alive")
        if self.has_body or wants_close:
            super().set_close_on_finish()
        elif self.version == "1.0":
            self.response_headers.append(("Connection", "Keep-Alive"))

    def build_response_header(self) -> bytes:
        """Return the bytes of the head; remember them for a call that the application knows.

        When the server stops, the last response of a connection says that the connection closes.
        Source: RFC 9112, section 9.6.
        """
        if self.channel.is_at_last_request:
            super().set_close_on_finish()
        head = bytes(super().build_response_header())
        recognised = self._environ.get(RECOGNISED)
        if recognised is not None and self.request.raw is not None and not self.close_on_finish:
            split = split_head(head)
            if split is not None:
                recognised.head.is_length_first = split[1]
                recognised.head.pieces = split[0]
        return head

    def write(self, data: bytes) -> None:
        """Send a piece of the body; the first one follows the header fields."""
        if self.connection.ending not in (Ending.RESET, Ending.EMPTY):
            with self.channel.write_in_one_piece():
                super().write(data)

    def finish(self) -> None:
        """End the response; a connection that is to be broken accepts no further request."""
        super().finish()
        if self.connection.ending is not Ending.WHOLE:
            self.channel.ending = self.connection.ending
            self.close_on_finish = True  # the loop closes the connection, after all is sent


class ProblemTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """An error of the server itself, such as a body that is too large: a problem document."""

    def execute(self) -> None:
        """Send the problem, and close the connection after it."""
        error = self.request.error
        problem = _to_problem(error)
        response = problem.to_response()
        self.status = f"{error.code} {error.reason}"
        page = self._find_page()
        if page is not None and page.is_preflight and error.code in _TOO_LARGE:
            response = page.answer_preflight()
            self.status = "204 No Content"
        elif page is not None:
            self.response_headers.extend(page.fields_beside(response.headers))
        self.response_headers.extend(response.headers)
        self.set_close_on_finish()
        if response.status != 204:
            self.content_length = len(response.body)
        self.write(b"" if self.request.is_head_request else response.body)
        self._log(problem, "" if page is None else page.hint)
        # TRUNCATE drains what the client still sends: unread data turns a close into a reset.
        self.channel.ending = Ending.TRUNCATE

    def _find_page(self) -> PageCall | None:
        """Return the call of a page, as far as the request can be read."""
        cross_origin: CrossOrigin | None = self.channel.server.cross_origin
        if cross_origin is None:
            return None
        return cross_origin.find_page(self.request.read_head())

    def _log(self, problem: StubProblem, page_hint: str) -> None:
        call_log: CallLog | None = self.channel.server.call_log
        if call_log is not None:
            # A request that cannot be parsed may have neither method nor target.
            method = getattr(self.request, "command", "") or "-"
            target = getattr(self.request, "request_uri", "") or "-"
            log_server_problem(call_log, method, target, problem, page_hint)


def _to_problem(error: Error) -> StubProblem:
    """Return the problem of a request that cannot be answered, or of a defect (500)."""
    if isinstance(error, RejectedRequestError):
        return error.problem
    slug = error.reason.lower().replace(" ", "-")
    return StubProblem(error.code, slug, error.reason, str(error.body))


class BreakableChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One connection, which reads on while a request is answered, to notice when its client goes.

    Reading on is an option of the server (`channel_request_lookahead`). A client that only ends its
    sending (`nc -N`) looks like one that has gone: a delayed response stops waiting for it, and
    every response is still sent. Waitress alone would drop the response.
    """

    task_class = BreakableTask
    error_task_class = ProblemTask
    parser_class = FieldParser
    ending = Ending.WHOLE
    """How the connection ends after the last response."""
    has_client_ended = False
    """Whether the client sends no more."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._loop_thread = get_ident()  # the loop accepts connections
        self._pieces: list[bytes] | None = None
        super().__init__(*args, **options)

    def service(self) -> None:
        """Answer the next request, in a thread of the server."""
        with self.server.loop.serve(self):
            super().service()

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
        rest = answer[self._send_now(answer) :]
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
        return not self.has_client_ended and bool(super().readable())

    def writable(self) -> bool:
        """Return whether the loop should send data, or close the connection."""
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

    def handle_write(self) -> None:
        """Send data; then close the connection if it is complete."""
        if self._is_complete():
            self.close_when_flushed = True
        super().handle_write()

    def handle_close(self) -> None:
        """Close the socket as the last response requires; only the loop calls this."""
        if self.socket is not None:
            with contextlib.suppress(OSError):  # the client closed it first
                self._prepare_close()
        super().handle_close()

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

    def _prepare_close(self) -> None:
        """Do before a close what the ending requires."""
        match self.ending:
            case Ending.RESET:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
            case Ending.EMPTY | Ending.TRUNCATE:
                self._drain()
            case Ending.WHOLE:
                if self.server.is_stopping:  # its client may have sent another request meanwhile
                    self._drain()

    def _drain(self) -> None:
        """End the sending, then read what the client has sent.

        TCP turns a close with unread data into a reset, which can discard what was sent to the
        client before. Source: RFC 9293, 3.6.1.
        """
        self.socket.shutdown(socket.SHUT_WR)
        for _ in range(_MAX_DRAINING_READS):
            if not self.socket.recv(_READ_BYTES):
                break
