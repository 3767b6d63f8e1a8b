"""Delivery of responses, without a socket."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Response as FlaskResponse

from understudy.messages import Delivery, Ending, Headers, Response
from understudy.replay.thread_limit import ThreadLimit
from understudy.server.delivery import CONNECTION, deliver

HOUR = timedelta(hours=1)
GET = {"REQUEST_METHOD": "GET"}


class FakeConnection:
    """Records the requests to a connection."""

    is_holding = False
    on_end = None

    def __init__(self) -> None:
        self.calls: list[str] = []

    def hold(self, delivery: Delivery) -> None:
        self.calls.append("hold")

    def reset(self) -> None:
        self.calls.append("reset")

    def close_empty(self) -> None:
        self.calls.append("close_empty")

    def truncate(self) -> None:
        self.calls.append("truncate")


def build_response(
    delivery: Delivery | None = None, body: bytes = b"0123456789", status: int = 200
) -> Response:
    return Response(
        status,
        Headers.of([("Content-Type", "text/plain"), ("X-A", "1"), ("X-A", "2")]),
        body,
        delivery,
    )


def reserve_thread() -> ThreadLimit:
    """Return a limit whose only thread is held, and whose waits end at once."""
    threads = ThreadLimit(1)
    assert threads.acquire()
    threads.stop()
    return threads


def send_all(
    response: FlaskResponse, environ: dict[str, Any]
) -> tuple[list[bytes], dict[str, str]]:
    """Return the pieces for the server, and the header fields."""
    pieces, _, headers = response.get_wsgi_response(environ)
    return [piece for piece in pieces if piece], dict(headers)


def test_response_without_delivery_is_unchanged() -> None:
    """Status, repeated header fields, length and body."""
    response = deliver(build_response(), GET, ThreadLimit(1))
    assert (response.status_code, response.data, response.headers.getlist("X-A")) == (
        200,
        b"0123456789",
        ["1", "2"],
    )
    assert response.headers["Content-Length"] == "10"


@pytest.mark.parametrize(
    "delivery", [Delivery(), Delivery(delay=timedelta(milliseconds=1)), Delivery(spread_over=HOUR)]
)
def test_delay_does_not_change_the_response(delivery: Delivery) -> None:
    """A body in one piece is not spread over time."""
    threads = ThreadLimit(1)
    assert not delivery.needs_thread or threads.acquire()
    response = deliver(build_response(delivery), GET, threads)
    assert (response.status_code, response.data, response.headers["Content-Length"]) == (
        200,
        b"0123456789",
        "10",
    )
    assert threads.active == 0


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
def test_body_is_split_into_even_pieces(pieces: int, expected: list[bytes]) -> None:
    """No piece is empty, and the length is that of the whole."""
    response = deliver(build_response(Delivery(chunks=pieces)), GET, ThreadLimit(1))
    assert send_all(response, GET) == (
        expected,
        {"Content-Type": "text/plain", "X-A": "2", "Content-Length": "10"},
    )


def test_rest_follows_at_once_after_an_interrupted_pause() -> None:
    """The client is not checked again."""
    threads, answers = ThreadLimit(1), iter([False, True])
    assert threads.acquire()
    environ = {**GET, "waitress.client_disconnected": lambda: next(answers)}
    response = deliver(build_response(Delivery(chunks=5, spread_over=HOUR)), environ, threads)
    assert send_all(response, environ)[0] == [b"01", b"23", b"45", b"67", b"89"]
    assert list(answers) == []


def test_thread_is_held_until_the_last_piece() -> None:
    """The pauses need it."""
    threads = reserve_thread()
    response = deliver(build_response(Delivery(chunks=2, spread_over=HOUR)), GET, threads)
    pieces = iter(response.response)
    assert (next(pieces), threads.active) == (b"01234", 1)
    assert (next(pieces), threads.active) == (b"56789", 1)
    assert (next(pieces, None), threads.active) == (None, 0)
    response.close()
    assert threads.active == 0


@pytest.mark.parametrize("taken", [0, 1])
def test_thread_is_released_when_the_server_gives_up(taken: int) -> None:
    """Closing the response releases it once, before or between the pieces."""
    threads = reserve_thread()
    response = deliver(build_response(Delivery(chunks=2, spread_over=HOUR)), GET, threads)
    pieces = iter(response.response)
    for _ in range(taken):
        next(pieces)
    response.close()
    response.close()
    assert threads.active == 0


def test_thread_is_released_after_an_error_in_a_delay() -> None:
    """The error is raised."""
    threads = ThreadLimit(1)
    assert threads.acquire()
    environ = {**GET, "waitress.client_disconnected": lambda: 1 / 0}
    with pytest.raises(ZeroDivisionError):
        deliver(build_response(Delivery(delay=HOUR)), environ, threads)
    assert threads.active == 0


def test_thread_is_released_after_an_error_in_a_piece() -> None:
    """The error is raised, and the server closes the response."""
    threads = ThreadLimit(1)
    assert threads.acquire()
    environ = {**GET, "waitress.client_disconnected": lambda: 1 / 0}
    response = deliver(build_response(Delivery(chunks=2, spread_over=HOUR)), environ, threads)
    with pytest.raises(ZeroDivisionError):
        list(response.response)
    response.close()
    assert threads.active == 0


@pytest.mark.parametrize(
    ("ending", "call"), [(Ending.RESET, "reset"), (Ending.EMPTY, "close_empty")]
)
def test_server_breaks_the_connection_after_the_delay(ending: Ending, call: str) -> None:
    """The application returns no body at once, and needs no thread."""
    connection, threads = FakeConnection(), ThreadLimit(0)
    response = deliver(
        build_response(Delivery(delay=HOUR, ending=ending)),
        {**GET, CONNECTION: connection},
        threads,
    )
    assert (connection.calls, response.data, threads.active) == ([call, "hold"], b"", 0)


@pytest.mark.parametrize(
    "delivery", [Delivery(delay=HOUR), Delivery(chunks=2, spread_over=HOUR)], ids=["late", "slow"]
)
def test_server_holds_a_late_response(delivery: Delivery) -> None:
    """The application returns the whole response at once."""
    connection, threads = FakeConnection(), ThreadLimit(0)
    environ = {**GET, CONNECTION: connection}
    response = deliver(build_response(delivery), environ, threads)
    assert (send_all(response, environ)[0], connection.calls) == ([b"0123456789"], ["hold"])
    assert threads.active == 0


@pytest.mark.parametrize(
    ("keep", "expected"), [(0, b""), (3, b"012"), (9, b"012345678"), (10, b"012345678"), (-1, b"")]
)
def test_body_is_truncated(keep: int, expected: bytes) -> None:
    """At least one byte is missing from Content-Length."""
    connection = FakeConnection()
    environ = {**GET, CONNECTION: connection}
    response = deliver(
        build_response(Delivery(ending=Ending.TRUNCATE, sent_bytes=keep)), environ, ThreadLimit(1)
    )
    pieces, headers = send_all(response, environ)
    assert (b"".join(pieces), headers["Content-Length"], connection.calls) == (
        expected,
        "10",
        ["truncate"],
    )


def test_truncated_body_is_held() -> None:
    """The server spreads only the bytes that are sent."""
    connection = FakeConnection()
    environ = {**GET, CONNECTION: connection}
    delivery = Delivery(chunks=2, spread_over=HOUR, ending=Ending.TRUNCATE, sent_bytes=4)
    response = deliver(build_response(delivery), environ, ThreadLimit(0))
    assert (send_all(response, environ)[0], connection.calls) == ([b"0123"], ["truncate", "hold"])


@pytest.mark.parametrize(
    ("method", "status", "body"),
    [("HEAD", 200, b"0123456789"), ("GET", 204, b""), ("GET", 304, b""), ("GET", 200, b"")],
)
@pytest.mark.parametrize("ending", [Ending.WHOLE, Ending.TRUNCATE])
def test_response_without_body_is_unchanged(
    method: str, status: int, body: bytes, ending: Ending
) -> None:
    """The connection stays open, and nothing is held."""
    connection = FakeConnection()
    environ = {"REQUEST_METHOD": method, CONNECTION: connection}
    delivery = Delivery(chunks=3, spread_over=HOUR, ending=ending, sent_bytes=2)
    response = deliver(build_response(delivery, body, status), environ, ThreadLimit(0))
    assert (response.status_code, send_all(response, environ)[0], connection.calls) == (
        status,
        [],
        [],
    )


@pytest.mark.parametrize("ending", [Ending.RESET, Ending.EMPTY, Ending.TRUNCATE])
def test_break_needs_a_server_that_supports_it(ending: Ending) -> None:
    """Otherwise the response is a problem document, without a delay."""
    threads = ThreadLimit(1)
    assert threads.acquire()
    response = deliver(
        build_response(Delivery(delay=HOUR, ending=ending, sent_bytes=1)), GET, threads
    )
    assert (response.status_code, response.content_type) == (502, "application/problem+json")
    problem = response.get_json()
    assert problem["type"] == "urn:understudy:problem:fault-needs-server"
    assert '"understudy serve" or LiveServer' in problem["detail"]
    assert threads.active == 0
