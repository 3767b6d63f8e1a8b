"""The client, against a server on a real socket."""

import inspect
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from control_builders import FAILED, LIST
from understudy import ControlClient, ControlError
from understudy.control.api.route_table import ROUTES
from understudy.live import LiveServer


@pytest.fixture
def client(live: LiveServer, request: pytest.FixtureRequest) -> Iterator[ControlClient]:
    """A client with a world of its own."""
    world = request.node.name.replace("[", "-").replace("]", "")[-60:].strip("-_")
    yield ControlClient(live.url, world=world)
    live.stub.drop(world)


def call_api(
    live: LiveServer, client: ControlClient, target: str = LIST, method: str = "GET"
) -> int:
    headers = {"X-Understudy-World": client._transport.world}
    return requests.request(
        method, f"{live.url}{target}", auth=("admin", "admin"), headers=headers, timeout=10
    ).status_code


def find_problem_of_tls(client: ControlClient) -> str:
    """Return the problem of a server without TLS."""
    with pytest.raises(ControlError) as caught:
        client.change_tls(fault=None)
    return caught.value.slug


def test_each_route_can_be_called(live: LiveServer, client: ControlClient) -> None:
    """Each route of the table returns what the guide promises."""
    call_api(live, client, f"{LIST}/{FAILED}")
    results: dict[str, Any] = {
        "health": client.health()["status"],
        "version": client.version()["version"].count("."),
        "openapi_yaml": client.openapi_yaml().startswith("openapi: 3.1.0"),
        "openapi_json": client.openapi_json()["openapi"],
        "get_tls": client.get_tls(),
        "change_tls": find_problem_of_tls(client),
        "list_requests": len(client.list_requests(limit=5, after=0)["requests"]),
        "get_request": client.get_request(1)["operation"],
        "explain_request": client.explain_request(1)["matched"],
        "find_requests": len(client.find_requests(status=200)["requests"]),
        "count_requests": client.count_requests(
            operation="getTaskInstance", path={"taskInstanceId": FAILED}
        )["count"],
        "wait_for_requests": client.wait_for_requests(operation="getTaskInstance", timeout="1s")[
            "matched"
        ],
        "list_unmatched": client.list_unmatched()["requests"],
        "list_near_misses": client.list_near_misses()["nearMisses"],
        "find_near_misses": client.find_near_misses(operation="getTaskInstance", status=404)[
            "nearMisses"
        ][0]["number"],
        "list_scenarios": len(client.list_scenarios()["scenarios"]) > 10,
        "upload_scenario": client.upload_scenario("client", "understudy: 1\n")["origin"],
        "get_scenario": client.get_scenario("client"),
        "list_worlds": len(client.list_worlds()["worlds"]) > 0,
        "get_clock": client.get_clock()["mode"],
        "advance_clock": client.advance_clock(by="1s")["now"][-8:-6],
        "set_clock": client.set_clock(to="3s")["now"][-8:-6],
        "scale_clock": client.scale_clock(speed=2)["mode"],
        "freeze_clock": client.freeze_clock()["mode"],
        "list_tasks": len(client.list_tasks(status="FAILED", limit=1)["tasks"]),
        "get_task": client.get_task(FAILED)["status"],
        "force_task": client.force_task(FAILED, status="RUNNING")["status"],
        "force_subtask": client.force_subtask(FAILED, 13000333, status="FAILED")["subtasks"] != [],
        "step_task": client.force_task(FAILED, status="RUNNING") and client.step_task(FAILED)["id"],
        "step_clock": client.step_clock()["mode"],
        "add_task": client.add_task({"name": "Mine"})["name"],
        "list_findings": client.list_findings()["findings"],
        "list_accounts": client.list_accounts()["accounts"][0]["name"],
        "make_world": client.make_world("created", seed=3)["name"],
        "add_reply": client.add_reply({"name": "r", "reply": {"error": 1999}})["from"],
        "list_replies": len(client.list_replies()["replies"]),
        "remove_reply": client.remove_reply("r"),
        "clear_replies": client.clear_replies(),
        "add_fault": client.add_fault({"name": "f", "profile": "slow"})["rule"]["fault"],
        "list_faults": len(client.list_faults()["faults"]),
        "remove_fault": client.remove_fault("f"),
        "clear_faults": client.clear_faults(),
        "get_settings": client.get_settings()["errors"],
        "change_settings": client.change_settings(validate_request="off", errors=None)[
            "validateRequest"
        ],
        "save_snapshot": client.save_snapshot("s")["name"],
        "list_snapshots": len(client.list_snapshots()["snapshots"]),
        "restore_snapshot": client.restore_snapshot("s")["exchanges"],
        "drop_snapshot": client.drop_snapshot("s"),
        "export_world": client.export_world().startswith("understudy: 1"),
        "get_coverage": client.get_coverage(all=False)["exchanges"],
        "activate_scenario": client.activate_scenario("client")["scenario"],
        "clear_requests": client.clear_requests(),
        "reset": client.reset(all=False),
        "drop_world": client.drop_world("unknown"),
    }
    nothing = ["remove_reply", "clear_replies", "remove_fault", "clear_faults", "drop_snapshot"]
    nothing += ["clear_requests", "reset", "drop_world"]
    expected: dict[str, Any] = {
        **dict.fromkeys(nothing),
        "health": "ok",
        "version": 2,
        "openapi_yaml": True,
        "openapi_json": "3.1.0",
        "get_tls": {"enabled": False, "fault": None, "ca": None},
        "change_tls": "no-authority",
        "list_requests": 1,
        "get_request": "getTaskInstance",
        "explain_request": "service",
        "find_requests": 1,
        "count_requests": 1,
        "wait_for_requests": True,
        "list_unmatched": [],
        "list_near_misses": [],
        "find_near_misses": 1,
        "list_scenarios": True,
        "upload_scenario": "uploaded",
        "get_scenario": "understudy: 1\n",
        "list_worlds": True,
        "get_clock": "virtual",
        "advance_clock": "32",
        "set_clock": "34",
        "scale_clock": "real",
        "freeze_clock": "virtual",
        "list_tasks": 1,
        "get_task": "FAILED",
        "force_task": "RUNNING",
        "force_subtask": True,
        "step_task": FAILED,
        "add_reply": "added",
        "list_replies": 1,
        "add_fault": "slow",
        "list_faults": 1,
        "get_settings": False,
        "change_settings": "off",
        "save_snapshot": "s",
        "list_snapshots": 1,
        "restore_snapshot": 1,
        "export_world": True,
        "get_coverage": 1,
        "activate_scenario": "client",
        "step_clock": "virtual",
        "add_task": "Mine",
        "list_findings": [],
        "list_accounts": "admin",
        "make_world": "created",
    }
    assert results == expected
    snake_case = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", route).lower() for route in ROUTES}
    assert set(results) | {"events"} == snake_case


