"""The server of waitress with bounds: of its connections, and of the time that clients have."""

import errno
import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from understudy.live.descriptors import bound_connections

log = logging.getLogger("understudy")

_CHECK_S = 1.0
"""How often the server looks for connections whose time is over."""
_PAUSE_S = 1.0
"""How long it accepts no connection when it cannot."""
_LOG_S = 5.0
"""How often it logs that connections had to make room."""
_MAX_ACCEPTED = 64
"""How many connections are accepted before the others are looked at again."""
_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """How many seconds a client has."""

    head_s: float = 10.0
    """For the head of a request, from its first byte on."""
    body_s: float = 30.0
    """For a request with a body, beside the time that the rate allows."""
    body_bytes_per_s: int = 16 * 1024
    """The rate below which a body is too slow."""
    idle_s: float = 30.0
    """For a connection without a request."""
    linger_s: float = 5.0
    """Without a byte, for a client that has not ended after the last answer."""


class BoundedServer(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """A server that makes room for new connections, and never waits for slow clients.

    There are at most `connections`, and fewer where the limit of open files is lower. At the limit,
    the connections that need their place least are closed: those with a slow request
    first, then unused and idle ones. One with a call that is being answered is never closed.
    """

    def __init__(
        self,
        app: Any,
        listener: socket.socket,
        *,
        connections: int,
        limits: ClientLimits,
        monotonic: Callable[[], float],
        channels: dict[int, Any],
        dispatcher: Any,
        **options: Any,
    ) -> None:
        self.limits = limits
        self.monotonic = monotonic
        self.max_connections = bound_connections(connections)
        self._next_check_s = monotonic() + _CHECK_S
        self._paused_until_s = 0.0
        self._paused_at = 0
        self._next_log_s = 0.0
        address = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(
            app,
            channels,
            _sock=listener,
            dispatcher=dispatcher,
            adj=Adjustments(**options),
            sockinfo=address,
            bind_socket=False,
        )

    def readable(self) -> bool:
        """Return whether the loop should accept connections; close those whose time is over."""
        now_s = self.monotonic()
        if now_s >= self._next_check_s:
            self._next_check_s = now_s + _CHECK_S
            for channel in list(self.active_channels.values()):
                channel.close_if_late(now_s)
        if not self.accepting:
            return False
        is_paused = now_s < self._paused_until_s
        return not is_paused or len(self.active_channels) < self._paused_at

    def handle_accept(self) -> None:
        """Accept the connections that wait; others make room for them."""
        candidates = self._list_candidates()
        for number in range(_MAX_ACCEPTED):
            if len(self.active_channels) >= self.max_connections:
                if number:  # perhaps no further one waits
                    return
                if not _close_one(candidates):
                    self._pause("All connections have calls")
                    return
            try:
                connection, address = self.socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    continue  # the client has gone already
                if not _close_one(candidates):
                    self._pause(f"No connection can be opened ({error.strerror})")
                    return
                continue
            self._add(connection, address)

    def _add(self, connection: socket.socket, address: Any) -> None:
        """Make a channel of a connection; drop one that is broken already."""
        try:
            self.set_socket_options(connection)
            self.channel_class(self, connection, address, self.adj, map=self._map)
        except OSError:
            connection.close()

    def _list_candidates(self) -> Iterator[Any]:
        """Yield the connections that may be closed, those first that need their place least."""
        now_s = self.monotonic()
        ranks = ((channel.find_rank(now_s), channel) for channel in self.active_channels.values())
        ranked = [(rank, channel) for rank, channel in ranks if rank is not None]
        ranked.sort(key=lambda pair: pair[0])
        for _, channel in ranked:
            self._log("Connections are closed to make room for others")
            yield channel

    def _pause(self, reason: str) -> None:
        """Accept nothing until a connection has closed, or a second is over."""
        self._paused_until_s = self.monotonic() + _PAUSE_S
        self._paused_at = len(self.active_channels)
        self._log(f"{reason}: new ones wait")

    def end_pause(self) -> None:
        """Accept again: there is a connection that can make room."""
        self._paused_until_s = 0.0

    def _log(self, text: str) -> None:
        """Log what the limit does, not more often than every few seconds."""
        now_s = self.monotonic()
        if now_s < self._next_log_s:
            return
        self._next_log_s = now_s + _LOG_S
        log.warning("%s; the limit is %d connections.", text, self.max_connections)


def _close_one(candidates: Iterator[Any]) -> bool:
    """Close the next connection that may be closed; return False if there is none."""
    channel = next(candidates, None)
    if channel is None:
        return False
    channel.close_now()
    return True
