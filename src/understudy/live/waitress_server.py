"""The production server (waitress) around any WSGI application."""

import contextlib
import errno
import logging
import socket
import time
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from waitress.server import create_server

from understudy.live.connection import BreakableChannel
from understudy.replay.thread_limit import ThreadLimit

_GRACE_S = 4.0
_LOOKAHEAD = 16
"""How many requests behind the one that is answered are read: so a client that sent them ahead is seen to go."""


_MOST_BYTES = 32 * 1024 * 1024
"""Of a body that is read at all; the application refuses smaller ones in its own words."""


class PortInUseError(OSError):
    """Another program listens on the port already."""


class AppServer:
    """Serves a WSGI application on a socket that is bound already, while its block runs.

    `waiting` are the calls of the application that wait on purpose: they are woken when the server stops.
    """

    def __init__(
        self, app: Any, listener: socket.socket, *, threads: int, waiting: ThreadLimit
    ) -> None:
        # One line for each request that waits for a thread is of no use to anybody.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._server = create_server(
            app,
            sockets=[listener],
            threads=threads,
            clear_untrusted_proxy_headers=True,
            connection_limit=1000,
            channel_timeout=30,
            max_request_body_size=_MOST_BYTES,
            cleanup_interval=5,
            channel_request_lookahead=_LOOKAHEAD,
            ident="understudy",
        )
        self._server.channel_class = BreakableChannel
        self._waiting = waiting
        self._thread: Thread | None = None
        self._stopping = Event()

    def start(self) -> Self:
        """Serve in a thread."""
        if self._thread is None:
            self._thread = Thread(target=self.run, name="understudy-server", daemon=True)
            self._thread.start()
        return self

    def run(self) -> None:
        """Serve in this thread until `request_stop` is called: by another thread, or by a signal's handler."""
        while not self._stopping.is_set():
            self._turn(timeout_s=1)
        self._waiting.stop()
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

    def _turn(self, timeout_s: float) -> None:
        self._server.asyncore.loop(timeout=timeout_s, map=self._server._map, use_poll=True, count=1)

    def _drain(self) -> None:
        """Take no new connections; let those that are being answered have their answer."""
        self._server.accepting = False
        self._server.del_channel()
        deadline = time.monotonic() + _GRACE_S
        while time.monotonic() < deadline and any(
            map(_is_busy, self._server.active_channels.values())
        ):
            self._turn(timeout_s=0.05)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _is_busy(channel: BreakableChannel) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)


def bind(host: str, port: int) -> socket.socket:
    """Give a socket that listens. Raises PortInUseError, and OSError or ValueError for what is no address here."""
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
            raise PortInUseError(
                error.errno, f"port {port} on {host} is in use by another program"
            ) from error
        raise
    return listener
