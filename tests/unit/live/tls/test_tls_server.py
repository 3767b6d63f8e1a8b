"""A stub that speaks HTTPS: its authority, its URLs, and the clients that trust it."""

import logging
import os
import socket
import ssl
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from live_builders import serve_replies
from understudy import ControlClient, LiveServer
from understudy.calllog import CallLog, LogMode
from understudy.clock import WallClock
from understudy.config import TLS_FAULTS, Settings
from understudy.errors import InputError, MissingExtraError
from understudy.live.tls.server_tls import ServerTls

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LIST = "/api/v2/tasks/instances"
LOGIN = ("admin", "admin")
REASONS = {
    "tls-expired": "certificate has expired",
    "tls-self-signed": "self.signed certificate",
    "tls-wrong-host": "mismatch|doesn't match",
}


def get_status(server: LiveServer, host: str = "127.0.0.1") -> int:
    """Return the status of a call by a client that trusts the authority."""
    url = f"https://{host}:{server.port}{LIST}"
    return requests.get(url, auth=LOGIN, timeout=30, verify=server.ca).status_code


def test_clients_with_the_authority_connect() -> None:
    """By the names and addresses of this machine."""
    with LiveServer(scenario="demo", tls=True) as server:
        assert server.url == f"https://127.0.0.1:{server.port}"
        assert server.ca is not None
        assert [get_status(server, host) for host in ("127.0.0.1", "localhost")] == [200, 200]
        context = ssl.create_default_context(cafile=server.ca)
        answer = httpx.get(f"{server.url}{LIST}", auth=LOGIN, verify=context, trust_env=False)
        assert answer.status_code == 200


def test_clients_without_the_authority_do_not_connect() -> None:
    """Neither `requests` nor `httpx`, with the authorities that they know."""
    with LiveServer(scenario="demo", tls=True) as server:
        with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            requests.get(server.url, timeout=30)
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(server.url)


def test_strict_clients_connect() -> None:
    """Python 3.13 and later check certificates by the letter of RFC 5280."""
    with LiveServer(scenario="demo", tls=True) as server:
        context = ssl.create_default_context(cafile=server.ca)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        assert httpx.get(server.url, verify=context, trust_env=False).status_code == 401


def test_known_calls_are_the_same_with_and_without_tls() -> None:
    """The first answer takes the whole way, the next ones the short way."""
    with (
        LiveServer(scenario="demo", clock="virtual", tls=True) as secure,
        LiveServer(scenario="demo", clock="virtual") as plain,
        requests.Session() as session,
    ):
        answers = [
            session.get(f"{server.url}{LIST}", auth=LOGIN, timeout=30, verify=server.ca or True)
            for server in (secure, plain)
            for _ in range(3)
        ]
        varying = ("traceId", "duration")
        contents = [
            {key: value for key, value in answer.json().items() if key not in varying}
            for answer in answers
        ]
        assert contents == [contents[0]] * 6


def test_file_of_the_authority_is_removed() -> None:
    """It is of use for this server only; nothing else is left behind."""
    with LiveServer(scenario="demo", tls=True) as server:
        assert server.ca is not None
        path = Path(server.ca)
        assert path.read_text().startswith("-----BEGIN CERTIFICATE-----")
        assert "PRIVATE" not in path.read_text()
    assert not path.parent.exists()


def test_server_that_never_started_removes_the_file() -> None:
    """`stop` is enough."""
    server = LiveServer(scenario="demo", tls=True)
    assert server.ca is not None
    server.stop()
    assert not Path(server.ca).exists()


def test_file_of_the_authority_is_chosen(tmp_path: Path) -> None:
    """Others can read it, it replaces an older one, and it stays for clients that start later."""
    path = tmp_path / "certificates" / "ca.pem"
    for _ in range(2):
        with LiveServer(scenario="demo", tls=True, tls_ca=path) as server:
            assert server.ca == str(path)
            assert get_status(server) == 200
    assert os.listdir(path.parent) == ["ca.pem"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize("target", ["", "file/ca.pem", "\0"], ids=["folder", "below-a-file", "nul"])
def test_file_that_cannot_be_written(tmp_path: Path, target: str) -> None:
    """The problem has the path; the port is free again."""
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="the certificate of the authority cannot be written: "):
        LiveServer(scenario="demo", tls=True, tls_ca=tmp_path / target)


def test_key_is_not_left_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library reads keys from files only; the file is gone when the server is made."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tls = ServerTls(Settings(tls=True), "127.0.0.1", NOW)
    assert list(tmp_path.iterdir()) == []
    tls.change_fault("tls-expired")
    assert list(tmp_path.iterdir()) == []


def read_names(server: LiveServer) -> set[str]:
    """Return the names of the certificate, as a client sees them."""
    context = ssl.create_default_context(cafile=server.ca)
    raw = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    with context.wrap_socket(raw, server_hostname="127.0.0.1") as connection:
        certificate: Any = connection.getpeercert()
    return {name.strip() for _, name in certificate["subjectAltName"]}


