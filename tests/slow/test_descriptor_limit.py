"""A server with few file descriptors: it answers, its log stays short, and it recovers."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

pytestmark = pytest.mark.slow

COMMAND = f'ulimit -n 64 && exec "{sys.executable}" -m understudy serve --port 0 --auth off'
LARGE = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n" + bytes(1_000_000)


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The server with at most 64 open files, and its port."""
    process = subprocess.Popen(
        ["sh", "-c", COMMAND],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    with process:
        port = next(
            int(match[1]) for line in process.stdout if (match := re.search(r":(\d+)", line))
        )
        yield process, port
        process.terminate()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def test_server_with_few_descriptors_stays_healthy(
    server: tuple[subprocess.Popen[str], int],
) -> None:
    """150 idle connections and 40 large bodies: no traceback, a few lines, healthy all the time."""
    process, port = server
    health = f"http://127.0.0.1:{port}/__admin/health"
    with ExitStack() as stack:
        for _ in range(150):
            stack.enter_context(connect(port))
        for _ in range(20):
            assert requests.get(health, timeout=30).status_code == 200
        for _ in range(40):
            connection = stack.enter_context(connect(port))
            try:
                connection.sendall(LARGE)
            except ConnectionError:  # it made room for another one
                continue
        assert requests.get(health, timeout=30).status_code == 200
    assert requests.get(health, timeout=30).status_code == 200
    process.terminate()
    errors = process.communicate(timeout=60)[1].splitlines()
    first = r"Connections are closed to make room for others; the limit is \d+ connections\."
    assert re.fullmatch(first, errors[0])
    assert len(errors) < 60, errors
    assert "Traceback" not in "".join(errors)
    assert "uncaptured" not in "".join(errors)
