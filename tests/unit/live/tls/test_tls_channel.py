"""Clients that speak no TLS, only a part of it, or an old version of it."""

import contextlib
import logging
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from live_builders import (
    BODY,
    HOST,
    ServedApp,
    read_exactly,
    read_raw,
    read_response,
    read_to_end,
    reply,
    send_requests,
    serve_replies,
)

BIG = bytes(range(256)) * 20_000
"""Five megabytes: more than sockets and buffers hold."""


@pytest.fixture
def served() -> Iterator[ServedApp]:
    """The application on a server with TLS."""
    with serve_replies(scheme="https") as running:
        yield running


def connect_raw(served: ServedApp) -> socket.socket:
    """Connect without TLS."""
    return socket.create_connection((HOST, served.port), timeout=30)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_of_tls(served: ServedApp, version: ssl.TLSVersion) -> None:
    """TLS 1.2 and 1.3 are spoken, with HTTP/1.1 as the application's protocol."""
    context = served.client_context
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    with context.wrap_socket(connect_raw(served), server_hostname=HOST) as connection:
        assert connection.version() == version.name.replace("v1_", "v1.")
        assert connection.selected_alpn_protocol() == "http/1.1"
        send_requests(connection, "plain")
        assert read_response(connection) == (200, BODY)


def test_older_versions_of_tls_are_rejected(served: ServedApp) -> None:
    """The client gets an alert that says so, not a closed connection."""
    context = served.client_context
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    raw = connect_raw(served)
    with raw, pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        context.wrap_socket(raw, server_hostname=HOST)
    assert served.get("plain") == BODY


def test_request_without_tls_is_a_readable_error(served: ServedApp) -> None:
    """It is a problem document in plain HTTP, and the connection is closed."""
    for fields in ("", "Content-Length: 5\r\nExpect: 100-continue\r\n", "Content-Length: 5\r\n"):
        with connect_raw(served) as connection:
            send_requests(connection, "plain", fields=fields)
            answer = read_to_end(connection)
        assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert b"Content-Type: application/problem+json\r\n" in answer
        assert b"This port speaks HTTPS" in answer
    plain = requests.get(f"http://{HOST}:{served.port}/plain", timeout=30)
    assert plain.json()["detail"] == "The request came without TLS. Use an https:// URL."
    assert plain.json()["type"] == "urn:understudy:problem:tls-needed"


def test_bytes_that_are_neither_are_rejected(served: ServedApp) -> None:
    """No traceback, and the server goes on."""
    for noise in (
        b"\x00\x01\x02",
        b"\x80\x80\x01\x03\x01",
        b"\x16\x03\x01\x00\x05hello",
        b"{}\r\n",
    ):
        with connect_raw(served) as connection:
            connection.sendall(noise)
            socket.socket.shutdown(connection, socket.SHUT_WR)
            assert b"HTTP" not in read_raw(connection)
    assert served.get("plain") == BODY


def test_client_that_sends_nothing_is_disconnected() -> None:
    """The handshake has a deadline; it also ends that of a client that sends single bytes."""
    with serve_replies(scheme="https") as served:
        assert served.tls is not None
        served.tls.handshake_timeout_s = 0.05
        with connect_raw(served) as silent, connect_raw(served) as slow:
            slow.sendall(b"\x16")
            assert (read_raw(silent), read_raw(slow)) == (b"", b"")


def test_silent_client_delays_no_other(served: ServedApp) -> None:
    """The loop does not wait for a handshake."""
    with connect_raw(served), connect_raw(served) as half:
        half.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert served.get("plain") == BODY


