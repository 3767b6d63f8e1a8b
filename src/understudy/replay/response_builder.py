"""From a plan to the response: rendered, validated, patched, corrupted, damaged by faults."""

from dataclasses import dataclass, replace

from understudy.contract import (
    Contract,
    NoMethod,
    Violation,
    encode_body,
    find_alternative,
    render,
)
from understudy.messages import Headers, JsonError, Request, Response, dump_json, parse_json
from understudy.replay.answers.scripted_response import build_scripted_response
from understudy.replay.answers.violation_problem import build_broken_response_problem
from understudy.replay.call_plan import Decided, Plan, Rejected, RequestContext, query_key
from understudy.replay.corruption_reply import (
    applies_to,
    corrupt_response,
    find_world_corruption,
)
from understudy.replay.known.representation import (
    Representation,
    build_representation,
    encode_values,
)
from understudy.replay.known.response_meta import build_meta, http_date
from understudy.replay.service import (
    NO_BODY,
    Author,
    ResponseMeta,
    UnrenderedResponse,
)
from understudy.replay.stub_problem import StubProblem, build_problem_response
from understudy.rules import (
    ActiveFault,
    RuleError,
    ScriptedReply,
    apply_faults,
    apply_patch,
    build_gateway_response,
    render_reply,
)

HeaderFields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BuiltResponse:
    """A response, and what the journal records of it."""

    response: Response
    violations: tuple[Violation, ...]
    """Those of the request first, then those of the response."""
    corruption: str = ""
    """The id of the corruption that was applied; empty: none."""
    representation: Representation | None = None
    """What the body was made of, when the service's whole answer is known."""
    is_defect: bool = False
    """Whether the tool's own response breaks the contract: the service's, or generated data."""


def build_response(context: RequestContext, plan: Plan) -> BuiltResponse:
    """Build the response to a call from its plan. Never raises StubProblem."""
    try:
        built = _build_before_faults(context, plan)
    except StubProblem as problem:
        response = _add_fields(problem.to_response(), _own_fields(context, plan))
        return BuiltResponse(response, plan.violations)
    response = built.response
    # To a call that the service rejects no preference was applied (RFC 7240, section 3).
    if context.preferences.values and not plan.is_rejected:
        applied = context.preferences.format_applied()
        response = _add_fields(response, (("Preference-Applied", applied),))
    sent = apply_faults(response, plan.active_faults, plan.call)
    violations = (*plan.violations, *built.violations)
    representation = built.representation
    if sent.body is not response.body or sent.headers != response.headers:
        representation = None  # a fault has changed what the client gets
    return replace(built, response=sent, violations=violations, representation=representation)


def _build_before_faults(context: RequestContext, plan: Plan) -> BuiltResponse:
    """Build the response, and its violations only. Raises StubProblem."""
    meta = build_meta(context.setup.seed, context.call_number, plan.now)
    service, is_text = context.setup.service, False
    patch: ScriptedReply | None = None
    match plan.outcome:
        case StubProblem() as problem:
            raise problem
        case ActiveFault() as fault:
            response = build_gateway_response(fault, plan.call)
            return BuiltResponse(_add_fields(response, _own_fields(context, plan)), ())
        case ScriptedReply() as reply:
            unrendered = build_scripted_response(
                context, render_reply(reply, plan.call), plan, meta
            )
            is_text = reply.text is not None
        case Rejected() as rejected:
            reason, patch = rejected.error.reason, rejected.patch
            unrendered = service.error_response(reason, context.request, meta)
        case Decided(representation=Representation() as known, patch=patch):
            response = _format_known(context, plan, known, meta)
            built = BuiltResponse(response, (), representation=known)
            return _change(context, plan, built, patch)
        case Decided() as decided:
            first = _build_representation(context, plan, decided)
            if first is not None:
                return _send_first(context, plan, decided, first, meta)
            unrendered, patch = service.success_response(decided.decision, meta), decided.patch
    response = _render(context, plan, unrendered, is_text=is_text)
    if patch is not None:
        return _change(context, plan, BuiltResponse(response, ()), patch)
    return _change(
        context, plan, _build_validated(context, plan, unrendered.author, response), None
    )


