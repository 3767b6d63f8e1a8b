"""Responses and requests of an operation of any contract.

Those of OCP's operations have data that obey the domain, all others follow their schemas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract import Contract, Operation, Parameter
from understudy.contract.document.pointers import JsonObject, child_pointer, resolve_pointer
from understudy.contract.expansion.constraints import Requirement
from understudy.contract.operation.negotiation import concrete_media_type
from understudy.contract.operation.parameter_encoding import (
    EncodedPairs,
    encode_parameter,
    survives_encoding,
)
from understudy.messages import Headers, Json, Request, Response, dump_json
from understudy.strategies.ocp.envelopes import STATUSES, envelopes, errors
from understudy.strategies.ocp.wire_schemas import (
    find_wire_schema,
    strategy_for_mode,
    unknown_operation,
)
from understudy.strategies.request_bodies import Body, request_bodies
from understudy.strategies.schema.impossible import name_impossible
from understudy.strategies.schema.invalid_values import Invalid
from understudy.strategies.schema.schema_values import SchemaValues
from understudy.strategies.strategy_options import Mode, check_mode, resolve_contract

Fields = list[tuple[str, str]]
"""Names and values of headers."""
ParameterValues = Sequence[tuple[Parameter, st.SearchStrategy[Json]]]


def responses_from_operation(
    operation: str,
    *,
    contract: Contract | None = None,
    status: int = 200,
    mode: Mode = "valid",
    dialect: str = "documented",
) -> st.SearchStrategy[Any]:
    """Return responses of an operation, by its operationId, with a status.

    Each is valid. With mode `edge` each shows an edge; with `invalid` each is an Invalid: its value
    is the response, its pointer leads into the body. Required headers are present, others
    sometimes; a text that is not JSON is sent as it is. `contract` is by default the shipped one,
    in `dialect`.

    Raises ValueError when the contract has no such operation, documents no body for the status, or
    when the mode is `invalid` and the body is not JSON: only JSON is validated.
    """
    check_mode(mode)
    resolved = resolve_contract(contract, dialect)
    bodies = _response_bodies(resolved, operation, status, mode)
    media_type, fields = _media_type_and_fields(resolved.operations[operation], resolved, status)
    is_json = "json" in media_type
    if mode == "invalid" and not is_json:
        raise ValueError(
            f"{operation} responds to {status} with {media_type}: only JSON is validated, "
            "so there is no invalid body; expected the mode valid or edge"
        )

    def build(body: Any, more_fields: Fields) -> Any:
        """Return the response with a body; for an Invalid, the same Invalid of the response."""
        if isinstance(body, Invalid):
            return replace(body, value=build(body.value, more_fields))
        is_text = isinstance(body, str) and not is_json
        content = body.encode() if is_text else dump_json(body)
        headers = Headers.of([("Content-Type", media_type), *more_fields])
        return Response(status, headers, content)

    return st.builds(build, bodies, fields)


def requests_from_operation(
    operation: str, *, contract: Contract | None = None, dialect: str = "documented"
) -> st.SearchStrategy[Request]:
    """Return requests of an operation, by its operationId.

    A request has path, query, headers and body, and decodes without a violation. Parameters that
    are not required are sometimes left out; what one of them needs beside it (`x-requires`) is
    present. `readOnly` properties are left out of the body. There are no credentials: add a header
    of your own.

    Raises ValueError when the contract has no such operation.
    """
    resolved = resolve_contract(contract, dialect)
    known = resolved.operations.get(operation)
    if known is None:
        raise unknown_operation(resolved, operation)
    values = SchemaValues(resolved.document, "readOnly")
    parameters = [
        (parameter, _parameter_values(values, parameter)) for parameter in known.parameters
    ]
    return _draw_request(known, parameters, _request_bodies(values, resolved, known))


# Responses


def _response_bodies(
    contract: Contract, operation: str, status: int, mode: Mode
) -> st.SearchStrategy[Any]:
    """Return bodies; those of OCP's operations obey the domain."""
    wire = find_wire_schema(contract, operation, status)
    is_known = contract.service == "ocp" and operation in ocp.OPERATIONS
    if is_known and status == 200:
        return envelopes(operation=operation, mode=mode, contract=contract)
    if is_known and status in STATUSES:
        return errors(operation=operation, status=status, mode=mode, contract=contract)
    valid = wire.schema_values()
    if valid.is_empty and mode != "invalid":
        return _impossible_bodies(contract, contract.operations[operation], status)
    bodies = strategy_for_mode(wire, mode, valid, lambda: wire.edge_cases(valid))
    if is_known:
        # OCP's envelope repeats the HTTP status; a schema cannot say so.
        return bodies.map(lambda body: _with_status(body, status))
    return bodies


def _impossible_bodies(
    contract: Contract, operation: Operation, status: int
) -> st.SearchStrategy[Any]:
    """Return the strategy for a response whose schema no value satisfies."""
    spec = operation.response_spec(status)
    values = SchemaValues(contract.document, "writeOnly")
    pointer, schema = "", operation.response_schema(status)
    if spec is not None:
        pointer = child_pointer(spec.pointer, "content", spec.media_type, "schema")
    return name_impossible(st.nothing(), values, schema, pointer)


def _with_status(body: Any, status: int) -> Any:
    """Return an envelope with the HTTP status of its response."""
    if isinstance(body, dict):
        return {**body, "status": status}
    return body


def _media_type_and_fields(
    operation: Operation, contract: Contract, status: int
) -> tuple[str, st.SearchStrategy[Fields]]:
    """Return the media type of a response, and a strategy for its other headers."""
    response = operation.response_spec(status)
    if response is None:
        return "application/json", st.just([])
    values = SchemaValues(contract.document, "writeOnly")
    headers = [(header, _parameter_values(values, header)) for header in response.headers]
    return concrete_media_type(response.media_type), _draw_fields(headers)


