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
from understudy.control.client_methods import method_name
from understudy.live import LiveServer


@pytest.fixture
def client(live: LiveServer, request: pytest.FixtureRequest) -> Iterator[ControlClient]:
    """A client in a world of its own."""
    world = request.node.name.replace("[", "-").replace("]", "")[-60:].strip("-_")
    yield ControlClient(live.url, world=world)
    live.stub.drop(world)


def call(live: LiveServer, client: ControlClient, target: str = LIST, method: str = "GET") -> int:
    headers = {"X-Understudy-World": client._transport.world}
    return requests.request(
        method, f"{live.url}{target}", auth=("admin", "admin"), headers=headers, timeout=10
    ).status_code


def test_each_route_can_be_called(live: LiveServer, client: ControlClient) -> None:
    """Once round the whole table, with each answer as the guide tells."""
    call(live, client, f"{LIST}/{FAILED}")
    told: dict[str, Any] = {
        "health": client.health()["status"],
        "version": client.version()["version"].count("."),
        "openapi_yaml": client.openapi_yaml().startswith("openapi: 3.1.0"),
        "openapi_json": client.openapi_json()["openapi"],
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
        "make_world": client.make_world("made", seed=3)["name"],
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
        "drop_world": client.drop_world("nobody"),
    }
    nothing = ["remove_reply", "clear_replies", "remove_fault", "clear_faults", "drop_snapshot"]
    nothing += ["clear_requests", "reset", "drop_world"]
    expected = {
        **dict.fromkeys(nothing),
        "health": "ok", "version": 2, "openapi_yaml": True, "openapi_json": "3.1.0",
        "list_requests": 1, "get_request": "getTaskInstance", "explain_request": "service",
        "find_requests": 1, "count_requests": 1, "wait_for_requests": True, "list_unmatched": [],
        "list_near_misses": [], "find_near_misses": 1, "list_scenarios": True, "upload_scenario": "uploaded",
        "get_scenario": "understudy: 1\n", "list_worlds": True, "get_clock": "virtual", "advance_clock": "32",
        "set_clock": "34", "scale_clock": "real", "freeze_clock": "virtual", "list_tasks": 1, "get_task": "FAILED",
        "force_task": "RUNNING", "force_subtask": True, "step_task": FAILED, "add_reply": "added",
        "list_replies": 1, "add_fault": "slow", "list_faults": 1, "get_settings": False, "change_settings": "off",
        "save_snapshot": "s", "list_snapshots": 1, "restore_snapshot": 1, "export_world": True, "get_coverage": 1,
        "activate_scenario": "client", "step_clock": "virtual", "add_task": "Mine", "list_findings": [],
        "list_accounts": "admin", "make_world": "made",
    }  # fmt: skip
    assert told == expected
    assert set(told) | {"events"} == {method_name(route) for route in ROUTES.values()}


def test_a_problem_is_an_error_with_its_parts(client: ControlClient) -> None:
    """Status, slug, sentence, and every single thing."""
    with pytest.raises(ControlError, match='400 bad-request: body/by: it is "soon"') as caught:
        client.advance_clock(by="soon")
    error = caught.value
    assert (error.status, error.slug, error.errors[0]["where"]) == (400, "bad-request", "body/by")


def test_arguments_that_nobody_knows_are_refused_here(client: ControlClient) -> None:
    """As Python does."""
    with pytest.raises(TypeError, match="by"):
        client.advance_clock()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword"):
        client.advance_clock(by="1s", bye="1s")  # type: ignore[call-arg]


def test_signatures_and_docstrings_tell_how(client: ControlClient) -> None:
    """Parts of the path by position, all else by name."""
    assert str(inspect.signature(client.force_subtask)).startswith(
        "(task_id: int, subtask_id: int, *, status: str)"
    )
    assert "no-such-task" in (client.force_subtask.__doc__ or "")


def test_worlds_are_apart(live: LiveServer, client: ControlClient) -> None:
    """`in_world` gives a client of another one."""
    other = client.in_world(f"{client._transport.world}-2")
    other.advance_clock(by="1h")
    assert other.get_clock()["now"] != client.get_clock()["now"]
    assert repr(other).endswith("-2')")
    live.stub.drop(f"{client._transport.world}-2")


