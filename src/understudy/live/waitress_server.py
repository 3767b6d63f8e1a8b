"""The production server (waitress) around a WSGI application."""

import errno
import socket
import time
from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from understudy.calllog import CallLog
from understudy.live.bounded_server import BoundedServer, ClientLimits
from understudy.live.connection import BreakableChannel
from understudy.live.event_loop import EventLoop
from understudy.live.graceful_stop import finish_connections
from understudy.live.task_dispatcher import TaskDispatcher
from understudy.replay.thread_limit import ThreadLimit
from understudy.server.cross_origin import CrossOrigin

if TYPE_CHECKING:  # only servers that speak HTTPS import it
    from understudy.live.tls.server_tls import ServerTls

_LOOKAHEAD = 16
"""How many requests are read behind the current one, to notice when a pipelining client goes."""
_MAX_REQUEST_BYTES = 32 * 1024 * 1024
"""The largest body that is read; the application has a lower limit with its own problem."""
_BACKLOG = 1024
DEFAULT_LIMITS = ClientLimits()
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
    selects the pages that may read the errors of the server itself. With `tls`, the server speaks
    HTTPS. `monotonic` is the clock of the limits.
    """

    def __init__(
        self,
        app: Any,
        listener: socket.socket,
        *,
        threads: int,
        thread_limit: ThreadLimit,
        connections: int = 1000,
        answer_bytes: Callable[[bytes], bytes | None] | None = None,
        call_log: CallLog | None = None,
        cross_origin: CrossOrigin | None = None,
        tls: "ServerTls | None" = None,
        limits: ClientLimits = DEFAULT_LIMITS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dispatcher = TaskDispatcher(threads)
        self._loop = EventLoop()
        self._server = BoundedServer(
            app,
            listener,
            connections=connections,
            limits=limits,
            monotonic=monotonic,
            channels=self._loop.channels,
            dispatcher=self._dispatcher,
            threads=threads,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=_MAX_REQUEST_BYTES,
            channel_request_lookahead=_LOOKAHEAD,
            ident="understudy",
            url_scheme="https" if tls else "http",
        )
        self._server.channel_class = BreakableChannel
        if tls is not None:
            from understudy.live.tls.tls_channel import TlsChannel

            self._server.channel_class = TlsChannel
            self._server.tls = tls
        self._server.answer_bytes = answer_bytes
        self._server.call_log = call_log
        self._server.cross_origin = cross_origin
        self._server.is_stopping = False
        self._server.loop = self._loop
        self._server.pull_trigger = self._loop.wake_if_changed
        self._thread_limit = thread_limit
        thread_limit.while_waiting = self._dispatcher.waiting
        thread_limit.count_delayed = lambda: self.held_answers
        self._thread: Thread | None = None
        self._is_stop_requested = False
        self._is_ended = False

    def start(self) -> Self:
        """Serve in a thread of its own."""
        if self._thread is None:
            self._thread = Thread(target=self.run, name="understudy-server", daemon=True)
            self._thread.start()
        return self

    def run(self) -> None:
        """Serve in this thread until another thread or a signal handler calls `request_stop`."""
        while not self._is_stop_requested:
            self._run_loop_once(_IDLE_TIMEOUT_S)
        self._thread_limit.stop()
        finish_connections(self._server, self._run_loop_once)
        self._is_ended = self._dispatcher.shutdown(timeout=1)
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
            channel.close_now()
        self._server.close()
        self._loop.close()

    @property
    def is_ended(self) -> bool:
        """Whether the server has stopped, and all its threads have ended."""
        return self._is_ended

    @property
    def held_answers(self) -> int:
        """How many answers the server sends later, without a thread."""
        return self._loop.timer_count

    def request_stop(self) -> None:
        """Ask `run` to finish the current responses and to return. Does not wait.

        A signal handler may call it: it takes no lock.
        """
        if self._is_stop_requested:
            return
        self._is_stop_requested = True
        self._loop.wake()

    def stop(self) -> None:
        """Finish the current responses, then close the socket."""
        if self._thread is None:
            if not self._is_stop_requested:  # never started: `run` closes the socket
                self._is_stop_requested = True
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
        if self._server.accepting:
            self._loop.look_at(self._server)  # it also closes connections whose time is over
        self._loop.run_once(timeout_s)

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
