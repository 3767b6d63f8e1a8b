"""Delivery of a response to the client: late, in pieces, cut short, or not at all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, Protocol

from flask import Response as FlaskResponse

from understudy.messages import Delivery, Ending, Response
from understudy.replay import StubProblem
from understudy.replay.thread_limit import ThreadLimit
from understudy.server.adapter import has_length, to_response

CONNECTION = "understudy.connection"
"""The key of the WSGI environment with the Connection, if the server can break connections."""
_CLIENT_GONE = "waitress.client_disconnected"

_NEEDS_SERVER = StubProblem(
    502,
    "fault-needs-server",
    "This fault needs the server of understudy",
    "It breaks the connection, which this WSGI server cannot do. Start the stub with "
    '"understudy serve" or LiveServer.',
)


class Connection(Protocol):
    """The connection of a response. It ends as requested after the application has returned."""

    on_end: Callable[[], None] | None
    """What the server calls when a response that it holds is sent, or its client has gone."""

    @property
    def is_holding(self) -> bool:
        """Whether the server sends the response later."""

    def hold(self, delivery: Delivery) -> None:
        """Send the response of the application after its delay and in its chunks."""

    def reset(self) -> None:
        """Send nothing and reset the connection (TCP RST)."""

    def close_empty(self) -> None:
        """Send nothing and close the connection in an orderly way (TCP FIN)."""

    def truncate(self) -> None:
        """Send the body of the application, though shorter than Content-Length; then close."""


def deliver(response: Response, environ: Mapping[str, Any], threads: ThreadLimit) -> FlaskResponse:
    """Return the response for Flask; the rest happens while it is sent.

    The server of understudy holds a delayed response without a thread. Under another server, this
    thread waits: if `delivery.needs_thread`, the caller has acquired `threads`, which is released
    once, when the response is sent or its client has hung up. A fault that breaks the connection
    becomes a problem document (502) there. When the server stops, delayed data is sent at once.
    """
    delivery = response.delivery
    if delivery is None:
        return to_response(response)
    connection: Connection | None = environ.get(CONNECTION)
    if connection is not None:
        return _deliver_by(connection, response, delivery, environ)
    with ExitStack() as on_exit:
        if delivery.needs_thread:
            on_exit.callback(threads.release)
        return _deliver_in_thread(response, delivery, environ, threads, on_exit)


def _deliver_by(
    connection: Connection, response: Response, delivery: Delivery, environ: Mapping[str, Any]
) -> FlaskResponse:
    """Let the server delay and break the response."""
    body = b"" if is_bodyless(response, environ) else response.body
    ending = delivery.ending
    if ending is Ending.TRUNCATE and not body:  # there is nothing to cut
        ending = Ending.WHOLE
    _break(connection, ending)
    if delivery.delay or (body and delivery.needs_thread):
        connection.hold(delivery)
    if ending in (Ending.RESET, Ending.EMPTY):
        return FlaskResponse(status=response.status)
    converted = to_response(response)  # its Content-Length is that of the whole body
    if ending is Ending.TRUNCATE:
        sent_bytes = max(0, min(delivery.sent_bytes, len(body) - 1))
        converted.response = [body[:sent_bytes]]
    return converted


def _deliver_in_thread(
    response: Response,
    delivery: Delivery,
    environ: Mapping[str, Any],
    threads: ThreadLimit,
    on_exit: ExitStack,
) -> FlaskResponse:
    """Wait, and prepare the body; `on_exit` releases the thread."""
    body = b"" if is_bodyless(response, environ) else response.body
    if delivery.ending is not Ending.WHOLE and (body or delivery.ending is not Ending.TRUNCATE):
        return to_response(_NEEDS_SERVER.to_response())
    is_client_gone: Callable[[], bool] | None = environ.get(_CLIENT_GONE)
    threads.wait(delivery.delay, is_client_gone)
    converted = to_response(response)
    if min(delivery.chunks, len(body)) > 1:
        held = on_exit.pop_all()
        converted.response = _send_slowly(body, delivery, threads, is_client_gone, held)
        # The server may never ask for the first piece.
        converted.call_on_close(held.close)
    return converted


def is_bodyless(response: Response, environ: Mapping[str, Any]) -> bool:
    """Return whether the message ends with its header fields (RFC 9112, 6.3)."""
    return environ["REQUEST_METHOD"] == "HEAD" or not has_length(response.status)


def _break(connection: Connection, ending: Ending) -> None:
    """Request the ending of a connection."""
    match ending:
        case Ending.RESET:
            connection.reset()
        case Ending.EMPTY:
            connection.close_empty()
        case Ending.TRUNCATE:
            connection.truncate()
        case Ending.WHOLE:
            pass


def _send_slowly(
    body: bytes,
    delivery: Delivery,
    threads: ThreadLimit,
    is_client_gone: Callable[[], bool] | None,
    held: ExitStack,
) -> Iterator[bytes]:
    """Yield the body in pieces: the first at once, the last when the time is over.

    After the server has stopped or the client has hung up, the rest follows at once.
    """
    count = min(delivery.chunks, len(body))
    pause = delivery.spread_over / (count - 1)
    with held:
        for number in range(count):
            if number and not threads.wait(pause, is_client_gone):
                pause = timedelta(0)
            start = number * len(body) // count
            end = (number + 1) * len(body) // count
            yield body[start:end]
