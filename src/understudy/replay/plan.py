"""What is known of a call before the world is looked at, and what is to be answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from understudy.contract import Corruption, Match, NoMethod, NoPath, Operation, Violation
from understudy.messages import Request
from understudy.replay.problems import StubProblem
from understudy.replay.service import Decision, Refused
from understudy.replay.setup import Setup
from understudy.replay.state import State
from understudy.replay.throttle import Allowance
from understudy.replay.world import World
from understudy.script import Answer, Blow, Facts, Wishes

Route = Match | NoPath | NoMethod


@dataclass(frozen=True, slots=True)
class Asked:
    """A call: the same however often its plan is made."""

    world: World
    setup: Setup
    request: Request
    """As the world sees it: without the prefix and the words that were for the tool."""
    turn: int
    route: Route
    account: str
    stranger: Refused | None
    """Why the caller is not let in."""
    wishes: Wishes
    """What the call itself prefers."""
    hold: Callable[[], bool]
    """Reserves a thread that may wait; False when none is left. The second time it says the same."""

    @property
    def operation(self) -> Operation | None:
        """The operation that is asked for."""
        return self.route.operation if isinstance(self.route, Match) else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be answered: decided inside the world's update, put into words outside."""

    facts: Facts
    allowance: Allowance | None = None
    violations: tuple[Violation, ...] = ()
    """Of the request."""
    problem: StubProblem | None = None
    """What only the tool can say; else:"""
    gateway: Blow | None = None
    """A fault answers instead of the service; else:"""
    answer: Answer | None = None
    """What a rule or a preference says; a patch changes what follows:"""
    refused: Refused | None = None
    decision: Decision | None = None
    corruption: Corruption | None = None
    """How the answer is to be wrong."""
    off_contract: bool = False
    """Whether the answer may break the contract without a note."""
    blows: tuple[Blow, ...] = ()
    """What happens to the answer on its way."""
    after: State | None = None
    """The state with the command that the decision made, if it made one."""
    trace: Mapping[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The world's moment of the call."""
        return self.facts.now
