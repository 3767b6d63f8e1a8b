"""What counts, and what does not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage_builders import FAILED, LIST, Caller, counts, exchange, items, pets, report, shipped
from understudy.contract import Contract, Mutation, corruptions
from understudy.control import Control
from understudy.coverage import Coverage
from understudy.coverage.fault_kinds_seen import FAULT_ITEMS, iter_kinds
from understudy.coverage.task_observations import MAX_REMEMBERED, LastStatuses, TaskObservation
from understudy.messages import Exchange, Request, Response, dump_json
from understudy.ocp import SUBTASK_TRANSITIONS, TASK_TRANSITIONS


def test_an_operation_counts_when_it_is_routed_to() -> None:
    """A call that was refused counts; one that no operation has does not."""
    caller = Caller()
    caller.call(LIST)
    caller.call(f"{LIST}/1")
    caller.call("/nowhere")
    caller.call(LIST, "PUT")
    assert caller.counts()["operations"] == {"listTaskInstances": 1, "getTaskInstance": 1}
    assert caller.world.coverage().exchanges == 4


def test_an_operation_of_another_contract_is_not_known() -> None:
    """It is told, and counts for nothing."""
    told = report(exchange(operation="getDog"))
    assert (told.covered, dict(told.unknown)) == (
        0,
        {"exchanges of operations that the contract has not": 1},
    )


def test_parameters_are_those_that_the_client_sent() -> None:
    """In path, query, header and body; what a default fills in was not sent; a cookie is no item."""
    told = report(
        exchange("/pets/1?size=1", X_Mode="fast", Cookie="session=1"), exchange("/pets/2?size=2")
    )
    section = told.section("parameters")
    assert section is not None
    assert {item.name: item.count for item in section.items if item.group == "getPet"} == {
        "path.id": 2, "query.size": 2, "query.size=1": 1, "query.size=2": 1, "header.X-Mode": 1,
        "header.X-Mode=fast": 1, "header.X-Mode=slow": 0, "query.joined": 0, "query.joined=red": 0,
        "query.joined=a,b": 0, "query.repeated": 0, "query.repeated=red": 0, "query.repeated=a,b": 0, "query.token": 0,
    }  # fmt: skip


def test_a_body_that_is_sent_is_a_parameter() -> None:
    """As one."""
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
def test_listed_values_of_parameters(query: str, expected: set[str]) -> None:
    """Read as the contract reads them, items of arrays one by one; a parameter that cannot be read has no value."""
    found = counts(exchange(f"/pets/1?{query}"))["parameters"]
    sent = f"getPet query.{query.partition('=')[0]}"
    assert sent in found
    assert set(found) - {sent, "getPet path.id"} == {f"getPet {name}" for name in expected}


def test_values_of_the_shipped_contract_count_joined_and_repeated() -> None:
    """Both ways in which clients send the statuses."""
    caller = Caller()
    caller.call(f"{LIST}?status=RUNNING,FAILED")
    caller.call(f"{LIST}?status=SUCCESSFUL&status=FAILED")
    assert {name: n for name, n in caller.counts()["parameters"].items() if "=" in name} == {
        "listTaskInstances query.status=RUNNING": 1,
        "listTaskInstances query.status=FAILED": 2,
        "listTaskInstances query.status=SUCCESSFUL": 1,
    }


def test_head_is_get_without_what_is_in_the_body() -> None:
    """Its operation, parameters and status count."""
    found = counts(exchange(method="HEAD", body={"colour": "red"}))
    assert (found["parameters"], found["responses"]) == ({"getPet path.id": 1}, {"getPet 200": 1})
    assert found["properties"] == {}


def test_responses_are_the_documented_ones() -> None:
    """A class of statuses and `default` count as they stand there; another status is told beside."""
    told = report(
        exchange(status=404), exchange(status=422), exchange(status=500), exchange(status=500)
    )
    section = told.section("responses")
    assert section is not None
    assert [(item.label, item.count) for item in section.items] == [
        ("getPet 200", 0), ("getPet 4XX", 2), ("put|Pet` default", 0),
    ]  # fmt: skip
    assert dict(section.beside) == {"getPet 500 is not documented": 2}


def test_what_the_tool_itself_says_is_no_response() -> None:
    """A preference that cannot be had is refused with a documented status that no API has answered."""
    caller = Caller()
    assert caller.call(LIST, Prefer="corrupt=xyz").status == 400
    assert caller.call(f"{LIST}?status=RUNNING", Prefer="example=nope").status == 400
    assert caller.counts()["responses"] == {}


def test_properties_are_places_of_the_schema() -> None:
    """References are followed once, alternatives lie upon one another, what is only written is not there."""
    names = [name.removeprefix("getPet.200 ") for name in items(report(), "properties")]
    assert names == [
        "/color", "/as", "/labels", "/pair", "/family", "/as/lives", "/as/mood", "/as/tricks", "/family/name",
        "/family/kind", "/family/children", "/labels{}/by", "/pair[0]/left",
    ]  # fmt: skip


def test_properties_that_the_client_saw() -> None:
    """In any item, in any entry, in the alternative that it was; deeper than told counts for nothing."""
    body = {
        "colour": None,
        "as": {"lives": 9, "tricks": ["roll", "x"]},
        "labels": {"a": {}, "b": {"by": 1}},
        "pair": [{"left": 1}, {"left": 2}],
        "family": {"kind": 3, "children": [{"name": "deeper"}]},
        "unknown": 1,
    }
    found = counts(exchange(body=body), exchange(body={"colour": "x", "family": {"kind": None}}))
    assert found["properties"] == {
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
    assert found["values"] == {
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
def test_answers_of_which_the_client_saw_the_status_only(hidden: Exchange) -> None:
    """The response counts; what is in it does not."""
    found = counts(hidden)
    assert (found["responses"], found["properties"]) == ({"getPet 200": 1}, {})


@pytest.mark.parametrize("kind", [{"ending": "reset"}, {"ending": "empty"}, {"timeout": "1s"}])
def test_answers_that_were_never_sent(kind: dict[str, str]) -> None:
    """The call counts, and the fault; the answer does not."""
    found = counts(
        exchange(body={"colour": "x"}, trace={"faults": [{"rule": "r", "acts": "after", **kind}]})
    )
    assert (found["operations"], len(found["faults"])) == ({"getPet": 1}, 1)
    assert (found["responses"], found["properties"]) == ({}, {})


def test_a_body_that_was_cut_is_told() -> None:
    """Nobody knows what was behind it."""
    told = report(exchange(body=b'{"colour": "' + b"x" * (64 * 1024 - 12)))
    assert dict(told.unknown) == {"answers of which a part was cut off": 1}


def test_both_dialects_count_for_the_same_items() -> None:
    """Items have their documented names."""
    shipped, observed = Caller(), Caller(dialect="observed")
    for caller in (shipped, observed):
        caller.call(f"{LIST}/{FAILED}")
    assert "getTaskInstance.200 /data/subtasks[]/paralleIdx" in shipped.counts()["properties"]
    assert shipped.counts()["properties"] == observed.counts()["properties"]
    here, there = (items(caller.world.coverage(), "properties") for caller in (shipped, observed))
    assert sorted(here) == sorted(there)


def test_a_task_is_followed_from_answer_to_answer() -> None:
    """A retry, then one look per second: each step that the client saw, and the states on the way."""
    caller = Caller()
    caller.call(f"{LIST}/{FAILED}")
    caller.call(f"{LIST}/{FAILED}/retry", "POST")
    for _ in range(30):
        caller.world.advance(timedelta(seconds=1))
        caller.call(f"{LIST}/{FAILED}")
    found = caller.counts()
    assert set(found["transitions"]) == {
        *("task FAILED → RUNNING", "task RUNNING → SUCCESSFUL"),
        *("subtask FAILED → READY", "subtask READY → RUNNING", "subtask RUNNING → SUCCESSFUL"),
        *("subtask PENDING → READY",),
    }
    assert {"task status FAILED", "task operation RETRY", "subtask status PENDING"} <= set(
        found["states"]
    )
    section = caller.world.coverage().section("transitions")
    assert section is not None
    assert dict(section.beside) == {}


def test_a_jump_over_states_covers_nothing() -> None:
    """Whoever looks a day later has seen no step."""
    caller = Caller()
    caller.call(f"{LIST}/{FAILED}/retry", "POST")
    caller.world.advance(timedelta(days=1))
    caller.call(f"{LIST}/{FAILED}")
    section = caller.world.coverage().section("transitions")
    assert section is not None
    assert [item.label for item in section.items if item.count] == ["task RUNNING → SUCCESSFUL"]
    assert section.beside["jumps over states"] >= 1


def test_the_answer_to_a_subtasks_retry_shows_the_subtask() -> None:
    """It is the same one that the task's own answer shows."""
    caller = Caller()
    task = caller.call(f"{LIST}/{FAILED}").json()["data"]
    failed = next(one["id"] for one in task["subtasks"] if one["status"] == "FAILED")
    caller.call(f"{LIST}/{FAILED}/subtasks/{failed}/retry", "POST")
    assert caller.counts()["transitions"] == {"subtask FAILED → READY": 1}


