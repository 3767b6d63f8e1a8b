"""Answers that are sent later hold no thread: a timer of the loop sends them."""

import json
import socket
import struct
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from live_builders import (
    BODY,
    ServedApp,
    is_silent,
    read_head,
    read_response,
    read_to_end,
    reply,
    send_requests,
    serve_replies,
)
from understudy.calllog import CallLog, LogFormat, LogMode
from understudy.live import LiveServer
from understudy.messages import Ending

LIST = "/api/v2/tasks/instances?size=1"
AUTH = ("admin", "admin")
CREDENTIALS = "Authorization: Basic YWRtaW46YWRtaW4=\r\n"
CALLS = 100
BIG = b"x" * 5_000_000
SOON = timedelta(milliseconds=30)


@pytest.fixture
def live() -> Iterator[LiveServer]:
    """A stub with the fewest threads."""
    with LiveServer(scenario="empty", threads=2) as server:
        yield server


def connect(server: LiveServer) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=30)


def count_delayed(server: LiveServer) -> int:
    health = requests.get(f"{server.url}/__admin/health", timeout=30).json()
    return int(health["waiting"]["delayed"])


@pytest.mark.parametrize(
    "preference", ["delay=200ms", "fault=delay:200ms", "fault=dribble:3/200ms"]
)
def test_more_delayed_calls_than_threads(live: LiveServer, preference: str) -> None:
    """All of them are answered, and none with 503."""
    connections = [connect(live) for _ in range(CALLS)]
    begin = time.monotonic()
    for connection in connections:
        fields = f"{CREDENTIALS}Prefer: {preference}\r\n"
        send_requests(connection, LIST.lstrip("/"), fields=fields)
    statuses = {read_response(connection)[0] for connection in connections}
    assert time.monotonic() - begin >= 0.2
    assert statuses == {200}
    for connection in connections:
        connection.close()
    assert live.stub.thread_limit.active == 0


def test_other_calls_are_answered_meanwhile(live: LiveServer) -> None:
    """Health counts the answers that are held; they wait in no thread."""
    connections = [connect(live) for _ in range(20)]
    for connection in connections:
        fields = f"{CREDENTIALS}Prefer: delay=1h\r\n"
        send_requests(connection, LIST.lstrip("/"), fields=fields)
    while count_delayed(live) < len(connections):
        pass
    health = requests.get(f"{live.url}/__admin/health", timeout=30).json()
    assert health["waiting"] == {"active": 0, "limit": 1, "delayed": 20}
    assert requests.get(f"{live.url}{LIST}", auth=AUTH, timeout=30).status_code == 200
    for connection in connections:
        connection.close()
    while count_delayed(live):
        pass


@pytest.fixture(params=["http", "https"])
def scheme(request: pytest.FixtureRequest) -> str:
    """The scheme of the server's URLs."""
    return str(request.param)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_leaving_clients_free_their_timers(scheme: str, how: str) -> None:
    """At once, not when the answer would have been due."""
    with serve_replies({"late": reply(delay=timedelta(hours=1))}, scheme=scheme) as served:
        for _ in range(150 if scheme == "http" else 40):
            connection = served.connect()
            send_requests(connection, "late")
            assert served.started.get(timeout=30) == "late"
            if how == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            assert served.closed.get(timeout=30) == "late"
        assert served.server.held_answers == 0
        assert len(served.server._loop._timers) < 150


@pytest.mark.parametrize(("ending", "expected"), [(Ending.EMPTY, b""), (Ending.TRUNCATE, BODY[:7])])
def test_delayed_break_ends_the_connection(scheme: str, ending: Ending, expected: bytes) -> None:
    """After the delay, as its fault requires."""
    replies = {"late": reply(delay=SOON, ending=ending, sent_bytes=7)}
    with serve_replies(replies, scheme=scheme) as served, served.connect() as connection:
        begin = time.monotonic()
        send_requests(connection, "late")
        assert read_to_end(connection).partition(b"\r\n\r\n")[2] == expected
        assert time.monotonic() - begin >= SOON.total_seconds()


def test_large_answer_is_sent_to_a_slow_client(scheme: str) -> None:
    """The loop does not wait for a client that does not read."""
    replies = {"late": reply(BIG, delay=SOON), "plain": reply()}
    with serve_replies(replies, scheme=scheme) as served, served.connect() as slow:
        send_requests(slow, "late", "plain", "late")
        served.started.get(timeout=30)
        assert served.get("plain") == BODY
        assert [read_response(slow) for _ in range(3)] == [(200, BIG), (200, BODY), (200, BIG)]


