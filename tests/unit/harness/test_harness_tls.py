"""Private OCPs over HTTPS: their URLs, their authority, and clients of a shared server."""

import ssl
from pathlib import Path

import httpx
import pytest
import requests

from understudy import ControlError, LiveServer, OcpServer
from understudy.errors import InputError

LIST = "/api/v2/tasks/instances"


def test_world_has_its_url_and_the_authority() -> None:
    """Clients over a socket trust it; those in this process need no certificate."""
    with OcpServer(tls=True) as server, server.world() as ocp:
        assert ocp.url.startswith("https://127.0.0.1:")
        assert ocp.ca == server.ca
        assert ocp.ca is not None
        assert ocp.url == f"https://{ocp.address}/w/{ocp.name}"
        statuses = [
            requests.get(f"{ocp.url}{LIST}", auth=ocp.auth, verify=ocp.ca, timeout=30).status_code,
            ocp.requests().get(LIST).status_code,
            ocp.httpx().get(LIST).status_code,
        ]
        assert statuses == [200, 200, 200]
        assert ocp.as_("viewer").ca == ocp.ca
        assert len(ocp.assert_called("listTaskInstances")) == 3


def test_world_without_tls_has_no_authority() -> None:
    """It is None, so that clients use what they trust anyway."""
    with OcpServer() as server, server.world() as ocp:
        assert (server.ca, ocp.ca) == (None, None)
        assert ocp.url.startswith("http://")
        assert requests.get(f"{ocp.url}{LIST}", auth=ocp.auth, verify=ocp.ca, timeout=30).ok
        with pytest.raises(ControlError, match="no-authority"), server.tls_fault("tls-expired"):
            pass


def test_wrong_certificate_inside_of_a_block() -> None:
    """Blocks can be nested; after them the certificate is valid again."""
    with OcpServer(tls=True) as server, server.world() as ocp:
        assert ocp.ca is not None

        def find_reason() -> str:
            context = ssl.create_default_context(cafile=ocp.ca)
            try:
                httpx.get(f"{ocp.url}{LIST}", auth=ocp.auth, verify=context, trust_env=False)
            except httpx.ConnectError as error:
                return str(error)
            return ""

        with server.tls_fault("tls-expired"):
            assert "expired" in find_reason()
            with server.tls_fault("tls-wrong-host"):
                assert "IP address mismatch" in find_reason()
            assert "expired" in find_reason()
        assert find_reason() == ""


def test_shared_server_is_trusted(tmp_path: Path) -> None:
    """Control API and clients of another process trust the file; without it, nothing connects."""
    ca = tmp_path / "ca.pem"
    with LiveServer(scenario="demo", tls=True, tls_ca=ca) as live:
        with OcpServer(url=live.url, ca=ca) as server, server.world() as ocp:
            assert ocp.ca == str(ca)
            with ocp.requests() as session, ocp.httpx() as client:
                assert session.get(LIST).status_code == 200
                assert client.get(LIST).status_code == 200
            # Its control API has the same certificate, so nothing could make it valid again.
            with pytest.raises(InputError, match="a server without url="):
                server.tls_fault("tls-expired").__enter__()
        with pytest.raises(ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
            OcpServer(url=live.url).world()


def test_findings_name_the_usual_server() -> None:
    """The line of a finding calls `understudy serve`, as without TLS."""
    with OcpServer(tls=True) as server, server.world(strict=False) as ocp:
        ocp.requests().get(f"{LIST}?size=0")
        world = server.world(strict=True)
        world.requests().get(f"{LIST}?size=0")
        error = world.verdict()
        world.close()
    assert "curl -i" in str(error)
    assert f"http://localhost:4010{LIST}?size=0" in str(error)