def test_worlds_are_told_apart() -> None:
    """A task that another world shows otherwise has not changed."""
    ocp = shipped()
    body = {"data": {"id": 1, "status": "RUNNING", "subtasks": []}}
    other = {"data": {"id": 1, "status": "FAILED", "subtasks": []}}
    first = exchange(f"{LIST}/1", body, operation="getTaskInstance")
    seconds = [
        exchange(f"{LIST}/1", other, operation="getTaskInstance", world=world)
        for world in ("w", "default")
    ]
    assert counts(first, seconds[0], contract=ocp)["transitions"] == {}
    assert counts(first, *seconds, contract=ocp)["transitions"] == {"task RUNNING → FAILED": 1}


def test_states_and_transitions_are_ocps_alone() -> None:
    """Another contract has no such sections; the shipped one has every state and step of the engine."""
    assert [section.name for section in report().sections] == [
        "operations", "parameters", "responses", "properties", "values", "faults", "corruptions",
    ]  # fmt: skip
    told = report(contract=shipped())
    assert len(items(told, "transitions")) == len(TASK_TRANSITIONS) + len(SUBTASK_TRANSITIONS)
    assert len(items(told, "states")) == 3 + 3 + 6 + 5


def test_sightings_are_bounded() -> None:
    """The one that was seen longest ago is forgotten; one that is seen again is not."""
    seen = LastStatuses()
    for number in range(MAX_REMEMBERED):
        seen.record("w", TaskObservation("task", (number,), "RUNNING", ""))
    seen.record("w", TaskObservation("task", (0,), "RUNNING", ""))
    seen.record("w", TaskObservation("task", (MAX_REMEMBERED,), "RUNNING", ""))
    assert seen.record("w", TaskObservation("task", (0,), "FAILED", "")) == "RUNNING"
    assert seen.record("w", TaskObservation("task", (1,), "FAILED", "")) is None


