"""How a response is brought to the client, without a socket."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Response as FlaskResponse

from understudy.messages import Delivery, Ending, Headers, Response
from understudy.replay.thread_limit import ThreadLimit
from understudy.server.delivery import CONNECTION, deliver

HOUR = timedelta(hours=1)
GET = {"REQUEST_METHOD": "GET"}


class Breaks:
    """Notes what is asked of a connection."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def reset(self) -> None:
        self.asked.append("reset")

    def close_empty(self) -> None:
        self.asked.append("close_empty")

    def truncate(self) -> None:
        self.asked.append("truncate")


def response(
    delivery: Delivery | None = None, body: bytes = b"0123456789", status: int = 200
) -> Response:
    return Response(
        status,
        Headers.of([("Content-Type", "text/plain"), ("X-A", "1"), ("X-A", "2")]),
        body,
        delivery,
    )


def entered() -> ThreadLimit:
    """Give a bound whose only place is taken, and whose pauses end at once."""
    waiting = ThreadLimit(1)
    assert waiting.acquire()
    waiting.stop()
    return waiting


def sent(made: FlaskResponse, environ: dict[str, Any]) -> tuple[list[bytes], dict[str, str]]:
    """Give the pieces that the server is given, and the header fields."""
    pieces, _, headers = made.get_wsgi_response(environ)
    return [piece for piece in pieces if piece], dict(headers)


def test_without_a_delivery_it_is_sent_as_it_is() -> None:
    """Status, header fields with their repetitions, length and body."""
    made = deliver(response(), GET, ThreadLimit(1))
    assert (made.status_code, made.data, made.headers.getlist("X-A")) == (
        200,
        b"0123456789",
        ["1", "2"],
    )
    assert made.headers["Content-Length"] == "10"


@pytest.mark.parametrize(
    "delivery", [Delivery(), Delivery(delay=timedelta(milliseconds=1)), Delivery(spread_over=HOUR)]
)
def test_a_whole_delivery_changes_nothing_but_time(delivery: Delivery) -> None:
    """A body in one piece has no time to be spread over."""
    waiting = ThreadLimit(1)
    assert not delivery.needs_thread or waiting.acquire()
    made = deliver(response(delivery), GET, waiting)
    assert (made.status_code, made.data, made.headers["Content-Length"]) == (
        200,
        b"0123456789",
        "10",
    )
    assert waiting.active == 0


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (1, [b"0123456789"]),
        (2, [b"01234", b"56789"]),
        (3, [b"012", b"345", b"6789"]),
        (10, [bytes([byte]) for byte in b"0123456789"]),
        (99, [bytes([byte]) for byte in b"0123456789"]),
    ],
)
def test_a_body_in_pieces(pieces: int, expected: list[bytes]) -> None:
    """As even as can be, none of them empty; the length that is told is that of the whole."""
    made = deliver(response(Delivery(chunks=pieces)), GET, ThreadLimit(1))
    assert sent(made, GET) == (
        expected,
        {"Content-Type": "text/plain", "X-A": "2", "Content-Length": "10"},
    )


def test_an_interrupted_pause_between_pieces_is_the_last() -> None:
    """When the client has gone, the rest is sent without asking for it again."""
    waiting, looks = ThreadLimit(1), iter([False, True])
    assert waiting.acquire()
    environ = {**GET, "waitress.client_disconnected": lambda: next(looks)}
    made = deliver(response(Delivery(chunks=5, spread_over=HOUR)), environ, waiting)
    assert sent(made, environ)[0] == [b"01", b"23", b"45", b"67", b"89"]
    assert list(looks) == []


def test_a_place_is_held_until_the_last_piece() -> None:
    """The thread waits for that long."""
    waiting = entered()
    made = deliver(response(Delivery(chunks=2, spread_over=HOUR)), GET, waiting)
    pieces = iter(made.response)
    assert (next(pieces), waiting.active) == (b"01234", 1)
    assert (next(pieces), waiting.active) == (b"56789", 1)
    assert (next(pieces, None), waiting.active) == (None, 0)
    made.close()
    assert waiting.active == 0


@pytest.mark.parametrize("taken", [0, 1])
def test_a_place_is_left_when_the_server_gives_up(taken: int) -> None:
    """In the middle of the pieces, or before the first was asked for: closing the response leaves the place, once."""
    waiting = entered()
    made = deliver(response(Delivery(chunks=2, spread_over=HOUR)), GET, waiting)
    pieces = iter(made.response)
    for _ in range(taken):
        next(pieces)
    made.close()
    made.close()
    assert waiting.active == 0


