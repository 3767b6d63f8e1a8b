"""Routing and validation of calls of the control API, by its own OpenAPI document."""

from dataclasses import replace

from understudy.contract import Decoded, Match, NoMethod, NoPath, Violation
from understudy.control.api.api_call import Call, Stream
from understudy.control.api.api_document import load_control_contract
from understudy.control.api.control_problems import ControlProblem, from_violations
from understudy.control.api.route_table import ROUTES
from understudy.control.handlers.handler_table import HANDLERS
from understudy.messages import Headers, Request, Response

_MAX_SHOWN_PATH = 200
_MAX_SHOWN_METHOD = 40


def answer(call: Call) -> Response | Stream:
    """Route and validate a call, and return what its handler answers.

    Raises ControlProblem for an error of the caller, StubProblem for a world that cannot be used.
    """
    request = call.request
    # RFC 9110, 9.3.2: HEAD is answered like GET; the server leaves the body out.
    method = "GET" if request.method == "HEAD" else request.method
    match _find_route(method, request.path):
        case NoPath(nearest=nearest):
            raise _no_such_route(request.path, nearest)
        case NoMethod(allowed=allowed):
            return _answer_other_method(request, allowed)
        case Match(operation=operation, path_values=path_values):
            if request.body and operation.body and not request.headers.get("Content-Type"):
                # A page of another origin can send a body without the field, but not this type.
                violation = operation.body.wrong_content_type("")
                raise _unsupported_media_type(violation)
            decoded = operation.decode(path_values, request)
            _check(request, operation.id, decoded)
            world = str(decoded.values.get("world") or call.name)
            validated = replace(call, name=world, values=decoded.values, body=decoded.body)
            return HANDLERS[operation.id](validated)


def _find_route(method: str, path: str) -> Match | NoPath | NoMethod:
    """Find the operation of a call.

    A literal path wins over a template, also when it lacks the method: /requests/find is never
    /requests/{number}. Source: OpenAPI 3.1, 4.8.8.2 (path templating matching).
    """
    contract = load_control_contract()
    template, values = next(contract.router.find(path), ("", {}))
    methods = contract.by_path.get(template, {})
    if method in methods:
        return Match(methods[method], values)
    if methods:
        return NoMethod(path, tuple(methods))
    return contract.route(method, path)


def _no_such_route(path: str, nearest: str) -> ControlProblem:
    """Return the problem of an unknown path, with the nearest one."""
    detail = f'There is no route "{path[:_MAX_SHOWN_PATH]}".'
    if nearest:
        detail += f' Did you mean "{nearest}"?'
    return ControlProblem("no-such-route", detail)


def _answer_other_method(request: Request, documented: tuple[str, ...]) -> Response:
    """Answer OPTIONS, and raise ControlProblem for other methods; both have `Allow`.

    Source: RFC 9110, 9.3.7 (OPTIONS), 15.5.6 (405).
    """
    implied = ("HEAD", "OPTIONS") if "GET" in documented else ("OPTIONS",)
    allowed = ", ".join((*documented, *implied))
    header = ("Allow", allowed)
    if request.method == "OPTIONS":
        return Response(204, Headers.of([header]))
    method = request.method[:_MAX_SHOWN_METHOD]
    detail = f"{request.path} supports {allowed}, not {method}."
    raise ControlProblem("method-not-allowed", detail, headers=(header,))


def _unsupported_media_type(violation: Violation) -> ControlProblem:
    actual = f'"{violation.value}"' if violation.value else "missing"
    detail = f"The Content-Type is {actual}. Expected {violation.expected}."
    return ControlProblem("unsupported-media-type", detail)


def _check(request: Request, route_id: str, decoded: Decoded) -> None:
    """Raise ControlProblem for all violations of a call.

    Unknown parameters are violations too, which a contract only notes: a typo in `limit` must not
    be ignored. Only `world` is allowed everywhere.
    """
    violations = list(decoded.violations)
    for note in decoded.notes:
        if note.rule == "unknown" and note.place != "query.world":
            violations.append(note)
    for violation in violations:
        if violation.rule == "content-type":
            raise _unsupported_media_type(violation)
    body = ROUTES[route_id].body
    if body is not None and body.validated_by_handler and request.body:
        violations = [
            violation
            for violation in violations
            if violation.rule == "json" or not violation.place.startswith("body")
        ]
    if violations:
        raise from_violations(violations, load_control_contract().document)
