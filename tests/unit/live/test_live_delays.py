"""Late answers and answers in pieces, on a real socket: held no longer than somebody waits and the server runs."""

import socket
import struct
import threading
from collections.abc import Iterator

import pytest
import requests

from live_builders import (
    BODY,
    HELD,
    SHORT,
    Served,
    ask,
    nothing_yet,
    read_answer,
    read_exactly,
    read_head,
    read_to_end,
    serving,
)
from understudy.live import LiveServer


@pytest.fixture
def served() -> Iterator[Served]:
    """The application, served."""
    with serving() as running:
        yield running


@pytest.mark.parametrize("name", SHORT)
def test_a_late_answer_comes_whole(served: Served, name: str) -> None:
    """After the delay, or in pieces: status, length and body of the plain answer, on a connection that stays."""
    with requests.Session() as session:
        answers = [session.get(f"{served.url}/{name}", timeout=30) for _ in range(3)]
    assert [served.over.get(timeout=30) for _ in range(3)] == [
        name
    ] * 3  # the client has its last byte before
    assert [(a.status_code, a.headers["Content-Length"], a.content) for a in answers] == [
        (200, str(len(BODY)), BODY)
    ] * 3
    assert served.waiting.active == 0


def test_others_are_answered_while_an_answer_is_held(served: Served) -> None:
    """A held answer takes its own thread only."""
    with served.connect() as late:
        ask(late, "late")
        served.begun.get(timeout=30)
        assert requests.get(f"{served.url}/plain", timeout=30).content == BODY
        assert nothing_yet(late)
        assert served.waiting.active == 1


def test_pieces_come_one_after_another(served: Served) -> None:
    """The first half is there while the second is held back."""
    with served.connect() as connection:
        ask(connection, "dribble")
        read_head(connection)
        assert read_exactly(connection, 100) == BODY[:100]
        assert requests.get(f"{served.url}/plain", timeout=30).content == BODY
        assert nothing_yet(connection)
        served.waiting.stop()
        assert read_exactly(connection, 100) == BODY[100:]


@pytest.mark.parametrize("name", HELD)
@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_client_that_goes_frees_its_thread(served: Served, name: str, how: str) -> None:
    """The hour is not waited for, whether the client closes or resets its connection."""
    connection = served.connect()
    ask(connection, name)
    assert served.begun.get(timeout=30) == name
    if how == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert served.over.get(timeout=30) == name
    assert served.waiting.active == 0
    assert requests.get(f"{served.url}/plain", timeout=30).content == BODY


def test_a_client_that_goes_in_the_middle_of_a_body_frees_its_thread(served: Served) -> None:
    """The place is given back although the second piece was never asked for."""
    with served.connect() as connection:
        ask(connection, "dribble")
        read_head(connection)
        read_exactly(connection, 100)
    assert served.over.get(timeout=30) == "dribble"
    assert served.waiting.active == 0


@pytest.mark.parametrize("ahead", [1, 5, 15])
def test_a_client_that_goes_frees_its_thread_though_it_sent_requests_ahead(
    served: Served, ahead: int
) -> None:
    """The server reads them all, so that it comes to the end of what the client sends."""
    with served.connect() as connection:
        ask(connection, "late")
        served.begun.get(timeout=30)
        ask(connection, *["plain"] * ahead)
    assert served.over.get(timeout=30) == "late"
    assert served.waiting.active == 0
    assert requests.get(f"{served.url}/plain", timeout=30).content == BODY


def test_more_clients_can_go_than_there_are_threads() -> None:
    """Nothing of a call that was left stays in the way of the next."""
    with serving(threads=2) as served:
        for _ in range(6):
            with served.connect() as connection:
                ask(connection, "late")
                served.begun.get(timeout=30)
            served.over.get(timeout=30)
        assert requests.get(f"{served.url}/plain", timeout=30).content == BODY


@pytest.mark.parametrize("name", ["late", "dribble"])
def test_stopping_sends_at_once_what_is_held(name: str) -> None:
    """The client gets its whole answer; nobody waits for the hour."""
    with serving() as served, served.connect() as connection:
        ask(connection, name)
        served.begun.get(timeout=30)
        served.server.stop()
        assert read_answer(connection) == (200, BODY)
        assert served.over.get(timeout=30) == name


def test_stopping_carries_out_a_late_break_at_once() -> None:
    """Each held connection ends as its fault says."""
    with (
        serving() as served,
        served.connect() as reset,
        served.connect() as empty,
        served.connect() as short,
    ):
        for connection, name in (
            (reset, "late-reset"),
            (empty, "late-empty"),
            (short, "late-truncate"),
        ):
            ask(connection, name)
            served.begun.get(timeout=30)
        served.server.stop()
        with pytest.raises(ConnectionResetError):
            reset.recv(1)
        assert read_to_end(empty) == b""
        assert read_to_end(short).partition(b"\r\n\r\n")[2] == BODY[:7]
        assert sorted(served.over.get(timeout=30) for _ in range(3)) == [
            "late-empty",
            "late-reset",
            "late-truncate",
        ]


def test_a_stopped_server_leaves_no_thread() -> None:
    """Its workers end too, those that held an answer included."""
    before = set(threading.enumerate())
    with serving() as served, served.connect() as connection:
        ask(connection, "late")
        served.begun.get(timeout=30)
        workers = set(threading.enumerate()) - before
        served.server.stop()
    for worker in workers:
        worker.join(timeout=30)
    assert [worker.name for worker in workers if worker.is_alive()] == []


def test_half_of_the_threads_may_wait() -> None:
    """The other half answers all else. 32 threads are the default."""
    with LiveServer(scenario="empty") as usual, LiveServer(scenario="empty", threads=4) as small:
        assert (usual.stub.thread_limit.limit, small.stub.thread_limit.limit) == (16, 2)


def test_stopping_wakes_what_waits_in_a_live_server() -> None:
    """Its stub's calls cannot wait any longer, nor begin to."""
    with LiveServer(scenario="empty") as server:
        assert server.stub.thread_limit.acquire()
        server.stub.thread_limit.release()
    assert not server.stub.thread_limit.acquire()
