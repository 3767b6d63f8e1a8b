"""A server that stops answers what it has received, and breaks no connection."""

import http.client
import socket
import threading
from collections.abc import Iterator
from queue import Queue

import pytest

from live_builders import (
    BODY,
    HOST,
    ServedApp,
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


def connect(port: int) -> http.client.HTTPConnection:
    """Return an open connection, which is not opened again."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.connect()
    connection.auto_open = 0
    return connection


def call_until_close(
    connection: http.client.HTTPConnection, path: str, calling: "Queue[str]", ends: "Queue[str]"
) -> None:
    """Call again and again on one connection; `ends` gets why the client stopped."""
    headers = {"Authorization": "Basic YWRtaW46YWRtaW4="}
    try:
        while True:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            calling.put(path)
            if answer.getheader("Connection") == "close":
                ends.put(f"{answer.status} close")
                return
    except (OSError, http.client.HTTPException) as error:
        ends.put(repr(error))
    finally:
        connection.close()


def wait_until_closed(served: ServedApp) -> None:
    """Wait until the server accepts no connections."""
    while True:
        try:
            socket.create_connection((HOST, served.port), timeout=30).close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:  # it was made, but not accepted
            continue


@pytest.mark.parametrize("prefer", ["", "&__delay=5ms"], ids=["known", "delayed"])
@pytest.mark.parametrize("count", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_last_answer_of_busy_clients_closes(count: int, prefer: str) -> None:
    """Each of them gets its last answer with `Connection: close`; no call is broken.

    The clients are threads of this process. Many of them on a busy machine may leave their
    connection quiet for so long that the server closes it.
    """
    calling: Queue[str] = Queue()
    ends: Queue[str] = Queue()
    path = f"/api/v2/tasks/instances?size=1{prefer}"
    with LiveServer(scenario="empty", threads=120) as server:
        # All are connected before the first call: one that came too late would be refused.
        connections = [connect(server.port) for _ in range(count)]
        clients = [
            threading.Thread(target=call_until_close, args=(connection, path, calling, ends))
            for connection in connections
        ]
        for client in clients:
            client.start()
        for _ in range(3 * count):
            calling.get(timeout=30)
        server.stop()
    for client in clients:
        client.join(timeout=30)
    assert [ends.get(timeout=30) for _ in range(count)] == ["200 close"] * count


def test_call_under_way_is_answered(served: ServedApp) -> None:
    """Its answer says that the connection closes."""
    with served.connect() as connection:
        send_requests(connection, "gate")
        served.started.get(timeout=30)
        stopping = threading.Thread(target=served.server.stop)
        stopping.start()
        wait_until_closed(served)
        served.gate.set()
        text = read_to_end(connection)
        stopping.join(timeout=30)
    assert (text.count(b"Connection: close\r\n"), text[-len(BODY) :]) == (1, BODY)


def test_pipelined_requests_are_all_answered(served: ServedApp) -> None:
    """Only the last answer says that the connection closes."""
    with served.connect() as connection:
        send_requests(connection, "gate", "plain", "plain")
        served.started.get(timeout=30)
        stopping = threading.Thread(target=served.server.stop)
        stopping.start()
        wait_until_closed(served)
        served.gate.set()
        text = read_to_end(connection)
        stopping.join(timeout=30)
    assert (text.count(b"Connection: close\r\n"), text.count(BODY)) == (1, 3)
    assert text.rindex(b"HTTP/1.1 200 OK") < text.index(b"Connection: close")


def test_connection_of_the_backlog_is_answered() -> None:
    """It was made before the server ran, and its request is read before the socket closes."""
    with LiveServer(scenario="empty") as server:
        pass
    unstarted = LiveServer(scenario="empty")
    connection = http.client.HTTPConnection(HOST, unstarted.port, timeout=30)
    connection.request("GET", "/api/v2/tasks/instances")
    unstarted.request_stop()
    unstarted.run()
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.getheader("Connection")) == (401, "close")
    assert server.is_ended
    assert unstarted.is_ended


def test_idle_connection_is_closed(served: ServedApp) -> None:
    """Its client reads the end of the stream, not an error."""
    with served.connect() as connection:
        send_requests(connection, "plain")
        assert read_response(connection) == (200, BODY)
        served.server.stop()
        assert read_to_end(connection) == b""


def test_new_connections_are_refused(served: ServedApp) -> None:
    """The listening socket closes first, while a call is still under way."""
    with served.connect() as connection:
        send_requests(connection, "gate", "plain")
        served.started.get(timeout=30)
        stopping = threading.Thread(target=served.server.stop)
        stopping.start()
        wait_until_closed(served)
        assert stopping.is_alive()
        served.gate.set()
        assert read_to_end(connection).count(BODY) == 2
        stopping.join(timeout=30)


def test_half_a_request_does_not_hold_the_server(served: ServedApp) -> None:
    """A connection without progress is closed."""
    with served.connect() as connection:
        send_requests(connection, "echo", method="POST", fields="Content-Length: 5\r\n")
        connection.sendall(b"he")
        served.server.stop()
        assert read_to_end(connection) == b""


def test_rest_of_a_request_is_awaited(served: ServedApp) -> None:
    """A client that goes on sending gets its answer."""
    with served.connect() as connection:
        send_requests(
            connection,
            "echo",
            method="POST",
            fields="Content-Length: 5\r\nExpect: 100-continue\r\n",
        )
        assert read_head(connection) == b"HTTP/1.1 100 Continue\r\n\r\n"
        stopping = threading.Thread(target=served.server.stop)
        stopping.start()
        connection.sendall(b"hello")
        text = read_to_end(connection)
        stopping.join(timeout=30)
    assert text.startswith(b"HTTP/1.1 200 OK")
    assert text.endswith(b"hello")


def test_repeated_requests_to_stop_change_nothing(served: ServedApp) -> None:
    """Neither before nor after the server has ended."""
    served.server.request_stop()
    served.server.request_stop()
    served.server.stop()
    served.server.request_stop()
    served.server.stop()
    assert served.server.is_ended
