"""The way of a request, in one function that can be read aloud."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from understudy.config import ValidateRequest
from understudy.contract import Match, NoMethod, NoPath, Operation, Violation, render
from understudy.messages import Exchange, Headers, Request, Response, dump_json
from understudy.replay.service import Author, Call, Decision, Refused, Reply, Stamp
from understudy.replay.state import State
from understudy.replay.throttle import Allowance, count_call
from understudy.replay.world import World

log = logging.getLogger("understudy")


@dataclass(slots=True)
class _Notes:
    """What the journal will tell of an exchange, gathered on the way."""

    operation: Operation | None = None
    account: str = ""
    violations: tuple[Violation, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    """Fields of the response that HTTP itself asks for."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be answered: decided inside the world's update, put into words outside."""

    now: datetime
    """The world's moment of the call."""
    decision: Decision | None = None
    refused: Refused | None = None
    allowance: Allowance | None = None
    after: State | None = None
    """The state with the command that the decision made, if it made one."""


def step(world: World, request: Request) -> Response:
    """Answer one request in a world."""
    if request.method == "OPTIONS":
        return _options(world, request)
    number = world.journal.number()
    notes = _Notes()
    method = "GET" if request.method == "HEAD" else request.method
    route = world.contract.route(method, request.path)
    if isinstance(route, Match):
        notes.operation = route.operation
    else:
        _tell_lost(world, route, notes)
    refused: Refused | None = None
    try:
        # The date of a signed request is compared with the wall clock, whatever the world's clock says.
        notes.account = world.service.admit(request, world.wall.now())
    except Refused as unknown:
        refused = unknown
    plan = world.update(lambda state: _decide(world, state, request, route, notes, refused))
    if plan.after is not None and plan.decision is not None and plan.decision.model is not None:
        world.keep(plan.after, plan.decision.model)
    notes.headers += (("Date", format_datetime(plan.now.astimezone(UTC), usegmt=True)),)
    reply = _reply(world, request, number, plan, notes)
    response = _respond(world, notes, reply)
    world.journal.append(_exchange(world, number, plan.now, request, response, notes))
    return response


def _decide(
    world: World,
    state: State,
    request: Request,
    route: Match | NoPath | NoMethod,
    notes: _Notes,
    refused: Refused | None,
) -> tuple[State, _Plan]:
    """Plan the answer to a request; give the state after it. The only place where a world changes."""
    wall = world.wall.now()
    now = state.clock.now(wall)
    # Who is not known has no window to use up.
    account = "" if refused else notes.account or "anonymous"
    state, allowance = count_call(state, account, now - state.start, world.limits)
    try:
        if refused is not None:
            raise refused
        if allowance is not None and allowance.refused:
            raise world.service.throttled()
        match = _found(world, route)
        world.service.permit(notes.account, match.operation)
        values = _values(world, match, request, notes)
        if request.method != "HEAD":
            state = _stepped(state, wall)
        now = state.clock.now(wall)
        model = world.model_of(state, now)
        decision = world.service.decide(model, Call(request, match.operation, values, now, world.seed))
    except Refused as reason:
        return state, _Plan(now, refused=reason, allowance=allowance)
    if decision.command is None:
        return state, _Plan(now, decision, allowance=allowance)
    after = state.after(decision.command)
    return after, _Plan(now, decision, allowance=allowance, after=after)


def _stepped(state: State, wall: datetime) -> State:
    clock = state.clock.stepped(wall)
    return state if clock is state.clock else replace(state, clock=clock)


def _reply(world: World, request: Request, number: int, plan: _Plan, notes: _Notes) -> Reply:
    if plan.allowance is not None:
        notes.headers += plan.allowance.headers()
    stamp = _stamp(world, number, plan.now)
    if plan.refused is not None:
        return world.service.refuse(plan.refused.reason, request, stamp)
    assert plan.decision is not None and notes.operation is not None  # noqa: S101, PT018 - a plan has one or the other
    return world.service.reply(notes.operation, plan.decision, stamp)


