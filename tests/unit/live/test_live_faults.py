"""What a client sees when a response breaks its connection, on a real socket."""

import http.client
import logging
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests

from live_builders import (
    BODY,
    BREAKS,
    HOST,
    Served,
    ask,
    read_answer,
    read_head,
    read_to_end,
    serving,
)

FDS = Path("/proc/self/fd")


@pytest.fixture
def served() -> Iterator[Served]:
    """The application, served."""
    with serving() as running:
        yield running


def test_reset_is_a_reset(served: Served) -> None:
    """The client's read ends with ECONNRESET, before a byte has come."""
    with served.connect() as connection:
        ask(connection, "reset")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_empty_is_an_orderly_end_without_a_byte(served: Served) -> None:
    """The client reads the end of the stream, not an error."""
    with served.connect() as connection:
        ask(connection, "empty")
        assert read_to_end(connection) == b""


def test_truncate_tells_the_whole_length_and_sends_less(served: Served) -> None:
    """The header fields are those of the whole response; the body ends early, in an orderly way."""
    with served.connect() as connection:
        ask(connection, "truncate")
        head = read_head(connection)
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert f"Content-Length: {len(BODY)}\r\n".encode() in head
        assert b"Connection:" not in head
        assert read_to_end(connection) == BODY[:7]


def test_requests_reports_each_break(served: Served) -> None:
    """Each break is the exception that requests has for it."""
    with pytest.raises(requests.ConnectionError, match="Connection reset"):
        requests.get(f"{served.url}/reset", timeout=30)
    with pytest.raises(requests.ConnectionError, match="without response"):
        requests.get(f"{served.url}/empty", timeout=30)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        requests.get(f"{served.url}/truncate", timeout=30)


def test_httpx_reports_each_break(served: Served) -> None:
    """Each break is the exception that httpx has for it."""
    with pytest.raises(httpx.ReadError, match="reset"):
        httpx.get(f"{served.url}/reset", timeout=30, trust_env=False)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        httpx.get(f"{served.url}/empty", timeout=30, trust_env=False)
    with pytest.raises(httpx.RemoteProtocolError, match=f"received 7 bytes, expected {len(BODY)}"):
        httpx.get(f"{served.url}/truncate", timeout=30, trust_env=False)


def test_the_standard_library_reports_a_truncated_body(served: Served) -> None:
    """IncompleteRead has the part that came."""
    connection = http.client.HTTPConnection(HOST, served.port, timeout=30)
    connection.request("GET", "/truncate")
    with pytest.raises(http.client.IncompleteRead) as caught:
        connection.getresponse().read()
    connection.close()
    assert (caught.value.partial, caught.value.expected) == (BODY[:7], len(BODY) - 7)


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_concerns_its_own_connection_only(served: Served, name: str) -> None:
    """A connection that was open before is served on, and so is a new one."""
    with served.connect() as other, served.connect() as broken, requests.Session() as session:
        ask(other, "plain")
        assert read_answer(other) == (200, BODY)
        ask(broken, name)
        try:
            read_to_end(broken)
        except ConnectionResetError:
            assert name == "reset"
        ask(other, "plain")
        assert read_answer(other) == (200, BODY)
        assert session.get(f"{served.url}/plain", timeout=30).content == BODY


@pytest.mark.parametrize("name", ["empty", "truncate"])
def test_what_was_answered_before_on_the_connection_arrives(served: Served, name: str) -> None:
    """A break behind another request, sent at once with it, leaves that one's response whole."""
    with served.connect() as connection:
        ask(connection, "plain", name, "plain")
        assert read_answer(connection) == (200, BODY)
        rest = read_to_end(connection)
        assert rest.partition(b"\r\n\r\n")[2] == (BODY[:7] if name == "truncate" else b"")


@pytest.mark.parametrize(("name", "body"), [("late-empty", b""), ("late-truncate", BODY[:7])])
def test_an_orderly_end_is_no_reset_where_requests_are_left_unread(
    served: Served, name: str, body: bytes
) -> None:
    """TCP would turn the close into a reset, which takes from some clients what they had been sent."""
    with served.connect() as connection:
        ask(connection, name)
        served.begun.get(timeout=30)
        ask(connection, *["plain"] * 500)  # more than the server reads at once
        served.waiting.stop()
        assert read_to_end(connection).partition(b"\r\n\r\n")[2] == body
        assert (
            requests.get(f"{served.url}/plain", timeout=30).content == BODY
        )  # so the loop is done with the first
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


@pytest.mark.parametrize(
    ("name", "answer"), [("truncate", b"HTTP/1.1 200 OK"), ("empty", b""), ("dribble", b"HTTP")]
)
def test_head_has_no_body_to_break(served: Served, name: str, answer: bytes) -> None:
    """HEAD gets the header fields, with the whole length; only what sends nothing at all still does."""
    with served.connect() as connection:
        ask(connection, name, fields="Connection: close\r\n", method="HEAD")
        head = read_to_end(connection)
        assert head.startswith(answer)
        assert head.endswith(b"\r\n\r\n") or not answer
    assert served.over.get(timeout=30) == name
    assert served.waiting.active == 0


def test_a_break_is_no_news_in_the_log(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    """The server does not warn of what it was asked to do."""
    with caplog.at_level(logging.INFO):
        for name in BREAKS:
            with served.connect() as connection:
                ask(connection, name)
                try:
                    read_to_end(connection)
                except ConnectionResetError:
                    assert name == "reset"
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.skipif(
    not FDS.is_dir(), reason="this system does not tell a process its file descriptors"
)
def test_faults_leave_nothing_behind(served: Served) -> None:
    """After 500 faults of all kinds there are as many threads and file descriptors as before."""
    names = ["reset", "empty", "truncate", "brief", "trickle"]

    def once(name: str) -> None:
        with served.connect() as connection:
            ask(connection, name, fields="Connection: close\r\n")
            try:
                read_to_end(connection)
            except ConnectionResetError:
                assert name == "reset"

    def counts() -> tuple[int, int]:
        once(
            "plain"
        )  # the loop closes in the order of its work: when this one is closed, the others are
        return len(os.listdir(FDS)), threading.active_count()

    before = counts()
    for number in range(500):
        once(names[number % len(names)])
    assert counts() == before
    assert served.waiting.active == 0
