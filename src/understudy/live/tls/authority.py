"""An authority that is made at start, and the certificates that it signs.

Its key is in memory only, so it signs nothing after the process has ended. Only this module uses
the library `cryptography`.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from understudy.errors import MissingExtraError

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError as error:
    raise MissingExtraError("HTTPS without a certificate of your own", "tls") from error

_BEFORE = timedelta(days=1)
"""A certificate is valid from this long ago: clocks of other machines may be slow."""
_LIFETIME = timedelta(days=397)
"""The longest lifetime that browsers accept. Source: CA/Browser Forum, 6.3.2."""
_EXPIRED_FROM = timedelta(days=30)
"""How long ago an expired certificate, and the authority itself, became valid."""
_EXPIRED_SINCE = timedelta(days=1)
_WRONG_HOST = "wrong-host.invalid"
"""A name that no client can call. Source: RFC 6761, section 6.4."""


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate and its key, as the texts of PEM files."""

    certificate: bytes
    key: bytes = field(repr=False)
    """Encrypted, since the standard library reads keys from files only."""
    password: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority that signs certificates for the names of one server."""

    now: datetime
    """The moment at which it was made."""
    names: tuple[str, ...]
    """The names and addresses of the server, without ports."""
    certificate: x509.Certificate = field(repr=False)
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def create(cls, names: Iterable[str], now: datetime) -> Self:
        """Create an authority for a server of these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        # With its number, a browser can list the authorities of several starts.
        serial = x509.random_serial_number()
        name = _build_name(f"understudy {serial:x}"[:27])
        builder = _start_certificate(name, key.public_key(), now - _EXPIRED_FROM, now + _LIFETIME)
        builder = builder.issuer_name(name).serial_number(serial)
        builder = builder.add_extension(x509.BasicConstraints(True, 0), critical=True)
        builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
        certificate = builder.sign(key, hashes.SHA256())
        return cls(now, tuple(dict.fromkeys(names)), certificate, key)

    @property
    def pem(self) -> str:
        """The certificate of the authority, for clients that are to trust it."""
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")

    def issue(self, fault: str, password: bytes) -> IssuedCertificate:
        """Return a new certificate for the server: a valid one, or one with a fault.

        `fault` is empty or one of `TLS_FAULTS`. The key is encrypted with the password.
        """
        begin, end = self.now - _BEFORE, self.now + _LIFETIME
        if fault == "tls-expired":
            begin, end = self.now - _EXPIRED_FROM, self.now - _EXPIRED_SINCE
        names = (_WRONG_HOST,) if fault == "tls-wrong-host" else self.names
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _build_name("understudy")
        builder = _start_certificate(subject, key.public_key(), begin, end)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.add_extension(x509.BasicConstraints(False, None), critical=True)
        builder = builder.add_extension(_key_usage(signs_certificates=False), critical=True)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(usage, critical=False)
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        builder = builder.add_extension(alternatives, critical=False)
        if fault == "tls-self-signed":
            certificate = builder.issuer_name(subject).sign(key, hashes.SHA256())
        else:
            certificate = self._sign(builder)
        encoded_key = key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)
        )
        return IssuedCertificate(certificate.public_bytes(Encoding.PEM), encoded_key, password)

    def _sign(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Sign a certificate in the name of the authority."""
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        return builder.issuer_name(self.certificate.subject).sign(self.key, hashes.SHA256())


def _build_name(text: str) -> x509.Name:
    """Return a name of a subject or issuer; its texts have at most 64 characters."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _start_certificate(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    """Return a builder with what all certificates have."""
    builder = x509.CertificateBuilder(subject_name=subject, public_key=key)
    builder = builder.not_valid_before(begin).not_valid_after(end)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key)
    return builder.add_extension(identifier, critical=False)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Return what a key is for: strict clients require it (RFC 5280, section 4.2.1.3)."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    """Return an address or a name of a host, as a certificate has it."""
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return x509.DNSName(name)
    return x509.IPAddress(address)
