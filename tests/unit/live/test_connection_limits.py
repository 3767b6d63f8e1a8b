"""Bounds of connections: how many there may be, and how long a client may take."""

import json
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests

from live_builders import (
    BODY,
    ServedApp,
    is_silent,
    read_head,
    read_response,
    read_to_end,
    send_requests,
    serve_replies,
)
from understudy.live.bounded_server import ClientLimits

LIMITS = ClientLimits(head_s=10, body_s=30, body_bytes_per_s=100, idle_s=60, linger_s=5)
HALF = b"GET /plain HTTP/1.1\r\nHost: a"
HEAD = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n"


class ManualClock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def served(clock: ManualClock) -> Iterator[ServedApp]:
    """The application on a server with few connections."""
    with serve_replies(connections=4, limits=LIMITS, monotonic=clock) as running:
        yield running


@pytest.fixture
def advance(clock: ManualClock, served: ServedApp) -> Callable[[float], None]:
    """Return a function that moves the clock, and has the server look at it."""

    def move(seconds: float) -> None:
        clock.now_s += seconds
        call_plain(served)
        call_plain(served)  # the server looks at the clock before it waits

    return move


def call_plain(served: ServedApp) -> None:
    """Call with a client in good health."""
    with served.connect() as connection:
        send_requests(connection, "plain", fields="Connection: close\r\n")
        assert read_to_end(connection).endswith(BODY)


def send(connection: socket.socket, data: bytes, served: ServedApp) -> None:
    """Send bytes, and wait until the server has read them."""
    connection.sendall(data)
    call_plain(served)


Advance = Callable[[float], None]


def test_dripping_head_is_answered_after_its_time(served: ServedApp, advance: Advance) -> None:
    """The time is absolute: bytes that go on arriving do not extend it."""
    with served.connect() as connection:
        send(connection, HALF, served)
        for _ in range(3):
            advance(3)
            send(connection, b"x", served)
        assert is_silent(connection)
        advance(1)
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"Content-Type: application/problem+json" in head
    assert b"Connection: close" in head
    problem = json.loads(body)
    assert (problem["type"], problem["detail"]) == (
        "urn:understudy:problem:request-timeout",
        "The head of the request took more than 10 seconds.",
    )


def test_slow_body_is_answered_after_its_time(served: ServedApp, advance: Advance) -> None:
    """The bytes that have arrived extend the time by the rate; 1 000 of them by 10 seconds."""
    with served.connect() as connection:
        send(connection, HEAD + b"x" * 1000, served)
        advance(39)
        assert is_silent(connection)
        advance(1)
        answer = read_to_end(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"The body of the request took more than 40 seconds." in answer


def test_body_at_a_good_rate_has_any_time(served: ServedApp, advance: Advance) -> None:
    with served.connect() as connection:
        send(connection, HEAD, served)
        for _ in range(5):
            advance(9)
            send(connection, b"x" * 1000, served)
        advance(0)
        assert read_response(connection) == (200, b"x" * 5000)


def test_half_a_request_behind_a_call_has_its_time_after_it(
    served: ServedApp, advance: Advance
) -> None:
    """While the server answers, it does not wait for the client."""
    with served.connect() as connection:
        send_requests(connection, "gate")
        connection.sendall(HALF)
        served.started.get(timeout=30)
        advance(100)
        served.gate.set()
        assert read_response(connection) == (200, BODY)
        advance(9)
        connection.sendall(b"\r\n\r\n")
        assert read_response(connection) == (200, BODY)


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"\r"])
def test_connection_without_a_request_is_closed_when_idle(
    served: ServedApp, advance: Advance, sent: bytes
) -> None:
    """Without an answer: there is no request that it would belong to."""
    with served.connect() as connection:
        send(connection, sent, served)
        advance(59)
        assert is_silent(connection)
        advance(1)
        assert read_to_end(connection) == b""


def test_idle_time_begins_with_the_last_answer(served: ServedApp, advance: Advance) -> None:
    with served.connect() as connection:
        for _ in range(3):
            advance(59)
            send_requests(connection, "plain")
            assert read_response(connection) == (200, BODY)
        for _ in range(2):  # a thread may end its answer after the first
            advance(60)
        assert read_to_end(connection) == b""


def test_slow_clients_make_room(
    served: ServedApp, advance: Advance, caplog: pytest.LogCaptureFixture
) -> None:
    """The oldest of them are closed; the log says so once, not for each."""
    with ExitStack() as stack, caplog.at_level(logging.WARNING, "understudy"):
        slow = [stack.enter_context(served.connect()) for _ in range(3)]
        for connection in slow:
            send(connection, HALF, served)
        advance(2)
        assert all(is_silent(connection) for connection in slow)
        healthy = stack.enter_context(served.connect())
        call_plain(served)
        call_plain(served)
        assert read_to_end(slow[0]) == b""
        assert is_silent(slow[2])
        send_requests(healthy, "plain")
        assert read_response(healthy) == (200, BODY)
    assert [record.message for record in caplog.records] == [
        "Connections are closed to make room for others; the limit is 4 connections."
    ]


