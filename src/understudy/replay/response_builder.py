"""From a plan to the response: put into words, rendered, judged, damaged on its way where a fault wants it."""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime

from understudy.contract import Contract, NoMethod, Violation, render, sample_body, sample_fields
from understudy.messages import Headers, JsonError, Request, Response, dump_json, parse_json
from understudy.replay.call_plan import Plan, RequestContext
from understudy.replay.corruption_reply import applies_to, corrupt_response, find_world_corruption
from understudy.replay.service import NO_BODY, ApiError, Author, ResponseMeta, UnrenderedResponse
from understudy.replay.stub_problem import StubProblem, build_problem_response
from understudy.rules import (
    ReplyKind,
    RuleError,
    ScriptedReply,
    apply_faults,
    apply_patch,
    build_gateway_response,
    render_reply,
)

log = logging.getLogger("understudy")

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BuiltResponse:
    """A response, and what the journal tells of it."""

    response: Response
    violations: tuple[Violation, ...]
    """Of the call first, then of the response."""
    corruption: str = ""
    """The id of the corruption that was served."""


def build_response(asked: RequestContext, plan: Plan) -> BuiltResponse:
    """Give the response to a call, and how call and response break the contract."""
    if plan.problem is not None:
        return _said(asked, plan, plan.problem)
    try:
        found = _answered(asked, plan)
    except StubProblem as problem:
        return _said(asked, plan, problem)
    response = found.response
    if asked.preferences.values and plan.refused is None:
        response = _with(response, (("Preference-Applied", asked.preferences.format_applied()),))
    violations = (*plan.violations, *found.violations)
    return replace(
        found, response=apply_faults(response, plan.blows, plan.facts), violations=violations
    )


def _said(asked: RequestContext, plan: Plan, problem: StubProblem) -> BuiltResponse:
    return BuiltResponse(_with(problem.to_response(), _own_fields(asked, plan)), plan.violations)


def _answered(asked: RequestContext, plan: Plan) -> BuiltResponse:
    """Give what is answered before faults damage it, and how it breaks the contract."""
    if plan.gateway is not None:
        return BuiltResponse(
            _with(build_gateway_response(plan.gateway, plan.facts), _own_fields(asked, plan)), ()
        )
    reply = _reply(asked, plan)
    response = _render(asked, plan, reply)
    if plan.answer is not None and plan.answer.kind is ReplyKind.PATCH:
        reply, response = (
            replace(reply, author=Author.SCRIPT),
            _patched(plan.answer, plan, response),
        )
    response, broken = _judged(asked, plan, reply, response)
    corruption = asked.corruption or find_world_corruption(asked, plan)
    # A refusal stays one: it is made wrong only by what is about its status.
    if corruption is not None and (plan.refused is None or applies_to(corruption, response)):
        return BuiltResponse(*corrupt_response(asked, corruption, response), corruption.id)
    return BuiltResponse(response, broken)


def build_options_response(contract: Contract, request: Request) -> Response:
    """Tell which methods a path has."""
    # Any method that is in no contract finds out which ones are.
    route = contract.route("OPTIONS", request.path)
    return Response(
        204, Headers.of([("Allow", _allowed(route) if isinstance(route, NoMethod) else "OPTIONS")])
    )


def _reply(asked: RequestContext, plan: Plan) -> UnrenderedResponse:
    service, told = asked.setup.service, plan.answer
    stamp = _stamp(asked.setup.seed, asked.call_number, plan.now)
    if told is not None and told.kind is not ReplyKind.PATCH:
        return _scripted(asked, plan, render_reply(told, plan.facts), stamp)
    if plan.refused is not None:
        return service.error_response(plan.refused.reason, asked.request, stamp)
    assert plan.decision is not None and asked.operation is not None  # noqa: S101, PT018 - a plan has one or the other
    return service.success_response(asked.operation, plan.decision, stamp)


def _scripted(
    asked: RequestContext, plan: Plan, told: ScriptedReply, stamp: ResponseMeta
) -> UnrenderedResponse:
    match told.kind:
        case ReplyKind.ERROR:
            return _failure(asked, plan, told, stamp)
        case ReplyKind.EXAMPLE:
            return _example(asked, told)
        case ReplyKind.DYNAMIC:
            return _dynamic(asked, told)
        case _:
            body = told.text if told.text is not None else told.body
            return UnrenderedResponse(
                told.status or 200,
                NO_BODY if told.is_empty else body,
                told.headers,
                told.media_type,
                Author.SCRIPT,
            )


