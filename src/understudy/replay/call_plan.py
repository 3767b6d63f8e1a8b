"""The request context and the plan of a call.

The context is known before the world is read. The plan is decided inside of the world's update
and becomes a response outside of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from understudy.contract import Match, NoMethod, NoPath, Operation, Violation, accept_of
from understudy.messages import Json, Request
from understudy.replay.known.representation import Representation
from understudy.replay.rate_limit import Allowance
from understudy.replay.service import ApiError, Decision
from understudy.replay.stub_problem import StubProblem
from understudy.replay.world import World
from understudy.replay.world_setup import Setup
from understudy.replay.world_state import State
from understudy.rules import ActiveFault, CallContext, Preferences, RuleSet, ScriptedReply

if TYPE_CHECKING:
    from understudy.contract import Corruption

Route: TypeAlias = Match | NoPath | NoMethod


class LazyModel:
    """The world's model at the moment of a call: computed at most once, when it is needed.

    It has to be computed inside of the world's update; afterwards it can be read anywhere.
    """

    def __init__(self, world: World, state: State, now: datetime) -> None:
        self._world, self._state, self._now = world, state, now

    @cached_property
    def model(self) -> Any:
        """The model of the service."""
        return self._world.model_of(self._state, self._now)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What is known of a call before the world is read; it stays when the plan is made again."""

    world: World
    setup: Setup
    request: Request
    """The request without the world's prefix and the query parameters for the tool."""
    call_number: int
    """The number of the call in its world, from 1: random values depend on it.

    Unauthenticated calls have negative ones.
    """
    route: Route
    account: str
    """The caller's account; empty for an unknown caller, and without authentication."""
    authentication_error: ApiError | None
    """Why the caller is unknown; None for a known one."""
    missing_credentials: tuple[Violation, ...]
    """The credentials that the contract asks for and the call lacks."""
    preferences: Preferences
    reserve_thread: Callable[[], bool]
    """Reserves a thread that may wait; False: none is left. Repeated calls return the same."""
    corruption: "Corruption | None" = None
    """The corruption that the call prefers."""
    preference_problem: StubProblem | None = None
    """Why a preference cannot be applied."""

    @property
    def operation(self) -> Operation | None:
        """The matched operation; None without a route."""
        return self.route.operation if isinstance(self.route, Match) else None

    @property
    def is_dynamic(self) -> bool:
        """Whether data is to be generated although the contract has an example."""
        preferred = self.preferences.dynamic
        return self.setup.dynamic if preferred is None else preferred


def build_call_context(
    context: RequestContext,
    state: State,
    lazy_model: LazyModel,
    now: datetime,
    parameters: Mapping[str, Any],
) -> CallContext:
    """Build what conditions and templates can see of a call."""
    path = context.route.path_values if isinstance(context.route, Match) else {}

    def status_of(task: int, subtask: int | None) -> str | None:
        return context.setup.service.status_of(lazy_model.model, task, subtask)

    return CallContext(
        request=context.request,
        operation=context.operation,
        path=path,
        parameters=parameters,
        now=now,
        start=state.start,
        world=context.world.name,
        seed=context.setup.seed,
        call_number=context.call_number,
        status_of=status_of,
    )


def query_key(context: RequestContext, parameters: Mapping[str, Any]) -> tuple[str, str, str, int]:
    """Return what identifies a query and its arguments: world, operation, parameters, seed.

    The field Accept is among the arguments, because it chooses the media type. Parameters count
    with their types: a page of 1 and a page of 1.0 are shown differently.
    """
    operation = context.operation
    if operation is None:
        return context.world.name, "", "", context.setup.seed
    relevant = context.setup.service.relevant_parameters(operation, parameters)
    arguments = repr([accept_of(context.request.headers), *sorted(relevant.items())])
    return context.world.name, operation.id, arguments, context.setup.seed


@dataclass(frozen=True, slots=True)
class Rejected:
    """The outcome of a call that the service answers with an error."""

    error: ApiError
    patch: ScriptedReply | None = None
    """A scripted reply that changes the response."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome of a call that the service answers with a success."""

    decision: Decision
    patch: ScriptedReply | None = None
    """A scripted reply that changes the response."""
    representation: Representation | None = None
    """The bytes of the answer, when they are known already; `decision` has no data then."""


Outcome: TypeAlias = StubProblem | ActiveFault | ScriptedReply | Rejected | Decided
"""What answers a call: the tool, a fault that acts before the call, a rule or preference, or the
service."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The decided answer to a call."""

    call: CallContext
    """What conditions and templates can see of the call."""
    before: State
    """The state in which the call finds the world, with its own counts and clock step."""
    after: State
    """The state in which the call leaves the world."""
    outcome: Outcome
    is_rejected: bool = False
    """Whether the service rejects the call, even where a fault answers it."""
    allowance: Allowance | None = None
    """What is left of the rate limits; None without any."""
    violations: tuple[Violation, ...] = ()
    """How the request breaks the contract."""
    rule: str = ""
    """The name of the rule that answers or patches, or `preference`; empty: neither."""
    off_contract: bool = False
    """Whether the rule may break the contract: its response is not validated."""
    active_faults: tuple[ActiveFault, ...] = ()
    """The faults that act on the response."""
    observation: Json = None
    """The state of the affected task before the call; None when the call affects none."""
    unmatched_rules: RuleSet | None = None
    """The rules, when there are replies and none of them matches."""
    generation: int = 0
    """The generation of the world's journal that the call belongs to."""

    @property
    def now(self) -> datetime:
        """The world's moment of the call."""
        return self.call.now
