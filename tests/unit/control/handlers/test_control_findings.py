"""What a test should fail for, worlds that are made as somebody wants them, and answers that are wrong on purpose."""

from pathlib import Path
from typing import Any

import pytest

from control_builders import FAILED, LIST, Desk, scenario_in
from understudy.control.client import ControlClient
from understudy.control.transport import ControlError

CORRUPTION = "getTaskInstance.200/data/status:unknown-enum"


def kinds(desk: Desk) -> list[tuple[str, str]]:
    return [(one["kind"], one["text"]) for one in desk.ask("GET /findings")["findings"]]


def test_a_request_that_broke_the_contract_is_found() -> None:
    """With place, rule, the documents' line, and a line that repeats it."""
    desk = Desk()
    desk.call(f"{LIST}?status=BROKEN")
    (found,) = desk.ask("GET /findings")["findings"]
    assert (found["kind"], found["place"], found["rule"]) == ("violation", "query.status/0", "enum")
    assert found["source"].startswith("task-management.md:")
    assert found["curl"] == f"curl -i -u admin 'http://localhost:4010{LIST}?status=BROKEN'"
    assert found["call"] == f"GET {LIST}?status=BROKEN"


def test_a_call_that_nothing_matched_is_found() -> None:
    """With what comes nearest."""
    desk = Desk()
    desk.call("/api/v2/tasks/instancs")
    desk.call(LIST, "DELETE")
    assert kinds(desk) == [
        ("unmatched", f'no operation has this path; the nearest is "{LIST}"'),
        ("unmatched", "the path has no such method; it has GET"),
    ]


def test_what_never_counts() -> None:
    """OPTIONS, the browser's icon, query parameters that nobody knows, refusals, and answers that are wrong."""
    desk = Desk()
    desk.call(LIST, "OPTIONS")
    desk.call("/nowhere", "OPTIONS")
    desk.call("/favicon.ico")
    desk.call(f"{LIST}/{FAILED}?taskInstanceId={FAILED}")
    desk.call(f"{LIST}/4")
    desk.call(f"{LIST}/{FAILED}", Prefer=f'corrupt="{CORRUPTION}"')
    assert kinds(desk) == []


def test_a_reply_that_was_waited_for_is_found(tmp_path: Path) -> None:
    """One of the scenario, and one that was added; not when it was used."""
    desk = Desk(
        scenario_in(
            tmp_path,
            "replies: [{name: a, must: true, when: {operation: retryTask}, reply: {error: 1999}}]",
        )
    )
    desk.ask(
        "POST /replies",
        {"name": "b", "must": True, "when": {"call": 2}, "reply": {"error": 1999}},
        status=201,
    )
    assert kinds(desk) == [
        ("unused", 'the reply "b" was never used'),
        ("unused", 'the reply "a" was never used'),
    ]
    desk.call(LIST)
    desk.call(LIST)
    assert kinds(desk) == [("unused", 'the reply "a" was never used')]


def test_a_world_is_made_as_it_is_told() -> None:
    """Scenario, clock, dialect and seed of its own; made anew, it begins anew."""
    desk = Desk()
    desk.ask(
        "PUT /worlds/w",
        {"scenario": "upgrade", "clock": "per-call", "dialect": "observed", "seed": 7},
    )
    world = desk.stub.world("w")
    assert (world.setup.scenario and world.setup.scenario.name, world.seed) == ("upgrade", 7)
    assert desk.ask("GET /clock", world="w")["mode"] == "per-call"
    task = desk.ask("GET /tasks", world="w")["tasks"][0]["id"]
    assert "downstreams" in desk.call(f"{LIST}/{task}", world="w").json()["data"]["subtasks"][0]
    assert "downstream" in desk.call(f"{LIST}/{FAILED}").json()["data"]["subtasks"][0]
    assert len(world.journal) == 1
    desk.ask("PUT /worlds/w", {})
    assert (len(world.journal), world.setup.digest) == (0, desk.stub.setup.digest)
    desk.ask("PUT /worlds/w", {"clock": "real", "speed": 60})
    assert desk.ask("GET /clock", world="w")["speed"] == 60


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (
            {"scenario": "upgrad"},
            (404, "no-such-scenario", 'There is no scenario "upgrad". Did you mean "upgrade"?'),
        ),
        (
            {"scenaro": "upgrade"},
            (400, "bad-request", 'body: there is no "scenaro" here. Did you mean "scenario"?'),
        ),
        (
            {"dialect": "observd"},
            (
                400,
                "bad-request",
                'body/dialect: it is "observd". Expected one of "documented", "observed". Did you mean "observed"?',
            ),
        ),
        ({"speed": 0}, (400, "bad-request", "body/speed: it is 0. Expected at least 0.1.")),
    ],
)
def test_a_world_that_cannot_be_made_is_not(told: Any, problem: tuple[int, str, str]) -> None:
    """Nothing has changed then."""
    desk = Desk()
    assert desk.problem("PUT /worlds/w", told) == problem
    assert desk.stub.find_world("w") is None


