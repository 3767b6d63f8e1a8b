"""Connections of waitress that speak TLS, and what they answer to a client that does not."""

import logging
import re
import socket
import time
from typing import Any

from understudy.calllog import CallLog, LogMode
from understudy.live.connection import BreakableChannel
from understudy.live.request_head import HeadBuffer
from understudy.live.request_parser import FieldParser
from understudy.live.tls.tls_socket import MAX_PIECE, TlsSocket
from understudy.messages import Ending
from understudy.replay import StubProblem

log = logging.getLogger("understudy")


class HandshakeDeadline:
    """The timer of a connection whose client does not finish the handshake."""

    def __init__(self, channel: "TlsChannel", timeout_s: float) -> None:
        self.channel = channel
        self.is_cancelled = False
        self.due_s = time.monotonic() + timeout_s

    def run(self) -> None:
        """Close the connection."""
        self.channel.give_up_handshake()


class HttpsOnlyParser(FieldParser):
    """The parser of a request without TLS: each head is an error."""

    def _parse_head(self, head: HeadBuffer) -> None:
        detail = "The request came without TLS. Use an https:// URL."
        raise StubProblem(400, "tls-needed", "This port speaks HTTPS", detail)


class TlsChannel(BreakableChannel):
    """One connection with TLS. The handshake takes place in the loop, which never waits for it."""

    def __init__(self, server: Any, sock: socket.socket, *args: Any, **options: Any) -> None:
        self._tls = TlsSocket(sock, server.tls.context)
        self._fault: str = server.tls.fault
        self._deadline: HandshakeDeadline | None = None
        super().__init__(server, self._tls, *args, **options)
        self._deadline = HandshakeDeadline(self, server.tls.handshake_timeout_s)
        server.loop.add_timer(self._deadline)
        self.sendbuf_len = MAX_PIECE  # more is copied, and not taken at once

    def received(self, data: bytes) -> bool:
        """Receive bytes; requests without TLS are answered with an error."""
        if self._tls.is_plain:
            self.parser_class = HttpsOnlyParser
        return super().received(data)

    def _find_answer(self, data: bytes) -> bytes | None:
        return None if self._tls.is_plain else super()._find_answer(data)

    def readable(self) -> bool:
        """Return whether the loop should wait for data: not while ciphertext cannot be sent.

        A client that reads nothing could otherwise ask for an answer of TLS again and again.
        """
        return not self._tls.has_unsent and super().readable()

    def writable(self) -> bool:
        """Return whether the loop should send data or ciphertext, or close the connection."""
        return self._tls.has_unsent or super().writable()

    def handle_read(self) -> None:
        """Read requests; the end of TLS is the end of the sending, as that of TCP is."""
        super().handle_read()
        if self._tls.is_established or self._tls.is_plain:
            self._cancel_deadline()
        if self._tls.has_ended:
            self.has_client_ended = True

    def handle_write(self) -> None:
        """Send ciphertext that waits, then data; then close the connection if it is complete."""
        if self._tls.has_unsent:
            try:
                self._tls.flush()
            except OSError:
                self.will_close = True
        super().handle_write()

    def handle_close(self) -> None:
        """Close the socket; the handshake need not end any more."""
        self._cancel_deadline()
        super().handle_close()

    def give_up_handshake(self) -> None:
        """Close the connection of a client that has not finished the handshake in time."""
        self._deadline = None
        self.handle_close()

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self.server.loop.cancel_timer(self._deadline)
            self._deadline = None

    def _prepare_close(self) -> bool:
        """End TLS before the connection, unless it is to be reset."""
        if self.ending is not Ending.RESET:
            self._tls.end()
        if self._tls.failure:
            self._log_failure()
            # Unread data would turn the close into a reset, and the alert would be lost.
            return self.linger()
        return super()._prepare_close()

    def _log_failure(self) -> None:
        """Log why TLS failed, if calls are logged: no call says it."""
        call_log: CallLog | None = self.server.call_log
        if call_log is None or call_log.mode is LogMode.OFF:
            return
        text = "TLS failed" if self._tls.is_established else "the TLS handshake failed"
        # Clients have several alerts for a certificate that they do not trust (RFC 8446, 6.2).
        is_untrusted = re.search("certificate|unknown ca", self._tls.failure)
        hint = ""
        if is_untrusted and self._fault:
            hint = f"; the certificate has the fault {self._fault}"
        elif is_untrusted:
            hint = "; does the client trust the authority?"
        log.warning("%s: %s%s", text, self._tls.failure, hint)
