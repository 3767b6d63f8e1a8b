"""What the server refuses before any application sees it: a problem document, like everything that the tool says."""

import json
import socket
from collections.abc import Iterator

import pytest

from live_builders import Served, read_to_end, serving


@pytest.fixture
def served() -> Iterator[Served]:
    """The application, served."""
    with serving() as running:
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
            b"GET /x HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 262_200 + b"\r\n\r\n",
            431,
            "request-header-fields-too-large",
        ),
        (b"\x00\x01\x02 nonsense\r\n\r\n", 400, "bad-request"),
    ],
    ids=["large", "negative", "long field", "no HTTP"],
)
def test_a_refusal_is_a_problem_document(
    served: Served, message: bytes, status: int, slug: str
) -> None:
    """With a stable type; the next connection is served."""
    head, _, body = send(served, message)
    assert head.startswith(f"HTTP/1.{head[7]} {status} ")
    assert "content-type: application/problem+json" in head.lower()
    told = json.loads(body)
    assert (told["type"], told["status"]) == (f"urn:understudy:problem:{slug}", status)
    assert told["detail"]
    assert send(served, b"GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")[
        0
    ].startswith("HTTP/1.1 200")


def send(served: Served, message: bytes) -> tuple[str, str, str]:
    """Give head and body of what is answered until the connection ends."""
    with served.connect() as connection:
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)
        return read_to_end(connection).decode().partition("\r\n\r\n")
