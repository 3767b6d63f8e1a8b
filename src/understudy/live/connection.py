"""A connection of the production server that can be broken on purpose, and that sees its client go."""

import contextlib
import socket
import struct
from collections.abc import Iterator
from threading import get_ident
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask

from understudy.messages import Ending
from understudy.replay import StubProblem
from understudy.server.delivery import CONNECTION

_LINGER_NOT = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: closing discards what is unsent, and sends a reset."""
_DRAINED = 64
"""How many times what a client still sends is read before its connection is closed."""


class BreakableConnection:
    """What a response can ask of its connection. It only notes the wish: the loop of the server carries it out.

    It knows nothing of the task, so that a request leaves no reference cycle behind.
    """

    __slots__ = ("ending",)

    def __init__(self) -> None:
        self.ending = Ending.WHOLE
        """How the connection ends after this response."""

    def reset(self) -> None:
        """Send nothing, and reset the connection (TCP RST)."""
        self.ending = Ending.RESET

    def close_empty(self) -> None:
        """Send nothing, and close the connection in an orderly way."""
        self.ending = Ending.EMPTY

    def truncate(self) -> None:
        """Send what the application gives, though it is less than Content-Length says; then close the connection."""
        self.ending = Ending.TRUNCATE


class BreakableTask(WSGITask):  # type: ignore[misc]  # waitress has no types
    """One request that is answered in a thread of the server. Its WSGI environment has the connection."""

    def __init__(self, channel: "BreakableChannel", request: HTTPRequestParser) -> None:
        self._length: int | None = None
        self.connection = BreakableConnection()
        super().__init__(channel, request)

    @property
    def content_length(self) -> int | None:
        """The length that the body is held to; none where it is meant to be shorter than the client was told."""
        return self._length if self.connection.ending is Ending.WHOLE else None

    @content_length.setter
    def content_length(self, length: int | None) -> None:
        self._length = length

    def get_environment(self) -> dict[str, Any]:
        """Give the WSGI environment."""
        environ: dict[str, Any] = super().get_environment()
        environ[CONNECTION] = self.connection
        return environ

    def write(self, data: bytes) -> None:
        """Send a piece of the body, after the header fields."""
        if self.connection.ending not in (Ending.RESET, Ending.EMPTY):
            with self.channel.write_in_one_piece():
                super().write(data)

    def finish(self) -> None:
        """End the response. A connection that is to be broken takes no further request."""
        super().finish()
        if self.connection.ending is not Ending.WHOLE:
            self.channel.ending = self.connection.ending
            self.close_on_finish = True  # the loop closes it, once all is sent


class ProblemTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """What the server itself refuses (a body that is too large, a message that is no HTTP): a problem document."""

    def execute(self) -> None:
        """Send the refusal, and take no further request on the connection."""
        error = self.request.error
        slug = error.reason.lower().replace(" ", "-")
        response = StubProblem(error.code, slug, error.reason, str(error.body)).to_response()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(response.headers)
        self.set_close_on_finish()
        self.content_length = len(response.body)
        self.write(response.body)
        # What the client still sends is drained at the close: unread, it would make the close a reset.
        self.channel.ending = Ending.TRUNCATE


class BodyParser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Reads requests. One without a body has nothing to be told to go on with: waitress would wait for it for ever."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header fields."""
        super().parse_header(header_plus)
        if not self.chunked and not self.content_length:
            self.expect_continue = (
                False  # RFC 9110 10.1.1: a server may leave out the 100 where no content comes
            )


class BreakableChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One connection. Reads on while a request is answered (`channel_request_lookahead`), to see its client go.

    A client that only ends its sending (`nc -N`) cannot be told from one that has gone: a delayed answer stops waiting
    for it, and every answer is still sent. Waitress alone would drop the answer.
    """

    task_class = BreakableTask
    error_task_class = ProblemTask
    parser_class = BodyParser
    ending = Ending.WHOLE
    ended = False
    """Whether the client sends no more."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._loop = get_ident()  # connections are accepted there
        self._pieces: list[bytes] | None = None
        super().__init__(*args, **options)

    @contextlib.contextmanager
    def write_in_one_piece(self) -> Iterator[None]:
        """Send what is written while the block runs in one piece, at its end.

        Waitress sends header fields and body one after the other: its client wakes up twice for each answer.
        """
        pieces = self._pieces = []
        try:
            yield
        finally:
            self._pieces = None
        super().write_soon(b"".join(pieces))

    def write_soon(self, data: Any) -> int:
        """Send something. Raises ClientDisconnected."""
        if self._pieces is None:
            return int(super().write_soon(data))
        self._pieces.append(data)
        return len(data)

    def check_client_disconnected(self) -> bool:
        """Tell whether the client has gone, or has ended its sending."""
        return self.ended or not self.connected

    def readable(self) -> bool:
        """Tell whether the loop shall look for requests."""
        return not self.ended and bool(super().readable())

    def writable(self) -> bool:
        """Tell whether the loop shall send, or close."""
        return self._is_through() or bool(super().writable())

    def handle_read(self) -> None:
        """Read requests, or note that there will be no more."""
        if self._is_at_end():
            self.ended = True
        else:
            super().handle_read()

    def handle_write(self) -> None:
        """Send what there is to send, then close where that is due."""
        if self._is_through():
            self.close_when_flushed = True
        super().handle_write()

    def handle_close(self) -> None:
        """Close the socket, as the last response wants it. Only the loop of the server may do that."""
        if self.socket is not None:
            with contextlib.suppress(OSError):  # the client was faster
                self._prepare_close()
        super().handle_close()

    def _flush_some(self, do_close: bool = True) -> bool:
        """Send what there is to send, one thread at a time: the loop, or the one that answers.

        Waitress sends and closes from the latter too when it says "100 Continue" behind another answer, beside the
        loop: the client got that twice, or nothing.
        """
        with self.outbuf_lock:
            return bool(super()._flush_some(do_close=do_close and get_ident() == self._loop))

    def _is_through(self) -> bool:
        return self.ended and not self.requests

    def _is_at_end(self) -> bool:
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except OSError:
            return False  # reading tells it again

    def _prepare_close(self) -> None:
        if self.ending is Ending.RESET:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        elif self.ending is not Ending.WHOLE:
            # Closing with unread requests would be a reset, which can take from the client what it was sent before.
            self.socket.shutdown(socket.SHUT_WR)
            for _ in range(_DRAINED):
                if not self.socket.recv(65536):
                    break
