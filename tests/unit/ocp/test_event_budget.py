"""The budget of events: the limit itself is allowed, one more is not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from control_builders import StubDriver, write_scenario
from understudy.config import Settings
from understudy.ocp import EventBudget, TooManyEventsError
from understudy.replay import Stub, world

CHAIN = """
clock: {mode: virtual}
tasks:
  - id: 1
    name: Chain
    subtasks: [{id: 11, name: A}, {id: 12, name: B, after: [11]}, {id: 13, name: C, after: [12]}]
"""


@pytest.mark.parametrize("work", [4, 5, 6])
def test_budget_is_exact(work: int) -> None:
    """Work is added up."""
    budget = EventBudget(5)
    budget.spend(2)
    if work > 5:
        with pytest.raises(TooManyEventsError, match=r"^more than 5 events of tasks$"):
            budget.spend(work - 2)
    else:
        budget.spend(work - 2)


def count_events(stub: Stub) -> int:
    """Return the least budget with which the chain ends."""
    model = stub.world().model()
    end = datetime(2100, 1, 1, tzinfo=UTC)
    for budget in range(1, 200):
        try:
            stub.service.advance(model, end, budget)
        except TooManyEventsError:
            continue
        return budget
    raise AssertionError("the chain has no end")


def test_budget_of_a_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one event too few nothing changes, and smaller steps get there."""
    stub = Stub(Settings(scenario=write_scenario(tmp_path, CHAIN)))
    needed, moved = count_events(stub), stub.world()
    start = moved.now()
    monkeypatch.setattr(world, "MAX_EVENTS", needed - 1)
    year = timedelta(days=365)
    moves: list[Callable[[], object]] = [
        lambda: moved.advance(year),
        lambda: moved.move(start + year),
    ]
    for move in moves:
        with pytest.raises(TooManyEventsError):
            move()
        assert (moved.now(), moved.model().tasks[1].status.value) == (start, "RUNNING")
    moved.advance(timedelta(seconds=2))
    moved.advance(timedelta(days=365))
    assert moved.model().tasks[1].status.value == "SUCCESSFUL"
    moved.reset()
    monkeypatch.setattr(world, "MAX_EVENTS", needed)
    moved.advance(timedelta(days=365))
    assert moved.model().tasks[1].status.value == "SUCCESSFUL"


def test_problem_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call of the control API gets 409, and the clock stays."""
    monkeypatch.setattr(world, "MAX_EVENTS", 3)
    driver = StubDriver(write_scenario(tmp_path, CHAIN))
    for call, body in (("advance", {"by": "1d"}), ("set", {"to": "1d"})):
        before = driver.fetch("GET /clock")
        assert driver.fetch_problem(f"POST /clock/{call}", body) == (
            409,
            "too-many-events",
            "That would be more than 3 events of tasks. Move the clock in smaller steps; nothing "
            "has changed.",
        )
        assert driver.fetch("GET /clock") == before
