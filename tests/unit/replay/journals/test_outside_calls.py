"""The calls that reached no world: seen, in one bounded journal."""

from pathlib import Path

from replay_builders import LIST, Wall, build_stub, send
from understudy.messages import Request
from understudy.replay import StubProblem
from understudy.replay.journals.outside_calls import (
    MAX_OUTSIDE_BYTES,
    MAX_OUTSIDE_EXCHANGES,
    build_outside_journal,
    record_problem,
)

TASKS = "tasks: [{id: 1, state: FAILED, subtasks: [{id: 11, state: FAILED}]}]"


def test_calls_without_a_world_are_recorded(tmp_path: Path) -> None:
    """Each has the name that it selected, its response, and the problem if the tool answered."""
    stub = build_stub(tmp_path, TASKS, max_worlds=1)
    send(stub, f"/w/mine{LIST}", user="admin:wrong")
    send(stub, f"/w/mine{LIST}/1/retry", "POST", user="")
    send(stub, f"/w/.bad{LIST}")
    send(stub, f"/w/mine{LIST}")
    send(stub, f"/w/other{LIST}")
    stub.drop("mine", closed=True)
    send(stub, f"/w/mine{LIST}")
    exchanges = stub.outside_calls.exchanges()
    assert [
        (e.number, e.world, e.operation, e.response.status, e.trace.get("problem"))
        for e in exchanges
    ] == [
        (1, "mine", "listTaskInstances", 401, None),
        (2, "mine", "retryTask", 401, None),
        (3, ".bad", "", 400, "bad-world-name"),
        (4, "other", "", 503, "too-many-worlds"),
        (5, "mine", "", 410, "world-closed"),
    ]
    assert "d3Jvbmc" not in repr(exchanges)  # of the password "wrong"


def test_call_of_an_existing_world_is_in_its_journal(tmp_path: Path) -> None:
    """So is a call of an unknown caller to the world `default`, which always exists."""
    stub = build_stub(tmp_path, TASKS)
    stub.world("mine")
    for prefix in ("/w/mine", ""):
        send(stub, prefix + LIST, user="admin:wrong")
    assert len(stub.outside_calls) == 0
    statuses = {
        world.name: [exchange.response.status for exchange in world.journal.exchanges()]
        for world in stub.worlds()
    }
    assert statuses == {"mine": [401], "default": [401]}


def test_outside_journal_is_bounded() -> None:
    """One exchange more than the limit drops the oldest; long names are cut."""
    journal, problem = build_outside_journal(), StubProblem(410, "gone", "Gone", "It is gone.")
    request, at = Request.of("GET", "/"), Wall().now()
    lengths = []
    for number in range(MAX_OUTSIDE_EXCHANGES + 1):
        record_problem(journal, "w" * 10_000, request, problem, at)
        if number >= MAX_OUTSIDE_EXCHANGES - 2:
            lengths.append((len(journal), journal.dropped))
    assert lengths == [(999, 0), (1000, 0), (1000, 1)]
    assert {len(exchange.world) for exchange in journal.exchanges()} == {100}
    for _ in range(20):
        record_problem(journal, "w", Request.of("GET", "/", body=b"x" * 65536), problem, at)
    assert journal.size <= MAX_OUTSIDE_BYTES
    assert journal.dropped > 900
