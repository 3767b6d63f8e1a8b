"""Responses and requests of an operation: of OCP's with data that obey the domain, of any other by their schemas."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from understudy import ocp
from understudy.contract import Contract, Operation, Parameter
from understudy.contract.corruption.response_target import concrete_media_type
from understudy.errors import nearest_name
from understudy.messages import Headers, Request, Response, dump_json
from understudy.strategies.ocp.envelopes import STATUSES, envelopes, errors
from understudy.strategies.ocp.wire_schemas import find_wire_schema, strategy_for_mode
from understudy.strategies.parameter_encoding import (
    EncodedPairs,
    encode_parameter,
    survives_encoding,
)
from understudy.strategies.schema.constraints import Requirement
from understudy.strategies.schema.invalid_values import Invalid
from understudy.strategies.schema.schema_values import SchemaValues
from understudy.strategies.strategy_options import Mode, check_mode, resolve_contract


def responses_from_operation(
    operation: str,
    *,
    contract: Contract | None = None,
    status: int = 200,
    mode: Mode = "valid",
    dialect: str = "documented",
) -> st.SearchStrategy[Any]:
    """Give responses (`understudy.messages.Response`) of the operation with this operationId, with this status.

    Every one validates. With mode `edge` each has an edge; with `invalid` each is an Invalid: its value is the
    response, its pointer leads into the body. Headers that are required are there, others sometimes; a text that is no
    JSON is sent as it is. `contract` is the shipped one unless told, in `dialect`. Raises ValueError when it has no
    such operation, documents no body for the status, or is to break a body that is no JSON, which nothing judges.
    """
    check_mode(mode)
    chosen = resolve_contract(contract, dialect)
    wire = find_wire_schema(chosen, operation, status)
    known = chosen.service == "ocp" and operation in ocp.OPERATIONS
    if known and status == 200:
        bodies = envelopes(operation=operation, mode=mode, contract=chosen)
    elif known and status in STATUSES:
        bodies = errors(operation=operation, status=status, mode=mode, contract=chosen)
    else:
        valid = wire.schema_values()
        bodies = strategy_for_mode(wire, mode, valid, lambda: wire.edge_cases(valid))
        if known:  # OCP's envelope tells the status of HTTP again; a schema cannot say so
            bodies = bodies.map(
                lambda body: {**body, "status": status} if isinstance(body, dict) else body
            )
    media_type, fields = _told_of(chosen, operation, status)
    is_json = "json" in media_type
    if mode == "invalid" and not is_json:
        raise ValueError(
            f"{operation} answers {status} with {media_type}: only JSON is judged, so nothing in it can be broken"
        )

    def response(body: Any, told: Fields) -> Any:
        if isinstance(body, Invalid):
            return replace(body, value=response(body.value, told))
        data = body.encode() if isinstance(body, str) and not is_json else dump_json(body)
        return Response(status, Headers.of([("Content-Type", media_type), *told]), data)

    return st.builds(response, bodies, fields)


Fields = list[tuple[str, str]]


def _told_of(
    contract: Contract, operation: str, status: int
) -> tuple[str, st.SearchStrategy[Fields]]:
    """Give the media type of a response, and strategies for its other headers."""
    spec = contract.operations[operation].response_spec(status)
    if spec is None:
        return "application/json", st.just([])
    payloads = SchemaValues(contract.document, "writeOnly")
    return concrete_media_type(spec.media_type), _fields(
        [(one, _values(payloads, one)) for one in spec.headers]
    )


@st.composite
def _fields(draw: st.DrawFn, headers: list[tuple[Parameter, st.SearchStrategy[Any]]]) -> Fields:
    sent = [(one, values) for one, values in headers if one.required or draw(st.booleans())]
    return [pair for one, values in sent for pair in encode_parameter(one, draw(values))]


def requests_from_operation(
    operation: str, *, contract: Contract | None = None, dialect: str = "documented"
) -> st.SearchStrategy[Request]:
    """Give requests (`understudy.messages.Request`) of the operation with this operationId: path, query, headers, body.

    Every one decodes without a violation. Parameters that are not required are sometimes left out; what one of them
    needs beside it (`x-requires`) is there. Who asks is not told: add a header of your own. Raises ValueError when the
    contract has no such operation.
    """
    chosen = resolve_contract(contract, dialect)
    found = chosen.operations.get(operation)
    if found is None:
        near = nearest_name(operation, chosen.operations)
        raise ValueError(
            f'the contract has no operation "{operation}"'
            + (f'; did you mean "{near}"?' if near else "")
        )
    payloads = SchemaValues(chosen.document, "readOnly")
    values = [(one, _values(payloads, one)) for one in found.parameters]
    return _requests(found, values, _bodies(payloads, chosen, found))


def _values(payloads: SchemaValues, parameter: Parameter) -> st.SearchStrategy[Any]:
    """Give values that can be told in a text such that they are read as what they are."""
    drawn = payloads.values(
        Requirement(parameter.schema), *_sendable(parameter), *_tellable(parameter)
    )
    if drawn.is_empty:  # so narrow a schema that what most values obey leaves none
        drawn = payloads.values(Requirement(parameter.schema))
    return drawn.filter(lambda value: survives_encoding(parameter, value))


# What most texts have to obey at a place, so that few are thrown away; it says nothing of values that are no texts.
_OF_LOCATION = {
    "path": Requirement({"minLength": 1, "not": {"enum": [".", ".."]}}),
    "header": Requirement({"pattern": "^[!-~]{1,8}( [!-~]{1,8}){0,2}$"}),
    "cookie": Requirement({"pattern": "^[A-Za-z0-9_.~-]{1,16}$"}),
}
_WORD = {"pattern": "^[A-Za-z0-9_~-]{1,8}$"}
_OF_PARTS = Requirement({"items": _WORD, "propertyNames": _WORD, "minItems": 1, "minProperties": 1})

_NULL = {"type": "null"}
_OWN_WORDS = {"pattern", "format", "enum", "const", "$ref"}


def _tellable(parameter: Parameter) -> tuple[Requirement, ...]:
    """Give what keeps out of a value, its items and members what a text cannot tell: null, odd letters of a header."""
    if parameter.media_type:
        return ()
    members = parameter.schema.get("properties", {}) if isinstance(parameter.schema, dict) else {}
    visible = parameter.location in ("header", "cookie")
    told = {
        name: {
            "not": _NULL,
            **(
                _WORD if visible and isinstance(part, dict) and not _OWN_WORDS & part.keys() else {}
            ),
        }
        for name, part in members.items()
    }
    return (Requirement(_NULL, False), Requirement({"items": {"not": _NULL}, "properties": told}))


def _sendable(parameter: Parameter) -> tuple[Requirement, ...]:
    told = parameter.schema if isinstance(parameter.schema, dict) else {}
    if parameter.media_type or _OWN_WORDS & told.keys():
        return ()
    joined = {"array", "object"} & set(parameter.types) and not told.get("items", {}).keys() & {
        "enum",
        "pattern",
    }
    found = [_OF_LOCATION[parameter.location]] if parameter.location in _OF_LOCATION else []
    return (*found, _OF_PARTS) if joined else tuple(found)


Body = tuple[str, bytes]


def _bodies(
    payloads: SchemaValues, contract: Contract, operation: Operation
) -> st.SearchStrategy[Body | None]:
    """Give media type and body; None for none."""
    if operation.body is None or not operation.body.media:
        return st.none()
    told = _resolved(contract, operation.body.pointer).get("content", {})
    parts: list[st.SearchStrategy[Body | None]] = [] if operation.body.required else [st.none()]
    for media_type, media in told.items():
        if "json" in media_type:
            drawn = payloads.values(Requirement(media.get("schema", True)))
            parts.append(drawn.map(lambda value, name=media_type: (name, dump_json(value))))  # type: ignore[misc]
        else:
            sent = st.binary(min_size=1, max_size=64)
            parts.append(sent.map(lambda data, name=media_type: (name.replace("*", "plain"), data)))  # type: ignore[misc]
    return st.one_of(parts)


def _resolved(contract: Contract, pointer: str) -> Any:
    node = contract.document
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        node = node[int(token)] if isinstance(node, list) else node[token]
    return node


@st.composite
def _requests(
    draw: st.DrawFn,
    operation: Operation,
    values: list[tuple[Parameter, st.SearchStrategy[Any]]],
    bodies: st.SearchStrategy[Body | None],
) -> Request:
    sent = {one.pointer for one, _ in values if one.required or draw(st.booleans())}
    needed = {name for one, _ in values if one.pointer in sent for name in one.requires}
    sent |= {one.pointer for one, _ in values if one.name in needed}
    pairs: EncodedPairs = {"path": [], "query": [], "header": [], "cookie": []}
    path = operation.path
    for one, drawn in values:
        if one.pointer in sent:
            told = encode_parameter(one, draw(drawn))
            pairs[one.location] += told
            path = (
                path.replace(f"{{{one.name}}}", quote(told[0][1], safe=""))
                if one.location == "path"
                else path
            )
    query = "&".join(
        f"{quote(name, safe='[]')}={quote(text, safe='')}" for name, text in pairs["query"]
    )
    headers = list(pairs["header"])
    if pairs["cookie"]:
        headers.append(("Cookie", "; ".join(f"{name}={text}" for name, text in pairs["cookie"])))
    body = draw(bodies)
    if body is not None:
        headers.append(("Content-Type", body[0]))
    target = f"{path}?{query}" if query else path
    return Request.of(operation.method, target, headers=headers, body=body[1] if body else b"")
