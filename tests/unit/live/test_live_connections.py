"""Connections that can be broken still work as HTTP clients expect."""

import socket
import threading
from collections.abc import Iterator

import pytest
from waitress.channel import HTTPChannel

from live_builders import (
    BODY,
    ServedApp,
    end_sending,
    is_silent,
    read_exactly,
    read_head,
    read_response,
    read_to_end,
    reply,
    send_requests,
    serve_replies,
)

BIG = b"x" * 5_000_000


@pytest.fixture(params=["http", "https"])
def served(request: pytest.FixtureRequest) -> Iterator[ServedApp]:
    """The application on the server, without and with TLS."""
    with serve_replies(scheme=request.param) as running:
        yield running


def test_pipelined_requests_are_answered_in_order(served: ServedApp) -> None:
    """All are sent before the first response."""
    with served.connect() as connection:
        for text in (b"one", b"two", b"three", b"four"):
            send_echo(connection, text)
        assert [read_response(connection) for _ in range(4)] == [
            (200, text) for text in (b"one", b"two", b"three", b"four")
        ]


def test_request_behind_a_delayed_response_waits(served: ServedApp) -> None:
    """Responses keep the order of their requests, though the server reads on."""
    with served.connect() as connection:
        send_requests(connection, "late")
        served.started.get(timeout=30)
        send_echo(connection, b"second")
        served.wait_for_requests(2)
        assert is_silent(connection)
        served.server.request_stop()
        assert [read_response(connection), read_response(connection)] == [
            (200, BODY),
            (200, b"second"),
        ]


def test_keep_alive_connection_takes_several_requests(served: ServedApp) -> None:
    """The last request closes it."""
    with served.connect() as connection:
        for _ in range(5):
            send_requests(connection, "plain")
            assert read_response(connection) == (200, BODY)
        send_requests(connection, "plain", fields="Connection: close\r\n")
        assert read_to_end(connection).endswith(BODY)


def test_http_1_0_connection_is_closed(served: ServedApp) -> None:
    """The end of the connection is the end of the body."""
    with served.connect() as connection:
        send_requests(connection, "plain", version="1.0")
        text = read_to_end(connection)
        assert (text[:15], text.partition(b"\r\n\r\n")[2]) == (b"HTTP/1.0 200 OK", BODY)


def test_http_1_0_connection_can_stay_open(served: ServedApp) -> None:
    """Old load generators ask for it."""
    with served.connect() as connection:
        for _ in range(3):
            send_requests(connection, "plain", version="1.0", fields="Connection: keep-alive\r\n")
            assert read_response(connection) == (200, BODY)


@pytest.mark.parametrize("status", [200, 204, 304])
def test_http_1_0_connection_stays_open_without_content(status: int) -> None:
    """The response names the option, and has no length where it has no content."""
    with serve_replies({"plain": reply(b"", status)}) as served, served.connect() as connection:
        for _ in range(3):
            send_requests(connection, "plain", version="1.0", fields="Connection: keep-alive\r\n")
            head = read_head(connection)
            assert head.startswith(f"HTTP/1.0 {status} ".encode())
            assert head.count(b"Connection: Keep-Alive\r\n") == 1
            assert (b"Content-Length" in head) == (status == 200)
        send_requests(connection, "plain", version="1.0")
        assert b"Connection: close" in read_to_end(connection)