@pytest.mark.parametrize("body", [[], {"data": None}, {"data": []}, {"data": {"contents": [1, {"subtasks": 1}]}},
                                  {"data": {"id": "x", "status": [], "subtasks": [None, {"id": 1}]}}])  # fmt: skip
def test_odd_answers_show_no_task(body: object) -> None:
    """Nothing is counted, and nothing breaks."""
    found = counts(exchange(f"{LIST}/1", body, operation="getTaskInstance"), contract=shipped())
    assert (found["states"], found["transitions"]) == ({}, {})


@pytest.mark.parametrize("kind", ["truncate", "garbage", "status"])
def test_a_corruption_that_a_fault_hides_does_not_count(kind: str) -> None:
    """The client did not get it."""
    trace = {
        "corruption": "getPet.200/color:null",
        "faults": [{"rule": "r", "acts": "after", kind: 1}],
    }
    found = counts(exchange(trace=trace))
    assert (found["responses"], found["corruptions"]) == ({"getPet 200": 1}, {})


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
def test_no_exchange_is_too_odd(
    body: object, trace: dict[str, object], query: str, operation: str, method: str, status: int
) -> None:
    """Whatever a client, a script or a file says: it is counted, or passed over."""
    odd = exchange(
        f"/pets/1?{query}", body, trace=trace, operation=operation, method=method, status=status
    )
    assert report(odd).exchanges == 1
    ocp = exchange(f"{LIST}/1", body, trace=trace, operation="retrySubtask", status=status)
    assert report(ocp, contract=shipped()).section("operations").covered == 1  # type: ignore[union-attr]


