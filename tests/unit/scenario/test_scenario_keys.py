"""Every key of the format: its effect and its default."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from scenario_builders import START, at_start, scenario
from understudy.ocp import ADMIN, SYSTEM, Creator, LogLine, Run, Subtask, SubtaskStatus, Task
from understudy.scenario import ClockMode, Scenario, scenario_schema
from understudy.scenario.scenario_model import ClockSettings, Throttle

Case = tuple[str, str, Any, Callable[[Any], Any], Any, Any]
"""Section, key, value in the file, what to look at, what it is then, what it is by default."""

TOP: list[Case] = [
    ("top", "name", "other", lambda s: s.name, "other", "x"),
    ("top", "description", "Shows.", lambda s: s.description, "Shows.", ""),
    ("top", "seed", -7, lambda s: s.seed, -7, 0),
    (
        "top",
        "clock",
        {"mode": "virtual"},
        lambda s: s.clock.mode,
        ClockMode.VIRTUAL,
        ClockMode.REAL,
    ),
    ("top", "accounts", {"a": {}}, lambda s: list(s.accounts), ["a"], ["admin"]),
    ("top", "clusters", {}, lambda s: len(s.plans), 0, 0),
    ("top", "tenants", {}, lambda s: len(s.plans), 0, 0),
    ("top", "hosts", {}, lambda s: len(s.plans), 0, 0),
    ("top", "tasks", [{}, {}], lambda s: len(s.plans), 2, 0),
    ("top", "crowd", {"count": 3}, lambda s: s.crowd and s.crowd.count, 3, None),
    (
        "top",
        "throttle",
        {"limit": 3, "window": "10s"},
        lambda s: s.throttle,
        (Throttle(3, timedelta(seconds=10)),),
        (),
    ),
]
CROWD: list[Case] = [
    ("crowd", "count", 40, lambda c: c.count, 40, 5),
    ("crowd", "running", "20%", lambda c: c.running, 0.2, 0.05),
    ("crowd", "failed", "12.5%", lambda c: c.failed, 0.125, 0.1),
    ("crowd", "since", "1d", lambda c: c.since, timedelta(days=1), timedelta(days=30)),
    ("crowd", "firstId", 700, lambda c: c.first_id, 700, 1),
]
THROTTLE: list[Case] = [
    ("throttle", "limit", 7, lambda t: t.limit, 7, 5),
    ("throttle", "window", "1m", lambda t: t.window, timedelta(minutes=1), timedelta(seconds=10)),
]
ROLLBACK: list[Case] = [
    ("rollback", "takes", "never", lambda r: r.takes, None, timedelta(seconds=1)),
    (
        "rollback",
        "ends",
        "FAILED",
        lambda r: r.ends,
        SubtaskStatus.FAILED,
        SubtaskStatus.SUCCESSFUL,
    ),
    ("rollback", "log", ["a"], lambda r: r.log, (LogLine("a"),), ()),
]
CLOCK: list[Case] = [
    ("clock", "mode", "per-call", lambda c: c.mode, ClockMode.PER_CALL, ClockMode.REAL),
    ("clock", "start", START.isoformat(), lambda c: c.start, START, None),
    ("clock", "speed", 60, lambda c: c.speed, 60.0, 1.0),
    ("clock", "step", "2s", lambda c: c.step, timedelta(seconds=2), timedelta(seconds=1)),
]
ACCOUNT: list[Case] = [
    ("account", "password", "p", lambda a: a.password, "p", "key"),
    ("account", "permissions", ["ADMIN"], lambda a: a.permissions, {"ADMIN"}, {"TASK_VIEWER"}),
    ("account", "accessKey", "ak", lambda a: a.access_key, "ak", ""),
    ("account", "secretKey", "sk", lambda a: a.secret_key, "sk", ""),
]
CLUSTER: list[Case] = [
    ("cluster", "name", "n", lambda c: c.name, "n", "key"),
    ("cluster", "id", 7, lambda c: (c.id, c.ob_cluster_id), (7, 7), (1, 1)),
    ("cluster", "obClusterId", 7, lambda c: (c.id, c.ob_cluster_id), (1, 7), (1, 1)),
    ("cluster", "type", "STANDBY", lambda c: c.type, "STANDBY", "PRIMARY"),
]
TENANT: list[Case] = [
    ("tenant", "name", "n", lambda t: t.name, "n", "key"),
    ("tenant", "id", 7, lambda t: (t.id, t.ob_tenant_id), (7, 7), (1, 1)),
    ("tenant", "obTenantId", 7, lambda t: (t.id, t.ob_tenant_id), (1, 7), (1, 1)),
    ("tenant", "mode", "ORACLE", lambda t: t.mode, "ORACLE", "MYSQL"),
]
HOST: list[Case] = [
    ("host", "id", 258, lambda h: (h.id, h.address), (258, "10.0.1.2"), (1, "10.0.0.1")),
    ("host", "address", "::1", lambda h: h.address, "::1", "10.0.0.1"),
]
TASK: list[Case] = [
    ("task", "id", 9, lambda t: (t.id, t.name), (9, "Task 9"), (1, "Task 1")),
    ("task", "name", "n", lambda t: (t.name, t.subtasks[0].name), ("n", "n"), ("Task 1", "Task 1")),
    (
        "task",
        "type",
        "SCHEDULED",
        lambda t: (t.type, t.creator),
        ("SCHEDULED", SYSTEM),
        ("MANUAL", ADMIN),
    ),
    ("task", "creator", "other", lambda t: t.creator, Creator(300, "other"), ADMIN),
    ("task", "cluster", "key", lambda t: t.cluster and t.cluster.name, "key", None),
    ("task", "tenant", "key", lambda t: t.tenant and t.tenant.name, "key", None),
    ("task", "host", "key", lambda t: t.host and t.host.name, "key", None),
    ("task", "at", "-1m", lambda t: t.start_time, START - timedelta(minutes=1), START),
    ("task", "state", "FAILED", lambda t: t.status.value, "FAILED", "RUNNING"),
    ("task", "operation", "RETRY", lambda t: t.operation.value, "RETRY", "EXECUTE"),
    ("task", "concurrency", 3, lambda t: t.concurrency, 3, 10),
    ("task", "prohibitRollback", True, lambda t: t.rollback_prohibited, True, False),
    ("task", "subtasks", [{}, {}], lambda t: [s.id for s in t.subtasks], [1, 2], [1]),
]
SUBTASK: list[Case] = [
    ("subtask", "id", 9, lambda s: s.id, 9, 2),
    ("subtask", "name", "n", lambda s: s.name, "n", "Task 1"),
    ("subtask", "description", "d", lambda s: s.description, "d", ""),
    ("subtask", "after", [1], lambda s: s.upstreams, (1,), ()),
    ("subtask", "timeout", 60, lambda s: s.timeout_s, 60, 0),
    ("subtask", "retries", 2, lambda s: s.retries, 2, 0),
    ("subtask", "parallel", 0, lambda s: s.parallel_idx, 0, -1),
    ("subtask", "prohibitRollback", True, lambda s: s.prohibit_rollback, True, False),
    ("subtask", "state", "FAILED", lambda s: s.status.value, "FAILED", "READY"),
    ("subtask", "operation", "SKIP", lambda s: s.operation.value, "SKIP", "EXECUTE"),
    ("subtask", "rollbacks", [{"takes": "2s"}, {}], lambda s: len(s.rollbacks), 2, 1),
    (
        "subtask",
        "runs",
        [{}, {"takes": "2s"}],
        lambda s: s.runs,
        (Run(), Run(timedelta(seconds=2))),
        (Run(),),
    ),
]
RUN: list[Case] = [
    ("run", "takes", "never", lambda r: r.takes, None, timedelta(seconds=1)),
    ("run", "ends", "FAILED", lambda r: r.ends, SubtaskStatus.FAILED, SubtaskStatus.SUCCESSFUL),
    ("run", "log", "a\nb\n", lambda r: r.log, (LogLine("a"), LogLine("b")), ()),
    (
        "run",
        "log",
        ["a", {"at": "2s", "line": "b"}],
        lambda r: r.log[1],
        LogLine("b", timedelta(seconds=2)),
        None,
    ),
    ("line", "at", [{"at": "2s"}], lambda r: r.log[0].at, timedelta(seconds=2), None),
    ("line", "line", [{"line": "b"}], lambda r: r.log[0].text, "b", ""),
]
CASES = [
    *TOP,
    *CROWD,
    *THROTTLE,
    *ROLLBACK,
    *CLOCK,
    *ACCOUNT,
    *CLUSTER,
    *TENANT,
    *HOST,
    *TASK,
    *SUBTASK,
    *RUN,
]
NAMES: dict[str, Any] = {
    "clusters": {"key": {}},
    "tenants": {"key": {}},
    "hosts": {"key": {}},
    "accounts": {"other": {}},
}


def parse_declared(section: str, data: dict[str, Any]) -> Any:
    declared: dict[str, Any] = {f"{section}s": {"key": data}}
    task = at_start({section: "key"}, **declared)
    return getattr(task, section)


def task_with(**data: Any) -> Task:
    return at_start(data, **NAMES)


def subtask_with(**data: Any) -> Subtask:
    """Return the second subtask of a task with an empty first subtask."""
    return at_start({"subtasks": [{}, data]}).subtasks[1]


def run_with(**data: Any) -> Run:
    return subtask_with(runs=[data]).runs[0]


def clock_with(**data: Any) -> ClockSettings:
    return scenario(clock=data).clock


def top_with(**data: Any) -> Scenario:
    return scenario(*data.pop("tasks", []), **data)


def parse_section(section: str, data: dict[str, Any]) -> Any:
    """What a section becomes that holds these keys only."""
    match section:
        case "top":
            return top_with(**data)
        case "clock":
            return clock_with(**data)
        case "account":
            return scenario(accounts={"key": data}).accounts["key"]
        case "cluster" | "tenant" | "host":
            return parse_declared(section, data)
        case "task":
            return task_with(**data)
        case "subtask":
            return subtask_with(**data)
        case "crowd":
            return scenario(crowd={"count": 5, **data}).crowd
        case "throttle":
            return scenario(throttle=[{"limit": 5, "window": "10s", **data}]).throttle[0]
        case "rollback":
            return subtask_with(rollbacks=[data]).rollbacks[0]
        case _:
            return run_with(**data)


@pytest.mark.parametrize(("section", "key", "value", "look", "expected", "default"), CASES)
def test_key_takes_effect(
    section: str, key: str, value: Any, look: Callable[[Any], Any], expected: Any, default: Any
) -> None:
    """The parsed value is that of the file."""
    data = {"log": value} if section == "line" else {key: value}
    if key in ("accessKey", "secretKey"):
        data |= {"accessKey": "ak", "secretKey": "sk"}
    if section == "subtask" and key == "operation":
        data["state"] = "SUCCESSFUL"
    assert look(parse_section(section, data)) == expected


@pytest.mark.parametrize(
    ("section", "key", "value", "look", "expected", "default"),
    [c for c in CASES if c[0] != "line"][:-1],
)
def test_key_has_a_default(
    section: str, key: str, value: Any, look: Callable[[Any], Any], expected: Any, default: Any
) -> None:
    """A short file is a useful scenario."""
    assert look(parse_section(section, {})) == default


@pytest.mark.parametrize(("key", "expected"), [("at", None), ("line", "")])
def test_log_line_has_defaults(key: str, expected: Any) -> None:
    """Without `at` it is spread evenly; without `line` it is empty."""
    line = run_with(log=[{}]).log[0]
    assert {"at": line.at, "line": line.text}[key] == expected


def test_run_of_history_has_its_start() -> None:
    """The key `at` of a run sets the start of the execution."""
    task = at_start({"at": "-1m", "state": "SUCCESSFUL", "subtasks": [{"runs": [{"at": "-20s"}]}]})
    assert task.subtasks[0].start_time == START - timedelta(seconds=20)
    assert task_with(at="-1m", state="SUCCESSFUL").subtasks[0].start_time == START - timedelta(
        seconds=59
    )


def test_every_key_of_the_schema_has_a_case() -> None:
    """A new key needs its effect and its default in the table."""
    schema = scenario_schema()
    lines = schema["$defs"]["log"]["items"]["properties"]
    published = {("top", key) for key in schema["properties"]} | {("line", key) for key in lines}
    published |= {
        (name, key) for name, part in schema["$defs"].items() for key in part.get("properties", {})
    }
    published -= {(name, key) for name, key in published if name in OF_SCRIPTS}
    here = {(section, key) for section, key, *_ in CASES}
    elsewhere = {("top", key) for key in ("understudy", "replies", "faults", "world")} | {
        ("run", "at")
    }
    assert published - here == elsewhere


OF_SCRIPTS = {"replyRule", "faultRule", "matcher", "when", "answer", "fault"}
"""Parts of replies and faults: their keys are tested in tests/unit/script, and by the stories."""


def test_missing_ids_are_numbered() -> None:
    """They count from 1 in the order of the file, and skip ids of the file."""
    tasks = scenario({}, {"id": 2, "subtasks": [{}, {"id": 1}]}, {}, {"id": 1}).plans
    assert [(plan.task.id, [s.id for s in plan.task.subtasks]) for plan in tasks] == [
        (3, [2]),
        (2, [3, 1]),
        (4, [4]),
        (1, [5]),
    ]


def test_largest_ids_are_accepted() -> None:
    """2^63 - 1 is an id of tasks, subtasks, clusters and hosts."""
    most = 2**63 - 1
    named: dict[str, Any] = {
        "clusters": {"c": {"id": most, "obClusterId": most}},
        "hosts": {"h": {"id": most}},
    }
    task = at_start({"id": most, "cluster": "c", "host": "h", "subtasks": [{"id": most}]}, **named)
    assert task.cluster is not None
    assert task.host is not None
    assert (task.id, task.subtasks[0].id, task.cluster.id, task.cluster.ob_cluster_id) == (
        most,
    ) * 4
    assert task.host.address == "10.255.255.255"


def test_integral_floats_become_integers() -> None:
    """JSON Schema accepts 1.0 as an integer."""
    task = at_start(
        {
            "id": 2.0,
            "concurrency": 1.0,
            "subtasks": [{"id": 1e1, "timeout": 6.0}, {"after": [10.0]}],
        }
    )
    numbers = (
        task.id,
        task.concurrency,
        task.subtasks[0].id,
        task.subtasks[0].timeout_s,
        task.subtasks[1].upstreams[0],
    )
    assert numbers == (2, 1, 10, 6, 10)
    assert {type(number) for number in numbers} == {int}


def test_upstreams_are_ids_or_names() -> None:
    """A repeated one counts once; the order is that of the file."""
    subtasks = [
        {"id": 5, "name": "a"},
        {"id": 6, "name": "b"},
        {"id": 7, "name": "c", "after": ["b", 5, "a", 6]},
    ]
    task = at_start({"subtasks": subtasks})
    assert [(s.id, s.upstreams, s.downstreams) for s in task.subtasks] == [
        (5, (), (7,)),
        (6, (), (7,)),
        (7, (6, 5), ()),
    ]


def test_definition_id_depends_on_the_name() -> None:
    """It is -1 for a manual task, and equal for equal names otherwise."""
    ids = [
        at_start({"type": kind, "name": "n", "id": i}).definition_id
        for i, kind in enumerate(["MANUAL", "S", "S"], 1)
    ]
    assert ids[0] == -1
    assert ids[1] == ids[2] > 0
