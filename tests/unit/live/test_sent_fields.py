"""What a client sends over a socket is what the contract and the rules see."""

import gzip
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from live_builders import read_head, read_response
from understudy.live import LiveServer
from understudy.messages import redact

CONTRACT = """
openapi: 3.0.3
info: {title: pets, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      parameters: [{name: api_key, in: header, required: true, schema: {type: string}}]
      responses:
        '200': {description: ok, content: {application/json: {example: {rule: none}}}}
        '304': {description: the same}
    post:
      operationId: addPet
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [a], properties: {a: {type: integer}}}
      responses: {'204': {description: added}}
    delete:
      operationId: deletePets
      responses: {'204': {description: gone}}
"""
SCENARIO = """
understudy: 1
name: modes
replies:
  - when: {operation: listPets, headers: {X-Mode: fast}}
    reply: {status: 200, body: {rule: hit}}
"""
EXAMPLE, HIT = (200, b'{"rule":"none"}'), (200, b'{"rule":"hit"}')
KEY = "api_key: secret"
LONG = f"X-Long: {'x' * 9000}"
"""It makes a request longer than those that are looked up by their bytes."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    """Serve a contract whose operation requires a header field with `_`."""
    with LiveServer(contract=write(tmp_path / "pets.yaml", CONTRACT)) as running:
        yield running


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def connect(server: LiveServer) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=30)


def send(connection: socket.socket, method: str, *fields: str) -> None:
    lines = [f"{method} /pets HTTP/1.1", "Host: localhost", *fields, "", ""]
    connection.sendall("\r\n".join(lines).encode("latin-1"))


def call(server: LiveServer, *fields: str) -> tuple[int, bytes]:
    with connect(server) as connection:
        send(connection, "GET", *fields)
        return read_response(connection)


def test_field_with_underscore_satisfies_the_contract(server: LiveServer) -> None:
    """The journal shows it too, with its own name and without the secret."""
    assert call(server, KEY) == EXAMPLE
    [exchange] = server.world("default").journal.exchanges()
    assert exchange.request.headers.fields == (
        ("Host", "localhost"),
        ("api_key", redact("secret")),
    )


@pytest.mark.parametrize("more", [(), (LONG,)], ids=["short", "long"])
def test_known_call_needs_the_same_fields(server: LiveServer, more: tuple[str, ...]) -> None:
    """A request without the field is not answered like the remembered one with it."""
    for _ in range(3):
        assert call(server, KEY, *more) == EXAMPLE
    assert call(server, *more)[0] == 422


@pytest.mark.parametrize("more", [(), (LONG,)], ids=["short", "long"])
def test_repeated_field_matches_by_one_of_its_values(tmp_path: Path, more: tuple[str, ...]) -> None:
    """A list in one field is one value."""
    contract, scenario = tmp_path / "pets.yaml", tmp_path / "modes.yaml"
    write(contract, CONTRACT)
    write(scenario, SCENARIO)
    with LiveServer(contract=contract, scenario=str(scenario)) as server:
        for _ in range(2):
            assert call(server, KEY, "X-Mode: slow, fast", *more) == EXAMPLE
            assert call(server, KEY, "X-Mode: slow", "X-Mode: fast", *more) == HIT


@pytest.mark.parametrize(
    ("method", "fields", "status"),
    [
        ("DELETE", (), 204),
        ("OPTIONS", (), 204),
        (
            "OPTIONS",
            ("Origin: http://localhost:3000", "Access-Control-Request-Method: DELETE"),
            204,
        ),
        ("GET", (KEY, "Prefer: code=304"), 304),
    ],
)
def test_response_without_content_keeps_the_connection(
    server: LiveServer, method: str, fields: tuple[str, ...], status: int
) -> None:
    """A request that is pipelined behind it is answered; no field says otherwise."""
    with connect(server) as connection:
        send(connection, method, *fields)
        send(connection, "GET", KEY)
        head = read_head(connection)
        assert int(head.split()[1]) == status
        assert b"connection:" not in head.lower()
        assert b"content-length:" not in head.lower()
        assert read_response(connection) == EXAMPLE
        send(connection, method, "Connection: close", *fields)
        assert b"Connection: close" in read_head(connection)
        assert connection.recv(1) == b""


@pytest.mark.parametrize("method", ["FOO", "TRACE", "CONNECT", "QUERY", "get"])
def test_unknown_method_is_a_problem_document(server: LiveServer, method: str) -> None:
    """Methods that the contract lacks are 405, and those that HTTP lacks are 501 or 405."""
    with connect(server) as connection:
        send(connection, method, KEY)
        head = read_head(connection)
    assert int(head.split()[1]) == (501 if method == "get" else 405)
    assert b"content-type: application/problem+json" in head.lower()


@pytest.mark.parametrize("target", ["http://localhost/pets?a=%41", "/pets?a=%41", "/pets?"])
def test_target_is_the_sent_one(server: LiveServer, target: str) -> None:
    """The absolute form loses scheme and authority alone."""
    with connect(server) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{KEY}\r\n\r\n".encode())
        assert read_response(connection) == EXAMPLE
    [exchange] = server.world("default").journal.exchanges()
    assert exchange.request.target == target.removeprefix("http://localhost")


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("gzip", gzip.compress(b'{"a": 1}', mtime=0), 204),
        ("deflate", zlib.compress(b'{"a": 1}'), 204),
        ("gzip", gzip.compress(b'{"a": "x"}', mtime=0), 422),
        ("gzip", b"xx", 400),
        ("nothing", b"xx", 415),
        ("gzip", gzip.compress(b" " * 11_000_000, mtime=0), 413),
    ],
)
def test_compressed_body_is_validated(
    server: LiveServer, coding: str, body: bytes, status: int
) -> None:
    """A coding that is not known is answered with those that are."""
    with connect(server) as connection:
        send(
            connection,
            "POST",
            f"Content-Encoding: {coding}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        connection.sendall(body)
        head = read_head(connection)
    assert int(head.split()[1]) == status
    assert (b"Accept-Encoding: gzip, deflate" in head) == (status == 415)
    assert (status == 204) == (b"application/problem+json" not in head)
