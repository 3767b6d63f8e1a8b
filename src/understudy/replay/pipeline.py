"""The way of a request, from the message to the response, in one function: `step`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from understudy.contract import Match, Violation, accept_of
from understudy.messages import Exchange, Json, Request, Response
from understudy.replay.call_plan import (
    Decided,
    LazyModel,
    Outcome,
    Plan,
    Rejected,
    RequestContext,
    Route,
    build_call_context,
)
from understudy.replay.checks.call_checks import (
    check_access,
    find_preference_problem,
    reject_unauthenticated,
    validate_call,
)
from understudy.replay.corruption_reply import (
    build_unknown_preference_problem,
    find_requested_corruption,
)
from understudy.replay.exchange_trace import Report, build_exchange, report_exchange
from understudy.replay.known.decision import find_decision
from understudy.replay.known.short_way import KnownAnswer, KnownCall, find_known_answer
from understudy.replay.rate_limit import Allowance, count_in_window
from understudy.replay.response_builder import BuiltResponse, build_options_response, build_response
from understudy.replay.service import ApiError
from understudy.replay.stub_problem import StubProblem
from understudy.replay.thread_limit import build_no_thread_problem
from understudy.replay.world import World
from understudy.replay.world_setup import ReloadedError, Setup
from understudy.replay.world_state import State
from understudy.rules import (
    ActiveFault,
    CallContext,
    ReplyKind,
    RuleSet,
    ScriptedReply,
    first_early_fault,
    parse_preferences,
    select_faults,
    select_reply,
)


def always_reserve() -> bool:
    """Reserve nothing: without a server, a call that waits occupies its own thread only."""
    return True


def step(
    world: World,
    request: Request,
    reserve_thread: Callable[[], bool] = always_reserve,
    learn: Callable[[KnownCall], None] | None = None,
    report: Report | None = None,
) -> Response:
    """Answer one request in a world.

    `reserve_thread` reserves a thread for a response that has to wait; False: none is left.
    `learn` gets the call if later ones like it may take the short way. `report` gets the exchange,
    with hints for the developer of the client; without it, the hints are logged.
    """
    setup = world.setup
    path = setup.contract.strip_base_path(request.path)
    if path != request.path:
        request = replace(request, path=path)
    # OPTIONS asks for the methods of a path, unless the contract has an operation for it.
    is_options = request.method == "OPTIONS" and setup.answers_options
    if is_options and not _has_options(setup, request):
        return build_options_response(setup.contract, request)
    while True:
        try:
            context = _build_context(world, request, reserve_thread)
            plan = world.update(partial(_decide, context), setup=context.setup)
            break
        except ReloadedError:  # raised before anything has changed
            continue
    match plan.outcome:
        case Decided(decision=decision) if decision.model is not None:
            world.cache_model(plan.after, decision.model, context.setup)
    built = build_response(context, plan)
    exchange = build_exchange(context, plan, built)
    number = _record(context, plan, built, exchange, learn)
    recorded = replace(exchange, number=number)
    report_exchange(context, plan, recorded, report, is_defect=built.is_defect)
    return built.response


def _record(
    context: RequestContext,
    plan: Plan,
    built: BuiltResponse,
    exchange: Exchange,
    learn: Callable[[KnownCall], None] | None,
) -> int:
    """Record the exchange in the journal; return its number."""
    journal, known = context.world.journal, None
    if learn is not None and built.representation is not None:
        known = find_known_answer(context, plan, built.representation, exchange)
    if learn is None or known is None:
        return journal.append(exchange, plan.generation)
    learn(known.call)
    size = known.recorded_size(built.response.body)
    return journal.append_lazy(partial(_number_answer, known, size), plan.generation)


def _number_answer(known: KnownAnswer, size: int, number: int) -> tuple[KnownAnswer, int]:
    return replace(known, number=number), size


def _has_options(setup: Setup, request: Request) -> bool:
    return isinstance(setup.contract.route("OPTIONS", request.path), Match)


def _build_context(
    world: World, request: Request, reserve_thread: Callable[[], bool]
) -> RequestContext:
    """Build what is known of a call without the world's state; count the call.

    Raises ReloadedError.
    """
    setup = world.setup
    inner, preferences = parse_preferences(request)
    route = _find_route(setup.contract.route, inner)
    account, error, missing = _authenticate(world, setup, route, inner)
    context = RequestContext(
        world=world,
        setup=setup,
        request=inner,
        call_number=world.call_numbers.take(setup, is_authenticated=error is None),
        route=route,
        account=account,
        authentication_error=error,
        missing_credentials=missing,
        preferences=preferences,
        reserve_thread=reserve_thread,
    )
    if error is not None:
        return context
    world.on_use(world)
    if preferences.invalid:
        problem = build_unknown_preference_problem(preferences)
        return replace(context, preference_problem=problem)
    if not preferences.corrupt or context.operation is None:
        return context
    try:
        corruption = find_requested_corruption(
            preferences.corrupt, context.operation, setup.contract
        )
    except StubProblem as problem:
        return replace(context, preference_problem=problem)
    return replace(context, corruption=corruption)


def _authenticate(
    world: World, setup: Setup, route: Route, request: Request
) -> tuple[str, ApiError | None, tuple[Violation, ...]]:
    """Return the caller's account, or the error of an unauthenticated call; missing credentials."""
    account = ""
    missing: tuple[Violation, ...] = ()
    try:
        # The date of a signed request is compared with the wall clock, not with the world's.
        account = setup.service.authenticate(request, world.wall.now())
        if isinstance(route, Match):
            operation, accept = route.operation, accept_of(request.headers)
            missing = setup.service.find_missing_credentials(operation, request)
            if missing:
                setup.service.raise_for_violations(operation, missing, accept=accept)
    except ApiError as error:
        return account, error, missing
    return account, None, missing


