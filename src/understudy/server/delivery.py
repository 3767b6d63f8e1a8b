"""How a response is brought to the client: late, in pieces, cut short, or not at all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, Protocol

from flask import Response as FlaskResponse

from understudy.messages import Delivery, Ending, Response
from understudy.replay import StubProblem
from understudy.replay.thread_limit import ThreadLimit
from understudy.server.adapter import to_response

CONNECTION = "understudy.connection"
"""Where the WSGI environment holds the Connection, under a server that can break one."""
_GONE = "waitress.client_disconnected"

_NEEDS_SERVER = StubProblem(
    502,
    "fault-needs-server",
    "This fault needs the server of understudy",
    'It breaks the connection, and this WSGI server cannot. Start the stub with "understudy serve" or LiveServer.',
)


class Connection(Protocol):
    """The connection that a response goes to. It is broken after the application has returned, whatever that gave."""

    def reset(self) -> None:
        """Send nothing, and reset it (TCP RST)."""

    def close_empty(self) -> None:
        """Send nothing, and close it in an orderly way."""

    def truncate(self) -> None:
        """Send what the application gives, though it is less than Content-Length says; then close it."""


def deliver(response: Response, environ: Mapping[str, Any], waiting: ThreadLimit) -> FlaskResponse:
    """Give the response for Flask, after its delay; what else its delivery asks for happens while it is sent.

    Where `delivery.holds`, the caller has entered `waiting`: it is left once, when the response is sent or its client
    is gone. When the server stops, what is still held back is sent at once. A fault that breaks the connection is a
    problem document (502) under a server that cannot do that.
    """
    delivery = response.delivery
    if delivery is None:
        return to_response(response)
    with ExitStack() as place:
        if delivery.needs_thread:
            place.callback(waiting.release)
        body = b"" if _is_bodyless(response, environ) else response.body
        ending = delivery.ending if body or delivery.ending is not Ending.TRUNCATE else Ending.WHOLE
        connection: Connection | None = environ.get(CONNECTION)
        if ending is not Ending.WHOLE and connection is None:
            return to_response(_NEEDS_SERVER.to_response())
        gone: Callable[[], bool] | None = environ.get(_GONE)
        waiting.wait(delivery.delay, gone)
        if connection is not None:
            _break(connection, ending)
        if ending in (Ending.RESET, Ending.EMPTY):
            return FlaskResponse(status=response.status)
        made = to_response(response)  # with the whole Content-Length
        if ending is Ending.TRUNCATE:
            body = body[: max(0, min(delivery.sent_bytes, len(body) - 1))]
            made.response = [body]
        if min(delivery.chunks, len(body)) > 1:
            held = place.pop_all()
            made.response = _dribble(body, delivery, waiting, gone, held)
            made.call_on_close(held.close)  # the server may never ask for the first piece
        return made


def _is_bodyless(response: Response, environ: Mapping[str, Any]) -> bool:
    """Tell whether the message ends with its header fields (RFC 9112 6.3)."""
    return (
        environ["REQUEST_METHOD"] == "HEAD"
        or response.status in (204, 304)
        or response.status < 200
    )


def _break(connection: Connection, ending: Ending) -> None:
    if ending is Ending.RESET:
        connection.reset()
    elif ending is Ending.EMPTY:
        connection.close_empty()
    elif ending is Ending.TRUNCATE:
        connection.truncate()


def _dribble(
    body: bytes,
    delivery: Delivery,
    waiting: ThreadLimit,
    gone: Callable[[], bool] | None,
    held: ExitStack,
) -> Iterator[bytes]:
    """Give the body in pieces: the first at once, the last when the time is over. Once woken, the rest at once."""
    count = min(delivery.chunks, len(body))
    gap = delivery.spread_over / (count - 1)
    with held:
        for number in range(count):
            if number and not waiting.wait(gap, gone):
                gap = timedelta(0)
            yield body[number * len(body) // count : (number + 1) * len(body) // count]