def test_a_place_is_left_when_a_delay_ends_in_an_error() -> None:
    """The error passes."""
    waiting = ThreadLimit(1)
    assert waiting.acquire()
    environ = {**GET, "waitress.client_disconnected": lambda: 1 / 0}
    with pytest.raises(ZeroDivisionError):
        deliver(response(Delivery(delay=HOUR)), environ, waiting)
    assert waiting.active == 0


def test_a_place_is_left_when_a_piece_ends_in_an_error() -> None:
    """The error passes, and the server closes the response after it."""
    waiting = ThreadLimit(1)
    assert waiting.acquire()
    environ = {**GET, "waitress.client_disconnected": lambda: 1 / 0}
    made = deliver(response(Delivery(chunks=2, spread_over=HOUR)), environ, waiting)
    with pytest.raises(ZeroDivisionError):
        list(made.response)
    made.close()
    assert waiting.active == 0


@pytest.mark.parametrize(
    ("ending", "asked"), [(Ending.RESET, "reset"), (Ending.EMPTY, "close_empty")]
)
def test_a_connection_that_is_broken_before_a_byte(ending: Ending, asked: str) -> None:
    """It is asked for, after the delay; the application gives no body."""
    breaks, waiting = Breaks(), entered()
    made = deliver(
        response(Delivery(delay=HOUR, ending=ending)), {**GET, CONNECTION: breaks}, waiting
    )
    assert (breaks.asked, made.data, waiting.active) == ([asked], b"", 0)


@pytest.mark.parametrize(
    ("keep", "expected"), [(0, b""), (3, b"012"), (9, b"012345678"), (10, b"012345678"), (-1, b"")]
)
def test_a_body_that_is_cut(keep: int, expected: bytes) -> None:
    """At least one byte is missing from what Content-Length tells."""
    breaks = Breaks()
    environ = {**GET, CONNECTION: breaks}
    made = deliver(
        response(Delivery(ending=Ending.TRUNCATE, sent_bytes=keep)), environ, ThreadLimit(1)
    )
    pieces, headers = sent(made, environ)
    assert (b"".join(pieces), headers["Content-Length"], breaks.asked) == (
        expected,
        "10",
        ["truncate"],
    )


def test_a_cut_body_in_pieces() -> None:
    """What is kept of it is what is spread."""
    breaks, waiting = Breaks(), entered()
    environ = {**GET, CONNECTION: breaks}
    delivery = Delivery(chunks=2, spread_over=HOUR, ending=Ending.TRUNCATE, sent_bytes=4)
    made = deliver(response(delivery), environ, waiting)
    assert (sent(made, environ)[0], breaks.asked) == ([b"01", b"23"], ["truncate"])
    made.close()
    assert waiting.active == 0


@pytest.mark.parametrize(
    ("method", "status", "body"),
    [("HEAD", 200, b"0123456789"), ("GET", 204, b""), ("GET", 304, b""), ("GET", 200, b"")],
)
@pytest.mark.parametrize("ending", [Ending.WHOLE, Ending.TRUNCATE])
def test_where_there_is_no_body_nothing_is_spread_or_cut(
    method: str, status: int, body: bytes, ending: Ending
) -> None:
    """The response is sent as it is, the connection stays, and the place is left at once."""
    breaks, waiting = Breaks(), entered()
    environ = {"REQUEST_METHOD": method, CONNECTION: breaks}
    delivery = Delivery(chunks=3, spread_over=HOUR, ending=ending, sent_bytes=2)
    made = deliver(response(delivery, body, status), environ, waiting)
    assert waiting.active == 0
    assert (made.status_code, sent(made, environ)[0], breaks.asked) == (status, [], [])


@pytest.mark.parametrize("ending", [Ending.RESET, Ending.EMPTY, Ending.TRUNCATE])
def test_a_break_needs_a_server_that_can_do_it(ending: Ending) -> None:
    """Under another one it is a problem document that says so, at once."""
    waiting = ThreadLimit(1)
    assert waiting.acquire()
    made = deliver(response(Delivery(delay=HOUR, ending=ending, sent_bytes=1)), GET, waiting)
    assert (made.status_code, made.content_type) == (502, "application/problem+json")
    problem = made.get_json()
    assert problem["type"] == "urn:understudy:problem:fault-needs-server"
    assert '"understudy serve" or LiveServer' in problem["detail"]
    assert waiting.active == 0
