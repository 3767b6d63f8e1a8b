"""From a plan to the response: put into words, rendered, judged, damaged on its way where a fault wants it."""

import hashlib
import logging
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

from understudy.contract import Contract, NoMethod, Violation, render, sample
from understudy.messages import Headers, JsonError, Request, Response, dump_json, parse_json
from understudy.replay.corruption import corrupted
from understudy.replay.plan import Asked, Plan
from understudy.replay.problems import StubProblem, problem_response
from understudy.replay.service import NO_BODY, Author, Refused, Reply, Stamp
from understudy.script import Answer, AnswerKind, ScriptError, apply_patch, deliver, fill, gateway_response

log = logging.getLogger("understudy")

Fields = tuple[tuple[str, str], ...]


def answer(asked: Asked, plan: Plan) -> tuple[Response, tuple[Violation, ...]]:
    """Give the response to a call, and how call and response break the contract."""
    if plan.problem is not None:
        response = _with(plan.problem.response(), _own_fields(asked, plan))
        return response, plan.violations
    if plan.gateway is not None:
        response = _with(gateway_response(plan.gateway, plan.facts), _own_fields(asked, plan))
        return deliver(response, plan.blows, plan.facts), plan.violations
    try:
        reply = _reply(asked, plan)
        response = _render(asked, plan, reply)
        if plan.answer is not None and plan.answer.kind is AnswerKind.PATCH:
            reply, response = replace(reply, author=Author.SCRIPT), _patched(plan, response)
    except StubProblem as problem:
        return _with(problem.response(), _own_fields(asked, plan)), plan.violations
    response, broken = _judged(asked, plan, reply, response)
    if plan.corruption is not None:
        try:
            response, broken = corrupted(plan.corruption, asked, response)
        except StubProblem as problem:
            return _with(problem.response(), _own_fields(asked, plan)), plan.violations
    return deliver(response, plan.blows, plan.facts), (*plan.violations, *broken)


def options(contract: Contract, request: Request) -> Response:
    """Tell which methods a path has."""
    # Any method that is in no contract finds out which ones are.
    route = contract.route("OPTIONS", request.path)
    return Response(204, Headers.of([("Allow", _allowed(route) if isinstance(route, NoMethod) else "OPTIONS")]))


def _reply(asked: Asked, plan: Plan) -> Reply:
    service, told = asked.setup.service, plan.answer
    stamp = _stamp(asked.setup.seed, asked.turn, plan.now)
    if told is not None and told.kind is not AnswerKind.PATCH:
        return _scripted(asked, plan, fill(told, plan.facts), stamp)
    if plan.refused is not None:
        return service.refuse(plan.refused.reason, asked.request, stamp)
    assert plan.decision is not None and asked.operation is not None  # noqa: S101, PT018 - a plan has one or the other
    return service.reply(asked.operation, plan.decision, stamp)


def _scripted(asked: Asked, plan: Plan, told: Answer, stamp: Stamp) -> Reply:
    match told.kind:
        case AnswerKind.ERROR:
            return _failure(asked, plan, told, stamp)
        case AnswerKind.EXAMPLE:
            return _example(asked, told)
        case AnswerKind.DYNAMIC:
            return _dynamic(asked, told)
        case _:
            body = told.text if told.text is not None else told.body
            return Reply(
                told.status or 200, NO_BODY if told.is_empty else body, told.headers, told.media_type, Author.SCRIPT
            )


def _failure(asked: Asked, plan: Plan, told: Answer, stamp: Stamp) -> Reply:
    assert told.code is not None  # noqa: S101 - this kind has one
    if 200 <= told.code < 400:
        return _dynamic(asked, replace(told, status=told.code))
    values = {**plan.facts.values} or dict(plan.facts.path)
    try:
        refused: Refused = asked.setup.service.failure(told.code, told.message or "", asked.operation, values)
    except ValueError as error:
        raise StubProblem(400, "no-such-error", "There is no such error", str(error)) from error
    reply = asked.setup.service.refuse(refused.reason, asked.request, stamp)
    author = reply.author if reply.author is Author.TOOL else Author.SCRIPT
    return replace(reply, headers=(*reply.headers, *told.headers), author=author)


def _example(asked: Asked, told: Answer) -> Reply:
    """Find an example by its name; without a status, in any response, the lowest status first."""
    operation = asked.operation
    specs = operation.responses if operation else {}
    for status in sorted(specs):
        spec, number = specs[status], told.status or _number(status)
        fits = told.status is None or (operation is not None and operation.response_spec(told.status) is spec)
        if told.name in spec.examples and fits:
            return Reply(number, spec.examples[told.name], told.headers, spec.media_type, Author.EXAMPLE)
    known = [name for spec in specs.values() for name in spec.examples]
    detail = f'There is no example "{told.name}" here. There are: {", ".join(known) or "none"}.'
    raise StubProblem(400, "no-such-example", "There is no such example", detail)


