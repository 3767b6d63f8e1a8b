"""The production server (waitress) around the stub."""

import contextlib
import errno
import logging
import socket
import time
from dataclasses import replace
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from waitress.server import create_server

from understudy.config import Settings
from understudy.replay import Stub, World
from understudy.server import create_app

DEFAULT_HOST = "127.0.0.1"
_THREADS = 8
_GRACE_S = 4.0


class PortInUseError(OSError):
    """Another program listens on the port already."""


class LiveServer:
    """Serves a stub while its block runs.

        with LiveServer(scenario="demo") as server:
            requests.get(f"{server.url}/api/v2/tasks/instances", auth=("admin", "admin"))

    The socket is bound when the object is made (`port=0`: a free port), so `url` is right from then on, and requests
    wait in the backlog until `start`. Raises PortInUseError, and InputError for files that cannot be used.
    """

    def __init__(
        self, settings: Settings | None = None, *, host: str = DEFAULT_HOST, port: int = 0, **overrides: Any
    ) -> None:
        self.stub = Stub(replace(settings or Settings(), **overrides))
        self.host = host
        listener = _bind(host, port)
        self.port: int = listener.getsockname()[1]
        # One line for each request that waits for a thread is of no use to anybody.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._server = create_server(
            create_app(stub=self.stub),
            sockets=[listener],
            threads=_THREADS,
            clear_untrusted_proxy_headers=True,
            connection_limit=1000,
            channel_timeout=30,
            cleanup_interval=5,
            ident="understudy",
        )
        self._thread: Thread | None = None
        self._stopping = Event()

    @property
    def url(self) -> str:
        """Where the stub is, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def world(self, name: str) -> World:
        """Give a world of the stub; made on first use."""
        return self.stub.world(name)

    def start(self) -> Self:
        """Serve in a thread."""
        if self._thread is None:
            self._thread = Thread(target=self.run, name="understudy-server", daemon=True)
            self._thread.start()
        return self

    def run(self) -> None:
        """Serve in this thread until `request_stop` is called: by another thread, or by a signal's handler."""
        while not self._stopping.is_set():
            self._turn()
        self._drain()
        self._server.task_dispatcher.shutdown(timeout=1)
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        self._server.close()

    def request_stop(self) -> None:
        """Ask `run` to finish what is being answered and to return. Does not wait."""
        self._stopping.set()
        with contextlib.suppress(OSError):  # it has ended already
            self._server.pull_trigger()

    def stop(self) -> None:
        """Finish what is being answered, then close the socket."""
        if self._thread is None:
            if not self._stopping.is_set():  # never started
                self._stopping.set()
                self.run()
            return
        self.request_stop()
        self._thread.join(timeout=10)
        self._thread = None

    def _turn(self) -> None:
        self._server.asyncore.loop(timeout=1, map=self._server._map, use_poll=True, count=1)

    def _drain(self) -> None:
        """Take no new connections; let those that are being answered have their answer."""
        self._server.accepting = False
        self._server.del_channel()
        deadline = time.monotonic() + _GRACE_S
        while time.monotonic() < deadline and any(map(_is_busy, self._server.active_channels.values())):
            self._server.asyncore.loop(timeout=0.05, map=self._server._map, use_poll=True, count=1)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _is_busy(channel: Any) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)


def _bind(host: str, port: int) -> socket.socket:
    if not host:
        raise ValueError("an empty address means every address of this machine")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(error.errno, f"port {port} on {host} is in use by another program") from error
        raise
    return listener