FAULTS = {
    "delay": "1ms", "dribble": {"pieces": 2, "over": "1ms"}, "reset": True, "empty": True, "truncate": "50%",
    "garbage": True, "content-type": "text/html", "timeout": "1ms", "status": 503,
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "acts"), [(kind or name, name if kind else "") for kind, name in FAULT_ITEMS]
)
def test_each_kind_of_fault_is_an_item(kind: str, acts: str) -> None:
    """As it strikes a call of the stub."""
    caller = Caller()
    told = {kind: FAULTS[kind], **({"acts": acts} if acts else {})}
    record = {"when": {"operation": "listTaskInstances"}, "fault": told, "name": "f"}
    fields = [("Content-Type", "application/json")]
    added = Control(caller.stub).handle(
        Request.of("POST", "/faults", headers=fields, body=dump_json(record)), "default"
    )
    assert isinstance(added, Response)
    assert added.status == 201
    caller.call(LIST)
    assert caller.counts()["faults"] == {f"{kind} {acts}".strip(): 1}


def test_every_kind_that_a_rule_can_tell_is_an_item() -> None:
    """The words of a fault are those of the items."""
    assert {kind or name for kind, name in FAULT_ITEMS} == set(FAULTS)
    assert list(iter_kinds({"rule": "r", "acts": "never", "ending": 1})) == []


def test_corruptions_count_by_kind_and_tell_their_ids() -> None:
    """Two of one kind are one item."""
    caller = Caller()
    ids = [
        f"listTaskInstances.200/data/contents[]/{name}:null"
        for name in ("status", "name", "status")
    ]
    for one in ids:
        assert caller.call(LIST, Prefer=f"corrupt={one}").status == 200
    section = caller.world.coverage().section("corruptions")
    assert section is not None
    (item,) = [item for item in section.items if item.count]
    assert (item.label, item.count) == ("listTaskInstances.200 null", 3)
    assert dict(item.ids) == {ids[0]: 2, ids[1]: 1}


@pytest.mark.parametrize("contract", [shipped(), pets()], ids=["shipped", "small"])
def test_the_kinds_are_those_of_the_catalogue(contract: Contract) -> None:
    """And each corruption, when it is served, counts for one of them."""
    every = [one for operation in contract.operations.values() for one in corruptions(operation)]
    coverage = Coverage(contract)
    for one in every:
        coverage.observe(exchange(operation=one.operation, trace={"corruption": one.id}))
    section = coverage.report().section("corruptions")
    assert section is not None
    assert section.missing == ()
    assert {item.label for item in section.items} == {
        f"{one.operation}.{one.status} {one.mutation}" for one in every
    }
    assert sum(item.count for item in section.items) == len(every)
    assert {Mutation(item.name) for item in section.items} >= {Mutation.WRONG_CONTENT_TYPE}
