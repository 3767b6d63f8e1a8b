"""The way of a request, in one function that can be read aloud."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from understudy.config import ValidateRequest
from understudy.contract import Match, NoPath, Violation
from understudy.messages import Request, Response
from understudy.replay.answer import answer, options
from understudy.replay.corruption import corruption_for
from understudy.replay.plan import Asked, Plan, Route
from understudy.replay.problems import StubProblem
from understudy.replay.service import Call, Refused
from understudy.replay.state import State
from understudy.replay.throttle import count_call
from understudy.replay.trace import exchange_of, trace_of
from understudy.replay.world import ReloadedError, World
from understudy.script import AnswerKind, Facts, choose_reply, first_before, read_preferences, strike

log = logging.getLogger("understudy")


def _may_wait() -> bool:
    """Without a server, nobody's thread is lost."""
    return True


def step(world: World, request: Request, hold: Callable[[], bool] = _may_wait) -> Response:
    """Answer one request in a world. `hold` reserves a thread for an answer that has to wait; False: none is left."""
    setup = world.setup
    if request.method == "OPTIONS" and not isinstance(setup.contract.route("OPTIONS", request.path), Match):
        return options(setup.contract, request)
    number, turn = world.journal.number(), world.turn()
    while True:
        asked = _asked(world, request, turn, hold)
        try:
            plan = world.update(lambda state, asked=asked: _decide(asked, state), setup=asked.setup)  # type: ignore[misc]
            break
        except ReloadedError:  # nothing has happened yet
            continue
    if plan.after is not None and plan.decision is not None and plan.decision.model is not None:
        world.keep(plan.after, plan.decision.model, asked.setup)
    response, violations = answer(asked, plan)
    world.tally.count(asked.operation.id if asked.operation else "", response.status)
    world.journal.append(exchange_of(asked, plan, number, response, violations))
    return response


def _asked(world: World, request: Request, turn: int, hold: Callable[[], bool]) -> Asked:
    """Tell what can be told of a call without the world's state."""
    setup = world.setup
    inner, wishes = read_preferences(request)
    route = _route(setup.contract.route, inner)
    if isinstance(route, NoPath):
        near = f'; the nearest is "{route.nearest}"' if route.nearest else ""
        log.warning('world %s: no operation has the path "%s"%s', world.name, route.path, near)
    account, stranger = "", None
    try:
        # The date of a signed request is compared with the wall clock, whatever the world's clock says.
        account = setup.service.admit(inner, world.wall.now())
    except Refused as unknown:
        stranger = unknown
    return Asked(world, setup, inner, turn, route, account, stranger, wishes, hold)


def _route(route: Callable[[str, str], Route], request: Request) -> Route:
    found = route(request.method, request.path)
    # HEAD is GET without the body, unless the contract has a HEAD of its own.
    return route("GET", request.path) if request.method == "HEAD" and not isinstance(found, Match) else found


def _decide(asked: Asked, state: State) -> tuple[State, Plan]:
    """Plan the answer to a call; give the state after it. The only place where a call changes a world."""
    world, request = asked.world, asked.request
    wall = world.wall.now()
    now = state.clock.now(wall)
    # Who is not known has no window to use up.
    account = "" if asked.stranger else asked.account or "anonymous"
    state, allowance = count_call(state, account, now - state.start, asked.setup.limits)
    refused: Refused | None = None
    values: Mapping[str, Any] = {}
    violations: tuple[Violation, ...] = ()
    try:
        if asked.stranger is not None:
            raise asked.stranger
        if allowance is not None and allowance.refused:
            raise asked.setup.service.throttled()
        match = _found(asked)
        asked.setup.service.permit(asked.account, match.operation)
        values, violations, fatal = _judged(asked, match, world.validate_request(state))
        if fatal:
            asked.setup.service.accept(fatal)
        if request.method != "HEAD":
            state = _stepped(state, wall)
    except Refused as reason:
        refused = reason
    now = state.clock.now(wall)
    facts = _facts(asked, state, now, values)
    plan = Plan(facts, allowance, violations, refused=refused)
    return _planned(asked, state, plan)