def test_pipelined_delays_follow_each_other(scheme: str) -> None:
    """Each delay begins when the answer before it is sent."""
    replies = {"late": reply(delay=SOON), "plain": reply()}
    with serve_replies(replies, scheme=scheme) as served, served.connect() as connection:
        begin = time.monotonic()
        send_requests(connection, "late", "plain", "late", "plain")
        assert [read_response(connection) for _ in range(4)] == [(200, BODY)] * 4
        assert time.monotonic() - begin >= 2 * SOON.total_seconds()


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_head_of_a_held_answer_is_the_usual_one(version: str) -> None:
    """Only the time differs, with and without a body."""
    replies = {"late": reply(delay=SOON), "plain": reply()}
    with serve_replies(replies) as served:
        for method in ("GET", "HEAD"):
            heads = []
            for name in ("plain", "late"):
                with served.connect() as connection:
                    fields = "Connection: close\r\n"
                    send_requests(connection, name, method=method, version=version, fields=fields)
                    head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
                    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Date")]
                    heads.append((lines, body))
            assert heads[0] == heads[1]


def test_body_of_many_chunks_is_complete(scheme: str) -> None:
    """A byte at a time, over a keep-alive connection."""
    replies = {"slow": reply(BODY, chunks=200, spread_over=SOON)}
    with serve_replies(replies, scheme=scheme) as served, served.connect() as connection:
        for _ in range(2):
            send_requests(connection, "slow")
            assert read_response(connection) == (200, BODY)


def test_log_has_the_whole_time_of_a_delayed_call() -> None:
    """A call is logged when its answer is sent, as one that waited in a thread was."""
    with tempfile.TemporaryFile() as file:
        log = CallLog(file.fileno(), LogMode.ALL, LogFormat.JSON)
        with log, LiveServer(scenario="empty", call_log=log) as server:
            url = f"{server.url}{LIST}&__delay=50ms"
            assert requests.get(url, auth=AUTH, timeout=30).status_code == 200
        file.seek(0)
        [line] = [json.loads(line) for line in file.read().splitlines()]
    assert line["status"] == 200
    assert line["ms"] >= 50


def test_client_that_leaves_is_logged() -> None:
    """Its call has taken place, although no one reads its answer."""
    with tempfile.TemporaryFile() as file:
        log = CallLog(file.fileno(), LogMode.ALL, LogFormat.JSON)
        with log, LiveServer(scenario="empty", call_log=log) as server:
            with connect(server) as connection:
                fields = f"{CREDENTIALS}Prefer: delay=1h\r\n"
                send_requests(connection, LIST.lstrip("/"), fields=fields)
                while not count_delayed(server):
                    pass
            while count_delayed(server):
                pass
        file.seek(0)
        assert len(file.readlines()) == 1


def test_reset_of_the_world_does_not_hurry_an_answer(live: LiveServer) -> None:
    """The answer is still sent when it is due: it was made before."""
    with connect(live) as connection:
        fields = f"{CREDENTIALS}Prefer: delay=1h\r\n"
        send_requests(connection, LIST.lstrip("/"), fields=fields)
        while not count_delayed(live):
            pass
        assert requests.post(f"{live.url}/__admin/reset", timeout=30).ok
        assert count_delayed(live) == 1
        assert is_silent(connection)
        live.request_stop()
        assert read_response(connection)[0] == 200


def test_connections_beyond_the_limit_wait() -> None:
    """If all have calls, a new one is accepted when another closes."""
    with LiveServer(scenario="empty", connections=5) as server:
        delayed = [connect(server) for _ in range(5)]
        for connection in delayed:
            fields = f"{CREDENTIALS}Prefer: delay=1h\r\n"
            send_requests(connection, LIST.lstrip("/"), fields=fields)
        while server._server.held_answers < 5:
            pass
        with connect(server) as late:
            send_requests(late, LIST.lstrip("/"), fields=CREDENTIALS)
            assert is_silent(late)
            delayed[0].close()
            assert read_response(late)[0] == 200
        for connection in delayed:
            connection.close()


def test_held_answer_of_a_stopped_server_says_close(served_late: ServedApp) -> None:
    """Its head is written when it is sent."""
    with served_late.connect() as connection:
        send_requests(connection, "late")
        served_late.started.get(timeout=30)
        served_late.server.stop()
        assert b"\r\nConnection: close\r\n" in read_head(connection)


@pytest.fixture
def served_late() -> Iterator[ServedApp]:
    """An application whose answer is due in an hour."""
    with serve_replies({"late": reply(delay=timedelta(hours=1))}) as served:
        yield served
