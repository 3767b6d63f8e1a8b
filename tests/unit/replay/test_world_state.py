"""What a world remembers: commands, folded after a while, and windows; as text."""

from pathlib import Path

import pytest

from replay_builders import LIST, SECOND, Wall, ask, status_of, stub_of
from understudy.replay.world_state import MAX_COMMANDS, State
from understudy.store import MemoryStore

TASKS = """
tasks:
  - id: 1
    name: Fails for ever
    subtasks: [{id: 11, name: A, runs: [{takes: 300ms, ends: FAILED, log: no}]}, {id: 12, name: B}]
  - {id: 2, name: History, state: FAILED, subtasks: [{id: 21, name: C, rollbacks: [{takes: 5s}]}]}
  - {id: 3, name: Later, at: 10s}
"""


def test_a_query_writes_nothing(tmp_path: Path) -> None:
    """Under a clock that nobody moves, without throttling."""
    stub = stub_of(tmp_path, TASKS, clock="virtual")
    store = stub._store
    ask(stub, LIST)
    ask(stub, f"{LIST}/1/retry", "POST")  # refused: it runs
    assert store.read("world/default") is None


def test_many_commands_are_folded_and_nothing_is_lost(tmp_path: Path) -> None:
    """The text stays small, and a world without its cache is made again as it was."""
    stub = stub_of(tmp_path, TASKS, clock="virtual")
    world = stub.world()
    ask(stub, f"{LIST}/2/rollback", "POST")
    for _ in range(MAX_COMMANDS + 20):
        world.advance(3 * SECOND)
        assert ask(stub, f"{LIST}/1/retry", "POST").status == 200
    before = world.model()
    state = world.state()
    assert (state.revision, state.folded) == (MAX_COMMANDS + 21, MAX_COMMANDS + 1)
    world._models.clear()
    world._parsed = None
    again = world.model()
    assert dict(again.tasks) == dict(before.tasks)
    assert (again.upcoming, again.agenda) == (before.upcoming, before.agenda)
    assert again.tasks[1].subtask(11).run_time == MAX_COMMANDS + 21


def test_a_state_comes_back_from_its_text(tmp_path: Path) -> None:
    """As it was."""
    stub = stub_of(tmp_path, TASKS + "throttle: {limit: 5, window: 10s}\n", clock="per-call")
    ask(stub, LIST)
    world = stub.world()
    world.advance(5 * SECOND)
    ask(stub, f"{LIST}/1/retry", "POST")
    state = world.state()
    assert state.windows
    assert State.from_text(state.to_text()) == state


def test_another_process_makes_the_same_of_a_shared_store(tmp_path: Path) -> None:
    """A process that lags applies only what it lacks; one that starts anew applies all."""
    store = MemoryStore()
    first, second = (stub_of(tmp_path, TASKS, Wall(), clock="virtual") for _ in range(2))
    first._store = second._store = store
    assert status_of(second, 2) == "FAILED"
    ask(first, f"{LIST}/2/rollback", "POST")
    first.world().advance(20 * SECOND)
    assert (status_of(second, 2), status_of(first, 2)) == ("SUCCESSFUL", "SUCCESSFUL")
    assert dict(first.world().model().tasks) == dict(second.world().model().tasks)


@pytest.mark.parametrize("path", ["", "/retry", "/rollback"])
def test_worlds_do_not_see_each_other(tmp_path: Path, path: str) -> None:
    """What is done in one leaves the other as it was."""
    stub = stub_of(tmp_path, TASKS, clock="virtual")
    untouched = stub.world("b").model().tasks[2]
    ask(stub, f"/w/a{LIST}/2{path}", "POST" if path else "GET")
    stub.world("a").advance(60 * SECOND)
    assert stub.world("b").model().tasks[2] == untouched
