"""What an exchange counts for, and what it does not count for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage_builders import (
    FAILED,
    LIST,
    Caller,
    counts,
    exchange,
    items,
    pets,
    report,
    shipped_contract,
)
from understudy.contract import Contract, Mutation, corruptions
from understudy.control import Control
from understudy.coverage import Coverage
from understudy.coverage.fault_kinds_seen import FAULT_ITEMS, iter_kinds
from understudy.coverage.task_observations import MAX_REMEMBERED, LastStatuses, TaskObservation
from understudy.messages import Exchange, Request, Response, dump_json
from understudy.ocp import SUBTASK_TRANSITIONS, TASK_TRANSITIONS


def test_operation_counts_when_a_call_is_routed_to_it() -> None:
    """A call with an error response counts; a call without an operation does not."""
    caller = Caller()
    caller.call(LIST)
    caller.call(f"{LIST}/1")
    caller.call("/nowhere")
    caller.call(LIST, "PUT")
    assert caller.counts()["operations"] == {"listTaskInstances": 1, "getTaskInstance": 1}
    assert caller.world.coverage().exchanges == 4


def test_operation_of_another_contract_is_unknown() -> None:
    """It is reported, and counts for nothing."""
    actual = report(exchange(operation="getDog"))
    assert (actual.covered, dict(actual.unknown)) == (
        0,
        {"exchanges of unknown operations": 1},
    )


def test_sent_parameters_count() -> None:
    """They are in path, query, header and body; defaults and cookies do not count."""
    actual = report(
        exchange("/pets/1?size=1", X_Mode="fast", Cookie="session=1"), exchange("/pets/2?size=2")
    )
    section = actual.section("parameters")
    assert section is not None
    assert {item.name: item.count for item in section.items if item.group == "getPet"} == {
        "path.id": 2,
        "query.size": 2,
        "query.size=1": 1,
        "query.size=2": 1,
        "header.X-Mode": 1,
        "header.X-Mode=fast": 1,
        "header.X-Mode=slow": 0,
        "query.joined": 0,
        "query.joined=red": 0,
        "query.joined=a,b": 0,
        "query.repeated": 0,
        "query.repeated=red": 0,
        "query.repeated=a,b": 0,
        "query.token": 0,
    }


def test_sent_body_is_one_parameter() -> None:
    """An empty body does not count."""
    put = exchange(method="PUT", operation="put|Pet`", sent=b"{}", content_type="text/plain")
    assert counts(put)["parameters"] == {"put|Pet` path.id": 1, "put|Pet` body": 1}
    assert (
        "put|Pet` body"
        not in counts(replace(put, request=replace(put.request, body=b"")))["parameters"]
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("joined=red,x", {"query.joined=red"}),
        ("joined=x", set()),
        ("repeated=red&repeated=a,b", {"query.repeated=red", "query.repeated=a,b"}),
        ("repeated=a%2Cb", {"query.repeated=a,b"}),
        ("size=1&size=2", set()),
        ("size=x", set()),
        ("token=hidden", set()),
    ],
)
def test_enum_values_of_parameters_count(query: str, expected: set[str]) -> None:
    """They are decoded as the contract says; an undecodable parameter has no value."""
    counted = counts(exchange(f"/pets/1?{query}"))["parameters"]
    sent = f"getPet query.{query.partition('=')[0]}"
    assert sent in counted
    assert set(counted) - {sent, "getPet path.id"} == {f"getPet {name}" for name in expected}


def test_joined_and_repeated_values_count() -> None:
    """Clients send the statuses in both ways."""
    caller = Caller()
    caller.call(f"{LIST}?status=RUNNING,FAILED")
    caller.call(f"{LIST}?status=SUCCESSFUL&status=FAILED")
    assert {name: n for name, n in caller.counts()["parameters"].items() if "=" in name} == {
        "listTaskInstances query.status=RUNNING": 1,
        "listTaskInstances query.status=FAILED": 2,
        "listTaskInstances query.status=SUCCESSFUL": 1,
    }


def test_head_counts_as_get_without_a_body() -> None:
    """Its operation, parameters and status count."""
    counted = counts(exchange(method="HEAD", body={"colour": "red"}))
    assert (counted["parameters"], counted["responses"]) == (
        {"getPet path.id": 1},
        {"getPet 200": 1},
    )
    assert counted["properties"] == {}


def test_documented_responses_count() -> None:
    """`4XX` and `default` are items; an undocumented status is listed beside them."""
    actual = report(
        exchange(status=404), exchange(status=422), exchange(status=500), exchange(status=500)
    )
    section = actual.section("responses")
    assert section is not None
    assert [(item.label, item.count) for item in section.items] == [
        ("getPet 200", 0), ("getPet 4XX", 2), ("put|Pet` default", 0),
    ]  # fmt: skip
    assert dict(section.beside) == {"getPet 500 is not documented": 2}


def test_problem_of_the_stub_is_not_a_response() -> None:
    """An unavailable preference gets a documented status, but not from the API."""
    caller = Caller()
    assert caller.call(LIST, Prefer="corrupt=xyz").status == 400
    assert caller.call(f"{LIST}?status=RUNNING", Prefer="example=nope").status == 400
    assert caller.counts()["responses"] == {}


def test_properties_are_paths_of_the_schema() -> None:
    """References are followed once, alternatives share paths, write-only ones are left out."""
    names = [name.removeprefix("getPet.200 ") for name in items(report(), "properties")]
    assert names == [
        "/color",
        "/as",
        "/labels",
        "/pair",
        "/family",
        "/as/lives",
        "/as/mood",
        "/as/tricks",
        "/family/name",
        "/family/kind",
        "/family/children",
        "/labels{}/by",
        "/pair[0]/left",
    ]


def test_received_properties_count() -> None:
    """Any item, entry and alternative counts; deeper levels of a recursive schema do not."""
    body = {
        "colour": None,
        "as": {"lives": 9, "tricks": ["roll", "x"]},
        "labels": {"a": {}, "b": {"by": 1}},
        "pair": [{"left": 1}, {"left": 2}],
        "family": {"kind": 3, "children": [{"name": "deeper"}]},
        "unknown": 1,
    }
    counted = counts(exchange(body=body), exchange(body={"colour": "x", "family": {"kind": None}}))
    assert counted["properties"] == {
        f"getPet.200 {name}": 2 if name in ("/color", "/family", "/family/kind") else 1
        for name in (
            *(
                "/color",
                "/as",
                "/labels",
                "/pair",
                "/family",
                "/as/lives",
                "/as/tricks",
                "/labels{}/by",
            ),
            *("/pair[0]/left", "/family/kind", "/family/children"),
        )
    }
    assert counted["values"] == {
        f"getPet.200 {name}": 1
        for name in ("/family/kind=3", "/family/kind=null", "/as/tricks[]=roll")
    }


@pytest.mark.parametrize(
    "hidden",
    [
        exchange(body={"colour": "x"}, content_type="text/html"),
        exchange(body=b'{"colour": 1'),
        exchange(body=b""),
        exchange(
            body={"colour": "x"},
            trace={"faults": [{"rule": "r", "acts": "after", "truncate": "50%"}]},
        ),
        exchange(body={"colour": "x"}, trace={"corruption": "getPet.200/colour:null"}),
    ],
    ids=["no JSON type", "no JSON", "no body", "truncated", "corrupted"],
)
def test_unreadable_body_counts_for_its_status_only(hidden: Exchange) -> None:
    """The response counts, its contents do not."""
    counted = counts(hidden)
    assert (counted["responses"], counted["properties"]) == ({"getPet 200": 1}, {})


@pytest.mark.parametrize("kind", [{"ending": "reset"}, {"ending": "empty"}, {"timeout": "1s"}])
def test_unsent_response_does_not_count(kind: dict[str, str]) -> None:
    """The call and the fault count."""
    counted = counts(
        exchange(body={"colour": "x"}, trace={"faults": [{"rule": "r", "acts": "after", **kind}]})
    )
    assert (counted["operations"], len(counted["faults"])) == ({"getPet": 1}, 1)
    assert (counted["responses"], counted["properties"]) == ({}, {})


def test_cut_body_is_reported() -> None:
    """Its contents are unknown."""
    actual = report(exchange(body=b'{"colour": "' + b"x" * (64 * 1024 - 12)))
    assert dict(actual.unknown) == {"responses with a cut body": 1}


def test_both_dialects_count_for_the_same_items() -> None:
    """Items have their documented names."""
    shipped, observed = Caller(), Caller(dialect="observed")
    for caller in (shipped, observed):
        caller.call(f"{LIST}/{FAILED}")
    assert "getTaskInstance.200 /data/subtasks[]/paralleIdx" in shipped.counts()["properties"]
    assert shipped.counts()["properties"] == observed.counts()["properties"]
    here, there = (items(caller.world.coverage(), "properties") for caller in (shipped, observed))
    assert sorted(here) == sorted(there)


def test_transitions_between_responses_count() -> None:
    """After a retry, a poll per second observes each step and the states on the way."""
    caller = Caller()
    caller.call(f"{LIST}/{FAILED}")
    caller.call(f"{LIST}/{FAILED}/retry", "POST")
    for _ in range(30):
        caller.world.advance(timedelta(seconds=1))
        caller.call(f"{LIST}/{FAILED}")
    counted = caller.counts()
    assert set(counted["transitions"]) == {
        *("task FAILED → RUNNING", "task RUNNING → SUCCESSFUL"),
        *("subtask FAILED → READY", "subtask READY → RUNNING", "subtask RUNNING → SUCCESSFUL"),
        *("subtask PENDING → READY",),
    }
    assert {"task status FAILED", "task operation RETRY", "subtask status PENDING"} <= set(
        counted["states"]
    )
    section = caller.world.coverage().section("transitions")
    assert section is not None
    assert dict(section.beside) == {}


def test_skipped_states_cover_nothing() -> None:
    """A client that polls a day later has observed no step."""
    caller = Caller()
    caller.call(f"{LIST}/{FAILED}/retry", "POST")
    caller.world.advance(timedelta(days=1))
    caller.call(f"{LIST}/{FAILED}")
    section = caller.world.coverage().section("transitions")
    assert section is not None
    assert [item.label for item in section.items if item.count] == ["task RUNNING → SUCCESSFUL"]
    assert section.beside["skipped states"] >= 1


def test_response_to_a_subtask_command_shows_the_subtask() -> None:
    """It is the same subtask as in the task's own response."""
    caller = Caller()
    task = caller.call(f"{LIST}/{FAILED}").json()["data"]
    failed = next(each["id"] for each in task["subtasks"] if each["status"] == "FAILED")
    caller.call(f"{LIST}/{FAILED}/subtasks/{failed}/retry", "POST")
    assert caller.counts()["transitions"] == {"subtask FAILED → READY": 1}