def _format_known(
    context: RequestContext, plan: Plan, known: Representation, meta: ResponseMeta
) -> Response:
    """Build the response from the bytes of an earlier answer, which was validated then."""
    values = encode_values(context.setup.service.meta_values(meta))
    own = _own_fields(context, plan)
    fields = known.fields
    if plan.allowance is not None:  # only then can an own field be documented too
        fields = _without_names_of(own, fields)
    return Response(known.status, Headers((*fields, *own)), known.body(values))


def _build_representation(
    context: RequestContext, plan: Plan, decided: Decided
) -> Representation | None:
    """Return what the answers to a query are made of; None for a command, for example."""
    operation = context.operation
    if operation is None:
        return None
    setup = context.setup
    return build_representation(
        setup.service, setup.contract, operation, decided.decision, plan.observation
    )


def _send_first(
    context: RequestContext,
    plan: Plan,
    decided: Decided,
    representation: Representation,
    meta: ResponseMeta,
) -> BuiltResponse:
    """Build and validate the first response of a representation; hold it for later calls."""
    response = _format_known(context, plan, representation, meta)
    if decided.patch is not None:
        return _change(context, plan, BuiltResponse(response, ()), decided.patch)
    built = _build_validated(context, plan, representation.author, response)
    if built.violations:
        return _change(context, plan, built, None)
    key = query_key(context, plan.call.parameters)
    context.world.representations.put(key, representation)
    return _change(context, plan, BuiltResponse(response, (), representation=representation), None)


def _change(
    context: RequestContext, plan: Plan, built: BuiltResponse, patch: ScriptedReply | None
) -> BuiltResponse:
    """Apply a patch of a scripted reply, then a corruption, if there are any."""
    response, violations = built.response, built.violations
    if patch is not None:
        response = _apply_patch(patch, plan, response)
        response, violations = _validate(context, plan, Author.SCRIPT, response)
        built = BuiltResponse(response, violations)
    corruption = context.corruption or find_world_corruption(context, plan)
    # An error stays an error: it is corrupted only by what belongs to its status.
    if corruption is None or (plan.is_rejected and not applies_to(corruption, response)):
        return built
    response, violations = corrupt_response(context, corruption, response)
    return BuiltResponse(response, violations, corruption.id)


def build_options_response(contract: Contract, request: Request) -> Response:
    """Build the response to OPTIONS: the field Allow with the methods of the path.

    Source: RFC 9110, section 9.3.7.
    """
    allowed = "OPTIONS"
    route = contract.route("OPTIONS", request.path)
    if isinstance(route, NoMethod):
        allowed = _allowed_methods(route, answers_options=True)
    return Response(204, Headers.of([("Allow", allowed)]))


def _apply_patch(patch: ScriptedReply, plan: Plan, response: Response) -> Response:
    """Return the service's response changed by a patch: body (RFC 6902), status, headers."""
    rendered = render_reply(patch, plan.call)
    body = response.body
    if rendered.patch:
        try:
            body = dump_json(apply_patch(rendered, parse_json(response.body)))
        except (RuleError, JsonError) as error:
            title = "The patch of a scripted reply does not fit the response"
            raise StubProblem(500, "patch-does-not-fit", title, str(error)) from error
    replaced = {name.casefold() for name, _ in rendered.headers}
    unchanged = [pair for pair in response.headers if pair[0].casefold() not in replaced]
    headers = Headers.of([*unchanged, *rendered.headers])
    return Response(rendered.status or response.status, headers, body)