@st.composite
def _draw_fields(draw: st.DrawFn, headers: ParameterValues) -> Fields:
    """Draw which optional headers are sent, and encode their values."""
    sent = [
        (header, values) for header, values in headers if header.required or draw(st.booleans())
    ]
    return [pair for header, values in sent for pair in encode_parameter(header, draw(values))]


# Requests


def _parameter_values(values: SchemaValues, parameter: Parameter) -> st.SearchStrategy[Json]:
    """Return values of a parameter that survive being encoded in a text."""
    hints = (*_sendable(parameter), *_without_null(parameter))
    drawn = values.values(Requirement(parameter.schema), *hints)
    if (
        drawn.is_empty
    ):  # the hints only avoid rejected draws; a narrow schema may exclude all of them
        drawn = values.values(Requirement(parameter.schema))
    if drawn.is_empty:
        return name_impossible(drawn, values, parameter.schema, parameter.schema_pointer)
    return drawn.filter(lambda value: survives_encoding(parameter, value))


# These hints keep the number of rejected draws low. They say nothing of values that are not
# strings.
_OF_LOCATION = {
    "path": Requirement({"minLength": 1, "not": {"enum": [".", ".."]}}),
    "header": Requirement({"pattern": "^[!-~]{1,8}( [!-~]{1,8}){0,2}$"}),
    "cookie": Requirement({"pattern": "^[A-Za-z0-9_.~-]{1,16}$"}),
}
_PLAIN = {"pattern": "^[A-Za-z0-9_~-]{1,8}$"}
"""Strings without a character that a style uses as a delimiter."""
_PLAIN_PARTS = Requirement(
    {"items": _PLAIN, "propertyNames": _PLAIN, "minItems": 1, "minProperties": 1}
)
_NULL = {"type": "null"}
_OWN_RULES = frozenset(["pattern", "format", "enum", "const", "$ref"])
"""A schema with one of these says itself which strings it allows."""


def _without_null(parameter: Parameter) -> tuple[Requirement, ...]:
    """Return hints that exclude null, which a text cannot express.

    In headers and cookies, they also exclude unusual characters of a member.
    """
    if parameter.media_type:
        return ()
    schema = parameter.schema if isinstance(parameter.schema, dict) else {}
    is_visible = parameter.location in ("header", "cookie")
    members: dict[str, JsonObject] = {}
    for name, part in schema.get("properties", {}).items():
        members[name] = {"not": _NULL}
        if is_visible and isinstance(part, dict) and not _OWN_RULES & part.keys():
            members[name] |= _PLAIN
    parts = Requirement({"items": {"not": _NULL}, "properties": members})
    return (Requirement(_NULL, False), parts)


def _sendable(parameter: Parameter) -> tuple[Requirement, ...]:
    """Return hints for strings, items and names that can be sent at the location of a parameter."""
    schema = parameter.schema if isinstance(parameter.schema, dict) else {}
    if parameter.media_type or _OWN_RULES & schema.keys():
        return ()
    hints: list[Requirement] = []
    if parameter.location in _OF_LOCATION:
        hints.append(_OF_LOCATION[parameter.location])
    has_parts = bool({"array", "object"} & set(parameter.types))
    if has_parts and not schema.get("items", {}).keys() & {"enum", "pattern"}:
        hints.append(_PLAIN_PARTS)
    return tuple(hints)


def _request_bodies(
    values: SchemaValues, contract: Contract, operation: Operation
) -> st.SearchStrategy[Body | None]:
    """Return bodies for each media type of an operation; None for a request without a body."""
    if operation.body is None:
        return st.none()
    node = resolve_pointer(contract.document, operation.body.pointer)
    return request_bodies(values, operation, node.get("content", {}))


@st.composite
def _draw_request(
    draw: st.DrawFn,
    operation: Operation,
    parameters: ParameterValues,
    bodies: st.SearchStrategy[Body | None],
) -> Request:
    """Draw which parameters are sent, their values, and a body; assemble the request."""
    sent = _draw_sent(draw, parameters)
    pairs: EncodedPairs = {"path": [], "query": [], "header": [], "cookie": []}
    for parameter, values in parameters:
        if parameter.pointer in sent:
            pairs[parameter.location] += encode_parameter(parameter, draw(values))
    headers = list(pairs["header"])
    if pairs["cookie"]:
        cookies = "; ".join(f"{name}={text}" for name, text in pairs["cookie"])
        headers.append(("Cookie", cookies))
    content = b""
    body = draw(bodies)
    if body is not None:
        media_type, content = body
        headers.append(("Content-Type", media_type))
    target = _build_target(operation.path, pairs)
    return Request.of(operation.method, target, headers=headers, body=content)


def _draw_sent(draw: st.DrawFn, parameters: ParameterValues) -> set[str]:
    """Draw which parameters are sent, by their pointers; with what one of them needs beside it."""
    sent: set[str] = set()
    needed: set[str] = set()
    for parameter, _ in parameters:
        if parameter.required or draw(st.booleans()):
            sent.add(parameter.pointer)
            needed.update(parameter.requires)
    return sent | {parameter.pointer for parameter, _ in parameters if parameter.name in needed}


def _build_target(template: str, pairs: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """Return the path with its encoded parameters, and the encoded query."""
    path = template
    for name, text in pairs["path"]:
        path = path.replace(f"{{{name}}}", text)
    query = "&".join(f"{name}={text}" for name, text in pairs["query"])
    if query:
        return f"{path}?{query}"
    return path