def _planned(asked: Asked, state: State, plan: Plan) -> tuple[State, Plan]:
    """Go on with a call that was judged: faults, then what a rule says, then what the service says."""
    world, facts, wishes = asked.world, plan.facts, asked.wishes
    problem = _unknown_wish(asked, state)
    if wishes.corrupt and problem is None and plan.refused is None and asked.operation is not None:
        try:
            plan = replace(plan, corruption=corruption_for(wishes.corrupt, asked.operation, asked.setup.contract))
        except StubProblem as unknown:
            problem = unknown
    if problem:
        return state, _ended(asked, state, state, replace(plan, problem=problem), "")
    script = world.script(state)
    blows = wishes.blows(facts)
    counters = state.counters
    if asked.operation and not blows:
        counters, blows = strike(script, facts, counters)
    plan = replace(plan, blows=blows)
    if any(blow.holds for blow in blows) and not asked.hold():
        problem = _no_thread_left()
        return state, _ended(asked, state, state, replace(plan, problem=problem, blows=()), "")
    first = first_before(blows)
    if first is not None:
        after = _counted(state, counters)
        return after, _ended(asked, state, after, replace(plan, gateway=first), "fault")
    matched, chosen = "", None
    if plan.refused is None and wishes.answer is not None:
        matched, plan = "preference", replace(plan, answer=wishes.answer)
    elif plan.refused is None or _is_lost(asked, plan):
        counters, chosen = choose_reply(script, facts, counters)
        if chosen is not None and (plan.refused is None or chosen.answer.kind is AnswerKind.LITERAL):
            off = chosen.rule.off_contract
            matched, plan = chosen.rule.name, replace(plan, answer=chosen.answer, off_contract=off, refused=None)
    state = before = _counted(state, counters)
    if plan.refused is None and (plan.answer is None or plan.answer.kind is AnswerKind.PATCH):
        state, plan = _served(asked, state, plan)
    return state, _ended(asked, before, state, plan, matched)


def _served(asked: Asked, state: State, plan: Plan) -> tuple[State, Plan]:
    """Let the service decide: look up, or apply a command."""
    facts, match = plan.facts, asked.route
    assert isinstance(match, Match)  # noqa: S101 - what is lost was refused
    model = asked.world.model_of(state, facts.now)
    call = Call(asked.request, match.operation, facts.values, facts.now, asked.setup.seed)
    try:
        decision = asked.setup.service.decide(model, call)
    except Refused as reason:
        return state, replace(plan, refused=reason)
    plan = replace(plan, decision=decision)
    if decision.command is None:
        return state, plan
    after = state.after(decision.command)
    return after, replace(plan, after=after)


def _ended(asked: Asked, before: State, after: State, plan: Plan, matched: str) -> Plan:
    return replace(plan, trace=trace_of(asked, before, after, plan, matched))


def _facts(asked: Asked, state: State, now: datetime, values: Mapping[str, Any]) -> Facts:
    world = asked.world
    path = asked.route.path_values if isinstance(asked.route, Match) else {}

    def status_of(task: int, subtask: int | None) -> str | None:
        return asked.setup.service.status_of(world.model_of(state, now), task, subtask)

    return Facts(
        request=asked.request,
        operation=asked.operation,
        path=path,
        values=values,
        now=now,
        start=state.start,
        world=world.name,
        seed=asked.setup.seed,
        number=asked.turn,
        status_of=status_of,
    )


def _stepped(state: State, wall: datetime) -> State:
    clock = state.clock.stepped(wall)
    return state if clock is state.clock else replace(state, clock=clock)


def _counted(state: State, counters: Mapping[str, int]) -> State:
    return state if counters is state.counters else replace(state, counters=counters)


def _found(asked: Asked) -> Match:
    if not isinstance(asked.route, Match):
        raise asked.setup.service.lost(asked.route)
    return asked.route


def _is_lost(asked: Asked, plan: Plan) -> bool:
    """Whether a call was refused for its path alone: a rule may answer what is in no contract."""
    throttled = plan.allowance is not None and plan.allowance.refused
    return not isinstance(asked.route, Match) and asked.stranger is None and not throttled


def _judged(
    asked: Asked, match: Match, mode: ValidateRequest
) -> tuple[Mapping[str, Any], tuple[Violation, ...], tuple[Violation, ...]]:
    """Give the decoded parameters, what is wrong with the call, and what of that the mode does not let pass."""
    decoded = match.operation.decode(match.path_values, asked.request)
    told = () if mode is ValidateRequest.OFF else (*decoded.violations, *decoded.notes)
    # Without a readable path parameter there is nothing to act on, however lenient the stub was told to be.
    fatal = decoded.violations
    if mode is not ValidateRequest.ENFORCE:
        fatal = tuple(violation for violation in fatal if violation.place.startswith("path."))
    return decoded.values, told, fatal


def _unknown_wish(asked: Asked, state: State) -> StubProblem | None:
    wishes = asked.wishes
    if not (wishes.unknown or wishes.bad):
        return None
    told = wishes.complaint()
    if asked.world.refuses_unknown(state):
        return StubProblem(400, "unknown-preference", "The call prefers what nobody knows", told)
    log.warning("world %s: %s", asked.world.name, told)
    return None


def _no_thread_left() -> StubProblem:
    detail = "Half of the server's threads wait already (fault delays, waits, event streams). Try again."
    return StubProblem(503, "no-thread-left", "Too many calls are waiting", detail, (("Retry-After", "1"),))
