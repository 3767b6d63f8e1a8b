"""A connection with one deadline for all that is sent and received.

The time-outs of sockets are for one call each: a server that sends a byte now and then never meets
one.
"""

import io
import socket
from collections.abc import Callable
from typing import Any


class DeadlineSocket:
    """What `http.client` needs of a socket. Each call raises TimeoutError after the deadline.

    `close` does not close it, because `http.client` calls that before the body is read; `end` does.
    """

    def __init__(
        self, connected: socket.socket, deadline: float, monotonic: Callable[[], float]
    ) -> None:
        self._socket = connected
        self._deadline = deadline
        self._monotonic = monotonic

    def sendall(self, data: Any) -> None:
        """Send all of the data."""
        self._limit_time()
        self._socket.sendall(data)

    def receive_into(self, buffer: Any) -> int:
        """Receive into a buffer, and return how many bytes; 0 at the end."""
        self._limit_time()
        return self._socket.recv_into(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return a reader of what is received."""
        return io.BufferedReader(_Receiver(self))

    def close(self) -> None:
        """Do nothing: the answer may not have been read."""

    def end(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _limit_time(self) -> None:
        remaining_s = self._deadline - self._monotonic()
        if remaining_s <= 0:
            raise TimeoutError
        self._socket.settimeout(remaining_s)


class _Receiver(io.RawIOBase):
    """The raw side of a reader."""

    def __init__(self, source: DeadlineSocket) -> None:
        self._source = source

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Receive into a buffer, and return how many bytes."""
        return self._source.receive_into(buffer)