def test_worlds_have_separate_tasks() -> None:
    """A task with another status in another world has not changed."""
    ocp = shipped_contract()
    body = {"data": {"id": 1, "status": "RUNNING", "subtasks": []}}
    changed = {"data": {"id": 1, "status": "FAILED", "subtasks": []}}
    first = exchange(f"{LIST}/1", body, operation="getTaskInstance")
    seconds = [
        exchange(f"{LIST}/1", changed, operation="getTaskInstance", world=world)
        for world in ("w", "default")
    ]
    assert counts(first, seconds[0], contract=ocp)["transitions"] == {}
    assert counts(first, *seconds, contract=ocp)["transitions"] == {"task RUNNING → FAILED": 1}


def test_only_ocp_has_states_and_transitions() -> None:
    """Another contract has no such sections; OCP has every state and step of the engine."""
    assert [section.name for section in report().sections] == [
        "operations", "parameters", "responses", "properties", "values", "faults", "corruptions",
    ]  # fmt: skip
    actual = report(contract=shipped_contract())
    assert len(items(actual, "transitions")) == len(TASK_TRANSITIONS) + len(SUBTASK_TRANSITIONS)
    assert len(items(actual, "states")) == 3 + 3 + 6 + 5


def test_remembered_statuses_are_bounded() -> None:
    """The status that was observed longest ago is forgotten."""
    statuses = LastStatuses()
    for number in range(MAX_REMEMBERED):
        statuses.record("w", TaskObservation("task", (number,), "RUNNING", ""))
    statuses.record("w", TaskObservation("task", (0,), "RUNNING", ""))
    statuses.record("w", TaskObservation("task", (MAX_REMEMBERED,), "RUNNING", ""))
    assert statuses.record("w", TaskObservation("task", (0,), "FAILED", "")) == "RUNNING"
    assert statuses.record("w", TaskObservation("task", (1,), "FAILED", "")) is None


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"data": None},
        {"data": []},
        {"data": {"contents": [1, {"subtasks": 1}]}},
        {"data": {"id": "x", "status": [], "subtasks": [None, {"id": 1}]}},
    ],
)
def test_malformed_responses_show_no_task(body: object) -> None:
    """Nothing is counted, and nothing is raised."""
    counted = counts(
        exchange(f"{LIST}/1", body, operation="getTaskInstance"), contract=shipped_contract()
    )
    assert (counted["states"], counted["transitions"]) == ({}, {})


