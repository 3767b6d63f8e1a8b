"""A certificate of the user: it is served, or the reason is reported."""

import os
import ssl
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from understudy.errors import InputError
from understudy.live.tls.own_certificate import load_own_certificate

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def encode_key(key: Key, encryption: KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def build_certificate(
    key: Key,
    *,
    begin: datetime = NOW - timedelta(days=1),
    end: datetime = NOW + timedelta(days=1),
    usage: Sequence[ObjectIdentifier] = (ExtendedKeyUsageOID.SERVER_AUTH,),
) -> x509.Certificate:
    """Return a certificate that is signed with its own key, as `openssl req -x509` makes it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, begin, end)
    builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
    return builder.sign(key, hashes.SHA256())


@pytest.fixture
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def cert_path(tmp_path: Path, key: ec.EllipticCurvePrivateKey) -> Path:
    path = tmp_path / "server.pem"
    path.write_bytes(build_certificate(key).public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def key_path(tmp_path: Path, key: ec.EllipticCurvePrivateKey) -> Path:
    path = tmp_path / "server.key"
    path.write_bytes(encode_key(key))
    return path


def load(cert: Path, key: Path | None, now: datetime = NOW) -> None:
    load_own_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), cert, key, now)


def report(cert: Path, key: Path | None, now: datetime = NOW) -> str:
    """Return the problem of a certificate, which is one line."""
    with pytest.raises(InputError) as caught:
        load(cert, key, now)
    text = str(caught.value)
    assert "\n" not in text
    return text.replace(f"{cert.parent}/", "")


def test_certificate_and_key_are_accepted(cert_path: Path, key_path: Path) -> None:
    """The key has a file of its own, or stands in that of the certificate."""
    load(cert_path, key_path)
    cert_path.write_bytes(key_path.read_bytes() + cert_path.read_bytes())
    load(cert_path, None)


def test_certificate_with_rsa_is_accepted(tmp_path: Path) -> None:
    """Other tools make keys of RSA."""
    key = rsa.generate_private_key(65537, 2048)
    path = tmp_path / "rsa.pem"
    path.write_bytes(build_certificate(key).public_bytes(Encoding.PEM) + encode_key(key))
    load(path, None)


def test_expired_certificate(cert_path: Path, key_path: Path) -> None:
    """The line says since when, and how to have one on purpose."""
    assert report(cert_path, key_path, NOW + timedelta(days=2)) == (
        "server.pem: the certificate expired on 2026-11-30 12:00 UTC. Expected one that is valid now, "
        "2026-12-01 12:00 UTC. To test a client with an expired certificate: --tls --tls-fault tls-expired."
    )


def test_certificate_of_the_future(cert_path: Path, key_path: Path) -> None:
    """The line says from when on it is valid."""
    assert report(cert_path, key_path, NOW - timedelta(days=2)) == (
        "server.pem: the certificate is not valid before 2026-11-28 12:00 UTC. "
        "Expected one that is valid now, 2026-11-27 12:00 UTC."
    )


def test_key_of_another_certificate(cert_path: Path, key_path: Path) -> None:
    """Also a key of another kind."""
    for key in (ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)):
        key_path.write_bytes(encode_key(key))
        assert report(cert_path, key_path).endswith("Expected the key of the certificate.")
        assert report(cert_path, key_path).startswith(
            "server.key: the key does not fit the certificate"
        )


def test_certificate_for_clients_only(tmp_path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """A client would reject it, so the server does."""
    certificate = build_certificate(key, usage=[ExtendedKeyUsageOID.CLIENT_AUTH])
    path = tmp_path / "client.pem"
    path.write_bytes(certificate.public_bytes(Encoding.PEM) + encode_key(key))
    assert report(path, None).startswith("client.pem: the certificate cannot be used by a server: ")


def test_encrypted_key(cert_path: Path, key_path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """The server does not ask for a password on the terminal."""
    key_path.write_bytes(encode_key(key, BestAvailableEncryption(b"password")))
    assert report(cert_path, key_path) == (
        "server.key: the key is encrypted. Expected a key without a password. "
        "Decrypt it: openssl pkey -in server.key -out server-plain.pem"
    )
    old_form = key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"password")
    )
    key_path.write_bytes(old_form)
    assert "the key is encrypted" in report(cert_path, key_path)


def test_interchanged_files(cert_path: Path, key_path: Path) -> None:
    """The hint asks for it."""
    assert report(key_path, cert_path) == (
        "server.key: the file has no certificate in PEM form. Expected a file with -----BEGIN CERTIFICATE-----. "
        "This file has a key: are the certificate and the key interchanged?"
    )


def test_certificate_without_a_key(cert_path: Path) -> None:
    """The hint names the option."""
    assert report(cert_path, None) == (
        "server.pem: the file of the certificate has no key. Name the file of the key with --key."
    )


def test_key_in_another_form(cert_path: Path, key_path: Path) -> None:
    """A public key is no key of a server."""
    key_path.write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    assert report(cert_path, key_path) == (
        "server.key: the file has no key in PEM form. Expected a file with -----BEGIN PRIVATE KEY-----."
    )


def test_certificate_in_der(
    cert_path: Path, key_path: Path, key: ec.EllipticCurvePrivateKey
) -> None:
    """The hint is the command that converts it."""
    cert_path.write_bytes(build_certificate(key).public_bytes(Encoding.DER))
    assert report(cert_path, key_path).endswith(
        "Convert it: openssl x509 -inform der -in server.pem -out server.pem"
    )


@pytest.mark.parametrize(
    "text",
    [
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n\xff\xfe\x00\n-----END CERTIFICATE-----\n",
    ],
    ids=["short", "binary"],
)
def test_broken_certificate(cert_path: Path, key_path: Path, text: bytes) -> None:
    """What OpenSSL says about it is part of the line."""
    cert_path.write_bytes(text)
    assert report(cert_path, key_path).startswith(
        "server.pem: the certificate and its key cannot be used: "
    )


def test_broken_key(cert_path: Path, key_path: Path) -> None:
    """The same for the key."""
    key_path.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    assert report(cert_path, key_path).startswith(
        "server.pem: the certificate and its key cannot be used: "
    )


def test_files_that_cannot_be_read(cert_path: Path, tmp_path: Path) -> None:
    """Missing, a folder, a pipe (which is not opened), too large, a name with NUL."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    large = tmp_path / "large"
    large.write_bytes(bytes(2 * 1024 * 1024))
    expected = "Expected a file with a key in PEM form."
    problems = [
        report(cert_path, path)
        for path in (tmp_path / "no.key", tmp_path, pipe, large, Path("a\0b"))
    ]
    assert problems == [
        f"no.key: the key cannot be read: No such file or directory. {expected}",
        f"{tmp_path}: this is not a file. {expected}",
        f"pipe: this is not a file. {expected}",
        f"large: the key is larger than 1 MiB. {expected}",
        f"a\0b: the key cannot be read: embedded null byte. {expected}",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_file_without_permission(cert_path: Path, key_path: Path) -> None:
    """The reason is that of the system."""
    key_path.chmod(0)
    assert "Permission denied" in report(cert_path, key_path)


def test_certificate_of_openssl(tmp_path: Path) -> None:
    """What the guide suggests works."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    command += ["-keyout", str(key), "-out", str(cert), "-days", "1"]
    subprocess.run(command, check=True, capture_output=True)
    certificate = x509.load_pem_x509_certificate(cert.read_bytes())
    load(cert, key, certificate.not_valid_before_utc + timedelta(hours=1))
