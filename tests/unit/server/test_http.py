"""The stub on a real socket: behaviour that depends on HTTP."""

import http.client
import json
import socket
from typing import Any

import pytest
import requests

from understudy.live import LiveServer, PortInUseError

ADMIN = ("admin", "admin")
LIST = "/api/v2/tasks/instances"


def send_raw(server: LiveServer, text: bytes) -> bytes:
    """Send bytes and return the response until the server closes."""
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_page_has_status_type_and_length(live: LiveServer) -> None:
    """The header fields match the body."""
    answer = requests.get(f"{live.url}{LIST}?size=5", auth=ADMIN, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert len(answer.json()["data"]["contents"]) == 5


def test_head_has_the_headers_of_get(live: LiveServer) -> None:
    """It has no body."""
    answer = requests.head(f"{live.url}{LIST}", auth=ADMIN, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 100


def test_options_lists_the_methods(live: LiveServer) -> None:
    """It needs no login."""
    answer = requests.options(f"{live.url}{LIST}/1000/retry", timeout=10)
    assert (answer.status_code, answer.headers["Allow"]) == (204, "POST, OPTIONS")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "FOO"])
def test_undocumented_method_gets_the_envelope(live: LiveServer, method: str) -> None:
    """It is 405 with Allow."""
    answer = requests.request(method, f"{live.url}{LIST}", auth=ADMIN, timeout=10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, 1008)
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_unknown_path_gets_the_envelope(live: LiveServer) -> None:
    """Flask's own page never appears."""
    answer = requests.get(f"{live.url}/nothing/here", auth=ADMIN, timeout=10)
    assert (answer.status_code, answer.json()["successful"]) == (404, False)


def test_world_is_selected_in_four_ways(live: LiveServer) -> None:
    """The default world does not change."""
    retry = requests.post(f"{live.url}/w/four{LIST}/35000312/retry", auth=ADMIN, timeout=10)
    assert retry.json()["data"]["status"] == "RUNNING"
    task = f"{LIST}/35000312"
    ways = [
        requests.get(f"{live.url}/w/four{task}", auth=ADMIN, timeout=10),
        requests.get(
            f"{live.url}{task}", auth=ADMIN, headers={"X-Understudy-World": "four"}, timeout=10
        ),
        requests.get(f"{live.url}{task}", auth=("admin+four", "admin"), timeout=10),
        requests.get(
            f"{live.url}{task}", auth=ADMIN, cookies={"understudy-world": "four"}, timeout=10
        ),
    ]
    assert [answer.json()["data"]["status"] for answer in ways] == ["RUNNING"] * 4
    assert (
        requests.get(f"{live.url}{task}", auth=ADMIN, timeout=10).json()["data"]["status"]
        == "FAILED"
    )


@pytest.mark.parametrize("name", ["", "-x", "a b", "%00", "x" * 101, "é", "../etc"])
def test_invalid_world_name_is_a_problem_document(live: LiveServer, name: str) -> None:
    """It is not in the envelope of the API."""
    answer = requests.get(
        live.url, headers={"X-Understudy-World": name.encode() or b"!"}, auth=ADMIN, timeout=10
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["type"] == "urn:understudy:problem:bad-world-name"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "[",
        "[::1",
        "evil.com@localhost",
        "localhost#evil.com",
        "localhost/x",
        "",
    ],
)
def test_foreign_host_is_rejected(live: LiveServer, host: str) -> None:
    """DNS rebinding needs another name. Only HTTP/1.0 clients send an empty Host."""
    reply = send_raw(
        live, f"GET {LIST} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    )
    expected = b"421" if host else b"401"
    assert reply.split(b" ", 2)[1] == expected


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:4010", "127.0.0.1:1", "[::1]:80", "app.localhost", "10.0.0.1"]
)
def test_own_hosts_are_served(live: LiveServer, host: str) -> None:
    """localhost and addresses, with any port and in any case."""
    reply = send_raw(
        live, f"GET {LIST} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    )
    assert reply.split(b" ", 2)[1] == b"401"


def test_too_long_target_is_rejected(live: LiveServer) -> None:
    """The limit is 8 KiB."""
    answer = requests.get(f"{live.url}/?{'x' * 9000}", timeout=10)
    assert (answer.status_code, answer.json()["type"]) == (
        414,
        "urn:understudy:problem:target-too-long",
    )


def test_encoded_slash_stays_in_its_segment(live: LiveServer) -> None:
    """`1000%2Fretry` is one id, which is not a number."""
    connection = http.client.HTTPConnection(live.host, live.port, timeout=10)
    connection.request(
        "GET", f"{LIST}/1000%2Fretry", headers={"Authorization": "Basic YWRtaW46YWRtaW4="}
    )
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["error"]["code"]) == (400, 1001)
    connection.close()