def _dynamic(asked: Asked, told: Answer) -> Reply:
    operation = asked.operation
    specs = operation.responses if operation else {}
    status = told.status or _number(min((s for s in specs if s.startswith("2")), default="200"))
    spec = operation.response_spec(status) if operation else None
    if spec is None or spec.schema is None:
        return Reply(status, NO_BODY, told.headers, author=Author.SCRIPT)
    seed = told.seed if told.seed is not None else asked.setup.seed + asked.turn
    body = sample(asked.setup.contract, spec.schema, seed=seed)
    return Reply(status, body, told.headers, spec.media_type, Author.SCRIPT)


def _number(status: str) -> int:
    return int(status) if status.isdigit() else int(status[0]) * 100 if status[0].isdigit() else 200


def _patched(plan: Plan, response: Response) -> Response:
    assert plan.answer is not None  # noqa: S101 - whoever calls has looked
    told = fill(plan.answer, plan.facts)
    try:
        body = apply_patch(told, parse_json(response.body)) if told.patch else NO_BODY
    except (ScriptError, JsonError) as error:
        title = "The patch of a scripted reply does not fit the answer"
        raise StubProblem(500, "patch-does-not-fit", title, str(error)) from error
    fields = [
        pair for pair in response.headers if pair[0].casefold() not in {name.casefold() for name, _ in told.headers}
    ]
    changed = response.body if body is NO_BODY else dump_json(body)
    return replace(
        response, status=told.status or response.status, headers=Headers.of([*fields, *told.headers]), body=changed
    )


def _judged(asked: Asked, plan: Plan, reply: Reply, response: Response) -> tuple[Response, tuple[Violation, ...]]:
    if asked.operation is None or reply.author is Author.TOOL or plan.off_contract:
        return response, ()
    broken = asked.operation.validate_response(response)
    if not broken or reply.author is not Author.SERVICE:
        return response, broken
    detail = "\n".join(str(violation) for violation in broken)
    log.error("world %s: the answer to %s breaks the contract:\n%s", asked.world.name, asked.operation.id, detail)
    title = "The stub's own answer breaks the contract"
    return _with(problem_response(500, "stub-broke-contract", title, detail), _own_fields(asked, plan)), broken


def _render(asked: Asked, plan: Plan, reply: Reply) -> Response:
    own = _own_fields(asked, plan)
    if reply.body is NO_BODY:
        return Response(reply.status, Headers.of([*reply.headers, *own]))
    operation = asked.operation
    schema = operation.response_schema(reply.status) if operation and reply.author is Author.SERVICE else None
    body = reply.body if schema is None else render(asked.setup.contract, schema, reply.body)
    kind = [("Content-Type", reply.media_type)] if reply.media_type else []
    headers = Headers.of([*kind, *reply.headers, *own])
    is_json = "json" in reply.media_type or not isinstance(body, str)
    is_text = plan.answer is not None and plan.answer.text is not None
    return Response(
        reply.status, headers, dump_json(body) if is_json and not is_text else body.encode("utf-8", "replace")
    )


def _own_fields(asked: Asked, plan: Plan) -> Fields:
    """Give the fields that HTTP itself asks for, and those that tell how the answer came about."""
    fields: list[tuple[str, str]] = []
    if isinstance(asked.route, NoMethod):
        fields.append(("Allow", _allowed(asked.route)))  # RFC 9110, section 15.5.6
    if plan.allowance is not None:
        fields += plan.allowance.headers()
    applied = asked.wishes.applied() if asked.wishes.words and plan.problem is None and plan.refused is None else ""
    if applied:
        fields.append(("Preference-Applied", applied))
    fields.append(("Date", format_datetime(plan.now.astimezone(UTC), usegmt=True)))
    return tuple(fields)


def _with(response: Response, fields: Fields) -> Response:
    return replace(response, headers=Headers((*response.headers.fields, *fields)))


def _allowed(route: NoMethod) -> str:
    implied = ("HEAD", "OPTIONS") if "GET" in route.allowed else ("OPTIONS",)
    return ", ".join(dict.fromkeys([*route.allowed, *implied]))


def _stamp(seed: int, turn: int, now: datetime) -> Stamp:
    """Give trace id and duration of an answer: from the seed, so that equal runs give equal bytes."""
    digest = hashlib.blake2b(f"{seed}/{turn}".encode(), digest_size=9).digest()
    return Stamp(now, digest[:8].hex(), 1 + digest[8] % 40)