def test_problem_raises_an_error_with_its_parts(client: ControlClient) -> None:
    """Status, slug, detail and the individual errors."""
    with pytest.raises(
        ControlError, match='400 bad-request: body/by: invalid value "soon"'
    ) as caught:
        client.advance_clock(by="soon")
    error = caught.value
    assert (error.status, error.slug, error.errors[0]["where"]) == (400, "bad-request", "body/by")


def test_unknown_arguments_raise_type_error(client: ControlClient) -> None:
    """The client checks them like Python does."""
    with pytest.raises(TypeError, match="by"):
        client.advance_clock()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword"):
        client.advance_clock(by="1s", bye="1s")  # type: ignore[call-arg]


def test_signatures_and_docstrings_describe_the_call(client: ControlClient) -> None:
    """Parts of the path by position, all else by name."""
    assert str(inspect.signature(client.force_subtask)).startswith(
        "(task_id: int, subtask_id: int, *, status: str)"
    )
    assert "no-such-task" in (client.force_subtask.__doc__ or "")


def test_in_world_returns_a_client_of_another_world(
    live: LiveServer, client: ControlClient
) -> None:
    """The worlds have clocks of their own."""
    another = client.in_world(f"{client._transport.world}-2")
    another.advance_clock(by="1h")
    assert another.get_clock()["now"] != client.get_clock()["now"]
    assert repr(another).endswith("-2')")
    live.stub.drop(f"{client._transport.world}-2")


