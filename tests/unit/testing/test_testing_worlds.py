"""Drawn worlds: they are served; one that breaks a client is saved and can be replayed."""

from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from example_client import Client, DirectClient, names_of
from understudy import strategies
from understudy.contract import load_contract
from understudy.scenario import load_scenario
from understudy.strategies import DrawnWorld
from understudy.testing import PlayedWorld, run_world, worlds
from understudy.testing.failing_worlds import save_world

# The phase `explain` traces every line, which takes long before Python 3.12.
PHASES = [Phase.generate, Phase.shrink]
QUICK = settings(
    phases=PHASES,
    max_examples=12,
    suppress_health_check=list(HealthCheck),
    database=None,
    deadline=None,
)
CONTRACT = load_contract()
SMALL = DrawnWorld(
    {
        "understudy": 1,
        "clock": {"mode": "virtual", "start": "2021-08-25T15:09:31+08:00"},
        "accounts": {"admin": {"password": "admin", "permissions": ["ADMIN"]}},
        "tasks": [{"id": 7, "name": "Upgrade", "subtasks": [{"id": 1}]}],
    }
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of failures, in a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".understudy/failures"


@given(world=worlds())
@settings(QUICK, phases=[Phase.generate])
def test_world_is_served_in_this_process(world: PlayedWorld) -> None:
    """The client sees the world's tasks without a network."""
    with world.serve() as ocp:
        client = DirectClient(ocp)
        for task in ocp.tasks.values():
            assert client.view(task.id).status == task.status.value
        assert [call.operation for call in ocp.calls] == ["getTaskInstance"] * len(ocp.tasks)


def test_world_is_served_on_a_socket() -> None:
    """Any HTTP client can use it."""
    with run_world(SMALL, socket=True) as ocp:
        assert Client(ocp.url, ocp.auth).task(7)["name"] == "Upgrade"


@pytest.mark.parametrize("socket", [False, True])
def test_application_serves_the_same_world(socket: bool) -> None:
    """A WSGI client sees the same tasks, also while the world is on a socket."""
    with run_world(SMALL, socket=socket) as ocp:
        transport = httpx.WSGITransport(app=ocp.app)
        with httpx.Client(transport=transport, base_url=ocp.url, auth=ocp.auth) as client:
            answer = client.get("/api/v2/tasks/instances/7")
        assert answer.json()["data"]["name"] == "Upgrade"
        assert [call.operation for call in ocp.calls] == ["getTaskInstance"]


def test_each_block_begins_with_the_drawn_world() -> None:
    """What a client has done in one block is not present in the next."""
    with run_world(SMALL) as ocp:
        ocp.advance(60)
        assert DirectClient(ocp).view(7).status == "SUCCESSFUL"
    with run_world(SMALL) as ocp:
        assert DirectClient(ocp).view(7).status == "RUNNING"


def test_dialect_option_is_obeyed() -> None:
    """The names are those seen on the wire."""
    with run_world(SMALL, dialect="observed") as ocp:
        assert "downstreams" in DirectClient(ocp).task(7)["subtasks"][0]


def test_world_that_breaks_a_client_is_saved(folder: Path) -> None:
    """The smallest one, one failing subtask; the error has the scenario and how to replay it."""

    @given(world=worlds())
    @settings(QUICK, max_examples=60)
    def check(world: PlayedWorld) -> None:
        with world.serve() as ocp:
            ocp.advance(3600)
            names_of(DirectClient(ocp))

    with pytest.raises(KeyError) as caught:
        check()
    [path] = folder.iterdir()
    assert path.name.startswith("test_world_that_breaks_a_client_is_saved-")
    [task] = load_scenario(path).plans
    assert len(task.task.subtasks) == 1
    notes = "\n".join(caught.value.__notes__)
    assert path.read_text("utf-8") in notes
    assert f"understudy serve --scenario {path.relative_to(folder.parents[1])}" in notes


def test_rejected_draw_is_not_saved(folder: Path) -> None:
    """A draw that an assumption rejects is not a failure."""
    with pytest.raises(UnsatisfiedAssumption), run_world(SMALL):
        raise UnsatisfiedAssumption
    assert not folder.exists()


def test_only_the_last_world_of_a_test_is_saved(folder: Path) -> None:
    """While a failure shrinks, each world replaces the one before."""
    save_world(SMALL)
    smaller = DrawnWorld({**SMALL.data, "seed": 3})
    assert save_world(smaller).read_text("utf-8") == smaller.scenario
    assert len(list(folder.iterdir())) == 1


def test_failures_are_named_after_their_tests(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a state machine after its class; no file replaces that of another test."""
    for test_id in (
        "tests/a.py::TestSlow::runTest",
        "tests/a.py::TestFast::runTest",
        "tests/b.py::test_it[x/1]",
    ):
        monkeypatch.setenv("PYTEST_CURRENT_TEST", f"{test_id} (call)")
        save_world(SMALL)
    names = {path.name.rpartition("-")[0] for path in folder.iterdir()}
    assert names == {"TestSlow", "TestFast", "test_it-x-1"}


@given(world=strategies.worlds(throttle=None))
@settings(QUICK, max_examples=60)
def test_every_drawn_world_can_be_served(
    tmp_path_factory: pytest.TempPathFactory, world: DrawnWorld
) -> None:
    """It is a valid scenario, and its text has the same tasks."""
    path = tmp_path_factory.mktemp("drawn") / "drawn.yaml"
    path.write_text(world.scenario, "utf-8")
    scenario = load_scenario(path, contract=CONTRACT)
    assert [plan.task.id for plan in scenario.plans] == [task["id"] for task in world.data["tasks"]]


@given(st.data(), st.integers(0, 3), st.integers(0, 3), st.integers(1, 4), st.integers(0, 3))
@settings(QUICK, max_examples=60)
def test_number_options_are_obeyed(
    data: st.DataObject, tasks: int, more_tasks: int, subtasks: int, more: int
) -> None:
    """There are as many tasks and subtasks as allowed."""
    world = data.draw(
        strategies.worlds(
            min_tasks=tasks,
            max_tasks=tasks + more_tasks,
            min_subtasks=subtasks,
            max_subtasks=subtasks + more,
        )
    )
    counts = [len(task["subtasks"]) for task in world.data["tasks"]]
    assert tasks <= len(counts) <= tasks + more_tasks
    assert all(subtasks <= count <= subtasks + more for count in counts)


def test_impossible_numbers_are_reported() -> None:
    """The error names the option."""
    with pytest.raises(
        ValueError, match="min_tasks and max_tasks: found 2 and 1; expected 0 <= min_tasks"
    ):
        find(strategies.worlds(min_tasks=2, max_tasks=1), lambda world: True)