def _find_route(route: Callable[[str, str], Route], request: Request) -> Route:
    match = route(request.method, request.path)
    # RFC 9110, section 9.3.2: HEAD is GET without the body. The contract may have its own.
    if request.method == "HEAD" and not isinstance(match, Match):
        return route("GET", request.path)
    return match


@dataclass(slots=True)
class _Draft:
    """A plan while it is being decided."""

    call: CallContext
    lazy_model: LazyModel
    state: State
    """The state in which the call finds the world."""
    allowance: Allowance | None
    violations: tuple[Violation, ...]
    outcome: Outcome | None
    """None: the call is not answered yet."""
    patch: ScriptedReply | None = None
    """A scripted reply that changes the service's response."""
    rule: str = ""
    off_contract: bool = False
    active_faults: tuple[ActiveFault, ...] = ()
    unmatched_rules: RuleSet | None = None


def _decide(context: RequestContext, state: State) -> tuple[State, Plan]:
    """Return the new state and the plan. Only here does a call change its world.

    The store may call this again if another process wrote first, so it must not have other
    effects (`reserve_thread` returns the same when repeated).
    """
    if context.authentication_error is not None:
        return state, reject_unauthenticated(context, state, context.authentication_error)
    entry, draft = _check_call(context, state)
    # A fault may replace this outcome: Plan.is_rejected still records the rejection.
    is_rejected = isinstance(draft.outcome, Rejected)
    _select_faults(context, draft)
    if isinstance(draft.outcome, StubProblem):
        draft.state = entry  # a call that the tool answers moves no clock
    elif not isinstance(draft.outcome, ActiveFault):
        _select_reply(context, draft)
        is_rejected = isinstance(draft.outcome, Rejected)
    before = after = draft.state
    outcome = draft.outcome
    if outcome is None:
        outcome, after = _ask_service(context, draft)
        is_rejected = isinstance(outcome, Rejected)
    observation = _observe(context, draft, outcome)
    plan = Plan(
        call=draft.call,
        before=before,
        after=after,
        outcome=outcome,
        is_rejected=is_rejected,
        allowance=draft.allowance,
        violations=draft.violations,
        rule=draft.rule,
        off_contract=draft.off_contract,
        active_faults=draft.active_faults,
        observation=observation,
        unmatched_rules=draft.unmatched_rules,
        generation=context.world.journal.generation,
    )
    return after, plan


def _observe(context: RequestContext, draft: _Draft, outcome: Outcome) -> Json:
    """Return the state of what the call affects, as it was before the call."""
    if isinstance(outcome, Decided) and outcome.representation is not None:
        return outcome.representation.observation
    if not draft.call.parameters:
        return None
    return context.setup.service.observe(draft.lazy_model.model, draft.call.parameters)