def _found(world: World, route: Match | NoPath | NoMethod) -> Match:
    if not isinstance(route, Match):
        raise world.service.lost(route)
    return route


def _tell_lost(world: World, route: NoPath | NoMethod, notes: _Notes) -> None:
    if isinstance(route, NoMethod):
        notes.headers += (("Allow", _allowed(route)),)  # RFC 9110, section 15.5.6
        return
    near = f'; the nearest is "{route.nearest}"' if route.nearest else ""
    log.warning('world %s: no operation has the path "%s"%s', world.name, route.path, near)


def _allowed(route: NoMethod) -> str:
    implied = ("HEAD", "OPTIONS") if "GET" in route.allowed else ("OPTIONS",)
    return ", ".join(dict.fromkeys([*route.allowed, *implied]))


def _values(world: World, match: Match, request: Request, notes: _Notes) -> Mapping[str, Any]:
    """Give the decoded parameters; refuse what the contract forbids, if the world is to enforce it."""
    decoded = match.operation.decode(match.path_values, request)
    off = world.validate_request is ValidateRequest.OFF
    notes.violations = () if off else (*decoded.violations, *decoded.notes)
    # Without a readable path parameter there is nothing to act on, however lenient the stub was told to be.
    fatal = decoded.violations
    if world.validate_request is not ValidateRequest.ENFORCE:
        fatal = tuple(violation for violation in fatal if violation.place.startswith("path."))
    if fatal:
        world.service.accept(fatal)
    return decoded.values


def _respond(world: World, notes: _Notes, reply: Reply) -> Response:
    response = _render(world, notes, reply)
    if notes.operation is None or reply.author is Author.TOOL:
        return response
    broken = notes.operation.validate_response(response)
    notes.violations += broken
    if not broken or reply.author is Author.EXAMPLE:
        return response
    detail = "\n".join(str(violation) for violation in broken)
    log.error("world %s: the answer to %s breaks the contract:\n%s", world.name, notes.operation.id, detail)
    return problem_response(500, "stub-broke-contract", "The stub's own answer breaks the contract", detail)


def _render(world: World, notes: _Notes, reply: Reply) -> Response:
    operation = notes.operation
    if reply.body is None:
        return Response(reply.status, Headers.of([*reply.headers, *notes.headers]))
    schema = operation.response_schema(reply.status) if operation and reply.author is Author.SERVICE else None
    body = reply.body if schema is None else render(world.contract, schema, reply.body)
    headers = Headers.of([("Content-Type", reply.media_type), *reply.headers, *notes.headers])
    is_json = "json" in reply.media_type or not isinstance(body, str)
    return Response(reply.status, headers, dump_json(body) if is_json else body.encode("utf-8", "replace"))


def _options(world: World, request: Request) -> Response:
    # Any method that is in no contract finds out which ones are.
    route = world.contract.route("OPTIONS", request.path)
    return Response(204, Headers.of([("Allow", _allowed(route) if isinstance(route, NoMethod) else "OPTIONS")]))


def _stamp(world: World, number: int, now: datetime) -> Stamp:
    """Give trace id and duration of an answer: from the seed, so that equal runs give equal bytes."""
    digest = hashlib.blake2b(f"{world.seed}/{number}".encode(), digest_size=9).digest()
    return Stamp(now, digest[:8].hex(), 1 + digest[8] % 40)


def _exchange(
    world: World, number: int, now: datetime, request: Request, response: Response, notes: _Notes
) -> Exchange:
    operation = notes.operation.id if notes.operation else ""
    told = tuple(str(violation) for violation in notes.violations)
    return Exchange(number, world.name, now, request, response, operation, notes.account, told)


def problem_response(status: int, slug: str, title: str, detail: str) -> Response:
    """Give what only the tool itself can say, as a problem document (RFC 9457): never in the service's own envelope."""
    body = {"type": f"urn:understudy:problem:{slug}", "title": title, "status": status, "detail": detail}
    return Response(status, Headers.of([("Content-Type", "application/problem+json")]), dump_json(body))
