"""Findings, accounts, new worlds, and responses that are wrong on purpose."""

from pathlib import Path
from typing import Any

import pytest

from control_builders import FAILED, LIST, StubDriver, write_scenario
from understudy.control.client import ControlClient
from understudy.control.transport import ControlError

CORRUPTION = "getTaskInstance.200/data/status:unknown-enum"


def finding_texts(driver: StubDriver) -> list[tuple[str, str]]:
    return [(entry["kind"], entry["text"]) for entry in driver.fetch("GET /findings")["findings"]]


def test_violation_of_a_request_is_a_finding() -> None:
    """It has place, rule, the line of the documents, and a command that repeats it."""
    driver = StubDriver()
    driver.call(f"{LIST}?status=BROKEN")
    (finding,) = driver.fetch("GET /findings")["findings"]
    assert (finding["kind"], finding["place"], finding["rule"]) == (
        "violation",
        "query.status/0",
        "enum",
    )
    assert finding["source"].startswith("task-management.md:")
    assert finding["curl"] == f"curl -i -u admin 'http://localhost:4010{LIST}?status=BROKEN'"
    assert finding["call"] == f"GET {LIST}?status=BROKEN"


def test_unmatched_call_is_a_finding() -> None:
    """The text names the nearest path, or the methods of the path."""
    driver = StubDriver()
    driver.call("/api/v2/tasks/instancs")
    driver.call(LIST, "DELETE")
    assert finding_texts(driver) == [
        ("unmatched", f'no operation has this path; the nearest is "{LIST}"'),
        ("unmatched", "the path has no such method; it has GET"),
    ]


def test_ignored_calls_are_no_findings() -> None:
    """OPTIONS, the browser's icon, unknown parameters, error responses and corruptions."""
    driver = StubDriver()
    driver.call(LIST, "OPTIONS")
    driver.call("/nowhere", "OPTIONS")
    driver.call("/favicon.ico")
    driver.call(f"{LIST}/{FAILED}?taskInstanceId={FAILED}")
    driver.call(f"{LIST}/4")
    driver.call(f"{LIST}/{FAILED}", Prefer=f'corrupt="{CORRUPTION}"')
    assert finding_texts(driver) == []


def test_unused_reply_is_a_finding(tmp_path: Path) -> None:
    """Replies with `must`, of the scenario and added ones."""
    driver = StubDriver(
        write_scenario(
            tmp_path,
            "replies: [{name: a, must: true, when: {operation: retryTask}, reply: {error: 1999}}]",
        )
    )
    driver.fetch(
        "POST /replies",
        {"name": "b", "must": True, "when": {"call": 2}, "reply": {"error": 1999}},
        status=201,
    )
    assert finding_texts(driver) == [
        ("unused", 'the reply "b" was never used'),
        ("unused", 'the reply "a" was never used'),
    ]
    driver.call(LIST)
    driver.call(LIST)
    assert finding_texts(driver) == [("unused", 'the reply "a" was never used')]


def test_world_is_created_with_options() -> None:
    """Scenario, clock, dialect and seed. Creating it again restarts it."""
    driver = StubDriver()
    driver.fetch(
        "PUT /worlds/w",
        {"scenario": "upgrade", "clock": "per-call", "dialect": "observed", "seed": 7},
    )
    world = driver.stub.world("w")
    assert (world.setup.scenario and world.setup.scenario.name, world.seed) == ("upgrade", 7)
    assert driver.fetch("GET /clock", world="w")["mode"] == "per-call"
    task = driver.fetch("GET /tasks", world="w")["tasks"][0]["id"]
    assert "downstreams" in driver.call(f"{LIST}/{task}", world="w").json()["data"]["subtasks"][0]
    assert "downstream" in driver.call(f"{LIST}/{FAILED}").json()["data"]["subtasks"][0]
    assert len(world.journal) == 1
    driver.fetch("PUT /worlds/w", {})
    assert (len(world.journal), world.setup.digest) == (0, driver.stub.setup.digest)
    driver.fetch("PUT /worlds/w", {"clock": "real", "speed": 60})
    assert driver.fetch("GET /clock", world="w")["speed"] == 60


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"scenario": "upgrad"},
            (404, "no-such-scenario", 'There is no scenario "upgrad". Did you mean "upgrade"?'),
        ),
        (
            {"scenaro": "upgrade"},
            (400, "bad-request", 'body: unknown key "scenaro". Did you mean "scenario"?'),
        ),
        (
            {"dialect": "observd"},
            (
                400,
                "bad-request",
                'body/dialect: invalid value "observd". Expected one of "documented", "observed". '
                'Did you mean "observed"?',
            ),
        ),
        ({"speed": 0}, (400, "bad-request", "body/speed: invalid value 0. Expected at least 0.1.")),
    ],
)
def test_invalid_options_create_no_world(options: Any, problem: tuple[int, str, str]) -> None:
    """The problem names the option."""
    driver = StubDriver()
    assert driver.fetch_problem("PUT /worlds/w", options) == problem
    assert driver.stub.find_world("w") is None


