"""The certificates of a server: the one that new connections get, and the authority's file."""

import secrets
import ssl
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from understudy.config import Settings
from understudy.errors import InputError, Place, Problem
from understudy.live.tls.own_certificate import load_own_certificate
from understudy.server.adapter import parse_hostname
from understudy.source import write_atomic

if TYPE_CHECKING:
    from understudy.live.tls.authority import Authority

HANDSHAKE_TIMEOUT_S = 10.0
"""How long a client may take for the handshake; later it is disconnected."""
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


class ServerTls:
    """What a server needs to speak HTTPS. Thread-safe.

    `context` is the one for connections that come now; `change_fault` replaces it.
    """

    def __init__(self, settings: Settings, host: str, now: datetime) -> None:
        """Make the certificate, or load that of the settings.

        Raises InputError for files that cannot be used, MissingExtraError without `cryptography`.
        """
        self.handshake_timeout_s = HANDSHAKE_TIMEOUT_S
        self._lock = Lock()
        self._authority: Authority | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self.ca = ""
        """The file with the certificate of the authority; empty: the certificate is the user's."""
        self.fault = ""
        """What is wrong with the certificate of new connections; one of `TLS_FAULTS`."""
        if settings.cert is not None:
            self.context = _new_context()
            load_own_certificate(self.context, settings.cert, settings.key, now)
            return
        from understudy.live.tls import authority  # `cryptography` is optional

        names = _list_names(host, settings.allow_hosts)
        self._authority = authority.Authority.create(names, now)
        self.context = self._issue(settings.tls_fault)
        self.fault = settings.tls_fault

    def write_ca(self, path: Path | None) -> None:
        """Write the certificate of the authority to a file, by default to a temporary one.

        Raises InputError.
        """
        if self._authority is None:
            return
        if path is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="understudy-")
            path = Path(self._temporary.name, "ca.pem")
        self.ca = str(path.absolute())
        try:
            write_atomic(path, self._authority.pem)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            message = f"the certificate of the authority cannot be written: {reason}"
            expected = "the path of a file in a folder that can be written"
            raise InputError(
                Problem("bad-tls-ca", message, Place(str(path)), expected=expected)
            ) from error

    @property
    def can_change(self) -> bool:
        """Whether certificates with faults can be made: not for a certificate of the user."""
        return self._authority is not None

    def change_fault(self, fault: str) -> None:
        """Give new connections a certificate with a fault, one of `TLS_FAULTS`; "": a valid one."""
        with self._lock:
            self.context = self._issue(fault)
            self.fault = fault

    def close(self) -> None:
        """Remove the file of the authority, if it is a temporary one."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def _issue(self, fault: str) -> ssl.SSLContext:
        """Return a context with a new certificate."""
        if self._authority is None:
            raise ValueError("there is no authority for a certificate of the user")
        issued = self._authority.issue(fault, secrets.token_hex().encode())
        context = _new_context()
        # The library reads files only. A key that a crash leaves behind is encrypted.
        with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
            file = Path(folder, "server.pem")
            file.touch(mode=0o600)
            file.write_bytes(issued.certificate + issued.key)
            context.load_cert_chain(file, password=issued.password)
        return context


def _new_context() -> ssl.SSLContext:
    """Return a context of a server for TLS 1.2 and later."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # One ticket, whose arrival also confirms the end of the handshake: without it, a client with
    # Nagle's algorithm waits 40 ms before its first request. Another context does not accept it.
    context.num_tickets = 1
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context


def _list_names(host: str, allowed: tuple[str, ...]) -> Iterator[str]:
    """Yield the names and addresses for which the certificate is valid."""
    yield from _LOCAL_NAMES
    for text in (host, *allowed):
        is_bare_address = text.count(":") > 1 and "[" not in text
        name = parse_hostname(f"[{text}]" if is_bare_address else text)
        if name:
            yield name
