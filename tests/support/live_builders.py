"""A small application on the real server, and a client that sees every byte."""

import contextlib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from queue import Queue
from threading import Event
from typing import Any

import requests
from flask import Flask, request
from flask import Response as FlaskResponse

from understudy.clock import WallClock
from understudy.config import Settings
from understudy.live import AppServer
from understudy.live.tls.server_tls import ServerTls
from understudy.live.waitress_server import bind
from understudy.messages import Delivery, Ending, Headers, Response
from understudy.replay.thread_limit import ThreadLimit
from understudy.server.delivery import CONNECTION, deliver

HOST = "127.0.0.1"
HOUR = timedelta(hours=1)
BODY = b"0123456789" * 20


def reply(body: bytes = BODY, status: int = 200, **delivery: object) -> Response:
    """Return a response with these options of its delivery."""
    options = Delivery(**delivery) if delivery else None  # type: ignore[arg-type]
    return Response(status, Headers.of([("Content-Type", "text/plain")]), body, options)


BREAKS = {
    "reset": reply(ending=Ending.RESET),
    "empty": reply(ending=Ending.EMPTY),
    "truncate": reply(ending=Ending.TRUNCATE, sent_bytes=7),
}
HELD = {
    "late": reply(delay=HOUR),
    "dribble": reply(chunks=2, spread_over=HOUR),
    "late-reset": reply(delay=HOUR, ending=Ending.RESET),
    "late-truncate": reply(delay=HOUR, ending=Ending.TRUNCATE, sent_bytes=7),
    "late-empty": reply(delay=HOUR, ending=Ending.EMPTY),
}
SHORT = {
    "brief": reply(delay=timedelta(milliseconds=1)),
    "trickle": reply(chunks=4, spread_over=timedelta(milliseconds=3)),
}
REPLIES = {"plain": reply(), "gate": reply(), **BREAKS, **HELD, **SHORT}


@dataclass(frozen=True, slots=True)
class ServedApp:
    """The application while it is served."""

    server: AppServer
    port: int
    thread_limit: ThreadLimit
    tls: ServerTls | None = None
    started: "Queue[str]" = field(default_factory=Queue)
    """The names of the calls that wait, when they have started."""
    gate: Event = field(default_factory=Event)
    """Until it is set, `/gate` does not answer, even if client or server leave."""
    closed: "Queue[str]" = field(default_factory=Queue)
    """The names of all calls, when their response is closed, or sent if it was held."""

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{HOST}:{self.port}"

    @property
    def ca(self) -> str | bool:
        """What `requests` needs as `verify`."""
        return self.tls.ca if self.tls else True

    @property
    def client_context(self) -> ssl.SSLContext:
        """What a client needs that trusts the authority."""
        return ssl.create_default_context(cafile=self.tls.ca if self.tls else None)

    def connect(self) -> socket.socket:
        raw = socket.create_connection((HOST, self.port), timeout=30)
        if self.tls is None:
            return raw
        return self.client_context.wrap_socket(raw, server_hostname=HOST)

    def wait_for_requests(self, whole: int, *, begun: bool = False) -> None:
        """Wait until a connection has received some whole requests, and perhaps part of another.

        TCP holds a small piece back until the one before it is acknowledged.
        """
        channels = self.server._server.active_channels
        while not any(
            (len(channel.requests), channel.request is not None) == (whole, begun)
            for channel in list(channels.values())
        ):
            pass

    def get(self, name: str) -> bytes:
        """Return the body of a reply, over a connection of its own."""
        return requests.get(f"{self.url}/{name}", timeout=30, verify=self.ca).content


@contextmanager
def serve_replies(
    replies: Mapping[str, Response] = REPLIES,
    *,
    threads: int = 4,
    scheme: str = "http",
    **options: Any,
) -> Iterator[ServedApp]:
    """Serve a reply at each `/<name>`, and the body of a request at `/echo`.

    `options` are those of the server.
    """
    tls = None
    if scheme == "https":
        tls = ServerTls(Settings(tls=True), HOST, WallClock().now())
        tls.write_ca(None)
    app = Flask(__name__)
    listener = bind(HOST, 0)
    limit = ThreadLimit(threads - 1)
    server = AppServer(app, listener, threads=threads, thread_limit=limit, tls=tls, **options)
    served = ServedApp(server, listener.getsockname()[1], limit, tls)

    @app.route("/<name>", methods=["GET", "POST"])
    def answer(name: str) -> FlaskResponse:
        message = reply(request.get_data()) if name == "echo" else replies[name]
        if name == "gate":
            served.started.put(name)
            served.gate.wait(timeout=30)
        response = deliver(message, request.environ, limit)
        connection = request.environ[CONNECTION]
        if connection.is_holding:
            connection.on_end = lambda: served.closed.put(name)
        else:
            response.call_on_close(lambda: served.closed.put(name))
        if message.delivery and message.delivery.needs_thread:
            served.started.put(name)
        return response

    with contextlib.ExitStack() as on_exit:
        if tls is not None:
            on_exit.callback(tls.close)
        on_exit.enter_context(served.server)
        yield served


def end_sending(connection: socket.socket) -> None:
    """End the sending of a client; the method of a TLS socket would end TLS in both directions."""
    socket.socket.shutdown(connection, socket.SHUT_WR)


def send_requests(
    connection: socket.socket,
    *names: str,
    fields: str = "",
    version: str = "1.1",
    method: str = "GET",
) -> None:
    """Send requests in one piece."""
    text = "".join(
        f"{method} /{name} HTTP/{version}\r\nHost: localhost\r\n{fields}\r\n" for name in names
    )
    connection.sendall(text.encode())


def read_to_end(connection: socket.socket) -> bytes:
    """Return all bytes until the server closes the connection."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    read_raw(connection)  # the end of TLS comes before that of the connection
    return b"".join(parts)


def read_raw(connection: socket.socket) -> bytes:
    """Return what arrives until the end of the connection, below TLS."""
    parts = []
    while part := socket.socket.recv(connection, 65536):
        parts.append(part)
    return b"".join(parts)


def read_exactly(connection: socket.socket, count: int) -> bytes:
    """Return a number of bytes."""
    received = b""
    while len(received) < count:
        part = connection.recv(count - len(received))
        assert part, f"the connection ended after {received!r}"
        received += part
    return received


def read_head(connection: socket.socket) -> bytes:
    """Return status line and header fields with the empty line."""
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        received += read_exactly(connection, 1)
    return received


def read_response(connection: socket.socket) -> tuple[int, bytes]:
    """Return status and body of a response with a Content-Length."""
    head = read_head(connection)
    length = next(
        line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    return int(head.split()[1]), read_exactly(connection, int(length.split(b":")[1]))


def is_silent(connection: socket.socket) -> bool:
    """Return whether neither a byte nor an end has arrived."""
    connection.setblocking(False)
    try:
        connection.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    else:
        return False
    finally:
        connection.settimeout(30)
