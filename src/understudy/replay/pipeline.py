"""The way of a request, in one function that can be read aloud."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

from understudy.config import ValidateRequest
from understudy.contract import Match, NoMethod, NoPath, Operation, Violation, render
from understudy.messages import Exchange, Headers, Request, Response, dump_json
from understudy.replay.service import Author, Call, Refused, Reply, Stamp
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


def step(world: World, request: Request, now: datetime, wall: datetime) -> Response:
    """Answer one request in a world.

    `now` is the world's moment; `wall` is the real one, with which the date of a signed request is compared.
    """
    if request.method == "OPTIONS":
        return _options(world, request)
    number = world.journal.number()
    stamp = _stamp(world, number, now)
    notes = _Notes()
    try:
        route = world.contract.route("GET" if request.method == "HEAD" else request.method, request.path)
        notes.operation = route.operation if isinstance(route, Match) else None
        notes.account = world.service.admit(request, wall)
        match = _found(world, request, route, notes)
        world.service.permit(notes.account, match.operation)
        call = _decode(world, match, request, now, notes)
        decision = world.decide(lambda model: world.service.decide(model, call))
        reply = world.service.reply(match.operation, decision, stamp)
    except Refused as refused:
        reply = world.service.refuse(refused.reason, request, stamp)
    response = _respond(world, notes, reply)
    world.journal.append(_exchange(world, number, now, request, response, notes))
    return response


def _found(world: World, request: Request, route: Match | NoPath | NoMethod, notes: _Notes) -> Match:
    if isinstance(route, Match):
        return route
    if isinstance(route, NoPath):
        near = f'; the nearest is "{route.nearest}"' if route.nearest else ""
        log.warning('world %s: no operation has the path "%s"%s', world.name, request.path, near)
    else:
        notes.headers = (("Allow", _allowed(route)),)  # RFC 9110, section 15.5.6
    raise world.service.lost(route)


def _allowed(route: NoMethod) -> str:
    implied = ("HEAD", "OPTIONS") if "GET" in route.allowed else ("OPTIONS",)
    return ", ".join(dict.fromkeys([*route.allowed, *implied]))


def _decode(world: World, match: Match, request: Request, now: datetime, notes: _Notes) -> Call:
    decoded = match.operation.decode(match.path_values, request)
    notes.violations = (*decoded.violations, *decoded.notes)
    if world.validate_request is ValidateRequest.OFF:
        notes.violations = ()
    # Without a readable path parameter there is nothing to act on, however lenient the stub was told to be.
    fatal = decoded.violations
    if world.validate_request is not ValidateRequest.ENFORCE:
        fatal = tuple(violation for violation in fatal if violation.place.startswith("path."))
    if fatal:
        world.service.accept(fatal)
    return Call(request, match.operation, decoded.values, now, world.seed)


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
    return Response(reply.status, headers, dump_json(body))


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
