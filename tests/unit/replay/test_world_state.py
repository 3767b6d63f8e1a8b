"""The state of a world: commands, checkpoint, windows; as text."""

from pathlib import Path

import pytest

from replay_builders import LIST, SECOND, Wall, build_stub, send, task_status
from understudy.replay.world_state import MAX_COMMANDS, State
from understudy.store import MemoryStore

TASKS = """
tasks:
  - id: 1
    name: Always fails
    subtasks: [{id: 11, name: A, runs: [{takes: 300ms, ends: FAILED, log: no}]}, {id: 12, name: B}]
  - {id: 2, name: History, state: FAILED, subtasks: [{id: 21, name: C, rollbacks: [{takes: 5s}]}]}
  - {id: 3, name: Later, at: 10s}
"""


def test_query_writes_nothing(tmp_path: Path) -> None:
    """Under a virtual clock without rate limits, queries and rejected commands write nothing."""
    stub = build_stub(tmp_path, TASKS, clock="virtual")
    store = stub._store
    send(stub, LIST)
    send(stub, f"{LIST}/1/retry", "POST")  # rejected: the task runs
    assert store.read("world/default") is None


def test_many_commands_become_a_checkpoint(tmp_path: Path) -> None:
    """The text names its parts, and a world without its cache is rebuilt as it was."""
    stub = build_stub(tmp_path, TASKS, clock="virtual")
    world = stub.world()
    send(stub, f"{LIST}/2/rollback", "POST")
    for _ in range(MAX_COMMANDS + 20):
        world.advance(3 * SECOND)
        assert send(stub, f"{LIST}/1/retry", "POST").status == 200
    before = world.model()
    state = world.state()
    assert (state.revision, state.folded) == (MAX_COMMANDS + 21, MAX_COMMANDS + 1)
    world._models.clear()
    world._parsed = None
    rebuilt = world.model()
    assert dict(rebuilt.tasks) == dict(before.tasks)
    assert (rebuilt.upcoming, rebuilt.agenda) == (before.upcoming, before.agenda)
    assert rebuilt.tasks[1].subtask(11).run_time == MAX_COMMANDS + 21


def test_state_round_trips_through_text(tmp_path: Path) -> None:
    """Parsing the text of a state gives the same state."""
    stub = build_stub(tmp_path, TASKS + "throttle: {limit: 5, window: 10s}\n", clock="per-call")
    send(stub, LIST)
    world = stub.world()
    world.advance(5 * SECOND)
    send(stub, f"{LIST}/1/retry", "POST")
    state = world.state()
    assert state.windows
    assert State.from_text(state.to_text()) == state


def test_processes_with_a_shared_store_agree(tmp_path: Path) -> None:
    """A process that lags applies the missing commands; a new one applies all."""
    store = MemoryStore()
    first, second = (build_stub(tmp_path, TASKS, Wall(), clock="virtual") for _ in range(2))
    first._store = second._store = store
    assert task_status(second, 2) == "FAILED"
    send(first, f"{LIST}/2/rollback", "POST")
    first.world().advance(20 * SECOND)
    assert (task_status(second, 2), task_status(first, 2)) == ("SUCCESSFUL", "SUCCESSFUL")
    assert dict(first.world().model().tasks) == dict(second.world().model().tasks)


@pytest.mark.parametrize("path", ["", "/retry", "/rollback"])
def test_commands_do_not_affect_other_worlds(tmp_path: Path, path: str) -> None:
    """A command in one world leaves the other as it was."""
    stub = build_stub(tmp_path, TASKS, clock="virtual")
    untouched = stub.world("b").model().tasks[2]
    send(stub, f"/w/a{LIST}/2{path}", "POST" if path else "GET")
    stub.world("a").advance(60 * SECOND)
    assert stub.world("b").model().tasks[2] == untouched


def test_checkpoint_is_stored_beside_the_state(tmp_path: Path) -> None:
    """A command's text does not contain it; a deleted world leaves no part of it."""
    stub = build_stub(tmp_path, TASKS, clock="virtual")
    world, store = stub.world(), stub._store
    assert isinstance(store, MemoryStore)
    for _ in range(3 * MAX_COMMANDS):
        world.advance(3 * SECOND)
        assert send(stub, f"{LIST}/1/retry", "POST").status == 200
    state = world.state()
    keys = {f"world/default/part/{part.name}" for part in state.checkpoint}
    assert keys
    assert set(store._texts) == {"world/default", *keys}
    text = store.read("world/default") or ""
    assert '"runTime"' not in text
    assert '"runTime"' in (store.read(min(keys)) or "")
    snapshot = world.snapshot()
    world.reset()
    assert set(store._texts) == {"world/default"}
    world.restore(snapshot)
    (part,) = world.state().checkpoint
    assert set(store._texts) == {"world/default", f"world/default/part/{part.name}"}
    stub.drop("default")
    assert not store._texts


def test_process_that_lags_reads_the_checkpoint_of_another(tmp_path: Path) -> None:
    """It goes on from the other's parts, and folds them again where it does not know them."""
    store = MemoryStore()
    first, second = (build_stub(tmp_path, TASKS, Wall(), clock="virtual") for _ in range(2))
    first._store = second._store = store
    for stub in (first, second, first, second):
        for _ in range(MAX_COMMANDS):
            stub.world().advance(3 * SECOND)
            assert send(stub, f"{LIST}/1/retry", "POST").status == 200
    assert dict(first.world().model().tasks) == dict(second.world().model().tasks)
    assert first.world().state() == second.world().state()
    assert second.world().model().tasks[1].subtask(11).run_time == 4 * MAX_COMMANDS + 1
