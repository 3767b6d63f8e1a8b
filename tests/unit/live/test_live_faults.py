"""Responses that break their connection, as clients see them on a real socket."""

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
    ServedApp,
    read_head,
    read_raw,
    read_response,
    read_to_end,
    send_requests,
    serve_replies,
)

FDS = Path("/proc/self/fd")


@pytest.fixture(params=["http", "https"])
def served(request: pytest.FixtureRequest) -> Iterator[ServedApp]:
    """The application on the server, without and with TLS."""
    with serve_replies(scheme=request.param) as running:
        yield running


def read_byte(connection: socket.socket) -> bytes:
    return connection.recv(1)


def test_reset_fault_resets_the_connection(served: ServedApp) -> None:
    """The client's read fails with ECONNRESET; the errors of TLS depend on the version of Python."""
    with served.connect() as connection:
        send_requests(connection, "reset")
        receive = read_raw if served.tls else read_byte
        with pytest.raises(ConnectionResetError):
            receive(connection)


def test_empty_fault_closes_without_a_byte(served: ServedApp) -> None:
    """The client reads the end of the stream, not an error."""
    with served.connect() as connection:
        send_requests(connection, "empty")
        assert read_to_end(connection) == b""


def test_truncate_fault_sends_less_than_its_length(served: ServedApp) -> None:
    """The header fields are those of the whole response."""
    with served.connect() as connection:
        send_requests(connection, "truncate")
        head = read_head(connection)
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert f"Content-Length: {len(BODY)}\r\n".encode() in head
        assert b"Connection:" not in head
        assert read_to_end(connection) == BODY[:7]


def test_requests_reports_each_break(served: ServedApp) -> None:
    """Each break raises its own exception of requests."""
    # Python before 3.11.9 does not see that a connection with TLS is reset.
    reset = "Connection reset|without response" if served.tls else "Connection reset"
    with pytest.raises(requests.ConnectionError, match=reset):
        served.get("reset")
    with pytest.raises(requests.ConnectionError, match="without response"):
        served.get("empty")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        served.get("truncate")


def test_httpx_reports_each_break(served: ServedApp) -> None:
    """Each break raises its own exception of httpx."""
    reset = (httpx.ReadError, httpx.RemoteProtocolError) if served.tls else httpx.ReadError
    with pytest.raises(reset, match="reset|without sending" if served.tls else "reset"):
        httpx.get(f"{served.url}/reset", timeout=30, trust_env=False, verify=served.client_context)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        httpx.get(f"{served.url}/empty", timeout=30, trust_env=False, verify=served.client_context)
    with pytest.raises(httpx.RemoteProtocolError, match=f"received 7 bytes, expected {len(BODY)}"):
        httpx.get(
            f"{served.url}/truncate", timeout=30, trust_env=False, verify=served.client_context
        )


def test_http_client_reports_a_truncated_body(served: ServedApp) -> None:
    """IncompleteRead has the received part."""
    with served.connect() as connection:
        send_requests(connection, "truncate")
        response = http.client.HTTPResponse(connection)
        response.begin()
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
        response.close()
    assert (caught.value.partial, caught.value.expected) == (BODY[:7], len(BODY) - 7)


@pytest.mark.parametrize("name", BREAKS)
def test_break_affects_one_connection(served: ServedApp, name: str) -> None:
    """Older and newer connections work."""
    with served.connect() as healthy, served.connect() as broken, requests.Session() as session:
        send_requests(healthy, "plain")
        assert read_response(healthy) == (200, BODY)
        send_requests(broken, name)
        try:
            read_to_end(broken)
        except ConnectionResetError:
            assert name == "reset"
        send_requests(healthy, "plain")
        assert read_response(healthy) == (200, BODY)
        assert session.get(f"{served.url}/plain", timeout=30, verify=served.ca).content == BODY


@pytest.mark.parametrize("name", ["empty", "truncate"])
def test_earlier_response_arrives_before_a_break(served: ServedApp, name: str) -> None:
    """The response of a request that was sent in the same piece is complete."""
    with served.connect() as connection:
        send_requests(connection, "plain", name, "plain")
        assert read_response(connection) == (200, BODY)
        rest = read_to_end(connection)
        assert rest.partition(b"\r\n\r\n")[2] == (BODY[:7] if name == "truncate" else b"")


@pytest.mark.parametrize(("name", "body"), [("late-empty", b""), ("late-truncate", BODY[:7])])
def test_orderly_end_with_unread_requests_is_no_reset(
    served: ServedApp, name: str, body: bytes
) -> None:
    """TCP would reset the connection, and clients could lose what was sent to them."""
    with served.connect() as connection:
        send_requests(connection, name)
        served.started.get(timeout=30)
        send_requests(connection, *["plain"] * 500)  # more than the server reads at once
        served.server.stop()
        assert read_to_end(connection).partition(b"\r\n\r\n")[2] == body
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


@pytest.mark.parametrize(
    ("name", "answer"), [("truncate", b"HTTP/1.1 200 OK"), ("empty", b""), ("dribble", b"HTTP")]
)
def test_head_is_not_truncated(served: ServedApp, name: str, answer: bytes) -> None:
    """It gets all header fields. Only `empty` sends nothing."""
    with served.connect() as connection:
        send_requests(connection, name, fields="Connection: close\r\n", method="HEAD")
        head = read_to_end(connection)
        assert head.startswith(answer)
        assert head.endswith(b"\r\n\r\n") or not answer
    assert served.closed.get(timeout=30) == name
    assert served.server.held_answers == 0


def test_break_is_not_logged(served: ServedApp, caplog: pytest.LogCaptureFixture) -> None:
    """The server does not warn about requested faults."""
    with caplog.at_level(logging.INFO):
        for name in BREAKS:
            with served.connect() as connection:
                send_requests(connection, name)
                try:
                    read_to_end(connection)
                except ConnectionResetError:
                    assert name == "reset"
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.skipif(not FDS.is_dir(), reason="this system has no /proc/self/fd")
def test_faults_leak_nothing(served: ServedApp) -> None:
    """After many faults there are as many threads and file descriptors as before."""
    names = ["reset", "empty", "truncate", "brief", "trickle"]

    def call_once(name: str) -> None:
        with served.connect() as connection:
            send_requests(connection, name, fields="Connection: close\r\n")
            try:
                read_to_end(connection)
            except ConnectionResetError:
                assert name == "reset"

    def count_resources() -> tuple[int, int]:
        call_once("plain")
        while served.server._server.active_channels:  # each lingers until its client has ended
            pass
        return len(os.listdir(FDS)), threading.active_count()

    before = count_resources()
    for number in range(100 if served.tls else 500):
        call_once(names[number % len(names)])
    assert count_resources() == before
    assert served.server.held_answers == 0