def test_events_are_streamed_over_the_socket(live: LiveServer, client: ControlClient) -> None:
    """Hanging up releases the thread."""
    call_api(live, client)
    stream = client.events(after=0)
    first = next(stream)
    assert (first["event"], first["id"], first["data"]["operation"]) == (
        "exchange",
        "1",
        "listTaskInstances",
    )
    call_api(live, client, f"{LIST}/{FAILED}")
    assert next(stream)["data"]["number"] == 2
    client.clear_requests()
    assert next(stream)["event"] == "cleared"
    stream.close()
    while client.health()["waiting"]["active"]:
        pass


def test_events_of_every_world(live: LiveServer, client: ControlClient) -> None:
    """The id names the world."""
    stream, events = client.events(every_world=True), []
    thread = Thread(
        target=lambda: events.append(
            next(event for event in stream if event["data"]["world"] == name)
        )
    )
    name = client._transport.world
    thread.start()
    while not events:
        call_api(live, client)
    thread.join()
    stream.close()
    assert events[0]["id"].startswith(f"{name}/")


def test_wait_over_the_socket_ends_with_the_call(live: LiveServer, client: ControlClient) -> None:
    """The matching call ends it."""
    answers: list[Any] = []
    thread = Thread(
        target=lambda: answers.append(client.wait_for_requests(status="2xx", timeout="60s"))
    )
    thread.start()
    call_api(live, client)
    thread.join(30)
    assert answers[0]["matched"] is True


def test_token_is_sent(tmp_path: Path) -> None:
    """Without it, calls are 401. `repr` does not show it."""
    with LiveServer(scenario="empty", token="s3cret") as server:
        assert ControlClient(server.url, "s3cret").health()["status"] == "ok"
        with pytest.raises(ControlError) as caught:
            ControlClient(server.url, "wrong").health()
        assert (caught.value.status, caught.value.slug) == (401, "token-needed")
        assert "s3cret" not in repr(ControlClient(server.url, "s3cret"))


def test_url_with_a_world_and_a_moved_prefix() -> None:
    """The URL may name a world."""
    with LiveServer(scenario="demo", clock="virtual", admin_prefix="/_control") as server:
        client = ControlClient(f"{server.url}/w/mine/", prefix="/_control")
        client.advance_clock(by="1h")
        assert [world.name for world in server.stub.worlds()] == ["mine"]


@pytest.mark.parametrize(
    "url", ["127.0.0.1:4010", "ftp://x", "http://", "http://[::1", "http://127.0.0.1:99999"]
)
def test_invalid_url_is_reported(url: str) -> None:
    """The error shows an example."""
    with pytest.raises(ValueError, match="is not the URL of a server"):
        ControlClient(url).health()


def test_error_of_another_server_has_no_slug(live: LiveServer) -> None:
    """It has the status and the text."""
    with pytest.raises(ControlError) as caught:
        ControlClient(live.url, prefix="/nothing").health()
    assert (caught.value.status, caught.value.slug) == (401, "")


class _ForeignServer(BaseHTTPRequestHandler):
    """A server that is not a stub, and gives one answer to all requests."""

    answer = b""

    def do_GET(self) -> None:
        """Send the answer."""
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        """Write no log."""


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (
            b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>hi",
            ControlError,
            "it answers text/html: '<p>",
        ),
        (
            b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[]",
            ControlError,
            "not a control API of understudy",
        ),
        (
            b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{no",
            ControlError,
            "not a control API of understudy",
        ),
        (
            b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n{}",
            ConnectionError,
            "broke off its response",
        ),
        (b"SSH-2.0\r\n", ConnectionError, "does not speak HTTP"),
    ],
)
def test_another_server_is_reported(answer: bytes, error: type[Exception], text: str) -> None:
    """The exception is one that the client promises."""
    with HTTPServer(
        ("127.0.0.1", 0), type("Other", (_ForeignServer,), {"answer": answer})
    ) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(error, match=re.escape(text)):
            ControlClient(f"http://127.0.0.1:{server.server_port}").list_worlds()
        thread.join()