def _failure(
    asked: RequestContext, plan: Plan, told: ScriptedReply, stamp: ResponseMeta
) -> UnrenderedResponse:
    assert told.code is not None  # noqa: S101 - this kind has one
    if 200 <= told.code < 400:
        return _dynamic(asked, replace(told, status=told.code))
    values = {**plan.facts.parameters} or dict(plan.facts.path)
    try:
        refused: ApiError = asked.setup.service.build_error(
            told.code, told.message or "", asked.operation, values
        )
    except ValueError as error:
        raise StubProblem(400, "no-such-error", "There is no such error", str(error)) from error
    reply = asked.setup.service.error_response(refused.reason, asked.request, stamp)
    author = reply.author if reply.author is Author.TOOL else Author.SCRIPT
    return replace(reply, headers=(*reply.headers, *told.headers), author=author)


def _example(asked: RequestContext, told: ScriptedReply) -> UnrenderedResponse:
    """Find an example by its name; without a status, in any response, the lowest status first."""
    operation = asked.operation
    specs = operation.responses if operation else {}
    for status in sorted(specs):
        spec, number = specs[status], told.status or _number(status)
        fits = told.status is None or (
            operation is not None and operation.response_spec(told.status) is spec
        )
        if told.example_name in spec.examples and fits:
            return UnrenderedResponse(
                number,
                spec.examples[told.example_name],
                told.headers,
                spec.media_type,
                Author.EXAMPLE,
            )
    known = [name for spec in specs.values() for name in spec.examples]
    detail = (
        f'There is no example "{told.example_name}" here. There are: {", ".join(known) or "none"}.'
    )
    raise StubProblem(400, "no-such-example", "There is no such example", detail)


def _dynamic(asked: RequestContext, told: ScriptedReply) -> UnrenderedResponse:
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
        return UnrenderedResponse(status, shown, headers, kind, Author.SCRIPT)
    seed = told.seed if told.seed is not None else asked.setup.seed + asked.call_number
    body = sample_body(asked.setup.contract, spec, seed=seed)
    return UnrenderedResponse(status, body, headers, spec.media_type, Author.SCRIPT)


def _number(status: str) -> int:
    return int(status) if status.isdigit() else int(status[0]) * 100 if status[0].isdigit() else 200


def _patched(patch: ScriptedReply, plan: Plan, response: Response) -> Response:
    told = render_reply(patch, plan.facts)
    try:
        body = apply_patch(told, parse_json(response.body)) if told.patch else NO_BODY
    except (RuleError, JsonError) as error:
        title = "The patch of a scripted reply does not fit the answer"
        raise StubProblem(500, "patch-does-not-fit", title, str(error)) from error
    instead = {name.casefold() for name, _ in told.headers}
    kept = [(name, value) for name, value in response.headers if name.casefold() not in instead]
    changed = response.body if body is NO_BODY else dump_json(body)
    return Response(told.status or response.status, Headers.of([*kept, *told.headers]), changed)


def _judged(
    asked: RequestContext, plan: Plan, reply: UnrenderedResponse, response: Response
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
        build_problem_response(500, "stub-broke-contract", title, detail), _own_fields(asked, plan)
    ), broken


def _render(asked: RequestContext, plan: Plan, reply: UnrenderedResponse) -> Response:
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


def _own_fields(asked: RequestContext, plan: Plan) -> Fields:
    """Give the fields that HTTP itself and the throttle ask for."""
    fields: list[tuple[str, str]] = []
    if isinstance(asked.route, NoMethod):
        fields.append(("Allow", _allowed(asked.route)))  # RFC 9110, section 15.5.6
    if plan.allowance is not None:
        fields += plan.allowance.header_fields()
    fields.append(("Date", format_datetime(plan.now.astimezone(UTC), usegmt=True)))
    return tuple(fields)


def _with(response: Response, fields: Fields) -> Response:
    return replace(response, headers=Headers((*response.headers.fields, *fields)))


def _allowed(route: NoMethod) -> str:
    implied = ("HEAD", "OPTIONS") if "GET" in route.allowed else ("OPTIONS",)
    return ", ".join(dict.fromkeys([*route.allowed, *implied]))


def _stamp(seed: int, turn: int, now: datetime) -> ResponseMeta:
    """Give trace id and duration of an answer: from the seed, so that equal runs give equal bytes."""
    digest = hashlib.blake2b(f"{seed}/{turn}".encode(), digest_size=9).digest()
    return ResponseMeta(now, digest[:8].hex(), 1 + digest[8] % 40)
