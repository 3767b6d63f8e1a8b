"""A socket of the server that encrypts, without ever blocking."""

import contextlib
import errno
import socket
import ssl
from threading import Lock
from typing import Never

MAX_PIECE = 64 * 1024
"""How many bytes are encrypted at a time: a client that reads nothing holds no more of them."""
_FIRST_LETTERS = range(ord("A"), ord("z") + 1)
"""What a request without TLS begins with; a TLS record begins with a byte below 32."""


class TlsSocket:
    """The methods of a non-blocking socket that waitress uses, on top of TLS.

    `recv` carries out the handshake and returns everything that it can decrypt: no data waits here
    for a `poll` that sees only the socket below. `send` reports bytes as sent when their ciphertext
    is: until then the caller has to offer them again, which makes its buffers the only ones. A
    client that speaks HTTP without TLS is let through, so that it can be answered.

    Raises BlockingIOError where a socket does, and ConnectionAbortedError for errors of TLS.
    Thread-safe: one thread may send while another one receives.
    """

    def __init__(self, raw: socket.socket, context: ssl.SSLContext) -> None:
        self._raw = raw
        self._lock = Lock()  # objects of OpenSSL must not be used by two threads at once
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._unsent: bytes = b""
        """Ciphertext that the socket has not taken yet."""
        self._accepted = 0
        """How many bytes were encrypted, and not reported as sent."""
        self._is_first = True
        self._is_over = False
        self.is_plain = False
        """Whether the client speaks HTTP without TLS."""
        self.is_established = False
        """Whether the handshake has succeeded."""
        self.has_ended = False
        """Whether the client sends no more."""
        self.failure = ""
        """Why TLS failed, in the words of OpenSSL."""

    @property
    def has_unsent(self) -> bool:
        """Whether ciphertext waits for the socket."""
        return bool(self._unsent)

    def recv(self, size: int) -> bytes:
        """Receive `size` bytes of ciphertext, and return what they decrypt to; b"" at the end."""
        with self._lock:
            data = self._raw.recv(size)
            if self._is_first and data:
                self.is_plain = data[0] in _FIRST_LETTERS
                self._is_first = False
            if self.is_plain or self._is_over:
                return data
            if not data:
                self.has_ended = True
                return b""
            self._incoming.write(data)
            decrypted = self._decrypt()
        if not decrypted and not self.has_ended:
            raise BlockingIOError(errno.EWOULDBLOCK, "no whole record has arrived")
        return decrypted

    def send(self, data: bytes) -> int:
        """Encrypt and send the first bytes; return how many of the caller's bytes were sent.

        The bytes that were not sent have to be offered again, at the beginning of `data`.
        """
        with self._lock:
            if self.is_plain:
                return self._raw.send(data)
            is_sent = self._flush()
            if is_sent and not self._accepted:
                self._accepted = self._encrypt(data)
                is_sent = self._flush()
            if not is_sent:
                raise BlockingIOError(errno.EWOULDBLOCK, "the socket takes no more")
            count = min(self._accepted, len(data))
            self._accepted -= count
            return count

    def flush(self) -> None:
        """Send ciphertext that waits."""
        with self._lock:
            self._flush()

    def end(self) -> None:
        """Announce to the client that nothing follows (RFC 8446, 6.1).

        What arrives from now on is not decrypted.
        """
        with self._lock:
            if self._is_over or self.is_plain:
                return
            self._is_over = True
            with contextlib.suppress(OSError):
                if self.is_established and not self._unsent:
                    with contextlib.suppress(ssl.SSLError):  # the client's own end is missing
                        self._tls.unwrap()
                self._flush()

    def _decrypt(self) -> bytes:
        """Continue the handshake, and return all data that has arrived."""
        pieces: list[bytes] = []
        try:
            if not self.is_established:
                self._tls.do_handshake()
                self.is_established = True
            while piece := self._tls.read(MAX_PIECE):
                pieces.append(piece)
            self.has_ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.has_ended = True
        except ssl.SSLError as error:
            self._fail(error)
        finally:
            self._flush()
        return b"".join(pieces)

    def _encrypt(self, data: bytes) -> int:
        """Encrypt the first bytes, and return how many."""
        try:
            return self._tls.write(memoryview(data)[:MAX_PIECE])
        except ssl.SSLError as error:
            self._fail(error)

    def _fail(self, error: ssl.SSLError) -> Never:
        """Raise ConnectionAbortedError; numbers of OpenSSL are not those of the system."""
        self.failure = (error.reason or str(error)).lower().replace("_", " ")
        raise ConnectionAbortedError(errno.ECONNABORTED, self.failure) from error

    def _flush(self) -> bool:
        """Send ciphertext; return whether none is left."""
        while True:
            if not self._unsent:
                self._unsent = self._outgoing.read()
                if not self._unsent:
                    return True
            try:
                sent = self._raw.send(self._unsent)
            except BlockingIOError:
                return False
            self._unsent = self._unsent[sent:]

    # --- what the socket below does

    def fileno(self) -> int:
        """Return the descriptor of the socket."""
        return self._raw.fileno()

    def setblocking(self, flag: bool) -> None:
        """Set whether the socket blocks: it must not."""
        self._raw.setblocking(flag)

    def getsockopt(self, level: int, name: int) -> int:
        """Return an option of the socket."""
        return self._raw.getsockopt(level, name)

    def setsockopt(self, level: int, name: int, value: int | bytes) -> None:
        """Set an option of the socket."""
        self._raw.setsockopt(level, name, value)

    def shutdown(self, how: int) -> None:
        """End the sending, the receiving or both."""
        self._raw.shutdown(how)

    def close(self) -> None:
        """Close the socket."""
        self._raw.close()
