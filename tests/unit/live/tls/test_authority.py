"""The authority, and the certificates that it signs, as clients see them."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from understudy.config import TLS_FAULTS
from understudy.live.tls.authority import Authority

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def read_names(certificate: x509.Certificate) -> list[object]:
    """Return the names and addresses of a certificate."""
    extension = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    assert isinstance(extension.value, x509.SubjectAlternativeName)
    return [name.value for name in extension.value]


def issue(*names: str, fault: str = "") -> x509.Certificate:
    """Return a certificate of a new authority."""
    issued = Authority.create(names or ["localhost"], NOW).issue(fault, b"password")
    return x509.load_pem_x509_certificate(issued.certificate)


def test_names_and_addresses_are_in_the_certificate() -> None:
    """Each once; a zone of an address is of this machine only, and left out."""
    names = ["localhost", "127.0.0.1", "::1", "localhost", "fe80::1%eth0", "ocp.example.com"]
    assert read_names(issue(*names)) == [
        "localhost",
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
        ipaddress.ip_address("fe80::1"),
        "ocp.example.com",
    ]


def test_certificate_is_valid_now_and_for_a_year() -> None:
    """A client whose clock is some hours late accepts it too."""
    certificate = issue()
    assert certificate.not_valid_before_utc <= NOW - timedelta(hours=23)
    assert certificate.not_valid_after_utc >= NOW + timedelta(days=365)
    assert certificate.not_valid_after_utc <= NOW + timedelta(days=398)


@pytest.mark.parametrize("fault", TLS_FAULTS)
def test_fault_is_all_that_is_wrong(fault: str) -> None:
    """Dates, names and issuer are right but for the one that the fault is about."""
    authority = Authority.create(["localhost"], NOW)
    issued = authority.issue(fault, b"password")
    certificate = x509.load_pem_x509_certificate(issued.certificate)
    is_current = certificate.not_valid_before_utc <= NOW <= certificate.not_valid_after_utc
    issuer = x509.load_pem_x509_certificate(authority.pem.encode()).subject
    assert {
        "tls-expired": not is_current,
        "tls-self-signed": certificate.issuer != issuer,
        "tls-wrong-host": read_names(certificate) != ["localhost"],
    } == {name: name == fault for name in TLS_FAULTS}


def test_key_is_encrypted() -> None:
    """A file that a crash leaves behind is worthless."""
    issued = Authority.create(["localhost"], NOW).issue("", b"password")
    assert issued.key.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert "password" not in repr(issued)
    assert "PRIVATE" not in repr(issued)


def test_authorities_are_different() -> None:
    """Each start has another one, which signs for itself."""
    first, second = (Authority.create(["localhost"], NOW) for _ in range(2))
    assert first.pem != second.pem
    assert x509.load_pem_x509_certificate(first.pem.encode()).subject != (
        x509.load_pem_x509_certificate(second.pem.encode()).subject
    )


def test_authority_is_loaded_by_the_standard_library() -> None:
    """It is a certificate of an authority, which may not sign for further authorities."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=Authority.create(["localhost"], NOW).pem)
    assert context.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}
