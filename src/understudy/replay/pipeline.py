"""The way of a request, in one function that can be read aloud."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from understudy.config import ValidateRequest
from understudy.contract import Match, NoPath, Violation
from understudy.messages import Request, Response
from understudy.replay.call_plan import LazyModel, Plan, RequestContext, Route
from understudy.replay.corruption_reply import (
    build_unknown_preference_problem,
    find_requested_corruption,
)
from understudy.replay.exchange_trace import build_exchange
from understudy.replay.rate_limit import count_in_window
from understudy.replay.response_builder import build_options_response, build_response
from understudy.replay.service import ApiError, Call
from understudy.replay.stub_problem import StubProblem
from understudy.replay.world import ReloadedError, World
from understudy.replay.world_state import State
from understudy.rules import (
    CallContext,
    ReplyKind,
    first_early_fault,
    parse_preferences,
    select_faults,
    select_reply,
)

log = logging.getLogger("understudy")


def _may_wait() -> bool:
    """Without a server, nobody's thread is lost."""
    return True


def step(
    world: World, request: Request, reserve_thread: Callable[[], bool] = _may_wait
) -> Response:
    """Answer one request in a world. `hold` reserves a thread for an answer that has to wait; False: none is left."""
    setup = world.setup
    path = setup.contract.strip_base_path(request.path)
    request = request if path == request.path else replace(request, path=path)
    if request.method == "OPTIONS" and not isinstance(
        setup.contract.route("OPTIONS", request.path), Match
    ):
        return build_options_response(setup.contract, request)
    number, turn = world.journal.number(), world.next_call_number()
    while True:
        asked = _asked(world, request, turn, reserve_thread)
        try:
            plan = world.update(partial(_decide, asked), setup=asked.setup)
            break
        except ReloadedError:  # nothing has happened yet
            continue
    if plan.decision is not None and plan.decision.model is not None:
        world.cache_model(plan.after, plan.decision.model, asked.setup)
    _tell(asked, plan)
    answered = build_response(asked, plan)
    world.journal.append(build_exchange(asked, plan, number, answered))
    return answered.response


def _asked(world: World, request: Request, turn: int, hold: Callable[[], bool]) -> RequestContext:
    """Tell what can be told of a call without the world's state."""
    setup = world.setup
    inner, wishes = parse_preferences(request)
    route = _route(setup.contract.route, inner)
    account, stranger = "", None
    try:
        # The date of a signed request is compared with the wall clock, whatever the world's clock says.
        account = setup.service.authenticate(inner, world.wall.now())
    except ApiError as unknown:
        stranger = unknown
    asked = RequestContext(world, setup, inner, turn, route, account, stranger, wishes, hold)
    if wishes.invalid:
        return replace(asked, preference_problem=build_unknown_preference_problem(wishes))
    if not wishes.corrupt or asked.operation is None:
        return asked
    try:
        return replace(
            asked,
            corruption=find_requested_corruption(wishes.corrupt, asked.operation, setup.contract),
        )
    except StubProblem as problem:
        return replace(asked, preference_problem=problem)


def _tell(asked: RequestContext, plan: Plan) -> None:
    """Say on the console what a developer at the other end may not see."""
    name, route = asked.world.name, asked.route
    if isinstance(route, NoPath) and not plan.matched:
        near = f'; the nearest is "{route.nearest}"' if route.nearest else ""
        log.warning('world %s: no operation has the path "%s"%s', name, route.path, near)
    if asked.preferences.unknown and plan.problem is None:
        log.warning("world %s: %s", name, asked.preferences.describe_problems())


def _route(route: Callable[[str, str], Route], request: Request) -> Route:
    found = route(request.method, request.path)
    # HEAD is GET without the body, unless the contract has a HEAD of its own.
    return (
        route("GET", request.path)
        if request.method == "HEAD" and not isinstance(found, Match)
        else found
    )


def _decide(asked: RequestContext, state: State) -> tuple[State, Plan]:
    """Plan the answer to a call; give the state after it. The only place where a call changes a world."""
    entry, plan = _admitted(asked, state)
    plan = _struck(asked, plan)
    if plan.problem is not None:  # whoever is refused by the tool moves no clock
        plan = replace(plan, before=entry, after=entry)
    elif plan.gateway is None:
        plan = _chosen(asked, plan)
    if not plan.is_answered:
        plan = _served(asked, plan)
    values = plan.facts.parameters
    return plan.after, replace(
        plan, seen=asked.setup.service.observe(plan.scene.model, values) if values else None
    )


def _admitted(asked: RequestContext, state: State) -> tuple[State, Plan]:
    """Judge a call: throttle, permission, contract; then what it prefers. Gives the state before its clock moved too.

    Only a call that is not refused moves a clock that moves per call.
    """
    world, request = asked.world, asked.request
    wall = world.wall.now()
    # Who is not known has no window to use up.
    account = "" if asked.authentication_error else asked.account or "anonymous"
    state, allowance = count_in_window(
        state, account, state.clock.now(wall) - state.start, asked.setup.limits
    )
    entry = state
    refused: ApiError | None = None
    values: Mapping[str, Any] = {}
    violations: tuple[Violation, ...] = ()
    problem: StubProblem | None = None
    try:
        if asked.authentication_error is not None:
            raise asked.authentication_error
        if allowance is not None and allowance.is_exceeded:
            raise asked.setup.service.rate_limit_error()
        match = _found(asked)
        asked.setup.service.authorize(asked.account, match.operation)
        values, violations, fatal = _judged(asked, match, world.validate_request(state))
        if fatal:
            asked.setup.service.raise_for_violations(fatal)
        problem = asked.preference_problem
        if asked.preferences.unknown and world.rejects_unknown_preferences(state):
            problem = build_unknown_preference_problem(asked.preferences)
        if request.method != "HEAD":
            state = _stepped(state, wall)
    except ApiError as reason:
        refused = reason
    now = state.clock.now(wall)
    scene = LazyModel(world, state, now)
    facts = _facts(asked, state, scene, now, values)
    return entry, Plan(facts, scene, state, state, allowance, violations, problem, refused=refused)


