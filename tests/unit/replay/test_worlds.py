"""Worlds: bounded in number, and never in sight of one another."""

import logging
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from replay_builders import LIST, SECOND, Wall, ask, status_of, stub_of
from understudy.config import Settings
from understudy.replay import Stub

TASKS = """
tasks:
  - id: 1
    subtasks:
      - {id: 11, runs: [{takes: 2s, ends: FAILED}, {takes: 1s}], rollbacks: [{takes: 3s}]}
      - {id: 12, after: [11]}
  - {id: 2, state: FAILED, subtasks: [{id: 21, state: FAILED}]}
"""


def test_the_world_that_was_idle_longest_makes_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With a line in the log; a call to it is 410 until it is dropped."""
    wall = Wall()
    stub = stub_of(tmp_path, TASKS, wall, max_worlds=2)
    assert [ask(stub, f"/w/{name}{LIST}").status for name in ("a", "b")] == [200, 200]
    wall.pass_(599)
    assert ask(stub, f"/w/b{LIST}").status == 200
    assert ask(stub, f"/w/c{LIST}").status == 503
    wall.pass_(1)
    with caplog.at_level(logging.WARNING, "understudy"):
        assert ask(stub, f"/w/c{LIST}").status == 200
    assert "world a: evicted to make room" in caplog.text
    gone = ask(stub, f"/w/a{LIST}")
    assert (gone.status, gone.json()["type"]) == (410, "urn:understudy:problem:world-evicted")
    wall.pass_(601)
    stub.drop("a")
    assert ask(stub, f"/w/a{LIST}").status == 200


def test_an_evicted_world_leaves_nothing_in_the_store(tmp_path: Path) -> None:
    """Its state is gone with it."""
    wall = Wall()
    stub = stub_of(tmp_path, TASKS, wall, max_worlds=1)
    ask(stub, f"/w/a{LIST}/2/retry", "POST")
    wall.pass_(601)
    ask(stub, f"/w/b{LIST}")
    assert stub._store.read("world/a") is None


def test_without_authentication_everybody_may_do_everything(tmp_path: Path) -> None:
    """Nobody has to say who it is; worlds by path still work."""
    stub = stub_of(tmp_path, TASKS, auth=False)
    assert ask(stub, f"/w/mine{LIST}/2/retry", "POST", user="").status == 200
    assert ask(stub, f"{LIST}/2", user="wrong:wrong").json()["data"]["status"] == "FAILED"


def test_the_journal_of_a_world_holds_its_own_calls_only(tmp_path: Path) -> None:
    """In its own numbers."""
    stub = stub_of(tmp_path, TASKS)
    for world in ("a", "b", "a"):
        ask(stub, f"/w/{world}{LIST}")
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


class SeveralWorlds(RuleBasedStateMachine):
    """Several worlds of one stub, driven at once; each is compared with a stub of its own that gets the same calls."""

    worlds = Bundle("worlds")

    def __init__(self) -> None:
        super().__init__()
        self.together = Stub(Settings(scenario=str(SeveralWorlds.scenario)), wall=Wall())
        self.alone: dict[str, Stub] = {}

    scenario: Path

    @rule(target=worlds, name=st.sampled_from(["a", "b", "c"]))
    def begin(self, name: str) -> str:
        """Ask for a world."""
        self.alone.setdefault(
            name, Stub(Settings(scenario=str(SeveralWorlds.scenario)), wall=Wall())
        )
        return name

    @rule(name=worlds, path=st.sampled_from(PATHS))
    def command(self, name: str, path: str) -> None:
        """Give a command; it has the same answer."""
        answers = [
            ask(stub, f"/w/{name}{LIST}/{path}", "POST")
            for stub in (self.together, self.alone[name])
        ]
        assert answers[0] == answers[1]

    @rule(name=worlds, seconds=st.integers(0, 5))
    def time(self, name: str, seconds: int) -> None:
        """Let time go by in one world."""
        for stub in (self.together, self.alone[name]):
            stub.world(name).advance(seconds * SECOND)

    @invariant()
    def each_world_is_as_if_it_were_alone(self) -> None:
        """State and clock."""
        for name, stub in self.alone.items():
            one, other = self.together.world(name), stub.world(name)
            assert (one.now(), dict(one.model().tasks)) == (other.now(), dict(other.model().tasks))


def test_worlds_never_see_each_other(tmp_path: Path) -> None:
    """Whatever is done in whichever order."""
    from hypothesis.stateful import run_state_machine_as_test

    SeveralWorlds.scenario = tmp_path / "scenario.yaml"
    SeveralWorlds.scenario.write_text(f"understudy: 1\nclock: {{mode: virtual}}\n{TASKS}", "utf-8")
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        SeveralWorlds, settings=settings(max_examples=8, stateful_step_count=20, deadline=None)
    )


def test_equal_runs_give_equal_bytes(tmp_path: Path) -> None:
    """Same scenario, seed and calls, under a virtual clock: every byte is the same, in each world alike."""

    def run(world: str) -> list[bytes]:
        stub = stub_of(tmp_path, TASKS, clock="virtual")
        bodies = []
        for path, method in [
            ("", "GET"),
            ("/1", "GET"),
            ("/2/retry", "POST"),
            ("/1/retry", "POST"),
            ("/7", "GET"),
        ]:
            bodies.append(ask(stub, f"/w/{world}{LIST}{path}", method).body)
            stub.world(world).advance(SECOND * 1.5)
        assert status_of(stub, 2, f"/w/{world}") == "SUCCESSFUL"
        return bodies

    assert run("a") == run("a") == run("b")


def test_whoever_holds_a_world_goes_on_holding_it_after_a_reset(tmp_path: Path) -> None:
    """A test's world is the one that answers."""
    stub = stub_of(tmp_path, TASKS, clock="virtual")
    world = stub.world("mine")
    ask(stub, f"/w/mine{LIST}/2/retry", "POST")
    stub.reset("mine")
    assert status_of(stub, 2, "/w/mine") == "FAILED"
    assert (stub.world("mine") is world, len(world.journal.exchanges())) == (True, 1)


def test_there_is_always_room_for_the_default_world(tmp_path: Path) -> None:
    """However many others exist."""
    stub = stub_of(tmp_path, TASKS, max_worlds=1)
    assert [ask(stub, f"{prefix}{LIST}").status for prefix in ("/w/a", "/w/b", "")] == [
        200,
        503,
        200,
    ]