def test_expect_continue_is_answered(served: ServedApp) -> None:
    """The server sends 100, then reads the body."""
    with served.connect() as connection:
        send_requests(
            connection,
            "echo",
            method="POST",
            fields="Expect: 100-continue\r\nContent-Length: 5\r\n",
        )
        assert read_head(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert read_response(connection) == (200, b"hello")


def test_expect_continue_behind_a_delayed_response(served: ServedApp) -> None:
    """The 100 does not come between the pieces of the response before it."""
    with served.connect() as connection:
        send_requests(connection, "dribble")
        read_head(connection)
        assert read_exactly(connection, 100) == BODY[:100]
        send_requests(
            connection,
            "echo",
            method="POST",
            fields="Expect: 100-continue\r\nContent-Length: 5\r\n",
        )
        served.wait_for_requests(1, begun=True)
        assert is_silent(connection)
        served.server.request_stop()
        assert read_exactly(connection, 100) == BODY[100:]
        assert read_head(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert read_response(connection) == (200, b"hello")


def test_one_thread_sends_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the loop closes connections. Otherwise "100 Continue" could be sent twice or never."""
    flushes, real = [], HTTPChannel._flush_some

    def flush(channel: HTTPChannel, do_close: bool = True) -> bool:
        flushes.append((threading.current_thread().name, channel.outbuf_lock._is_owned(), do_close))
        return bool(real(channel, do_close))

    monkeypatch.setattr(HTTPChannel, "_flush_some", flush)
    with (
        serve_replies({"gate": reply(BIG), "plain": reply()}) as served,
        served.connect() as connection,
    ):
        send_requests(connection, "gate")
        served.started.get(timeout=30)
        send_requests(
            connection,
            "echo",
            method="POST",
            fields="Expect: 100-continue\r\nContent-Length: 5\r\n",
        )
        assert served.get("plain") == BODY  # so the loop has read the head
        served.gate.set()
        assert read_response(connection) == (200, BIG)
        assert read_head(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert read_response(connection) == (200, b"hello")
    assert {owned for _, owned, _ in flushes} == {True}
    assert {name for name, _, may_close in flushes if may_close} <= {"understudy-server"}


def test_half_closed_connection_gets_its_responses(served: ServedApp) -> None:
    """`nc -N` and others end their sending right after the requests."""
    for _ in range(20):
        with served.connect() as connection:
            send_requests(connection, "plain", "plain", "plain")
            end_sending(connection)
            assert read_to_end(connection).count(BODY) == 3


def test_half_closed_connection_gets_a_delayed_response_at_once(served: ServedApp) -> None:
    """The server cannot distinguish it from a client that has gone."""
    with served.connect() as connection:
        send_requests(connection, "late")
        served.started.get(timeout=30)
        end_sending(connection)
        assert read_to_end(connection).endswith(BODY)


def test_half_closed_connection_is_not_polled(served: ServedApp) -> None:
    """The loop does not spin during a long response."""
    with served.connect() as connection:
        send_requests(connection, "gate")
        served.started.get(timeout=30)
        end_sending(connection)
        assert served.get("plain") == BODY  # so the loop has seen the end
        channels = served.server._server.active_channels.values()
        channel = next(channel for channel in channels if channel.addr == connection.getsockname())
        assert (channel.has_client_ended, channel.readable(), channel.writable()) == (
            True,
            False,
            False,
        )
        served.gate.set()
        assert read_to_end(connection).endswith(BODY)


def test_half_closed_connection_gets_a_large_response() -> None:
    """It is sent completely before the connection is closed, though the buffers are smaller."""
    with serve_replies({"big": reply(BIG)}) as served, served.connect() as connection:
        send_requests(connection, "big")
        end_sending(connection)
        served.closed.get(timeout=30)  # written as a whole by the application, but not sent
        assert read_to_end(connection).partition(b"\r\n\r\n")[2] == BIG


def test_client_without_a_request_can_leave(served: ServedApp) -> None:
    """The server closes the connection too, after no request or half of one."""
    for text in (b"", b"GET /plain HT"):
        with served.connect() as connection:
            connection.sendall(text)
            end_sending(connection)
            assert read_to_end(connection) == b""


def send_echo(connection: socket.socket, text: bytes) -> None:
    """Send a request whose response is its own body."""
    send_requests(connection, "echo", method="POST", fields=f"Content-Length: {len(text)}\r\n")
    connection.sendall(text)


def test_expect_continue_without_a_body_is_ignored(served: ServedApp) -> None:
    """The response comes at once, and so does the next one."""
    with served.connect() as connection:
        for length in ("", "", "Content-Length: 0\r\n"):
            send_requests(connection, "plain", fields=f"Expect: 100-continue\r\n{length}")
            assert read_response(connection) == (200, BODY)
