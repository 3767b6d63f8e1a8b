"""Answers a call of the control API: routed and judged by our own document, then by its handler."""

from dataclasses import replace

from understudy.contract import Decoded, Match, NoMethod, NoPath
from understudy.control.api.api_call import Call, Stream
from understudy.control.api.control_problems import ControlProblem, from_violations
from understudy.control.api.openapi_document import load_control_contract
from understudy.control.api.route_table import ROUTES
from understudy.control.handlers.handler_table import HANDLERS
from understudy.messages import Headers, Request, Response


def answer(call: Call) -> Response | Stream:
    """Answer a call whose parameters and body are still to be read. Raises ControlProblem and StubProblem."""
    request = call.request
    found = _route("GET" if request.method == "HEAD" else request.method, request.path)
    if isinstance(found, NoPath):
        near = f' Did you mean "{found.nearest}"?' if found.nearest else ""
        raise ControlProblem("no-such-route", f'There is no "{request.path[:200]}" here.{near}')
    if isinstance(found, NoMethod):
        return _no_method(request, found)
    decoded = found.operation.decode(found.path_values, request)
    _check(request, found.operation.id, decoded)
    world = str(decoded.values.get("world") or call.name)
    return HANDLERS[found.operation.id](
        replace(call, name=world, values=decoded.values, body=decoded.body)
    )


def _route(method: str, path: str) -> Match | NoPath | NoMethod:
    """Find a route. A path that has a name of its own is that one alone: /requests/find is no /requests/{number}."""
    contract = load_control_contract()
    template, values = next(contract.router.find(path), ("", {}))
    methods = contract.by_path.get(template, {})
    if method in methods:
        return Match(methods[method], values)
    return NoMethod(path, tuple(methods)) if methods else contract.route(method, path)


def _no_method(request: Request, found: NoMethod) -> Response:
    implied = ("HEAD", "OPTIONS") if "GET" in found.allowed else ("OPTIONS",)
    allow = ("Allow", ", ".join((*found.allowed, *implied)))
    if request.method == "OPTIONS":
        return Response(204, Headers.of([allow]))
    detail = f"{request.path} knows {allow[1]}, not {request.method[:40]}."
    raise ControlProblem("method-not-allowed", detail, headers=(allow,))


def _check(request: Request, route: str, decoded: Decoded) -> None:
    """Raise what is wrong with a call; a parameter that nobody knows is wrong as well, but for a world."""
    body = ROUTES[route].body
    unknown = (
        note for note in decoded.notes if note.rule == "unknown" and note.place != "query.world"
    )
    wrong = [*decoded.violations, *unknown]
    typed = next((violation for violation in wrong if violation.rule == "content-type"), None)
    if typed is not None:
        found = f'"{typed.value}"' if typed.value else "missing"
        raise ControlProblem(
            "unsupported-media-type", f"The Content-Type is {found}. Expected {typed.expected}."
        )
    if body is not None and body.validated_by_handler and request.body:
        wrong = [one for one in wrong if one.rule == "json" or not one.place.startswith("body")]
    if wrong:
        raise from_violations(wrong, load_control_contract().document)
