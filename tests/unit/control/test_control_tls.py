"""The control API changes the certificate of the server."""

from pathlib import Path

import pytest
import requests

from understudy import ControlClient, ControlError, LiveServer
from understudy.config import TLS_FAULT_HINT, TLS_FAULTS

LIST = "/api/v2/tasks/instances"
LOGIN = ("admin", "admin")


def test_certificate_of_new_connections_is_changed() -> None:
    """By a client that trusts the authority, and in this process."""
    with LiveServer(scenario="demo", tls=True) as server:
        assert server.ca is not None
        client = ControlClient.inside(server.control, server.url)
        over_https = ControlClient(server.url, ca=server.ca)
        assert over_https.get_tls() == {"enabled": True, "fault": None, "ca": server.ca}
        for fault in TLS_FAULTS:
            assert client.change_tls(fault=fault)["fault"] == fault
            with pytest.raises(ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
                over_https.health()
        assert client.change_tls(fault=None)["fault"] is None
        assert over_https.health()["status"] == "ok"


def test_client_without_the_authority_does_not_connect() -> None:
    """The error is that of a server that cannot be reached."""
    with (
        LiveServer(scenario="demo", tls=True) as server,
        pytest.raises(ConnectionError, match=r"is not trusted: .*\. Name the file .* --ocp-ca"),
    ):
        ControlClient(server.url).health()


def test_unknown_fault_is_rejected() -> None:
    """The problem lists the faults."""
    with LiveServer(scenario="demo", tls=True) as server:
        client = ControlClient.inside(server.control)
        with pytest.raises(ControlError, match="tls-expired"):
            client.change_tls(fault="expired")
        assert client.get_tls()["fault"] is None


def test_commands_repeat_a_call_over_https(tmp_path: Path) -> None:
    """The line names the file to trust; findings have the URL of this server."""
    ca = tmp_path / "ca.pem"
    with LiveServer(scenario="demo", tls=True, tls_ca=ca) as server:
        requests.get(f"{server.url}{LIST}?size=0", auth=LOGIN, timeout=30, verify=str(ca))
        client = ControlClient.inside(server.control, server.url)
        command = client.explain_request(1)["curl"]
        [finding] = client.list_findings()["findings"]
    assert command.startswith(f"curl -i --cacert {ca} ") or f" --cacert {ca} " in command
    assert f"{server.url}{LIST}?size=0" in command
    assert f"{server.url}{LIST}?size=0" in finding["curl"]


def test_certificate_is_no_fault_of_a_call() -> None:
    """Rules and preferences say where it belongs."""
    with LiveServer(scenario="demo", strict_preferences=True) as server:
        client = ControlClient.inside(server.control)
        with pytest.raises(ControlError) as caught:
            client.add_fault({"fault": "tls-expired"})
        answer = requests.get(
            f"{server.url}{LIST}",
            auth=LOGIN,
            headers={"Prefer": "fault=tls-expired"},
            timeout=30,
        )
    assert TLS_FAULT_HINT in str(caught.value)
    assert TLS_FAULT_HINT in answer.text