def test_many_slow_clients_leave_room_for_each_new_one(served: ServedApp) -> None:
    """Each new client is served, though all connections are taken by unfinished requests."""
    with ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(served.connect()).sendall(HALF)
        for _ in range(3):
            call_plain(served)


def test_unused_connections_make_room_before_idle_ones(served: ServedApp, advance: Advance) -> None:
    with ExitStack() as stack:
        idle, unused = (stack.enter_context(served.connect()) for _ in range(2))
        send_requests(idle, "plain")
        assert read_response(idle) == (200, BODY)
        advance(1)
        uploading = stack.enter_context(served.connect())
        send(uploading, HEAD + b"x" * 4000, served)
        late = stack.enter_context(served.connect())
        call_plain(served)
        assert read_to_end(unused) == b""
        for connection in (idle, late):
            send_requests(connection, "plain")
            assert read_response(connection) == (200, BODY)
        uploading.sendall(b"x" * 1000)
        assert read_response(uploading) == (200, b"x" * 5000)


def test_calls_are_never_closed_to_make_room(clock: ManualClock) -> None:
    """New connections wait until one has ended."""
    with serve_replies(connections=4, monotonic=clock) as served, ExitStack() as stack:
        calls = [stack.enter_context(served.connect()) for _ in range(4)]
        for connection in calls:
            send_requests(connection, "gate", fields="Connection: close\r\n")
        for _ in calls:
            served.started.get(timeout=30)
        waiting = stack.enter_context(served.connect())
        send_requests(waiting, "plain")
        assert is_silent(waiting)
        served.gate.set()
        for connection in calls:
            assert read_to_end(connection).endswith(BODY)
        assert read_response(waiting) == (200, BODY)


@pytest.mark.parametrize("name", ["empty", "truncate"])
def test_connection_lingers_for_a_limited_time(
    served: ServedApp, advance: Advance, name: str
) -> None:
    """The server has ended its side; it waits for the end of the client, but not for long."""
    with served.connect() as connection:
        send_requests(connection, name)
        read_to_end(connection)
        address = connection.getsockname()
        assert address in addresses(served)
        advance(4)
        assert address in addresses(served)
        advance(1)
        assert address not in addresses(served)


def addresses(served: ServedApp) -> list[object]:
    return [channel.addr for channel in list(served.server._server.active_channels.values())]


def test_rejected_body_is_read_so_that_its_client_sees_the_answer(served: ServedApp) -> None:
    """A client that sends its whole body before it reads gets the answer, not a reset."""
    size = 33 * 1024 * 1024
    with served.connect() as connection:
        send_requests(connection, "echo", method="PUT", fields=f"Content-Length: {size}\r\n")
        connection.sendall(b"x" * size)
        answer = read_to_end(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_client_library_sees_the_answer_to_a_body_that_is_too_large(served: ServedApp) -> None:
    answer = requests.put(f"{served.url}/echo", data=bytes(33 * 1024 * 1024), timeout=30)
    assert answer.status_code == 413
    assert answer.json()["status"] == 413


def test_rejected_body_without_end_is_not_read_for_ever(served: ServedApp) -> None:
    """After 64 MiB the connection is closed."""
    with served.connect() as connection:
        send_requests(connection, "echo", method="PUT", fields=f"Content-Length: {10**12}\r\n")
        with pytest.raises(ConnectionError):
            connection.sendall(bytes(200 * 1024 * 1024))


def test_expected_body_has_its_time(served: ServedApp, advance: Advance) -> None:
    """A client that gets a 100 and sends no body is answered."""
    with served.connect() as connection:
        connection.sendall(HEAD.replace(b"Host: a", b"Host: a\r\nExpect: 100-continue"))
        assert read_head(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        for _ in range(2):  # the time begins when the server has sent the 100
            advance(30)
        assert read_to_end(connection).startswith(b"HTTP/1.1 408 ")


def test_body_that_cannot_be_saved_is_a_problem(
    served: ServedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large body needs a file; without one, the request is answered, and others go on."""
    monkeypatch.setattr("tempfile.tempdir", "/nothing/here")
    answer = requests.post(f"{served.url}/echo", data=bytes(1024 * 1024), timeout=30)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json()["detail"] == "The body cannot be saved: No such file or directory."
    call_plain(served)