def test_absolute_target_is_routed(live: LiveServer) -> None:
    """Proxies send it."""
    target = f"http://127.0.0.1:{live.port}{LIST}"
    reply = send_raw(
        live, f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    )
    assert reply.split(b" ", 2)[1] == b"401"


def test_health_needs_no_account(live: LiveServer) -> None:
    """It has status and scenario."""
    body = requests.get(f"{live.url}/__admin/health", timeout=10).json()
    assert (body["status"], body["scenario"]) == ("ok", "demo")


def test_world_is_reset(live: LiveServer) -> None:
    """By the query, a header field or a user name."""
    task = f"{live.url}/w/again{LIST}/35000312"
    named: list[dict[str, Any]] = [
        {"params": {"world": "again"}},
        {"headers": {"X-Understudy-World": "again"}},
    ]
    for where in named:
        assert requests.post(f"{task}/retry", auth=ADMIN, timeout=10).status_code == 200
        assert requests.post(f"{live.url}/__admin/reset", timeout=10, **where).status_code == 204
        assert requests.get(task, auth=ADMIN, timeout=10).json()["data"]["status"] == "FAILED"
    requests.post(f"{task}/retry", auth=ADMIN, timeout=10)
    assert (
        requests.post(
            f"{live.url}/__admin/reset", auth=("admin+again", "admin"), timeout=10
        ).status_code
        == 204
    )
    assert requests.get(task, auth=ADMIN, timeout=10).json()["data"]["status"] == "FAILED"
    bad = requests.post(f"{live.url}/__admin/reset?world=../x", timeout=10)
    assert (bad.status_code, bad.json()["type"]) == (400, "urn:understudy:problem:bad-request")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "evil://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_page_of_another_site_cannot_reset_a_world(
    live: LiveServer, headers: dict[str, str]
) -> None:
    """Browsers name the site of a call."""
    task = f"{live.url}/w/kept{LIST}/35000312"
    requests.post(f"{task}/retry", auth=ADMIN, timeout=10)
    answer = requests.post(f"{live.url}/__admin/reset?world=kept", headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["type"]) == (
        403,
        "urn:understudy:problem:foreign-origin",
    )
    assert requests.get(task, auth=ADMIN, timeout=10).json()["data"]["status"] == "RUNNING"
    own = requests.post(
        f"{live.url}/__admin/reset?world=kept", headers={"Origin": live.url}, timeout=10
    )
    assert own.status_code == 204


def test_control_api_errors_are_problem_documents(live: LiveServer) -> None:
    """404 and 405 below the prefix are never HTML."""
    missing = requests.get(f"{live.url}/__admin/nothing", timeout=10)
    wrong = requests.delete(f"{live.url}/__admin/health", timeout=10)
    assert [a.headers["Content-Type"] for a in (missing, wrong)] == ["application/problem+json"] * 2
    assert (missing.status_code, wrong.status_code, "GET" in wrong.headers["Allow"]) == (
        404,
        405,
        True,
    )


def test_port_in_use_is_reported() -> None:
    """The second server does not start."""
    with (
        LiveServer() as first,
        pytest.raises(PortInUseError, match=f"port {first.port} on 127.0.0.1 is in use"),
    ):
        LiveServer(port=first.port)


def test_stopped_server_releases_its_port() -> None:
    """The port can be bound again at once."""
    with LiveServer() as server:
        assert requests.get(f"{server.url}/__admin/health", timeout=10).status_code == 200
        session = requests.Session()  # an idle connection must not hold the server up
        session.get(f"{server.url}/__admin/health", timeout=10)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.url}/__admin/health", timeout=10)
    session.close()
    with LiveServer(port=server.port) as again:
        assert requests.get(f"{again.url}/__admin/health", timeout=10).status_code == 200
