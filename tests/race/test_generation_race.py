"""Worlds that are dropped, evicted, reset or restored under calls.

Each is another one: a late call is in the state and in the journal of the world that it saw.
"""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from replay_builders import LIST, Wall, build_stub, send
from understudy.config import Settings
from understudy.control.client import ControlClient
from understudy.live import LiveServer
from understudy.replay import Stub, World
from understudy.store import MemoryStore

SCENARIO = """
clock: {mode: per-call, start: 2021-08-25T15:09:31+08:00, step: 1s}
tasks: [{id: 1, name: A, state: FAILED, subtasks: [{id: 11, state: FAILED}]}]
faults: [{name: never, when: {operation: retryTask}, fault: {status: 503}, times: 1000000}]
"""
THREADS = 4
ROUNDS = [pytest.param(25, id="short"), pytest.param(1000, id="long", marks=pytest.mark.slow)]


@contextmanager
def calls_under_way(call: Callable[[], bool], most: int) -> Iterator[None]:
    """Call in threads, at most `most` times or until `call` returns False.

    The block begins when each thread has called once.
    """
    started = threading.Barrier(THREADS + 1, timeout=60)

    def run() -> None:
        goes_on = call()
        started.wait()
        for _ in range(most):
            if not goes_on:
                return
            goes_on = call()

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    started.wait()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def check_world(world: World) -> None:
    """Check that the journal has exactly the calls that the state has seen, in order."""
    numbers = [exchange.number for exchange in world.journal.exchanges()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert (world.now() - world.state().start).total_seconds() == len(numbers)
    turns = [exchange.trace["clock"]["turn"] for exchange in world.journal.exchanges()]
    assert sorted(turns) == numbers


@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_reset_under_calls(tmp_path: Path, rounds: int) -> None:
    """Numbers are 1 to n in order, and no call is in the journal that the new state never saw."""
    stub = build_stub(tmp_path, SCENARIO)
    world = stub.world("x")
    for _ in range(rounds):
        with calls_under_way(lambda: send(stub, f"/w/x{LIST}").status == 200, 12):
            stub.reset("x")
        check_world(world)


@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_restart_of_another_scenario_under_calls(tmp_path: Path, rounds: int) -> None:
    """The same holds when a client selects a scenario for the world."""
    stub = build_stub(tmp_path, SCENARIO)
    stub.upload("again", f"understudy: 1\n{SCENARIO}")
    world = stub.world("x")
    for _ in range(rounds):
        with calls_under_way(lambda: send(stub, f"/w/x{LIST}").status == 200, 12):
            assert stub.activate("x", "again") is world
        check_world(world)


def check_state_is_deleted(stub: Stub, name: str) -> None:
    """Check that a world which is gone left no state, and that its successor begins anew."""
    store = stub._store
    assert isinstance(store, MemoryStore)
    assert (len(store), len(store._locks)) == (0, 0)
    stub.reset(name)
    world = stub.world(name)
    assert (world.now(), len(world.journal)) == (world.state().start, 0)
    stub.drop(name)


@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_closed_world_does_not_come_back(tmp_path: Path, rounds: int) -> None:
    """Late calls are 410; nothing of the world remains."""
    stub = build_stub(tmp_path, SCENARIO)
    for number in range(rounds):
        name = f"w{number}"

        def call(target: str = f"/w/{name}{LIST}") -> bool:
            return send(stub, target).status != 410

        with calls_under_way(call, 20):
            stub.drop(name, closed=True)
        check_state_is_deleted(stub, name)
    assert stub.journal_budget.used == stub.outside_calls.size


@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_dropped_world_begins_anew(tmp_path: Path, rounds: int) -> None:
    """Each late call is in the world that took the name, and in its journal."""
    stub = build_stub(tmp_path, SCENARIO)
    for _ in range(rounds):
        seen: set[World] = set()

        def call(seen: set[World] = seen) -> bool:
            is_answered = send(stub, f"/w/x{LIST}").status == 200
            seen.add(stub.world("x"))
            return is_answered

        with calls_under_way(call, 12):
            stub.drop("x")
            stub.drop("x")
        last = stub.world("x")
        check_world(last)
        for world in seen - {last}:
            numbers = [exchange.number for exchange in world.journal.exchanges()]
            assert numbers == list(range(1, len(numbers) + 1))
        stub.drop("x")
        assert len(stub._store._texts) == 0  # type: ignore[attr-defined]
    assert stub.journal_budget.used == 0


@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_evicted_world_does_not_come_back(tmp_path: Path, rounds: int) -> None:
    """A call that began before the eviction leaves nothing of the world behind."""
    wall = Wall()
    stub = build_stub(tmp_path, SCENARIO, wall, max_worlds=1)
    for number in range(rounds):
        name, other = f"w{number}", f"o{number}"

        def call(target: str = f"/w/{name}{LIST}") -> bool:
            return send(stub, target).status == 200

        with calls_under_way(call, 20):
            wall.advance(601)
            # A late call may have used the world since: then there is no room.
            is_evicted = send(stub, f"/w/{other}{LIST}").status == 200
        stub.drop(other)
        if not is_evicted:
            stub.drop(name, closed=True)
        check_state_is_deleted(stub, name)


@pytest.mark.usefixtures("frequent_switches")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rounds", ROUNDS)
def test_restore_under_calls(tmp_path: Path, rounds: int) -> None:
    """The clock has moved for each call since; the numbers of calls go on from the snapshot."""
    stub = build_stub(tmp_path, SCENARIO)
    world = stub.world("x")
    for _ in range(10):
        send(stub, f"/w/x{LIST}")
    snapshot = world.snapshot()
    for _ in range(rounds):
        with calls_under_way(lambda: send(stub, f"/w/x{LIST}").status == 200, 8):
            world.restore(snapshot)
        steps = (world.now() - world.state().start).total_seconds()
        assert steps == world.call_numbers.count
        recorded = len(world.journal) + world.journal.dropped
        assert world.journal.exchanges()[-1].number == recorded


@pytest.mark.timeout(600)
@pytest.mark.parametrize("rounds", [pytest.param(6, id="short"), *ROUNDS[1:]])
def test_worlds_end_over_http(tmp_path: Path, rounds: int) -> None:
    """Clients poll over a socket while their world is closed, then reset: it begins anew."""
    path = tmp_path / "scenario.yaml"
    path.write_text(f"understudy: 1\n{SCENARIO}", "utf-8")
    with LiveServer(Settings(scenario=str(path))) as live:
        control = ControlClient(live.url)
        for number in range(rounds):
            name = f"w{number % 50}"
            with calls_under_way(_build_poll(live, name), 200):
                control.drop_world(name, closed=True)
            clock = control.in_world(name)
            clock.reset()
            assert clock.get_clock()["now"] == clock.get_clock()["start"]
            assert clock.list_requests()["total"] == 0


def _build_poll(live: LiveServer, name: str) -> Callable[[], bool]:
    """Return a call of a world over a socket."""
    host, fields = live.url.partition("://")[2], {"Authorization": "Basic YWRtaW46YWRtaW4="}

    def poll() -> bool:
        with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
            connection.request("GET", f"/w/{name}{LIST}?size=1", headers=fields)
            return connection.getresponse().status == 200

    return poll