def test_worlds_of_other_dialects_go_on_with_saved_files(tmp_path: Path) -> None:
    """A reload takes what each world plays by."""
    path = Path(scenario_in(tmp_path, "tasks: [{id: 1, name: Before}]"))
    desk = Desk(str(path))
    desk.ask("PUT /worlds/w", {"dialect": "observed", "seed": 5})
    assert desk.call(f"{LIST}/1", world="w").json()["data"]["name"] == "Before"
    path.write_text(path.read_text("utf-8").replace("Before", "After"), "utf-8")
    assert desk.stub.reload().problems == ()
    assert desk.call(f"{LIST}/1", world="w").json()["data"]["name"] == "After"
    assert desk.stub.world("w").seed == 5


def test_a_world_serves_answers_that_are_wrong() -> None:
    """Each call of the operation, until it is told to stop; the journal notes it."""
    desk = Desk()
    desk.ask("PATCH /settings", {"corrupt": [CORRUPTION]})
    assert desk.call(f"{LIST}/{FAILED}").json()["data"]["status"] not in (
        "RUNNING",
        "FAILED",
        "SUCCESSFUL",
    )
    assert desk.call(LIST).json()["data"]["contents"][0]["status"] in (
        "RUNNING",
        "FAILED",
        "SUCCESSFUL",
    )
    assert [one["trace"].get("corruption") for one in desk.ask("GET /requests")["requests"]] == [
        CORRUPTION,
        None,
    ]
    assert desk.call(f"{LIST}/4").status == 404
    desk.ask("PATCH /settings", {"corrupt": None})
    assert desk.call(f"{LIST}/{FAILED}").json()["data"]["status"] == "FAILED"
    assert desk.problem(
        "PATCH /settings", {"corrupt": ["getTaskInstance.200/data/status:unknown-enun"]}
    )[2].endswith(f'Did you mean "{CORRUPTION}"?')


def test_a_refusal_is_made_wrong_by_what_is_about_it() -> None:
    """A corruption of 404 strikes answers with this status."""
    desk = Desk()
    desk.ask("PATCH /settings", {"corrupt": ["getTaskInstance.404:truncated-json"]})
    answer = desk.call(f"{LIST}/4")
    assert (answer.status, answer.body[-1:]) != (404, b"}")


def test_accounts_are_told() -> None:
    """In the order of the scenario."""
    admin, viewer, *_ = Desk().ask("GET /accounts")["accounts"]
    assert (admin["name"], admin["password"], admin["accessKey"]) == ("admin", "admin", "demo-ak")
    assert (viewer["name"], viewer["permissions"]) == ("viewer", ["TASK_VIEWER"])


def test_a_client_inside_of_the_process_is_like_one_over_http() -> None:
    """Data, texts, nothing, problems and events."""
    desk = Desk()
    client = ControlClient.inside(desk.control, world="w")
    assert client.advance_clock(by="1s")["now"] == desk.ask("GET /clock", world="w")["now"]
    assert client.export_world().startswith("understudy: 1")
    assert client.reset() is None
    with pytest.raises(ControlError, match="404 no-such-task: The world has no task 4"):
        client.get_task(4)
    desk.call(LIST, world="w")
    events = client.events(after=0)
    assert next(events)["data"]["operation"] == "listTaskInstances"
    events.close()  # type: ignore[attr-defined]
    assert client.in_world("v").list_requests()["total"] == 0
