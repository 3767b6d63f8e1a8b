"""Slow and silent clients, and event streams: the others are answered meanwhile."""

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from reliability import (
    ServerProcess,
    scale,
    serve_process,
    show_figure,
    show_times,
    wait_for_open_files,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

HEAD = b"GET /api/v2/tasks/instances HTTP/1.1\r\nHost: localhost\r\n"
BODY = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc"
STREAM = b"GET /__admin/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
CALLS = 100
"""How many good calls are measured during an attack."""


def measure_calls(server: ServerProcess) -> list[float]:
    server.measure_health()  # the first call imports the control API
    return [server.measure_health() for _ in range(CALLS)]


@pytest.mark.parametrize(
    ("kind", "usual", "most"), [("heads", 200, 500), ("bodies", 64, 64), ("readers", 100, 200)]
)
def test_slow_clients_delay_no_other(tmp_path: Path, kind: str, usual: int, most: int) -> None:
    """Half a head, half a body, or a client that reads no answer; all files are closed afterwards."""
    messages = {"heads": HEAD, "bodies": BODY, "readers": (HEAD + b"\r\n") * 300}
    with serve_process(tmp_path / "log", "--auth", "off") as server:
        quiet = measure_calls(server)
        before = server.count_open_files()
        with ExitStack() as stack:
            for _ in range(scale(usual, most)):
                connection = stack.enter_context(server.connect())
                connection.setblocking(False)
                connection.send(messages[kind])
            busy = measure_calls(server)
        wait_for_open_files(server, before)
    show_figure(10, f"{scale(usual, most)} {kind}: {show_times(busy)} (alone: {show_times(quiet)})")


def test_event_streams_leave_threads_for_calls(tmp_path: Path) -> None:
    """Streams above the limit are answered 503; half of the others vanish, and all threads return."""
    streams = scale(40, 100)
    answers = []
    with serve_process(tmp_path / "log", "--auth", "off") as server:
        quiet = measure_calls(server)
        before = server.count_open_files()
        with ExitStack() as stack:
            connections = [stack.enter_context(server.connect()) for _ in range(streams)]
            for connection in connections:
                connection.sendall(STREAM)
                answers.append(connection.recv(4096))
            for connection in connections[::2]:
                connection.close()
            busy = measure_calls(server)
        wait_for_open_files(server, before)
    statuses = [answer.split()[1] for answer in answers]
    assert set(statuses) <= {b"200", b"503"}
    assert statuses.count(b"200") >= 10
    assert all(b"Retry-After" in answer for answer in answers if b" 503 " in answer)
    held = statuses.count(b"200")
    show_figure(11, f"{held} of {streams} streams: {show_times(busy)} (alone: {show_times(quiet)})")


def test_parallel_starts(tmp_path: Path) -> None:
    """Each server has a port of its own, and its first call is answered once its URL is printed."""
    ports = []
    lock = threading.Lock()

    def start(number: int) -> None:
        with serve_process(tmp_path / f"log{number}") as server:
            server.measure_health()
            with lock:
                ports.append(server.port)
            ready.wait()

    starts = scale(8, 100)
    ready = threading.Barrier(min(starts, 8), timeout=120)
    for first in range(0, starts - starts % 8, 8):
        threads = [threading.Thread(target=start, args=(first + count,)) for count in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(ports) == starts - starts % 8
    for first in range(0, len(ports), 8):
        assert len(set(ports[first : first + 8])) == 8
    show_figure(
        21, f"{len(ports)} starts, 8 at once, all on ports of their own, all stopped with 0"
    )
