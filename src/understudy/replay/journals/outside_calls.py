"""The journal of the calls that reached no world.

These are the calls of unknown callers to a world that does not exist, and those that the tool
answers because the world cannot be used. They build no world, so no world's journal has them.
"""

from datetime import datetime

from understudy.clock import Clock
from understudy.messages import Exchange, Request
from understudy.replay.journals.journal_budget import JournalBudget
from understudy.replay.stub_problem import StubProblem
from understudy.replay.world import World
from understudy.replay.world_journal import Journal
from understudy.replay.world_setup import Setup
from understudy.store import MemoryStore

MAX_OUTSIDE_EXCHANGES = 1000
MAX_OUTSIDE_BYTES = 1024 * 1024
"""The bounds of the journal, in exchanges and in bytes."""
_MAX_NAME = 100
"""How many characters of an invalid name an exchange shows."""


def build_outside_journal(budget: JournalBudget | None = None) -> Journal:
    """Build the journal of the calls that reached no world."""
    return Journal(max_exchanges=MAX_OUTSIDE_EXCHANGES, max_bytes=MAX_OUTSIDE_BYTES, budget=budget)


def build_outside_world(name: str, setup: Setup, wall: Clock, journal: Journal) -> World:
    """Build a world for one call of an unknown caller.

    Its store and its cache go with it; its call is recorded in `journal`.
    """
    world = World(name, setup, store=MemoryStore(), wall=wall, created=wall.now())
    world.journal = journal
    return world


def record_problem(
    journal: Journal, world: str, request: Request, problem: StubProblem, at: datetime
) -> None:
    """Record a call that the tool answers with a problem, and the world that it selected."""
    exchange = Exchange(
        number=0,
        world=world[:_MAX_NAME],
        at=at,
        request=request,
        response=problem.to_response(),
        trace={"matched": "tool", "problem": problem.slug},
    )
    journal.append(exchange)
