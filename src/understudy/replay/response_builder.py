"""From a plan to the response: put into words, rendered, judged, damaged on its way where a fault wants it."""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime

from understudy.contract import Contract, NoMethod, Violation, render, sample_body, sample_fields
from understudy.messages import Headers, JsonError, Request, Response, dump_json, parse_json
from understudy.replay.call_plan import Asked, Plan
from understudy.replay.corruption_reply import corrupted, is_about, served_corruption
from understudy.replay.service import NO_BODY, Author, Refused, Reply, Stamp
from understudy.replay.stub_problem import StubProblem, problem_response
from understudy.rules import (
    Answer,
    AnswerKind,
    ScriptError,
    apply_patch,
    deliver,
    fill,
    gateway_response,
)

log = logging.getLogger("understudy")

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """A response, and what the journal tells of it."""

    response: Response
    violations: tuple[Violation, ...]
    """Of the call first, then of the response."""
    corruption: str = ""
    """The id of the corruption that was served."""


def answer(asked: Asked, plan: Plan) -> Answered:
    """Give the response to a call, and how call and response break the contract."""
    if plan.problem is not None:
        return _said(asked, plan, plan.problem)
    try:
        found = _answered(asked, plan)
    except StubProblem as problem:
        return _said(asked, plan, problem)
    response = found.response
    if asked.wishes.words and plan.refused is None:
        response = _with(response, (("Preference-Applied", asked.wishes.applied()),))
    violations = (*plan.violations, *found.violations)
    return replace(found, response=deliver(response, plan.blows, plan.facts), violations=violations)


def _said(asked: Asked, plan: Plan, problem: StubProblem) -> Answered:
    return Answered(_with(problem.response(), _own_fields(asked, plan)), plan.violations)


def _answered(asked: Asked, plan: Plan) -> Answered:
    """Give what is answered before faults damage it, and how it breaks the contract."""
    if plan.gateway is not None:
        return Answered(
            _with(gateway_response(plan.gateway, plan.facts), _own_fields(asked, plan)), ()
        )
    reply = _reply(asked, plan)
    response = _render(asked, plan, reply)
    if plan.answer is not None and plan.answer.kind is AnswerKind.PATCH:
        reply, response = (
            replace(reply, author=Author.SCRIPT),
            _patched(plan.answer, plan, response),
        )
    response, broken = _judged(asked, plan, reply, response)
    corruption = asked.corruption or served_corruption(asked, plan)
    # A refusal stays one: it is made wrong only by what is about its status.
    if corruption is not None and (plan.refused is None or is_about(corruption, response)):
        return Answered(*corrupted(asked, corruption, response), corruption.id)
    return Answered(response, broken)


def options(contract: Contract, request: Request) -> Response:
    """Tell which methods a path has."""
    # Any method that is in no contract finds out which ones are.
    route = contract.route("OPTIONS", request.path)
    return Response(
        204, Headers.of([("Allow", _allowed(route) if isinstance(route, NoMethod) else "OPTIONS")])
    )


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
                told.status or 200,
                NO_BODY if told.is_empty else body,
                told.headers,
                told.media_type,
                Author.SCRIPT,
            )


def _failure(asked: Asked, plan: Plan, told: Answer, stamp: Stamp) -> Reply:
    assert told.code is not None  # noqa: S101 - this kind has one
    if 200 <= told.code < 400:
        return _dynamic(asked, replace(told, status=told.code))
    values = {**plan.facts.values} or dict(plan.facts.path)
    try:
        refused: Refused = asked.setup.service.failure(
            told.code, told.message or "", asked.operation, values
        )
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
        fits = told.status is None or (
            operation is not None and operation.response_spec(told.status) is spec
        )
        if told.name in spec.examples and fits:
            return Reply(
                number, spec.examples[told.name], told.headers, spec.media_type, Author.EXAMPLE
            )
    known = [name for spec in specs.values() for name in spec.examples]
    detail = f'There is no example "{told.name}" here. There are: {", ".join(known) or "none"}.'
    raise StubProblem(400, "no-such-example", "There is no such example", detail)


