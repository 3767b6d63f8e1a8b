"""Worlds: limited in number, and isolated from each other."""

import logging
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from replay_builders import LIST, SECOND, Wall, build_stub, send, task_status
from understudy.config import Settings
from understudy.replay import Stub
from understudy.source import dump_yaml

TASKS = """
tasks:
  - id: 1
    subtasks:
      - {id: 11, runs: [{takes: 2s, ends: FAILED}, {takes: 1s}], rollbacks: [{takes: 3s}]}
      - {id: 12, after: [11]}
  - {id: 2, state: FAILED, subtasks: [{id: 21, state: FAILED}]}
"""


def test_least_recently_used_world_is_evicted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The eviction is logged; a call to the world is 410 until it is dropped."""
    wall = Wall()
    stub = build_stub(tmp_path, TASKS, wall, max_worlds=2)
    assert [send(stub, f"/w/{name}{LIST}").status for name in ("a", "b")] == [200, 200]
    wall.advance(599)
    assert send(stub, f"/w/b{LIST}").status == 200
    assert send(stub, f"/w/c{LIST}").status == 503
    wall.advance(1)
    with caplog.at_level(logging.WARNING, "understudy"):
        assert send(stub, f"/w/c{LIST}").status == 200
    assert "world a: evicted to make room" in caplog.text
    gone = send(stub, f"/w/a{LIST}")
    assert (gone.status, gone.json()["type"]) == (410, "urn:understudy:problem:world-evicted")
    wall.advance(601)
    stub.drop("a")
    assert send(stub, f"/w/a{LIST}").status == 200


def test_evicted_world_is_deleted_from_the_store(tmp_path: Path) -> None:
    """Eviction deletes the state."""
    wall = Wall()
    stub = build_stub(tmp_path, TASKS, wall, max_worlds=1)
    send(stub, f"/w/a{LIST}/2/retry", "POST")
    wall.advance(601)
    send(stub, f"/w/b{LIST}")
    assert stub._store.read("world/a") is None


def test_without_authentication_every_call_is_allowed(tmp_path: Path) -> None:
    """Callers need no credentials; worlds by path still work."""
    stub = build_stub(tmp_path, TASKS, auth=False)
    assert send(stub, f"/w/mine{LIST}/2/retry", "POST", user="").status == 200
    assert send(stub, f"{LIST}/2", user="wrong:wrong").json()["data"]["status"] == "FAILED"


def test_each_world_has_its_own_journal(tmp_path: Path) -> None:
    """Each journal has its own calls and numbers."""
    stub = build_stub(tmp_path, TASKS)
    for world in ("a", "b", "a"):
        send(stub, f"/w/{world}{LIST}")
    numbers = {
        w.name: [exchange.number for exchange in w.journal.exchanges()] for w in stub.worlds()
    }
    assert numbers == {"a": [1, 2], "b": [1]}


PATHS = [
    "1/retry",
    "1/rollback",
    "2/retry",
    "2/rollback",
    "1/subtasks/11/cancel",
    "2/subtasks/21/skip",
]


class WorldsMachine(RuleBasedStateMachine):
    """Several worlds of one stub, each compared with a stub of its own that gets the same calls."""

    worlds = Bundle("worlds")

    def __init__(self) -> None:
        super().__init__()
        self.together = Stub(Settings(scenario=str(WorldsMachine.scenario)), wall=Wall())
        self.alone: dict[str, Stub] = {}

    scenario: Path

    @rule(target=worlds, name=st.sampled_from(["a", "b", "c"]))
    def begin(self, name: str) -> str:
        """Start using a world."""
        self.alone.setdefault(
            name, Stub(Settings(scenario=str(WorldsMachine.scenario)), wall=Wall())
        )
        return name

    @rule(name=worlds, path=st.sampled_from(PATHS))
    def command(self, name: str, path: str) -> None:
        """Send a command; both stubs give the same response."""
        answers = [
            send(stub, f"/w/{name}{LIST}/{path}", "POST")
            for stub in (self.together, self.alone[name])
        ]
        assert answers[0] == answers[1]

    @rule(name=worlds, seconds=st.integers(0, 5))
    def advance_clock(self, name: str, seconds: int) -> None:
        """Move the clock of one world."""
        for stub in (self.together, self.alone[name]):
            stub.world(name).advance(seconds * SECOND)

    @invariant()
    def each_world_equals_its_own_stub(self) -> None:
        """State and clock are equal."""
        for name, stub in self.alone.items():
            shared, own = self.together.world(name), stub.world(name)
            assert (shared.now(), dict(shared.model().tasks)) == (
                own.now(),
                dict(own.model().tasks),
            )


def test_worlds_are_isolated(tmp_path: Path) -> None:
    """No sequence of commands in one world affects another."""
    from hypothesis.stateful import run_state_machine_as_test

    WorldsMachine.scenario = tmp_path / "scenario.yaml"
    WorldsMachine.scenario.write_text(f"understudy: 1\nclock: {{mode: virtual}}\n{TASKS}", "utf-8")
    run_state_machine_as_test(
        WorldsMachine, settings=settings(max_examples=8, stateful_step_count=20, deadline=None)
    )


def test_equal_runs_give_equal_bytes(tmp_path: Path) -> None:
    """Same scenario, seed and calls under a virtual clock give the same bytes, in every world."""

    def run(world: str) -> list[bytes]:
        stub = build_stub(tmp_path, TASKS, clock="virtual")
        bodies = []
        for path, method in [
            ("", "GET"),
            ("/1", "GET"),
            ("/2/retry", "POST"),
            ("/1/retry", "POST"),
            ("/7", "GET"),
        ]:
            bodies.append(send(stub, f"/w/{world}{LIST}{path}", method).body)
            stub.world(world).advance(SECOND * 1.5)
        assert task_status(stub, 2, f"/w/{world}") == "SUCCESSFUL"
        return bodies

    assert run("a") == run("a") == run("b")


def test_world_object_survives_a_reset(tmp_path: Path) -> None:
    """A reset keeps the World object, which goes on to answer."""
    stub = build_stub(tmp_path, TASKS, clock="virtual")
    world = stub.world("mine")
    send(stub, f"/w/mine{LIST}/2/retry", "POST")
    stub.reset("mine")
    assert task_status(stub, 2, "/w/mine") == "FAILED"
    assert (stub.world("mine") is world, len(world.journal.exchanges())) == (True, 1)


def test_default_world_always_has_room(tmp_path: Path) -> None:
    """The default world can be built, however many others exist."""
    stub = build_stub(tmp_path, TASKS, max_worlds=1)
    assert [send(stub, f"{prefix}{LIST}").status for prefix in ("/w/a", "/w/b", "")] == [
        200,
        503,
        200,
    ]


@pytest.mark.parametrize("clock", ["virtual", "per-call"])
def test_exports_of_equal_runs_are_equal(tmp_path: Path, clock: str) -> None:
    """The wall clock leaves no trace in them, and a restored one goes on."""

    def run(wall: Wall) -> tuple[str, Stub]:
        stub = build_stub(tmp_path, TASKS, wall, clock=clock)
        send(stub, f"{LIST}/2/retry", "POST")
        wall.advance(7)
        stub.world().advance(SECOND)
        send(stub, LIST)
        return dump_yaml(stub.export(stub.world())), stub

    early, late = Wall(), Wall()
    late.advance(86_400)
    (text, stub), (other, _) = run(early), run(late)
    assert text == other
    before = stub.world().now()
    stub.world().restore(stub.world().snapshot())
    assert stub.world().now() == before