def _struck(asked: RequestContext, plan: Plan) -> Plan:
    """Let faults strike: one that acts before the call answers it, and one that waits needs a thread."""
    if plan.problem is not None or asked.operation is None:
        return plan
    counters = plan.before.counters
    blows = asked.preferences.draw_faults(plan.facts)
    if not blows:
        counters, blows = select_faults(asked.world.rule_set(plan.before), plan.facts, counters)
    if any(blow.occupies_thread for blow in blows) and not asked.reserve_thread():
        return replace(plan, problem=_no_thread_left())
    return _counted(replace(plan, blows=blows, gateway=first_early_fault(blows)), counters)


def _chosen(asked: RequestContext, plan: Plan) -> Plan:
    """Let a preference or a rule answer, if there is one for the call."""
    lost = _is_lost(asked, plan)
    if plan.refused is not None and not lost:
        return plan
    if asked.preferences.reply is not None and not lost:
        return replace(plan, answer=asked.preferences.reply, matched="preference")
    script = asked.world.rule_set(plan.before)
    counters, chosen = select_reply(script, plan.facts, plan.before.counters)
    plan = _counted(plan, counters)
    if chosen is None or (lost and chosen.reply.kind is not ReplyKind.LITERAL):
        if not script.replies:
            return plan
        _ = (
            plan.scene.model
        )  # what came nearest is told outside of the update, and may ask for states
        return replace(plan, missed=script)
    rule = chosen.rule
    return replace(
        plan, answer=chosen.reply, matched=rule.name, off_contract=rule.off_contract, refused=None
    )


def _served(asked: RequestContext, plan: Plan) -> Plan:
    """Let the service decide: look up, or apply a command."""
    match, facts = asked.route, plan.facts
    assert isinstance(match, Match)  # noqa: S101 - what is lost was refused
    call = Call(asked.request, match.operation, facts.parameters, facts.now, asked.setup.seed)
    try:
        decision = asked.setup.service.decide(plan.scene.model, call)
    except ApiError as reason:
        return replace(plan, refused=reason)
    after = plan.after if decision.command is None else plan.after.with_command(decision.command)
    return replace(plan, decision=decision, after=after)


def _facts(
    asked: RequestContext, state: State, scene: LazyModel, now: datetime, values: Mapping[str, Any]
) -> CallContext:
    path = asked.route.path_values if isinstance(asked.route, Match) else {}

    def status_of(task: int, subtask: int | None) -> str | None:
        return asked.setup.service.status_of(scene.model, task, subtask)

    return CallContext(
        request=asked.request,
        operation=asked.operation,
        path=path,
        parameters=values,
        now=now,
        start=state.start,
        world=asked.world.name,
        seed=asked.setup.seed,
        call_number=asked.call_number,
        status_of=status_of,
    )


def _stepped(state: State, wall: datetime) -> State:
    clock = state.clock.step_for_call(wall)
    return state if clock is state.clock else replace(state, clock=clock)


def _counted(plan: Plan, counters: Mapping[str, int]) -> Plan:
    if counters is plan.before.counters:
        return plan
    state = replace(plan.before, counters=counters)
    return replace(plan, before=state, after=state)


def _found(asked: RequestContext) -> Match:
    if not isinstance(asked.route, Match):
        raise asked.setup.service.no_route_error(asked.route)
    return asked.route


def _is_lost(asked: RequestContext, plan: Plan) -> bool:
    """Whether a call was refused for its path alone: a rule may answer what is in no contract."""
    throttled = plan.allowance is not None and plan.allowance.is_exceeded
    return (
        not isinstance(asked.route, Match) and asked.authentication_error is None and not throttled
    )


def _judged(
    asked: RequestContext, match: Match, mode: ValidateRequest
) -> tuple[Mapping[str, Any], tuple[Violation, ...], tuple[Violation, ...]]:
    """Give the decoded parameters, what is wrong with the call, and what of that the mode does not let pass."""
    decoded = match.operation.decode(match.path_values, asked.request)
    told = () if mode is ValidateRequest.OFF else (*decoded.violations, *decoded.notes)
    # Without a readable path parameter there is nothing to act on, however lenient the stub was told to be.
    fatal = decoded.violations
    if mode is not ValidateRequest.ENFORCE:
        fatal = tuple(violation for violation in fatal if violation.place.startswith("path."))
    return decoded.values, told, fatal


def _no_thread_left() -> StubProblem:
    detail = (
        "Half of the server's threads wait already (fault delays, waits, event streams). Try again."
    )
    return StubProblem(
        503, "no-thread-left", "Too many calls are waiting", detail, (("Retry-After", "1"),)
    )
