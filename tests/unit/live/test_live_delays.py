"""Delayed responses on a real socket end with the client and with the server."""

import socket
import struct
import threading
from collections.abc import Iterator

import pytest
import requests

from live_builders import (
    BODY,
    HELD,
    HOUR,
    SHORT,
    ServedApp,
    is_silent,
    read_exactly,
    read_head,
    read_response,
    read_to_end,
    send_requests,
    serve_replies,
)
from understudy.live import LiveServer


@pytest.fixture(params=["http", "https"])
def served(request: pytest.FixtureRequest) -> Iterator[ServedApp]:
    """The application on the server, without and with TLS."""
    with serve_replies(scheme=request.param) as running:
        yield running


@pytest.mark.parametrize("name", SHORT)
def test_delayed_response_is_complete(served: ServedApp, name: str) -> None:
    """Status, length and body are those of a plain response, and the connection stays open."""
    with requests.Session() as session:
        answers = [
            session.get(f"{served.url}/{name}", timeout=30, verify=served.ca) for _ in range(3)
        ]
    assert [served.closed.get(timeout=30) for _ in range(3)] == [
        name
    ] * 3  # the client has its last byte before
    assert [(a.status_code, a.headers["Content-Length"], a.content) for a in answers] == [
        (200, str(len(BODY)), BODY)
    ] * 3
    assert served.server.held_answers == 0


def test_delayed_response_does_not_block_others(served: ServedApp) -> None:
    """It holds only its own thread."""
    with served.connect() as late:
        send_requests(late, "late")
        served.started.get(timeout=30)
        assert served.get("plain") == BODY
        assert is_silent(late)
        assert served.server.held_answers == 1


def test_pieces_arrive_separately(served: ServedApp) -> None:
    """The first half arrives while the second one is delayed."""
    with served.connect() as connection:
        send_requests(connection, "dribble")
        read_head(connection)
        assert read_exactly(connection, 100) == BODY[:100]
        assert served.get("plain") == BODY
        assert is_silent(connection)
        served.server.request_stop()
        assert read_exactly(connection, 100) == BODY[100:]


@pytest.mark.parametrize("name", HELD)
@pytest.mark.parametrize("how", ["close", "reset"])
def test_leaving_client_releases_its_thread(served: ServedApp, name: str, how: str) -> None:
    """Whether the client closes or resets its connection."""
    connection = served.connect()
    send_requests(connection, name)
    assert served.started.get(timeout=30) == name
    if how == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert served.closed.get(timeout=30) == name
    assert served.server.held_answers == 0
    assert served.get("plain") == BODY


def test_leaving_during_a_body_releases_the_thread(served: ServedApp) -> None:
    """The server never asks for the second piece."""
    with served.connect() as connection:
        send_requests(connection, "dribble")
        read_head(connection)
        read_exactly(connection, 100)
    assert served.closed.get(timeout=30) == "dribble"
    assert served.server.held_answers == 0


@pytest.mark.parametrize("ahead", [1, 5, 15])
def test_leaving_after_pipelining_releases_the_thread(served: ServedApp, ahead: int) -> None:
    """The server reads all requests, so it sees the end of the sending."""
    with served.connect() as connection:
        send_requests(connection, "late")
        served.started.get(timeout=30)
        send_requests(connection, *["plain"] * ahead)
    assert served.closed.get(timeout=30) == "late"
    assert served.server.held_answers == 0
    assert served.get("plain") == BODY


def test_more_clients_than_threads_can_leave() -> None:
    """No abandoned call blocks the next one."""
    with serve_replies(threads=2) as served:
        for _ in range(6):
            with served.connect() as connection:
                send_requests(connection, "late")
                served.started.get(timeout=30)
            served.closed.get(timeout=30)
        assert served.get("plain") == BODY


@pytest.mark.parametrize("name", ["late", "dribble"])
def test_stop_sends_delayed_responses_at_once(name: str) -> None:
    """The client gets the complete response."""
    with serve_replies() as served, served.connect() as connection:
        send_requests(connection, name)
        served.started.get(timeout=30)
        served.server.stop()
        assert read_response(connection) == (200, BODY)
        assert served.closed.get(timeout=30) == name


def test_stop_breaks_delayed_connections_at_once() -> None:
    """Each connection ends as its fault requires."""
    with (
        serve_replies() as served,
        served.connect() as reset,
        served.connect() as empty,
        served.connect() as short,
    ):
        for connection, name in (
            (reset, "late-reset"),
            (empty, "late-empty"),
            (short, "late-truncate"),
        ):
            send_requests(connection, name)
            served.started.get(timeout=30)
        served.server.stop()
        with pytest.raises(ConnectionResetError):
            reset.recv(1)
        assert read_to_end(empty) == b""
        assert read_to_end(short).partition(b"\r\n\r\n")[2] == BODY[:7]
        assert sorted(served.closed.get(timeout=30) for _ in range(3)) == [
            "late-empty",
            "late-reset",
            "late-truncate",
        ]


def test_stop_ends_all_threads() -> None:
    """This includes the threads of delayed responses."""
    before = set(threading.enumerate())
    with serve_replies() as served, served.connect() as connection:
        send_requests(connection, "late")
        served.started.get(timeout=30)
        workers = set(threading.enumerate()) - before
        served.server.stop()
    for worker in workers:
        worker.join(timeout=30)
    assert [worker.name for worker in workers if worker.is_alive()] == []


def test_half_of_the_threads_may_wait() -> None:
    """The other half answers all other calls. The default is 32 threads."""
    with LiveServer(scenario="empty") as usual, LiveServer(scenario="empty", threads=4) as small:
        assert (usual.stub.thread_limit.limit, small.stub.thread_limit.limit) == (16, 2)


def test_late_calls_do_not_wait() -> None:
    """A call that comes while the server stops gets a thread, and its wait ends at once."""
    with LiveServer(scenario="empty", threads=2) as server:
        assert server.stub.thread_limit.acquire()
        assert not server.stub.thread_limit.acquire()
    assert server.stub.thread_limit.acquire()
    assert not server.stub.thread_limit.wait(HOUR)
