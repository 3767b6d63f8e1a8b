"""The responses that rules and preferences describe: errors, examples, generated data, literals."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from understudy.contract import (
    ResponseSpec,
    accept_of,
    choose_or_first,
    choose_with_example,
)
from understudy.replay.answers.response_choice import choose_success
from understudy.replay.call_plan import Plan, RequestContext
from understudy.replay.service import (
    NO_BODY,
    ApiError,
    Author,
    ResponseMeta,
    UnrenderedResponse,
    status_number,
)
from understudy.replay.stub_problem import StubProblem
from understudy.rules import ReplyKind, ScriptedReply

HeaderFields = tuple[tuple[str, str], ...]


def build_scripted_response(
    context: RequestContext, reply: ScriptedReply, plan: Plan, meta: ResponseMeta
) -> UnrenderedResponse:
    """Build the response that a rule or a preference describes. Raises StubProblem.

    A client that accepts none of its media types gets the service's error for that.
    """
    try:
        return _build_response(context, reply, plan, meta)
    except ApiError as error:
        return context.setup.service.error_response(error.reason, context.request, meta)


def _build_response(
    context: RequestContext, reply: ScriptedReply, plan: Plan, meta: ResponseMeta
) -> UnrenderedResponse:
    """Build the response of a reply by its kind. Raises ApiError and StubProblem."""
    if plan.rule == "preference":
        _check_preferred_status(context, reply)
    match reply.kind:
        case ReplyKind.ERROR if reply.code is not None:
            return _error_response(context, plan, reply, reply.code, meta)
        case ReplyKind.EXAMPLE:
            return _example_response(context, reply)
        case ReplyKind.DYNAMIC:
            return _sample_response(context, reply)
        case _:
            return _literal_response(reply)


def _check_preferred_status(context: RequestContext, reply: ScriptedReply) -> None:
    """Raise StubProblem (404) if a call prefers a status that its operation does not document.

    A service with errors of its own builds them for any status.
    """
    operation, status = context.operation, reply.status or reply.code
    if operation is None or status is None or not 200 <= status <= 599:
        return
    if context.setup.service.has_own_errors or operation.response_spec(status) is not None:
        return
    known = " or ".join(operation.responses) or "none"
    detail = (
        f"the status {status} is not documented; expected {known}."
        f" Use the preference fault=status:{status} for a response that is not documented."
    )
    raise StubProblem(404, "no-such-response", "Undocumented status", detail)


def _literal_response(reply: ScriptedReply) -> UnrenderedResponse:
    # A reply has a text, or a body, or neither (NO_BODY).
    body = reply.body
    if reply.text is not None:
        body = reply.text
    return UnrenderedResponse(
        status=reply.status or 200,
        body=body,
        headers=reply.headers,
        media_type=reply.media_type,
        author=Author.SCRIPT,
    )


def _error_response(
    context: RequestContext, plan: Plan, reply: ScriptedReply, code: int, meta: ResponseMeta
) -> UnrenderedResponse:
    """Build the documented response of a code, else the service's own error.

    A success code that the service has no response for gives generated data.
    """
    service = context.setup.service
    documented = None if reply.message else _find_documented(context, code)
    if documented is not None:
        return _with_fields(documented, reply.headers)
    if 200 <= code < 400:
        return _sample_response(context, replace(reply, status=code))
    values = dict(plan.call.parameters or plan.call.path)
    try:
        error = service.build_error(
            code,
            reply.message or "",
            context.operation,
            values,
            accept=accept_of(context.request.headers),
        )
    except ValueError as cause:
        raise StubProblem(400, "no-such-error", "Unknown error code", str(cause)) from cause
    response = service.error_response(error.reason, context.request, meta)
    headers = (*response.headers, *reply.headers)
    # No contract describes a problem document: it stays one of the tool.
    if response.author is Author.TOOL:
        return replace(response, headers=headers)
    return replace(response, headers=headers, author=Author.SCRIPT)


def _find_documented(context: RequestContext, status: int) -> UnrenderedResponse | None:
    """Return the service's documented response of a status; None if it has its own ones only."""
    if context.operation is None:
        return None
    setup, is_dynamic = context.setup, context.is_dynamic
    seed = setup.seed + context.call_number if is_dynamic else setup.seed
    return setup.service.documented_response(
        context.operation,
        status,
        seed=seed,
        is_dynamic=is_dynamic,
        accept=accept_of(context.request.headers),
    )


