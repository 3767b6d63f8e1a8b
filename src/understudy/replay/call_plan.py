"""What is known of a call before the world is looked at, and what is to be answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from understudy.contract import Corruption, Match, NoMethod, NoPath, Operation, Violation
from understudy.messages import Request
from understudy.replay.rate_limit import Allowance
from understudy.replay.service import ApiError, Decision
from understudy.replay.stub_problem import StubProblem
from understudy.replay.world import World
from understudy.replay.world_setup import Setup
from understudy.replay.world_state import State
from understudy.rules import (
    ActiveFault,
    CallContext,
    Preferences,
    ReplyKind,
    RuleSet,
    ScriptedReply,
)

Route = Match | NoPath | NoMethod


class LazyModel:
    """The world's model at the moment of a call: made when somebody looks at it, once.

    It has to be made inside of the world's update; a model that was made can be looked at from anywhere.
    """

    def __init__(self, world: World, state: State, now: datetime) -> None:
        self._world, self._state, self._now = world, state, now

    @cached_property
    def model(self) -> Any:
        """The model."""
        return self._world.model_of(self._state, self._now)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """A call: the same however often its plan is made."""

    world: World
    setup: Setup
    request: Request
    """As the world sees it: without the prefix and the words that were for the tool."""
    call_number: int
    route: Route
    account: str
    authentication_error: ApiError | None
    """Why the caller is not let in."""
    preferences: Preferences
    """What the call itself prefers."""
    reserve_thread: Callable[[], bool]
    """Reserves a thread that may wait; False when none is left. The second time it says the same."""
    corruption: Corruption | None = None
    """How the answer is to be wrong."""
    preference_problem: StubProblem | None = None
    """Why what it prefers cannot be had."""

    @property
    def operation(self) -> Operation | None:
        """The operation that is asked for."""
        return self.route.operation if isinstance(self.route, Match) else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be answered: decided inside the world's update, put into words outside."""

    facts: CallContext
    scene: LazyModel
    before: State
    """The state that the call found, its own counting and the clock's step included."""
    after: State
    """The state that it leaves."""
    allowance: Allowance | None = None
    violations: tuple[Violation, ...] = ()
    """Of the request."""
    problem: StubProblem | None = None
    """What only the tool can say; else:"""
    gateway: ActiveFault | None = None
    """A fault answers instead of the service; else:"""
    answer: ScriptedReply | None = None
    """What a rule or a preference says; a patch changes what follows:"""
    refused: ApiError | None = None
    decision: Decision | None = None
    matched: str = ""
    """The name of the rule that answers, or `preference`."""
    off_contract: bool = False
    """Whether the answer may break the contract without a note."""
    blows: tuple[ActiveFault, ...] = ()
    """What happens to the answer on its way."""
    seen: Any = None
    """How that stood what the call is about, before it; None when it is about nothing."""
    missed: RuleSet | None = None
    """The rules, when there are replies and none of them answers."""

    @property
    def now(self) -> datetime:
        """The world's moment of the call."""
        return self.facts.now

    @property
    def is_answered(self) -> bool:
        """Whether the service needs not be asked."""
        if self.problem is not None or self.gateway is not None or self.refused is not None:
            return True
        return self.answer is not None and self.answer.kind is not ReplyKind.PATCH
