"""The control API behind Flask: the bridge, and the checks before it."""

import http.client
import json
from collections.abc import Iterator

import pytest
import requests

from understudy.live import LiveServer

CLOCK = "/__admin/clock"


@pytest.fixture
def world(live: LiveServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a world for this test."""
    name = request.node.name.partition("[")[0][-60:].strip("_")
    yield name
    live.stub.drop(name)


def test_json_has_type_and_length(live: LiveServer) -> None:
    """The header fields match the body."""
    answer = requests.get(f"{live.url}/__admin/health", timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_no_content_has_no_body(live: LiveServer, world: str) -> None:
    """The status is 204."""
    answer = requests.post(f"{live.url}/__admin/reset?world={world}", timeout=10)
    assert (answer.status_code, answer.content) == (204, b"")


def test_head_has_no_body(live: LiveServer) -> None:
    """Its length is that of GET."""
    answer = requests.head(f"{live.url}{CLOCK}", timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 50


@pytest.mark.parametrize("path", ["/__admin/clok", "/w/x/__admin/clok"])
def test_unknown_path_is_a_problem_document(live: LiveServer, path: str) -> None:
    """It is never the envelope of the API."""
    answer = requests.get(f"{live.url}{path}", timeout=10)
    assert (answer.status_code, answer.json()["type"]) == (
        404,
        "urn:understudy:problem:no-such-route",
    )


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/w/{}/__admin/clock/advance", {}),
        ("/__admin/clock/advance", {"X-Understudy-World": "{}"}),
        ("/__admin/clock/advance", {"Cookie": "understudy-world={}"}),
        ("/__admin/clock/advance?world={}", {"X-Understudy-World": "other"}),
    ],
)
def test_world_is_selected_as_in_the_api(
    live: LiveServer, world: str, path: str, headers: dict[str, str]
) -> None:
    """Or by the query."""
    fields = {name: value.format(world) for name, value in headers.items()}
    requests.post(live.url + path.format(world), json={"by": "7s"}, headers=fields, timeout=10)
    moved = requests.get(f"{live.url}{CLOCK}?world={world}", timeout=10).json()
    assert moved["now"] == "2021-08-25T15:09:38+08:00"


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_pages_of_other_sites_are_rejected(
    live: LiveServer, world: str, headers: dict[str, str]
) -> None:
    """Every method gets 403, without a header field of CORS."""
    for method, path in (("GET", CLOCK), ("POST", "/__admin/reset"), ("OPTIONS", "/__admin/reset")):
        url = f"{live.url}{path}?world={world}"
        answer = requests.request(method, url, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["type"]) == (
            403,
            "urn:understudy:problem:foreign-origin",
        )
        assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


def test_own_page_may_call(live: LiveServer) -> None:
    """The response has no header field of CORS either."""
    headers = {"Origin": live.url, "Sec-Fetch-Site": "same-origin"}
    answer = requests.get(f"{live.url}{CLOCK}", headers=headers, timeout=10)
    assert answer.status_code == 200
    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


def test_too_large_body_is_rejected(live: LiveServer, world: str) -> None:
    """The limit is 10 MiB, and nothing changes."""
    url = f"{live.url}/__admin/scenarios/large?world={world}"
    headers = {"Content-Type": "application/yaml"}
    answer = requests.put(url, data=b"#" * (10 * 1024 * 1024 + 1), headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["type"]) == (
        413,
        "urn:understudy:problem:request-entity-too-large",
    )
    assert requests.get(url, timeout=10).status_code == 404


def test_token_is_required() -> None:
    """Calls without it get 401 with a challenge."""
    with LiveServer(scenario="empty", token="s3cret") as server:
        url = f"{server.url}/__admin/health"
        answer = requests.get(url, timeout=10)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (
            401,
            'Bearer realm="understudy"',
        )
        assert (
            requests.get(url, headers={"Authorization": "Bearer s3cret"}, timeout=10).status_code
            == 200
        )


def test_events_are_streamed_until_the_client_leaves(live: LiveServer, world: str) -> None:
    """Each event arrives at once, and hanging up releases the thread."""
    connection = http.client.HTTPConnection(live.host, live.port, timeout=20)
    connection.request(
        "GET", f"/__admin/events?world={world}", headers={"Accept": "text/event-stream"}
    )
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.readline() + answer.readline() == b"retry: 1000\n\n"
    requests.get(
        f"{live.url}/w/{world}/api/v2/tasks/instances", auth=("admin", "admin"), timeout=10
    )
    lines = [answer.readline() for _ in range(4)]
    assert lines[:2] == [b"event: exchange\n", b"id: 1\n"]
    assert json.loads(lines[2].removeprefix(b"data: "))["status"] == 200
    assert live.stub.thread_limit.active == 1
    answer.close()
    connection.close()
    while requests.get(f"{live.url}/__admin/health", timeout=10).json()["waiting"]["active"]:
        pass  # the server looks a few times a second


def test_stream_ends_with_the_server() -> None:
    """The connection is closed in an orderly way."""
    with LiveServer(scenario="empty") as server:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
        connection.request("GET", "/__admin/events")
        answer = connection.getresponse()
        assert answer.readline() == b"retry: 1000\n"
        server.stop()
        assert answer.read() == b"\n"
        connection.close()


def test_bridge_works_under_any_wsgi_server() -> None:
    """Closing a stream releases its thread."""
    from understudy.server import create_app

    app = create_app(scenario="empty")
    stub = app.extensions["understudy"]
    answer = app.test_client().get("/__admin/events", buffered=False)
    assert (answer.status_code, stub.thread_limit.active) == (200, 1)
    answer.close()
    assert stub.thread_limit.active == 0