def _example_response(context: RequestContext, reply: ScriptedReply) -> UnrenderedResponse:
    """Build the response with the contract's example of a name.

    Without a status every response is searched: that to a valid request first, then the lowest
    status.
    """
    specs = _list_specs(context)
    name, accept = reply.example_name, accept_of(context.request.headers)
    for status in _order_statuses(specs):
        if reply.status is not None and not _is_spec_of(context, specs[status], reply.status):
            continue
        spec = choose_with_example(specs[status], name, accept)
        if spec is None:
            continue
        number = reply.status or status_number(status)
        documented = _find_documented(context, number)
        fields = () if documented is None else documented.headers
        return UnrenderedResponse(
            number,
            spec.examples[name],
            _merge_fields(reply.headers, fields),
            spec.content_type,
            Author.EXAMPLE,
        )
    known = list(dict.fromkeys(_iter_example_names(specs)))
    detail = f'unknown example "{reply.example_name}"; expected {" or ".join(known) or "none"}'
    # Where only the contract answers, an example that it does not have is not found.
    status_of_problem = 400 if context.setup.service.has_own_errors else 404
    raise StubProblem(status_of_problem, "no-such-example", "Unknown example", detail)


def _iter_example_names(specs: Mapping[str, ResponseSpec]) -> Iterator[str]:
    """Yield the names of all examples, of each media type."""
    for spec in specs.values():
        for offer in (spec, *spec.alternatives):
            yield from offer.examples


def _order_statuses(specs: Mapping[str, ResponseSpec]) -> list[str]:
    """Return the statuses of an operation: that of a valid request first, the others sorted."""
    chosen = choose_success(specs)
    if chosen is None:
        return sorted(specs)
    return sorted(specs, key=lambda status: (specs[status] is not chosen.spec, status))


def _list_specs(context: RequestContext) -> Mapping[str, ResponseSpec]:
    if context.operation is None:
        return {}
    return context.operation.responses


def _is_spec_of(context: RequestContext, spec: ResponseSpec, status: int) -> bool:
    operation = context.operation
    return operation is not None and operation.response_spec(status) is spec


def _sample_response(context: RequestContext, reply: ScriptedReply) -> UnrenderedResponse:
    """Build a response with generated data, for the reply's status or the lowest success."""
    # Imported late: most servers generate nothing, and start faster without the generators.
    from understudy.contract import has_content, sample_content, sample_fields

    operation, setup = context.operation, context.setup
    seed = reply.seed
    if seed is None:
        seed = setup.seed + context.call_number
    if operation is not None:
        documented = setup.service.documented_response(
            operation,
            reply.status,
            seed=seed,
            is_dynamic=True,
            accept=accept_of(context.request.headers),
        )
        if documented is not None:
            return _with_fields(documented, reply.headers)
    successes = [status for status in _list_specs(context) if status.startswith("2")]
    lowest = min(successes, default="200")
    status = reply.status or status_number(lowest)
    spec = None
    if operation is not None:
        spec = operation.response_spec(status)
    if spec is None:
        # Nothing describes the response: it is empty.
        return UnrenderedResponse(status, NO_BODY, reply.headers, author=Author.SCRIPT)
    headers = _merge_fields(reply.headers, sample_fields(setup.contract, spec))
    spec = choose_or_first(spec, accept_of(context.request.headers))
    author = Author.SCRIPT
    body: object
    if has_content(spec):
        if not reply.headers:
            author = Author.SAMPLE
        sample = sample_content(setup.contract, spec, seed=seed)
        body = setup.service.complete_sample(sample, status)
    else:
        body = next(iter(spec.examples.values()), NO_BODY)
    return UnrenderedResponse(
        status,
        body,
        headers,
        spec.content_type,
        author,
    )


def _with_fields(response: UnrenderedResponse, fields: HeaderFields) -> UnrenderedResponse:
    """Return a documented response with the header fields of a script, which is the author then."""
    if not fields:
        return response
    headers = _merge_fields(fields, response.headers)
    return replace(response, headers=headers, author=Author.SCRIPT)


def _merge_fields(fields: HeaderFields, others: HeaderFields) -> HeaderFields:
    """Return header fields, and those of the others that have other names."""
    names = {name.casefold() for name, _ in fields}
    return (*fields, *(pair for pair in others if pair[0].casefold() not in names))