def _build_validated(
    context: RequestContext, plan: Plan, author: Author, response: Response
) -> BuiltResponse:
    response, violations = _validate(context, plan, author, response)
    is_own = author in (Author.SERVICE, Author.SAMPLE)
    return BuiltResponse(response, violations, is_defect=is_own and bool(violations))


def _validate(
    context: RequestContext, plan: Plan, author: Author, response: Response
) -> tuple[Response, tuple[Violation, ...]]:
    """Return the response and its violations.

    A broken response of the service becomes a problem (500), and with `errors` every broken one.
    """
    operation = context.operation
    if operation is None or author is Author.TOOL or plan.off_contract:
        return response, ()
    violations = operation.validate_response(response)
    if not violations:
        return response, ()
    if author is Author.SERVICE:
        # A response of ours that breaks the contract is a bug of the stub: report it loudly.
        title = "The stub's own response breaks the contract"
        detail = "\n".join(str(violation) for violation in violations)
        problem = build_problem_response(500, "stub-broke-contract", title, detail)
    elif context.setup.turns_violations_into_errors(plan.before):
        problem = build_broken_response_problem(violations)
    else:
        return response, violations
    return _add_fields(problem, _own_fields(context, plan)), violations


def _render(
    context: RequestContext, plan: Plan, unrendered: UnrenderedResponse, *, is_text: bool
) -> Response:
    """Render a response. `is_text`: the body is sent as it is, whatever its media type."""
    own = _own_fields(context, plan)
    documented = unrendered.headers
    if unrendered.author is not Author.SCRIPT:
        documented = _without_names_of(own, documented)
    status, body = unrendered.status, unrendered.body
    if body is NO_BODY:
        return Response(status, Headers.of([*documented, *own]))
    # Only the service's canonical data is rendered; examples and scripted bodies are final.
    if context.operation and unrendered.author is Author.SERVICE:
        schema = context.operation.response_schema(status)
        if schema is not None:
            body = render(context.setup.contract, schema, body)
    fields = [*documented, *own]
    media_type = unrendered.media_type
    if media_type:
        fields.insert(0, ("Content-Type", media_type))
    if is_text and isinstance(body, str):
        return Response(status, Headers.of(fields), body.encode("utf-8", "replace"))
    spec = context.operation.response_spec(status) if context.operation else None
    if spec is not None:
        spec = find_alternative(spec, media_type)
    data = encode_body(context.setup.contract.document, spec, body, media_type)
    return Response(status, Headers.of(fields), data)


def _without_names_of(own: HeaderFields, documented: HeaderFields) -> HeaderFields:
    """Return documented fields without those that the stub sends itself: each is sent once."""
    names = {name.casefold() for name, _ in own}
    return tuple(pair for pair in documented if pair[0].casefold() not in names)


def _own_fields(context: RequestContext, plan: Plan) -> HeaderFields:
    """Return the header fields of HTTP itself and of the rate limit."""
    fields: list[tuple[str, str]] = []
    if isinstance(context.route, NoMethod):
        # RFC 9110, section 15.5.6: a 405 names the allowed methods.
        answers_options = context.setup.answers_options
        allowed = _allowed_methods(context.route, answers_options=answers_options)
        fields.append(("Allow", allowed))
    if plan.allowance is not None:
        fields += plan.allowance.header_fields()
    fields.append(("Date", http_date(plan.now)))
    return tuple(fields)


def _add_fields(response: Response, fields: HeaderFields) -> Response:
    return replace(response, headers=Headers((*response.headers.fields, *fields)))


def _allowed_methods(route: NoMethod, *, answers_options: bool) -> str:
    # Every GET answers HEAD; every path answers OPTIONS, unless the stub leaves it to the contract.
    methods = [*route.allowed]
    if "GET" in route.allowed:
        methods.append("HEAD")
    if answers_options:
        methods.append("OPTIONS")
    # Each method once: a contract may have a HEAD or OPTIONS of its own.
    return ", ".join(dict.fromkeys(methods))
