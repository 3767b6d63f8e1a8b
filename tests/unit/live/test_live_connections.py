"""What HTTP clients may do with a connection still works on one that can be broken."""

import socket
import threading
from collections.abc import Iterator

import pytest
import requests
from waitress.channel import HTTPChannel

from live_builders import (
    BODY,
    Served,
    ask,
    nothing_yet,
    read_answer,
    read_exactly,
    read_head,
    read_to_end,
    reply,
    serving,
)

BIG = b"x" * 5_000_000


@pytest.fixture
def served() -> Iterator[Served]:
    """The application, served."""
    with serving() as running:
        yield running


def test_pipelined_requests_are_answered_in_order(served: Served) -> None:
    """All are sent before the first is answered."""
    with served.connect() as connection:
        for text in (b"one", b"two", b"three", b"four"):
            ask_echo(connection, text)
        assert [read_answer(connection) for _ in range(4)] == [
            (200, text) for text in (b"one", b"two", b"three", b"four")
        ]


def test_a_request_behind_a_held_one_waits_for_it(served: Served) -> None:
    """Answers keep the order of their requests, though the server reads on."""
    with served.connect() as connection:
        ask(connection, "late")
        served.begun.get(timeout=30)
        ask_echo(connection, b"second")
        assert nothing_yet(connection)
        served.waiting.stop()
        assert [read_answer(connection), read_answer(connection)] == [(200, BODY), (200, b"second")]


def test_keep_alive(served: Served) -> None:
    """One connection takes one request after another; the last one closes it."""
    with served.connect() as connection:
        for _ in range(5):
            ask(connection, "plain")
            assert read_answer(connection) == (200, BODY)
        ask(connection, "plain", fields="Connection: close\r\n")
        assert read_to_end(connection).endswith(BODY)


def test_http_1_0_closes(served: Served) -> None:
    """The end of the connection is the end of the body."""
    with served.connect() as connection:
        ask(connection, "plain", version="1.0")
        text = read_to_end(connection)
        assert (text[:15], text.partition(b"\r\n\r\n")[2]) == (b"HTTP/1.0 200 OK", BODY)


def test_http_1_0_keeps_alive_on_demand(served: Served) -> None:
    """As old load generators ask for it."""
    with served.connect() as connection:
        for _ in range(3):
            ask(connection, "plain", version="1.0", fields="Connection: keep-alive\r\n")
            assert read_answer(connection) == (200, BODY)


def test_expect_continue(served: Served) -> None:
    """The body is asked for, then taken."""
    with served.connect() as connection:
        ask(
            connection,
            "echo",
            method="POST",
            fields="Expect: 100-continue\r\nContent-Length: 5\r\n",
        )
        assert read_head(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert read_answer(connection) == (200, b"hello")


def test_expect_continue_behind_a_held_answer(served: Served) -> None:
    """The interim answer does not come between the parts of the answer before it."""
    with served.connect() as connection:
        ask(connection, "dribble")
        read_head(connection)
        assert read_exactly(connection, 100) == BODY[:100]
        ask(
            connection,
            "echo",
            method="POST",
            fields="Expect: 100-continue\r\nContent-Length: 5\r\n",
        )
        assert nothing_yet(connection)
        served.waiting.stop()
        assert read_exactly(connection, 100) == BODY[100:]
        assert read_head(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert read_answer(connection) == (200, b"hello")


def test_one_thread_sends_at_a_time_and_only_the_loop_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else "100 Continue" came twice or never, when the thread that answered before said it beside the loop."""
    seen, real = [], HTTPChannel._flush_some

    def flush(channel: HTTPChannel, do_close: bool = True) -> bool:
        seen.append((threading.current_thread().name, channel.outbuf_lock._is_owned(), do_close))
        return bool(real(channel, do_close))

    monkeypatch.setattr(HTTPChannel, "_flush_some", flush)
    with serving({"gate": reply(BIG), "plain": reply()}) as served, served.connect() as connection:
        ask(connection, "gate")
        served.begun.get(timeout=30)
        ask(
            connection,
            "echo",
            method="POST",
            fields="Expect: 100-continue\r\nContent-Length: 5\r\n",
        )
        assert (
            requests.get(f"{served.url}/plain", timeout=30).content == BODY
        )  # so the loop has read the head
        served.gate.set()
        assert read_answer(connection) == (200, BIG)
        assert read_head(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert read_answer(connection) == (200, b"hello")
    assert {owned for _, owned, _ in seen} == {True}
    assert {name for name, _, may_close in seen if may_close} <= {"understudy-server"}


def test_a_client_that_ended_its_sending_gets_its_answer(served: Served) -> None:
    """`nc -N` and the like: the stream from the client ends right behind its requests."""
    for _ in range(20):
        with served.connect() as connection:
            ask(connection, "plain", "plain", "plain")
            connection.shutdown(socket.SHUT_WR)
            assert read_to_end(connection).count(BODY) == 3


def test_a_client_that_ended_its_sending_gets_a_held_answer_at_once(served: Served) -> None:
    """It cannot be told from one that has gone, so the hour is not waited for."""
    with served.connect() as connection:
        ask(connection, "late")
        served.begun.get(timeout=30)
        connection.shutdown(socket.SHUT_WR)
        assert read_to_end(connection).endswith(BODY)


def test_a_client_that_ended_its_sending_is_not_looked_at_again(served: Served) -> None:
    """The loop does not run in circles while an answer takes its time."""
    with served.connect() as connection:
        ask(connection, "gate")
        served.begun.get(timeout=30)
        connection.shutdown(socket.SHUT_WR)
        assert (
            requests.get(f"{served.url}/plain", timeout=30).content == BODY
        )  # so the loop has seen the end
        channels = served.server._server.active_channels.values()
        channel = next(channel for channel in channels if channel.addr == connection.getsockname())
        assert (channel.ended, channel.readable(), channel.writable()) == (True, False, False)
        served.gate.set()
        assert read_to_end(connection).endswith(BODY)


def test_a_large_answer_reaches_a_client_that_ended_its_sending() -> None:
    """More than the socket's buffers hold: it is sent to its end before the connection is closed."""
    with serving({"big": reply(BIG)}) as served, served.connect() as connection:
        ask(connection, "big")
        connection.shutdown(socket.SHUT_WR)
        served.over.get(timeout=30)  # written as a whole by the application, but not sent
        assert read_to_end(connection).partition(b"\r\n\r\n")[2] == BIG


def test_a_client_that_goes_without_a_request_is_let_go(served: Served) -> None:
    """The server closes too, in an orderly way: with nothing asked, or half a request."""
    for text in (b"", b"GET /plain HT"):
        with served.connect() as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            assert read_to_end(connection) == b""


def ask_echo(connection: socket.socket, text: bytes) -> None:
    """Send a request whose answer is its own body."""
    ask(connection, "echo", method="POST", fields=f"Content-Length: {len(text)}\r\n")
    connection.sendall(text)


def test_a_request_without_a_body_is_answered_though_it_expects_to_be_told(served: Served) -> None:
    """There is nothing to go on with: the answer comes at once, and so does the next one."""
    with served.connect() as connection:
        for length in ("", "", "Content-Length: 0\r\n"):
            ask(connection, "plain", fields=f"Expect: 100-continue\r\n{length}")
            assert read_answer(connection) == (200, BODY)