def test_allowed_hosts_are_names_of_the_certificate() -> None:
    """With their ports or without; a text that cannot be a name is left out."""
    hosts = (
        "ocp.test",
        "other.test:4010",
        "bad host",
        "ümlaut.test",
        "2001:db8::1",
        "[2001:db8::2]",
    )
    with LiveServer(scenario="demo", tls=True, allow_hosts=hosts) as server:
        context = ssl.create_default_context(cafile=server.ca)
        assert read_names(server) == {
            *("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "ocp.test", "other.test"),
            *("2001:DB8:0:0:0:0:0:1", "2001:DB8:0:0:0:0:0:2"),
        }
        with httpx.Client(auth=LOGIN, verify=context, trust_env=False) as client:
            answers = [
                client.get(
                    f"{server.url}{LIST}",
                    headers={"Host": name},
                    extensions={"sni_hostname": name},
                )
                for name in ("ocp.test", "other.test")
            ]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("fault", TLS_FAULTS)
def test_fault_of_the_certificate(fault: str) -> None:
    """A client sees what is wrong; connections that exist go on, and new ones recover."""
    with LiveServer(scenario="demo", tls=True, tls_fault=fault) as server:
        with pytest.raises(requests.exceptions.SSLError, match=REASONS[fault]):
            get_status(server)
        insecure = ssl.create_default_context()
        insecure.check_hostname = False
        insecure.verify_mode = ssl.CERT_NONE
        with httpx.Client(verify=insecure, trust_env=False, auth=LOGIN) as client:
            assert client.get(f"{server.url}{LIST}").status_code == 200


def test_certificate_changes_for_new_connections() -> None:
    """An open connection has its certificate already."""
    with serve_replies(scheme="https") as served, requests.Session() as session:
        assert served.tls is not None
        assert session.get(f"{served.url}/plain", verify=served.ca, timeout=30).ok
        served.tls.change_fault("tls-expired")
        assert session.get(f"{served.url}/plain", verify=served.ca, timeout=30).ok
        with pytest.raises(requests.exceptions.SSLError, match="certificate has expired"):
            served.get("plain")
        served.tls.change_fault("")
        assert served.get("plain")


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text has the command that installs it."""
    monkeypatch.setitem(sys.modules, "cryptography", None)
    monkeypatch.delitem(sys.modules, "understudy.live.tls.authority", raising=False)
    monkeypatch.delattr("understudy.live.tls.authority", raising=False)
    with pytest.raises(MissingExtraError, match=r"pip install 'understudy\[tls\]'"):
        LiveServer(scenario="demo", tls=True)


def test_own_certificate_is_served(tmp_path: Path) -> None:
    """It needs no library; the server has no authority of its own."""
    own = ServerTls(Settings(tls=True), "127.0.0.1", WallClock().now())
    own.write_ca(tmp_path / "ca.pem")
    assert own._authority is not None
    issued = own._authority.issue("", b"password")
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    key = load_pem_private_key(issued.key, b"password")
    encoded = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "server.pem").write_bytes(issued.certificate)
    (tmp_path / "server.key").write_bytes(encoded)
    settings = Settings(cert=tmp_path / "server.pem", key=tmp_path / "server.key")
    with LiveServer(settings, scenario="demo") as server:
        assert server.ca is None
        assert server.url.startswith("https://")
        answer = requests.get(server.url, timeout=30, verify=str(tmp_path / "ca.pem"))
        assert answer.status_code == 401


def log_of_rejection(mode: LogMode, caplog: pytest.LogCaptureFixture, fault: str = "") -> list[str]:
    """Return the lines about a client that rejects the certificate."""
    read_end, write_end = os.pipe()
    try:
        with (
            CallLog(write_end, mode) as call_log,
            caplog.at_level(logging.WARNING),
            LiveServer(scenario="demo", tls=True, tls_fault=fault, call_log=call_log) as server,
            pytest.raises(requests.exceptions.SSLError),
        ):
            requests.get(server.url, timeout=30, verify=server.ca if fault else True)
    finally:
        os.close(read_end)
        os.close(write_end)
    return [record.getMessage() for record in caplog.records]


def test_failed_handshake_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """One line asks whether the client trusts the authority; no call would show it."""
    [line] = log_of_rejection(LogMode.PROBLEMS, caplog)
    assert line.startswith("the TLS handshake failed: ")
    assert line.endswith("unknown ca; does the client trust the authority?")


def test_fault_of_the_certificate_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The developer has asked for it, and sees that it acts."""
    [line] = log_of_rejection(LogMode.ALL, caplog, "tls-expired")
    assert line.endswith("certificate expired; the certificate has the fault tls-expired")


def test_failed_handshake_is_not_logged_without_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """`--log off` means no line."""
    assert log_of_rejection(LogMode.OFF, caplog) == []


def test_first_page_has_urls_of_https() -> None:
    """Its links work when they are clicked."""
    with LiveServer(scenario="demo", tls=True) as server:
        page = requests.get(
            server.url, headers={"Accept": "text/html"}, timeout=30, verify=server.ca
        )
        assert f'href="{server.url}{LIST}' in page.text
        assert "http://" not in page.text


def test_event_stream_over_https() -> None:
    """Events arrive one by one, and the stream ends with the server."""
    with LiveServer(scenario="demo", tls=True) as server:
        assert server.ca is not None
        events = ControlClient(server.url, ca=server.ca).events(after=0)
        for number in (1, 2):
            assert get_status(server) == 200
            assert next(events)["data"]["number"] == number
        server.request_stop()
        assert list(events) == []