def _dynamic(asked: Asked, told: Answer) -> Reply:
    operation = asked.operation
    specs = operation.responses if operation else {}
    status = told.status or _number(min((s for s in specs if s.startswith("2")), default="200"))
    spec = operation.response_spec(status) if operation else None
    instead = {name.casefold() for name, _ in told.headers}
    fields = sample_fields(asked.setup.contract, spec) if spec is not None else ()
    headers = (
        *told.headers,
        *((name, text) for name, text in fields if name.casefold() not in instead),
    )
    if spec is None or spec.schema is None:  # nothing says what could be made up
        shown = next(iter(spec.examples.values()), NO_BODY) if spec is not None else NO_BODY
        kind = "application/json" if spec is None else spec.media_type
        return Reply(status, shown, headers, kind, Author.SCRIPT)
    seed = told.seed if told.seed is not None else asked.setup.seed + asked.turn
    body = sample_body(asked.setup.contract, spec, seed=seed)
    return Reply(status, body, headers, spec.media_type, Author.SCRIPT)


def _number(status: str) -> int:
    return int(status) if status.isdigit() else int(status[0]) * 100 if status[0].isdigit() else 200


def _patched(patch: Answer, plan: Plan, response: Response) -> Response:
    told = fill(patch, plan.facts)
    try:
        body = apply_patch(told, parse_json(response.body)) if told.patch else NO_BODY
    except (ScriptError, JsonError) as error:
        title = "The patch of a scripted reply does not fit the answer"
        raise StubProblem(500, "patch-does-not-fit", title, str(error)) from error
    instead = {name.casefold() for name, _ in told.headers}
    kept = [(name, value) for name, value in response.headers if name.casefold() not in instead]
    changed = response.body if body is NO_BODY else dump_json(body)
    return Response(told.status or response.status, Headers.of([*kept, *told.headers]), changed)


def _judged(
    asked: Asked, plan: Plan, reply: Reply, response: Response
) -> tuple[Response, tuple[Violation, ...]]:
    if asked.operation is None or reply.author is Author.TOOL or plan.off_contract:
        return response, ()
    broken = asked.operation.validate_response(response)
    if not broken or reply.author is not Author.SERVICE:
        return response, broken
    detail = "\n".join(str(violation) for violation in broken)
    log.error(
        "world %s: the answer to %s breaks the contract:\n%s",
        asked.world.name,
        asked.operation.id,
        detail,
    )
    title = "The stub's own answer breaks the contract"
    return _with(
        problem_response(500, "stub-broke-contract", title, detail), _own_fields(asked, plan)
    ), broken


def _render(asked: Asked, plan: Plan, reply: Reply) -> Response:
    own = _own_fields(asked, plan)
    if reply.body is NO_BODY:
        return Response(reply.status, Headers.of([*reply.headers, *own]))
    operation = asked.operation
    schema = (
        operation.response_schema(reply.status)
        if operation and reply.author is Author.SERVICE
        else None
    )
    body = reply.body if schema is None else render(asked.setup.contract, schema, reply.body)
    kind = [("Content-Type", reply.media_type)] if reply.media_type else []
    headers = Headers.of([*kind, *reply.headers, *own])
    is_json = "json" in reply.media_type or not isinstance(body, str)
    is_text = plan.answer is not None and plan.answer.text is not None
    return Response(
        reply.status,
        headers,
        dump_json(body) if is_json and not is_text else body.encode("utf-8", "replace"),
    )


def _own_fields(asked: Asked, plan: Plan) -> Fields:
    """Give the fields that HTTP itself and the throttle ask for."""
    fields: list[tuple[str, str]] = []
    if isinstance(asked.route, NoMethod):
        fields.append(("Allow", _allowed(asked.route)))  # RFC 9110, section 15.5.6
    if plan.allowance is not None:
        fields += plan.allowance.headers()
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