def test_handshake_in_single_bytes_succeeds(served: ServedApp) -> None:
    """Records that arrive in parts are put together."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = served.client_context.wrap_bio(incoming, outgoing, server_hostname=HOST)
    with connect_raw(served) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                for byte in outgoing.read():
                    raw.sendall(bytes([byte]))
                incoming.write(raw.recv(65536))
        tls.write(b"GET /plain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        for byte in outgoing.read():
            raw.sendall(bytes([byte]))
        incoming.write(read_raw(raw))
    assert tls.read(65536).endswith(BODY)


def test_large_bodies_in_both_directions(served: ServedApp) -> None:
    """Bytes are neither lost nor repeated where the socket takes a part of a record."""
    answer = requests.post(f"{served.url}/echo", BIG, timeout=60, verify=served.ca)
    assert answer.content == BIG


def test_slow_reader_gets_every_byte() -> None:
    """The server has sent as much as fits, and goes on when the client reads."""
    with (
        serve_replies({"big": reply(BIG)}, scheme="https") as served,
        served.connect() as connection,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        send_requests(connection, "big", "big")
        served.closed.get(timeout=30)
        assert read_response(connection) == (200, BIG)
        assert read_response(connection) == (200, BIG)


def test_close_notify_ends_the_requests(served: ServedApp) -> None:
    """A client may end TLS and still read the answers to what it has sent."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = served.client_context.wrap_bio(incoming, outgoing, server_hostname=HOST)
    with connect_raw(served) as raw:
        with contextlib.suppress(ssl.SSLWantReadError):
            tls.do_handshake()
        raw.sendall(outgoing.read())
        while True:
            incoming.write(raw.recv(65536))
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.do_handshake()
                break
        tls.write(b"GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with contextlib.suppress(ssl.SSLWantReadError):
            tls.unwrap()
        raw.sendall(outgoing.read())
        answer = read_raw(raw)
    assert len(answer) > len(BODY)


def test_answer_ends_with_the_end_of_tls(served: ServedApp) -> None:
    """A client distinguishes a complete answer from one that was cut on its way (RFC 8446, 6.1)."""
    context = served.client_context
    for name in ("plain", "truncate", "empty"):
        with context.wrap_socket(
            connect_raw(served), server_hostname=HOST, suppress_ragged_eofs=False
        ) as connection:
            send_requests(connection, name, fields="Connection: close\r\n")
            assert read_to_end(connection).endswith(
                {"plain": BODY, "truncate": BODY[:7]}.get(name, b"")
            )


def test_client_that_rejects_the_certificate_leaves_no_traceback(
    served: ServedApp, caplog: pytest.LogCaptureFixture
) -> None:
    """The alert of the client ends the connection."""
    with caplog.at_level(logging.INFO), pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{served.url}/plain", timeout=30)
    assert served.get("plain") == BODY
    assert [record.levelname for record in caplog.records if record.exc_info] == []


def test_tls_on_a_port_without_it_is_an_error() -> None:
    """The client is not left waiting; the log can say what happened."""
    with serve_replies() as served, connect_raw(served) as connection:
        context = ssl.create_default_context()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        connection.sendall(outgoing.read())
        assert b"This port speaks HTTP, and the client began with TLS." in read_to_end(connection)


def test_unread_rest_is_the_next_request(served: ServedApp) -> None:
    """Several requests in one record are answered in their order."""
    with served.connect() as connection:
        send_requests(connection, *["plain"] * 20)
        for _ in range(20):
            assert read_response(connection) == (200, BODY)
        send_requests(connection, "plain")
        assert read_exactly(connection, 9) == b"HTTP/1.1 "


def test_parallel_connections_get_their_own_bytes(served: ServedApp) -> None:
    """Threads of the server send while its loop receives; bodies are of one record and of many."""
    sizes = (0, 1, 5_000, 16_384, 70_000, 200_000)

    def exchange(number: int) -> list[tuple[int, bytes]]:
        with served.connect() as connection:
            answers = []
            for size in sizes:
                fields = f"Content-Length: {size}\r\n"
                send_requests(connection, "echo", method="POST", fields=fields)
                connection.sendall(bytes([number]) * size)
                answers.append(read_response(connection))
            return answers

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(exchange, range(12)))
    assert answers == [[(200, bytes([number]) * size) for size in sizes] for number in range(12)]