def test_reload_updates_worlds_with_options(tmp_path: Path) -> None:
    """Each world keeps its dialect and seed."""
    path = Path(write_scenario(tmp_path, "tasks: [{id: 1, name: Before}]"))
    driver = StubDriver(str(path))
    driver.fetch("PUT /worlds/w", {"dialect": "observed", "seed": 5})
    assert driver.call(f"{LIST}/1", world="w").json()["data"]["name"] == "Before"
    path.write_text(path.read_text("utf-8").replace("Before", "After"), "utf-8")
    assert driver.stub.reload().problems == ()
    assert driver.call(f"{LIST}/1", world="w").json()["data"]["name"] == "After"
    assert driver.stub.world("w").seed == 5


def test_world_serves_corruptions() -> None:
    """Every call of the operation gets one, until the setting is cleared."""
    driver = StubDriver()
    driver.fetch("PATCH /settings", {"corrupt": [CORRUPTION]})
    assert driver.call(f"{LIST}/{FAILED}").json()["data"]["status"] not in (
        "RUNNING",
        "FAILED",
        "SUCCESSFUL",
    )
    assert driver.call(LIST).json()["data"]["contents"][0]["status"] in (
        "RUNNING",
        "FAILED",
        "SUCCESSFUL",
    )
    assert [
        entry["trace"].get("corruption") for entry in driver.fetch("GET /requests")["requests"]
    ] == [
        CORRUPTION,
        None,
    ]
    assert driver.call(f"{LIST}/4").status == 404
    driver.fetch("PATCH /settings", {"corrupt": None})
    assert driver.call(f"{LIST}/{FAILED}").json()["data"]["status"] == "FAILED"
    assert driver.fetch_problem(
        "PATCH /settings", {"corrupt": ["getTaskInstance.200/data/status:unknown-enun"]}
    )[2].endswith(f'Did you mean "{CORRUPTION}"?')


def test_corruption_of_an_error_response() -> None:
    """It applies to responses with its status."""
    driver = StubDriver()
    driver.fetch("PATCH /settings", {"corrupt": ["getTaskInstance.404:truncated-json"]})
    answer = driver.call(f"{LIST}/4")
    assert (answer.status, answer.body[-1:]) != (404, b"}")


def test_accounts_are_listed() -> None:
    """In the order of the scenario."""
    admin, viewer, *_ = StubDriver().fetch("GET /accounts")["accounts"]
    assert (admin["name"], admin["password"], admin["accessKey"]) == ("admin", "admin", "demo-ak")
    assert (viewer["name"], viewer["permissions"]) == ("viewer", ["TASK_VIEWER"])


def test_client_works_without_a_socket() -> None:
    """It returns data, texts, None, problems and events."""
    driver = StubDriver()
    client = ControlClient.inside(driver.control, world="w")
    assert client.advance_clock(by="1s")["now"] == driver.fetch("GET /clock", world="w")["now"]
    assert client.export_world().startswith("understudy: 1")
    assert client.reset() is None
    with pytest.raises(ControlError, match="404 no-such-task: The world has no task 4"):
        client.get_task(4)
    driver.call(LIST, world="w")
    events = client.events(after=0)
    assert next(events)["data"]["operation"] == "listTaskInstances"
    events.close()
    assert client.in_world("v").list_requests()["total"] == 0