@pytest.mark.parametrize("kind", ["truncate", "garbage", "status"])
def test_corruption_hidden_by_a_fault_does_not_count(kind: str) -> None:
    """The client did not receive it."""
    trace = {
        "corruption": "getPet.200/color:null",
        "faults": [{"rule": "r", "acts": "after", kind: 1}],
    }
    counted = counts(exchange(trace=trace))
    assert (counted["responses"], counted["corruptions"]) == ({"getPet 200": 1}, {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["RUNNING", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "contents",
                    "subtasks",
                    "id",
                    "status",
                    "operation",
                    "colour",
                    "as",
                    "labels",
                    "pair",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
TRACES = st.fixed_dictionaries(
    {}, optional={"faults": JSON, "corruption": JSON | st.text(max_size=9), "path": JSON}
)


@given(
    body=JSON | st.binary(max_size=9),
    trace=TRACES,
    query=st.text(st.characters(codec="ascii"), max_size=12),
    operation=st.sampled_from(["getPet", "put|Pet`", "", "x"]),
    method=st.sampled_from(["GET", "HEAD", "PUT", "X"]),
    status=st.integers(0, 999),
)
def test_any_exchange_can_be_observed(
    body: object, trace: dict[str, object], query: str, operation: str, method: str, status: int
) -> None:
    """Any request, trace and body is counted or skipped."""
    malformed = exchange(
        f"/pets/1?{query}", body, trace=trace, operation=operation, method=method, status=status
    )
    assert report(malformed).exchanges == 1
    ocp = exchange(f"{LIST}/1", body, trace=trace, operation="retrySubtask", status=status)
    assert report(ocp, contract=shipped_contract()).section("operations").covered == 1


FAULTS: dict[str, object] = {
    "delay": "1ms",
    "dribble": {"pieces": 2, "over": "1ms"},
    "reset": True,
    "empty": True,
    "truncate": "50%",
    "garbage": True,
    "content-type": "text/html",
    "timeout": "1ms",
    "status": 503,
}


@pytest.mark.parametrize(
    ("kind", "acts"), [(kind or name, name if kind else "") for kind, name in FAULT_ITEMS]
)
def test_each_kind_of_fault_is_an_item(kind: str, acts: str) -> None:
    """The fault is applied to a call of the stub."""
    caller = Caller()
    fault = {kind: FAULTS[kind]}
    if acts:
        fault["acts"] = acts
    record = {"when": {"operation": "listTaskInstances"}, "fault": fault, "name": "f"}
    fields = [("Content-Type", "application/json")]
    added = Control(caller.stub).handle(
        Request.of("POST", "/faults", headers=fields, body=dump_json(record)), "default"
    )
    assert isinstance(added, Response)
    assert added.status == 201
    caller.call(LIST)
    assert caller.counts()["faults"] == {f"{kind} {acts}".strip(): 1}


def test_items_are_the_kinds_of_a_fault_rule() -> None:
    """The keys of a fault are those of the items."""
    assert {kind or name for kind, name in FAULT_ITEMS} == set(FAULTS)
    assert list(iter_kinds({"rule": "r", "acts": "never", "ending": 1})) == []


def test_corruptions_count_by_kind_with_their_ids() -> None:
    """Two corruptions of one kind are one item."""
    caller = Caller()
    ids = [
        f"listTaskInstances.200/data/contents[]/{name}:null"
        for name in ("status", "name", "status")
    ]
    for corruption_id in ids:
        assert caller.call(LIST, Prefer=f"corrupt={corruption_id}").status == 200
    section = caller.world.coverage().section("corruptions")
    assert section is not None
    (item,) = [item for item in section.items if item.count]
    assert (item.label, item.count) == ("listTaskInstances.200 null", 3)
    assert dict(item.ids) == {ids[0]: 2, ids[1]: 1}


@pytest.mark.parametrize("contract", [shipped_contract(), pets()], ids=["shipped", "small"])
def test_corruption_items_are_the_kinds_of_the_catalogue(contract: Contract) -> None:
    """Each corruption counts for one of them when it is served."""
    catalogue = [
        corruption
        for operation in contract.operations.values()
        for corruption in corruptions(operation)
    ]
    coverage = Coverage(contract)
    for corruption in catalogue:
        trace = {"corruption": corruption.id}
        coverage.observe(exchange(operation=corruption.operation, trace=trace))
    section = coverage.report().section("corruptions")
    assert section is not None
    assert section.missing == ()
    assert {item.label for item in section.items} == {
        f"{corruption.operation}.{corruption.status} {corruption.mutation}"
        for corruption in catalogue
    }
    assert sum(item.count for item in section.items) == len(catalogue)
    assert {Mutation(item.name) for item in section.items} >= {Mutation.WRONG_CONTENT_TYPE}
