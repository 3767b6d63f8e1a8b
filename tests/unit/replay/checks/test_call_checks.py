"""Unauthenticated calls: they change nothing, and the journal shows them."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from replay_builders import LIST, Wall, build_stub, send, task_status
from understudy.config import Settings
from understudy.messages import Headers, Request
from understudy.replay import Stub
from understudy.store import MemoryStore

SCENARIO = """
clock: {mode: per-call, start: 2021-08-25T15:09:31+08:00, step: 1s}
tasks: [{id: 1, state: FAILED, subtasks: [{id: 11, state: FAILED}]}]
throttle: {limit: 5, window: 10s}
faults:
  - {name: twice, when: {operation: listTaskInstances}, fault: {status: 503}, times: 2}
replies:
  - {name: third, when: {operation: getTaskInstance, call: 2}, reply: {error: 500}}
"""
WRONG = "admin:wrong"
TARGETS = [
    LIST,
    f"{LIST}/1",
    f"{LIST}/1/retry",
    f"{LIST}?__code=500",
    f"{LIST}?__fault=reset",
    f"{LIST}?__delay=1h",
    f"{LIST}?__corrupt=nothing",
    "/nowhere",
]


def send_wrongly(stub: Stub, prefix: str) -> list[int]:
    statuses = []
    for target in TARGETS:
        method = "POST" if target.endswith("retry") else "GET"
        statuses += [send(stub, prefix + target, method, user=user).status for user in ("", WRONG)]
    return statuses


def describe(stub: Stub, prefix: str) -> list[Any]:
    """Return what an owner sees: the calls of a client, in which most things count."""
    responses = [send(stub, prefix + target) for target in (LIST, LIST, LIST, f"{LIST}/1") * 2]
    return [(response.status, response.headers, response.body) for response in responses]


@pytest.mark.parametrize("prefix", ["", "/w/mine"])
@pytest.mark.parametrize("exists", [False, True])
def test_unauthenticated_calls_change_nothing(tmp_path: Path, prefix: str, exists: bool) -> None:
    """An owner gets the same bytes with and without them: faults, limits, clock, numbers."""
    alone, disturbed = (build_stub(tmp_path, SCENARIO) for _ in range(2))
    if exists:
        assert describe(alone, prefix) == describe(disturbed, prefix)
    before = [world.snapshot() for world in disturbed.worlds()]
    assert set(send_wrongly(disturbed, prefix)) == {401}
    if exists:
        assert [world.snapshot() for world in disturbed.worlds()] == before
    assert describe(alone, prefix) == describe(disturbed, prefix)


def test_unauthenticated_calls_leave_nothing_behind(tmp_path: Path) -> None:
    """No world, no text, no lock and no beginning of a clock remains of them."""
    wall = Wall()
    stub = build_stub(
        tmp_path, "tasks: [{id: 1, subtasks: [{id: 11, runs: [{takes: 60s}]}]}]", wall
    )
    store = stub._store
    assert isinstance(store, MemoryStore)
    send_wrongly(stub, "/w/mine")
    assert (stub.worlds(), len(store), len(store._locks)) == ((), 0, 0)
    wall.advance(3600)
    assert task_status(stub, 1, "/w/mine") == "RUNNING"


def test_unauthenticated_call_reserves_no_thread(tmp_path: Path) -> None:
    """Neither a preference nor a fault of the scenario lets an unknown caller wait."""
    slow = "{when: {operation: listTaskInstances}, fault: {delay: 1h}}"
    stub = build_stub(tmp_path, f"faults: [{slow}]")
    reserved: list[str] = []

    def reserve(target: str) -> bool:
        reserved.append(target)
        return True

    for target in (LIST, f"{LIST}?__delay=1h"):
        response = stub.handle(Request.of("GET", target), partial(reserve, target))
        assert (response.status, response.delivery) == (401, None)
    assert reserved == []


def test_unauthenticated_calls_do_not_keep_a_world_alive(tmp_path: Path) -> None:
    """A world that only unknown callers use is idle."""
    wall = Wall()
    stub = build_stub(tmp_path, SCENARIO, wall, max_worlds=1)
    send(stub, f"/w/old{LIST}")
    wall.advance(601)
    assert send(stub, f"/w/old{LIST}", user=WRONG).status == 401
    assert send(stub, f"/w/new{LIST}").status == 503  # a fault of the scenario
    assert [world.name for world in stub.worlds()] == ["new"]


def test_contract_with_security_is_alike(tmp_path: Path) -> None:
    """Calls without the credentials that a contract asks for build no world and count nowhere."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Keys", "version": "1"},
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
        },
        "paths": {
            "/things": {
                "get": {
                    "operationId": "listThings",
                    "security": [{"key": []}],
                    "responses": {"200": {"description": "All."}},
                }
            }
        },
    }
    contract, scenario = tmp_path / "keys.json", tmp_path / "keys.yaml"
    contract.write_text(json.dumps(document), "utf-8")
    scenario.write_text(
        "understudy: 1\n"
        "throttle: {limit: 2, window: 1h}\n"
        "faults: [{name: once, when: {operation: listThings}, fault: {status: 503}, times: 1}]",
        "utf-8",
    )
    stub = Stub(Settings(contract=contract, scenario=str(scenario)), wall=Wall())
    without, key = Headers(), Headers.of([("X-Key", "k")])

    def call(headers: Headers, query: str = "") -> int:
        return stub.handle(Request.of("GET", f"/w/a/things{query}", headers=headers)).status

    statuses = [call(without, query) for query in ("", "?__delay=1h", "?__code=500", "")]
    assert (statuses, stub.worlds()) == ([401] * 4, ())
    assert [call(key) for _ in range(3)] == [503, 200, 429]
    assert [exchange.response.status for exchange in stub.outside_calls.exchanges()] == [401] * 4
