"""A certificate of the user: files are read, and every reason why they cannot work is reported."""

import re
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Never

from understudy.errors import InputError, Place, Problem

_MAX_BYTES = 1024 * 1024
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(rb"-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----")
_ENCRYPTED = re.compile(rb"-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED")
_OTHER_KEY = frozenset({"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"})
"""What OpenSSL says of the key of another certificate; the last for one of another kind."""
_NO_CHECK_TIME = 0x200000
"""The flag of OpenSSL that ignores dates, which are compared here. Source: X509_verify(3)."""


def load_own_certificate(
    context: ssl.SSLContext, cert: Path, key: Path | None, now: datetime
) -> None:
    """Load a certificate with its key, and check that a client could use them at this moment.

    Without `key`, the file of the certificate has the key too. Raises InputError.
    """
    first = _read_certificate(cert)
    _check_key(cert if key is None else key, is_own_file=key is not None)
    try:
        context.load_cert_chain(cert, key)
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None) or str(error)
        if reason in _OTHER_KEY:
            message = f"the key does not fit the certificate {cert}"
            _fail("bad-key", message, key or cert, expected="the key of the certificate")
        message = f"the certificate and its key cannot be used: {_readable(reason)}"
        _fail(
            "bad-certificate", message, cert, expected="a certificate and key for TLS 1.2 or later"
        )
    _check_dates(cert, _read_dates(context, first, cert), now)


def _read_certificate(path: Path) -> str:
    """Return the first certificate of a file as PEM."""
    text = _read(path, "certificate")
    match = _CERTIFICATE.search(text)
    if match is not None:
        return match[0].decode("latin-1")
    hint = ""
    if _KEY.search(text):
        hint = "This file has a key: are the certificate and the key interchanged?"
    elif text[:1] == b"\x30":  # a SEQUENCE of ASN.1
        hint = f"Convert it: openssl x509 -inform der -in {path} -out {path.stem}.pem"
    expected = "a file with -----BEGIN CERTIFICATE-----"
    message = "the file has no certificate in PEM form"
    return _fail("bad-certificate", message, path, expected, hint)


def _check_key(path: Path, *, is_own_file: bool) -> None:
    """Raise InputError for a file without a key, or with an encrypted one."""
    text = _read(path, "key")
    if _ENCRYPTED.search(text):  # OpenSSL would ask for the password on the terminal
        hint = f"Decrypt it: openssl pkey -in {path} -out {path.stem}-plain.pem"
        _fail("bad-key", "the key is encrypted", path, "a key without a password", hint)
    if _KEY.search(text):
        return
    if not is_own_file:
        hint = "Name the file of the key with --key."
        _fail("bad-key", "the file of the certificate has no key", path, hint=hint)
    expected = "a file with -----BEGIN PRIVATE KEY-----"
    _fail("bad-key", "the file has no key in PEM form", path, expected)


def _read(path: Path, kind: str) -> bytes:
    """Return the bytes of a file."""
    expected = f"a file with a {kind} in PEM form"
    try:
        if path.exists() and not path.is_file():  # to open a pipe may take forever
            _fail("bad-file", "this is not a file", path, expected)
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        _fail("bad-file", f"the {kind} cannot be read: {reason}", path, expected)
    if len(text) > _MAX_BYTES:
        _fail("bad-file", f"the {kind} is larger than 1 MiB", path, expected)
    return text


def _read_dates(context: ssl.SSLContext, certificate: str, path: Path) -> tuple[float, float]:
    """Return from when to when a certificate is valid, as seconds since 1970.

    The standard library shows a certificate only to a client that trusts it: so a client that
    trusts this one connects to the server, in memory.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(_NO_CHECK_TIME)
    try:
        client.load_verify_locations(cadata=certificate)
        fields = _shake_hands(context, client)
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or str(error)
        message = f"the certificate cannot be used by a server: {_readable(reason)}"
        _fail("bad-certificate", message, path, expected="a certificate for servers")
    return ssl.cert_time_to_seconds(fields["notBefore"]), ssl.cert_time_to_seconds(
        fields["notAfter"]
    )


def _shake_hands(server_context: ssl.SSLContext, client_context: ssl.SSLContext) -> dict[str, str]:
    """Connect a client to a server in memory, and return the certificate that it sees."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server)
    waiting = [client, server]
    while waiting:
        for side in tuple(waiting):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(side)
    return client.getpeercert()  # type: ignore[return-value]  # None only without a certificate


def _check_dates(path: Path, dates: tuple[float, float], now: datetime) -> None:
    """Raise InputError for a certificate that is valid no more, or not yet."""
    begin, end = (datetime.fromtimestamp(date, UTC) for date in dates)
    expected = f"one that is valid now, {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if now > end:
        message = f"the certificate expired on {end:%Y-%m-%d %H:%M} UTC"
        hint = "To test a client with an expired certificate: --tls --tls-fault tls-expired."
        _fail("bad-certificate", message, path, expected, hint)
    if now < begin:
        message = f"the certificate is not valid before {begin:%Y-%m-%d %H:%M} UTC"
        _fail("bad-certificate", message, path, expected)


def _readable(reason: str) -> str:
    return reason.lower().replace("_", " ")


def _fail(slug: str, message: str, path: Path, expected: str = "", hint: str = "") -> Never:
    """Raise InputError for a file."""
    raise InputError(
        Problem(slug, message, Place(str(path)), expected=expected, hint=hint)
    ) from None