def _check_call(context: RequestContext, state: State) -> tuple[State, _Draft]:
    """Check rate limit, permission, contract and preferences of a known caller, in this order.

    In the returned state, the call is counted for the rate limit. In the draft's state, the clock
    has moved too, if it moves per call and the call has no error.
    """
    world, request = context.world, context.request
    wall = world.wall.now()
    account = context.account or "anonymous"
    elapsed = state.clock.now(wall) - state.start
    state, allowance = count_in_window(state, account, elapsed, context.setup.limits)
    entry = state
    parameters: Mapping[str, Any] = {}
    violations: tuple[Violation, ...] = ()
    outcome: Outcome | None = None
    try:
        match = check_access(context, allowance)
        parameters, violations, fatal = validate_call(context, match, state)
        if fatal:
            accept = accept_of(request.headers)
            context.setup.service.raise_for_violations(match.operation, fatal, accept=accept)
        outcome = find_preference_problem(context, state)
        # HEAD asks only for header fields: like OPTIONS, it does not move the world on.
        if request.method != "HEAD":
            state = _step_clock(state, wall)
    except ApiError as error:
        outcome = Rejected(error)
    now = state.clock.now(wall)
    lazy_model = LazyModel(world, state, now)
    call = build_call_context(context, state, lazy_model, now, parameters)
    return entry, _Draft(
        call=call,
        lazy_model=lazy_model,
        state=state,
        allowance=allowance,
        violations=violations,
        outcome=outcome,
    )


def _select_faults(context: RequestContext, draft: _Draft) -> None:
    """Select the faults of the call. A fault that acts before the call becomes its answer.

    A fault that waits needs a thread; without one, the tool answers.
    """
    if isinstance(draft.outcome, StubProblem) or context.operation is None:
        return
    counters = draft.state.counters
    faults = context.preferences.draw_faults(draft.call)
    if not faults:
        rules = context.world.rule_set(draft.state)
        counters, faults = select_faults(rules, draft.call, counters)
    if any(fault.occupies_thread for fault in faults) and not context.reserve_thread():
        draft.outcome = build_no_thread_problem()
        return
    draft.active_faults = faults
    draft.outcome = first_early_fault(faults) or draft.outcome
    _set_counters(draft, counters)


def _select_reply(context: RequestContext, draft: _Draft) -> None:
    """Let a preference, else a rule, answer the call or patch the service's response."""
    has_no_route = _has_no_route(context, draft)
    if draft.outcome is not None and not has_no_route:
        return
    preferred = context.preferences.reply
    if preferred is not None and not has_no_route:
        _use_reply(draft, preferred, "preference")
        return
    rules = context.world.rule_set(draft.state)
    # A call without a route has no operation: only a literal reply can be built for it.
    counters, selected = select_reply(
        rules, draft.call, draft.state.counters, needs_literal=has_no_route
    )
    _set_counters(draft, counters)
    if selected is None:
        if rules.replies:
            # The near miss is computed after the update, and may read the model: build it now.
            _ = draft.lazy_model.model
            draft.unmatched_rules = rules
        return
    draft.off_contract = selected.rule.off_contract
    _use_reply(draft, selected.reply, selected.rule.name)


def _use_reply(draft: _Draft, reply: ScriptedReply, rule: str) -> None:
    draft.rule = rule
    if reply.kind is ReplyKind.PATCH:
        draft.patch = reply
    else:
        draft.outcome = reply


def _ask_service(context: RequestContext, draft: _Draft) -> tuple[Outcome, State]:
    """Let the service decide: a query, or a command. Return the state after it, too."""
    route, state = context.route, draft.state
    if not isinstance(route, Match):
        return Rejected(context.setup.service.no_route_error(route), draft.patch), state
    model = draft.lazy_model.model
    try:
        decision, known = find_decision(context, route.operation, draft.call, model)
    except ApiError as error:
        return Rejected(error, draft.patch), state
    if decision.command is not None:
        state = state.with_command(decision.command)
    return Decided(decision, draft.patch, known), state


def _step_clock(state: State, wall: datetime) -> State:
    # The same object where nothing moves: such a call writes nothing.
    clock = state.clock.step_for_call(wall)
    if clock is state.clock:
        return state
    return replace(state, clock=clock)


def _set_counters(draft: _Draft, counters: Mapping[str, int]) -> None:
    if counters is not draft.state.counters:
        draft.state = replace(draft.state, counters=counters)


def _has_no_route(context: RequestContext, draft: _Draft) -> bool:
    """Return whether a call was rejected only for its path: a rule may answer such a call."""
    if isinstance(context.route, Match):
        return False
    return draft.allowance is None or not draft.allowance.is_exceeded
