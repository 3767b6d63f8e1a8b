"""Connections whose clients have a limited time, and that a client can still read at their end.

The class overrides internals of waitress, as `connection` does.
"""

import socket
from http.client import responses
from typing import Any

from waitress.channel import HTTPChannel

from understudy.replay import StubProblem

_MAX_DRAINED = 64 * 1024 * 1024
"""How many bytes of a rejected request are read, so that its client sees the answer."""
_LINGER_S = 30.0
"""How long a connection is read at its end, even if its client goes on sending."""
_MIN_AGE_S = 1.0
"""From this age on, an unfinished request may be slow."""

_LINGERING, _SLOW, _UNUSED, _IDLE, _UNREAD, _FRESH = range(6)
"""What a connection without a call is, in the order in which connections make room for others."""


class TimedChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One connection with the time of its last change, and of the beginning of a request.

    At its end, a connection lingers: it sends no more, and reads until its client has ended too.
    Otherwise TCP would turn the close into a reset, which can discard the answer on its way.
    Source: RFC 9112, section 9.6.
    """

    request: Any
    """The request that has begun to arrive, or None."""
    is_rejected = False
    """Whether a request has an error: what follows is not parsed."""
    is_lingering = False
    """Whether all is sent, and the end of the client is awaited."""
    has_client_ended = False
    """Whether the client sends no more."""
    _last_activity = 0.0
    _linger_end_s = 0.0
    _dropped_s = 0.0
    _drained = 0

    def __init__(self, server: Any, *args: Any, **options: Any) -> None:
        self.server = server
        self.active_s = self.request_began_s = server.monotonic()
        super().__init__(server, *args, **options)
        self.is_used = False
        """Whether something was sent or received."""

    @property
    def last_activity(self) -> float:
        """When something was sent or received, as waitress has it: on the clock of the wall."""
        return self._last_activity

    @last_activity.setter
    def last_activity(self, moment: float) -> None:
        self._last_activity = moment
        self.active_s = self.server.monotonic()
        self.is_used = True

    def received(self, data: bytes) -> bool:
        """Receive bytes of requests; drop what follows a request with an error."""
        if self.is_rejected or self.is_lingering:
            self._drop(len(data))
            return False
        before = self.request
        result = bool(super().received(data))
        if self.request is not before:
            self.request_began_s = self.active_s
        # A thread may take the requests away meanwhile; then it closes the connection.
        self.is_rejected = any(request.error is not None for request in self.requests[-1:])
        return result

    def linger(self) -> bool:
        """Begin to wait for the end of the client; return False if there is nothing to wait for.

        Raises OSError if the connection is broken.
        """
        if self.is_lingering or self.has_client_ended:
            return False
        self._dropped_s = self.server.monotonic()
        self._linger_end_s = self._dropped_s + _LINGER_S
        self.socket.shutdown(socket.SHUT_WR)
        self.is_lingering = True
        self.server.end_pause()  # this connection can make room now
        return True

    def handle_close(self) -> None:
        """Close the socket, and free what has arrived of a request."""
        if self.request is not None:
            self.request.close()
        super().handle_close()

    def close_now(self) -> None:
        """Close the connection to make room for another, or because its time is over."""
        self.is_lingering = True  # it does not begin to
        self.handle_close()

    def close_if_late(self, now_s: float) -> None:
        """Close the connection, or answer its unfinished request, if its time is over."""
        limits = self.server.limits
        if self.is_lingering:
            if now_s >= self._linger_end_s or now_s - self._dropped_s >= limits.linger_s:
                self.close_now()
        elif self.requests:
            self.request_began_s = now_s  # a request behind the current one is not read on
        elif self._has_begun:
            if now_s - self.request_began_s >= self._allowed_s:
                self._answer_late()
        elif now_s - self.active_s >= limits.idle_s:
            self.close_now()

    def find_rank(self, now_s: float) -> tuple[int, float] | None:
        """Return how soon the connection makes room for another; None: never, it has a call."""
        if self.is_lingering:
            return _LINGERING, self._dropped_s
        if self.requests:
            return None
        if self._has_begun:
            age_s = now_s - self.request_began_s
            received = self.request.body_bytes_received
            is_slow = age_s >= _MIN_AGE_S and received < age_s * self.server.limits.body_bytes_per_s
            return _SLOW if is_slow else _FRESH, self.request_began_s
        if self.total_outbufs_len:
            return _UNREAD, self.active_s
        return _IDLE if self.is_used else _UNUSED, self.active_s

    @property
    def _has_begun(self) -> bool:
        """Whether a request has begun to arrive, and is not finished."""
        return self.request is not None and self.request.has_begun

    @property
    def _allowed_s(self) -> float:
        """How long the unfinished request may take from its beginning on."""
        limits = self.server.limits
        if not self.request.headers_finished:
            return float(limits.head_s)
        return float(limits.body_s + self.request.body_bytes_received / limits.body_bytes_per_s)

    def _answer_late(self) -> None:
        """Answer the unfinished request with 408. Source: RFC 9110, section 15.5.9."""
        part = "body" if self.request.headers_finished else "head"
        detail = f"The {part} of the request took more than {self._allowed_s:.0f} seconds."
        self.request.reject(StubProblem(408, "request-timeout", responses[408], detail))
        with self.requests_lock:
            self.requests.append(self.request)
            self.request = None
            self.sent_continue = False
        self.is_rejected = True
        self.service()  # it takes no thread: a problem is sent at once
        self.server.loop.look_at(self)

    def _drop(self, count: int) -> None:
        """Count bytes that are not parsed; too many close the connection."""
        self._dropped_s = self.active_s
        self._drained += count
        if self._drained > _MAX_DRAINED:
            self.close_now()