def test_events_come_over_the_socket(live: LiveServer, client: ControlClient) -> None:
    """And hanging up frees the thread."""
    call(live, client)
    stream = client.events(after=0)
    first = next(stream)
    assert (first["event"], first["id"], first["data"]["operation"]) == (
        "exchange",
        "1",
        "listTaskInstances",
    )
    call(live, client, f"{LIST}/{FAILED}")
    assert next(stream)["data"]["number"] == 2
    client.clear_requests()
    assert next(stream)["event"] == "cleared"
    stream.close()
    while client.health()["waiting"]["active"]:
        pass


def test_events_of_every_world(live: LiveServer, client: ControlClient) -> None:
    """The id tells the world."""
    stream, found = client.events(every_world=True), []
    thread = Thread(
        target=lambda: found.append(
            next(event for event in stream if event["data"]["world"] == name)
        )
    )
    name = client._transport.world
    thread.start()
    while not found:
        call(live, client)
    thread.join()
    stream.close()
    assert found[0]["id"].startswith(f"{name}/")


def test_a_wait_over_the_socket_is_woken(live: LiveServer, client: ControlClient) -> None:
    """By the call that it waits for."""
    answers: list[Any] = []
    thread = Thread(
        target=lambda: answers.append(client.wait_for_requests(status="2xx", timeout="60s"))
    )
    thread.start()
    call(live, client)
    thread.join(30)
    assert answers[0]["matched"] is True


def test_the_token_is_sent(tmp_path: Path) -> None:
    """Without it, 401; it is not shown."""
    with LiveServer(scenario="empty", token="s3cret") as server:
        assert ControlClient(server.url, "s3cret").health()["status"] == "ok"
        with pytest.raises(ControlError) as caught:
            ControlClient(server.url, "wrong").health()
        assert (caught.value.status, caught.value.slug) == (401, "token-needed")
        assert "s3cret" not in repr(ControlClient(server.url, "s3cret"))


def test_a_world_of_the_path_and_a_moved_prefix() -> None:
    """The URL may name a world; the prefix is told."""
    with LiveServer(scenario="demo", clock="virtual", admin_prefix="/_control") as server:
        client = ControlClient(f"{server.url}/w/mine/", prefix="/_control")
        client.advance_clock(by="1h")
        assert [world.name for world in server.stub.worlds()] == ["mine"]


@pytest.mark.parametrize(
    "url", ["127.0.0.1:4010", "ftp://x", "http://", "http://[::1", "http://127.0.0.1:99999"]
)
def test_what_is_no_url_is_told(url: str) -> None:
    """In a sentence."""
    with pytest.raises(ValueError, match="is no URL of a server"):
        ControlClient(url).health()


def test_an_answer_that_is_no_problem_document_is_an_error_too(live: LiveServer) -> None:
    """Of the wrong server, say: its status and its text."""
    with pytest.raises(ControlError) as caught:
        ControlClient(live.url, prefix="/nothing").health()
    assert (caught.value.status, caught.value.slug) == (401, "")


class _Other(BaseHTTPRequestHandler):
    """Another server than a stub: it answers everything in the same way."""

    answer = b""

    def do_GET(self) -> None:
        """Answer."""
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (
            b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>hi",
            ControlError,
            "answers there, but text/html: '<p>",
        ),
        (
            b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[]",
            ControlError,
            "no control API of understudy",
        ),
        (
            b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{no",
            ControlError,
            "no control API of understudy",
        ),
        (
            b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n{}",
            ConnectionError,
            "has broken its answer off",
        ),
        (b"SSH-2.0\r\n", ConnectionError, "answers with something else than HTTP"),
    ],
)
def test_another_server_is_told(answer: bytes, error: type[Exception], text: str) -> None:
    """In a sentence, of an exception that is promised."""
    with HTTPServer(("127.0.0.1", 0), type("Other", (_Other,), {"answer": answer})) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(error, match=re.escape(text)):
            ControlClient(f"http://127.0.0.1:{server.server_port}").list_worlds()
        thread.join()
