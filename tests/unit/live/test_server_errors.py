"""Errors of the server itself, before the application sees a request."""

import json
import socket
from collections.abc import Iterator

import pytest

from live_builders import ServedApp, read_to_end, serve_replies


@pytest.fixture
def served() -> Iterator[ServedApp]:
    """The application on the server."""
    with serve_replies() as running:
        yield running


@pytest.mark.parametrize(
    ("message", "status", "slug"),
    [
        (
            b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 40000000\r\n\r\n",
            413,
            "request-entity-too-large",
        ),
        (b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 400, "bad-request"),
        (
            b"GET /x HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 65_600 + b"\r\n\r\n",
            431,
            "request-header-fields-too-large",
        ),
        (b"\x00\x01\x02 nonsense\r\n\r\n", 400, "bad-request"),
    ],
    ids=["large", "negative", "long field", "no HTTP"],
)
def test_server_error_is_a_problem_document(
    served: ServedApp, message: bytes, status: int, slug: str
) -> None:
    """It has a stable type, and the next connection works."""
    head, _, body = send_message(served, message)
    assert head.startswith(f"HTTP/1.{head[7]} {status} ")
    assert "content-type: application/problem+json" in head.lower()
    problem = json.loads(body)
    assert (problem["type"], problem["status"]) == (f"urn:understudy:problem:{slug}", status)
    assert problem["detail"]
    assert send_message(served, b"GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")[
        0
    ].startswith("HTTP/1.1 200")


def send_message(served: ServedApp, message: bytes) -> tuple[str, str, str]:
    """Return head and body of the response."""
    with served.connect() as connection:
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)
        return read_to_end(connection).decode().partition("\r\n\r\n")
