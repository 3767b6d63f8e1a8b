"""Operations are answered in front of Flask as Flask would, also before a request is parsed."""

import base64
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Response

from replay_builders import LIST, Wall
from understudy.config import Settings
from understudy.live import AppServer
from understudy.live.waitress_server import bind
from understudy.replay import Stub
from understudy.server import create_app
from understudy.server.operation_front import OperationFront, split_head

AUTHORIZATION = "Basic " + base64.b64encode(b"admin:admin").decode()
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", f"{LIST}?size=2", {}),
    ("HEAD", f"{LIST}/35000312", {}),
    ("OPTIONS", LIST, {}),
    ("DELETE", LIST, {}),
    ("GET", f"{LIST}?size=0", {}),
    ("GET", "/nothing/here", {}),
    ("POST", f"{LIST}/35000312/retry", {"data": b"{}", "content_type": "application/json"}),
    ("POST", f"{LIST}/1/retry", {"data": b"x" * 70_000}),
    ("GET", f"/w/bad name!{LIST}", {}),
    ("GET", LIST, {"headers": {"Host": "elsewhere.example"}}),
    ("GET", f"{LIST}?name={'x' * 9000}", {}),
    ("GET", f"{LIST}?__fault=garbage", {}),
    ("GET", f"{LIST}?__fault=reset", {}),
    ("GET", f"{LIST}?__code=429", {}),
]


def build_stub(*, remember: bool = True) -> Stub:
    return Stub(Settings(scenario="demo", clock="virtual"), wall=Wall(), remember=remember)


@pytest.mark.parametrize(("method", "target", "options"), CALLS, ids=lambda part: str(part)[:40])
def test_front_answers_like_flask(method: str, target: str, options: dict[str, Any]) -> None:
    """Status, header fields in their order, and body are equal."""
    answers = []
    for has_front in (True, False):
        app = create_app(stub=build_stub())
        front: OperationFront = app.extensions["understudy.front"]
        if not has_front:
            app.wsgi_app = front.flask  # type: ignore[assignment, method-assign]
        headers = {"Authorization": AUTHORIZATION, **options.get("headers", {})}
        extra = {name: value for name, value in options.items() if name != "headers"}
        response = app.test_client().open(target, method=method, headers=headers, **extra)
        answers.append((response.status, list(response.headers), response.data))
    assert answers[0] == answers[1]


def test_hooks_of_the_user_see_every_call() -> None:
    """A function that is added to the Flask application also sees calls that are repeated."""
    app = create_app(stub=build_stub())
    client = app.test_client()
    headers = {"Authorization": AUTHORIZATION}
    client.get(LIST, headers=headers)
    seen: list[int] = []

    @app.after_request
    def see(response: Response) -> Response:
        seen.append(response.status_code)
        return response

    for _ in range(3):
        client.get(LIST, headers=headers)
    assert seen == [200, 200, 200]


def test_hooks_of_the_user_see_calls_of_the_socket() -> None:
    """A known request is not answered before a function that was added later has seen it."""
    app = create_app(stub=build_stub())
    front: OperationFront = app.extensions["understudy.front"]
    app.test_client().get(LIST, headers={"Authorization": AUTHORIZATION})
    known = next(iter(app.extensions["understudy"].short_way.calls()))
    app.extensions["understudy"].short_way.put(b"request", known)
    known.head.pieces = (b"", b"", b"")
    assert front.answer_bytes(b"request") is not None
    app.after_request(lambda response: response)
    assert front.answer_bytes(b"request") is None


def test_head_is_split_around_length_and_date() -> None:
    """In any order; a head with two lengths or without a date is not used."""
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nDate: today\r\nServer: x\r\n\r\n"
    pieces = (b"HTTP/1.1 200 OK\r\nContent-Length: ", b"\r\nDate: ", b"\r\nServer: x\r\n\r\n")
    assert split_head(first) == (pieces, True)
    assert split_head(first.replace(b"Date", b"Day")) is None
    assert split_head(first.replace(b"Server: x", b"Content-Length: 3")) is None


@pytest.fixture
def ports() -> Iterator[list[int]]:
    """Serve the demo twice: with the short way, and without."""
    with ExitStack() as servers:
        numbers = []
        for remember in (True, False):
            stub = build_stub(remember=remember)
            app = create_app(stub=stub)
            listener = bind("127.0.0.1", 0)
            numbers.append(listener.getsockname()[1])
            server = AppServer(
                app,
                listener,
                threads=4,
                thread_limit=stub.thread_limit,
                answer_bytes=app.extensions["understudy.front"].answer_bytes,
            )
            servers.enter_context(server)
        yield numbers


def read_response(connection: socket.socket) -> bytes:
    """Return one whole response of a connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def exchange_bytes(port: int, requests: list[bytes]) -> list[bytes]:
    """Return the responses to requests that are sent one after the other on one connection."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        responses = []
        for request in requests:
            connection.sendall(request)
            responses.append(read_response(connection))
        return responses


def request_bytes(target: str, *fields: str) -> bytes:
    lines = [f"GET {target} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: {AUTHORIZATION}"]
    return "\r\n".join([*lines, *fields, "", ""]).encode()


def test_the_socket_sends_the_same_bytes(ports: list[int]) -> None:
    """Heads and bodies are equal to the last byte, the first time and repeated."""
    targets = [LIST, f"{LIST}/35000312", f"{LIST}?size=1", f"{LIST}?page=9", f"{LIST}/9"]
    plain = [request_bytes(target) for target in targets]
    others = [
        request_bytes(LIST, "Connection: keep-alive"),
        request_bytes(LIST, "Accept-Language: zh-CN", "Cookie: understudy-world=w7"),
        request_bytes("/w/x" + LIST, "Origin: http://localhost:5173"),
        request_bytes(LIST, "Expect: 100-continue"),
    ]
    requests = [*plain, *others] * 4
    assert exchange_bytes(ports[0], requests) == exchange_bytes(ports[1], requests)


def test_requests_in_pieces_and_behind_each_other(ports: list[int]) -> None:
    """A known request that comes in two pieces, or twice in one, is answered as ever."""
    request = request_bytes(f"{LIST}?size=1")
    received = []
    for port in ports:
        exchange_bytes(port, [request] * 3)
        with socket.create_connection(("127.0.0.1", port), 20) as connection:
            connection.sendall(request[:40])
            connection.sendall(request[40:])
            responses = [read_response(connection)]
            connection.sendall(request)
            responses.append(read_response(connection))
        received.append(responses)
    assert received[0] == received[1]


def test_closing_client_gets_its_response(ports: list[int]) -> None:
    """`Connection: close` is obeyed, however often the request was seen."""
    request = request_bytes(f"{LIST}?size=1", "Connection: close")
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", ports[0]), 20) as connection:
            connection.sendall(request)
            read_response(connection)
            assert connection.recv(1) == b""
