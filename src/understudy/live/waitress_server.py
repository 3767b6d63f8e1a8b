"""The production server (waitress) around a WSGI application."""

import contextlib
import errno
import socket
import time
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from waitress.server import create_server

from understudy.calllog import CallLog
from understudy.live.connection import BreakableChannel
from understudy.live.task_dispatcher import TaskDispatcher
from understudy.replay.thread_limit import ThreadLimit
from understudy.server.cross_origin import CrossOrigin
from understudy.server.request_limits import MAX_HEAD

_GRACE_S = 4.0
"""How long a stopping server waits for current responses."""
_LOOKAHEAD = 16
"""How many requests are read behind the current one, to notice when a pipelining client goes."""
_MAX_REQUEST_BYTES = 32 * 1024 * 1024
"""The largest body that is read; the application has a lower limit with its own problem."""
_BACKLOG = 1024
_IDLE_TIMEOUT_S = 1.0
_BUSY_TIMEOUT_S = 0.005
"""How long the loop waits for its sockets, without and with tasks that have not begun."""


class PortInUseError(OSError):
    """Another program listens on the port."""


class AppServer:
    """A server of a WSGI application on a bound socket, which runs during a `with` block.

    `thread_limit` counts the calls of the application that wait; the server wakes them when it
    stops. `answer_bytes` returns the whole answer to the bytes of a request that it knows: the
    loop of the server then sends it at once, without a thread. It must not block. `cross_origin`
    selects the pages that may read the errors of the server itself.
    """

    def __init__(
        self,
        app: Any,
        listener: socket.socket,
        *,
        threads: int,
        thread_limit: ThreadLimit,
        answer_bytes: Callable[[bytes], bytes | None] | None = None,
        call_log: CallLog | None = None,
        cross_origin: CrossOrigin | None = None,
    ) -> None:
        self._dispatcher = TaskDispatcher(threads)
        self._server = create_server(
            app,
            sockets=[listener],
            threads=threads,
            clear_untrusted_proxy_headers=True,
            connection_limit=1000,
            channel_timeout=30,
            max_request_body_size=_MAX_REQUEST_BYTES,
            max_request_header_size=MAX_HEAD,
            cleanup_interval=5,
            channel_request_lookahead=_LOOKAHEAD,
            ident="understudy",
            _dispatcher=self._dispatcher,
        )
        self._server.channel_class = BreakableChannel
        self._server.answer_bytes = answer_bytes
        self._server.call_log = call_log
        self._server.cross_origin = cross_origin
        self._thread_limit = thread_limit
        thread_limit.while_waiting = self._dispatcher.waiting
        self._thread: Thread | None = None
        self._stopping = Event()

    def start(self) -> Self:
        """Serve in a thread of its own."""
        if self._thread is None:
            self._thread = Thread(target=self.run, name="understudy-server", daemon=True)
            self._thread.start()
        return self

    def run(self) -> None:
        """Serve in this thread until another thread or a signal handler calls `request_stop`."""
        while not self._stopping.is_set():
            self._run_loop_once(_IDLE_TIMEOUT_S)
        self._thread_limit.stop()
        self._finish_responses()
        self._dispatcher.shutdown(timeout=1)
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        self._server.close()

    def request_stop(self) -> None:
        """Ask `run` to finish the current responses and to return. Does not wait."""
        self._stopping.set()
        with contextlib.suppress(OSError):  # the server has ended already
            self._server.pull_trigger()

    def stop(self) -> None:
        """Finish the current responses, then close the socket."""
        if self._thread is None:
            if not self._stopping.is_set():  # never started: `run` closes the socket
                self._stopping.set()
                self.run()
            return
        self.request_stop()
        self._thread.join(timeout=10)
        self._thread = None

    def _run_loop_once(self, timeout_s: float) -> None:
        """Handle the sockets that are ready, after at most this time."""
        if self._dispatcher.has_queue:
            self._dispatcher.check_queue()
            timeout_s = _BUSY_TIMEOUT_S
        self._server.asyncore.loop(timeout=timeout_s, map=self._server._map, use_poll=True, count=1)

    def _finish_responses(self) -> None:
        """Accept no new connections, and wait for the current responses, at most 4 seconds."""
        self._server.accepting = False
        self._server.del_channel()
        deadline = time.monotonic() + _GRACE_S
        while time.monotonic() < deadline and self._is_busy():
            self._run_loop_once(timeout_s=0.05)

    def _is_busy(self) -> bool:
        """Return whether a response is not finished, or not completely sent."""
        return any(
            channel.requests or channel.total_outbufs_len
            for channel in self._server.active_channels.values()
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises PortInUseError, other OSErrors for an address of another machine, and ValueError for an
    empty or malformed address.
    """
    if not host:
        raise ValueError("an empty address means every address of this machine")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, TypeError, ValueError) as error:
        listener.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            text = f"port {port} on {host} is in use by another program"
            raise PortInUseError(error.errno, text) from error
        raise
    return listener
