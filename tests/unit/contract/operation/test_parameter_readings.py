"""How the texts of parameters are read: decoded after splitting, each alternative in turn."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from contract_builders import (
    decode_request,
    load_data,
    load_operation_with_parameter,
    make_document,
    places_and_rules,
)
from understudy.contract import Match, Operation
from understudy.contract.expansion.json_kinds import json_key
from understudy.contract.operation.parameter_encoding import encode_parameter, survives_encoding
from understudy.contract.operation.percent_encoding import (
    EncodingError,
    decode_cookie,
    decode_form,
    decode_percent,
)
from understudy.contract.schema.value_shapes import ValueShape
from understudy.messages import Request

TEXTS = {"type": "array", "items": {"type": "string"}}
OBJECT = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
NESTED = {"type": "object", "properties": {"o": OBJECT, "ids": {"type": "array", "items": {}}}}
LETTERS = st.text(st.sampled_from(",;=|.% &+#?/[]aé中"), min_size=1, max_size=6)
OBJECTS = st.fixed_dictionaries({"a": LETTERS}) | st.fixed_dictionaries(
    {"a": LETTERS, "b": st.integers()}
)
VALUES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": ({"type": "string"}, LETTERS),
    "integer": ({"type": "integer"}, st.integers()),
    "number": ({"type": "number"}, st.floats(allow_nan=False, allow_infinity=False)),
    "boolean": ({"type": "boolean"}, st.booleans()),
    "array": (TEXTS, st.lists(LETTERS, min_size=1, max_size=4)),
    "object": (OBJECT, OBJECTS),
}
STYLES = [
    ("query", "form", False),
    ("query", "form", True),
    ("cookie", "form", False),
    ("cookie", "form", True),
    ("path", "simple", False),
    ("path", "simple", True),
    ("path", "matrix", False),
    ("path", "matrix", True),
]
"""Those whose delimiters an item never has, as they are encoded in an item."""
DOTTED = [("path", "label", False), ("path", "label", True)]
DELIMITED = [("query", "spaceDelimited", False), ("query", "pipeDelimited", False)]
PLAIN = [("header", "simple", False), ("header", "simple", True), ("cookie", "cookie", True)]


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> dict[Any, Any]:
    """Return a contract with one parameter, by kind, location, style and explode."""
    folder = tmp_path_factory.mktemp("styles")
    contracts: dict[Any, Any] = {}
    for kind, (schema, _) in VALUES.items():
        for location, style, explode in (*STYLES, *DOTTED, *DELIMITED, *PLAIN):
            parameter = {"name": "p", "in": location, "required": True, "schema": schema}
            parameter |= {"style": style, "explode": explode}
            path = "/x/{p}" if location == "path" else "/x"
            document = make_document({"parameters": [parameter]}, path=path)
            contracts[kind, location, style, explode] = load_data(document, folder)
    return contracts


def send(contract: Any, value: Any) -> Any:
    """Encode the value of the only parameter, route the request, and decode it."""
    [parameter] = contract.operations["getX"].parameters
    pairs = encode_parameter(parameter, value)
    target, headers = "/x", list[tuple[str, str]]()
    match parameter.location:
        case "query":
            target = "/x?" + "&".join(f"{name}={text}" for name, text in pairs)
        case "path":
            target = f"/x/{pairs[0][1]}"
        case "cookie":
            headers = [("Cookie", "; ".join(f"{name}={text}" for name, text in pairs))]
        case _:
            headers = pairs
    request = Request.of("GET", target, headers=headers)
    route = contract.route("GET", request.path)
    assert isinstance(route, Match)
    decoded = route.operation.decode(route.path_values, request)
    assert decoded.violations == ()
    return decoded.values["p"]


@given(st.data())
@pytest.mark.parametrize(("location", "style", "explode"), STYLES)
@pytest.mark.parametrize("kind", VALUES)
def test_what_is_encoded_is_decoded(
    operations: dict[Any, Any],
    kind: str,
    location: str,
    style: str,
    explode: bool,
    data: st.DataObject,
) -> None:
    """Every value arrives as it was sent, whatever characters its texts have."""
    value = data.draw(VALUES[kind][1])
    # Clients remove such segments: RFC 3986, section 5.2.4.
    assume(location != "path" or value not in (".", "..", ["."], [".."]))
    sent = send(operations[kind, location, style, explode], value)
    assert json_key(sent) == json_key(value)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@pytest.mark.parametrize(("location", "style", "explode"), [*DOTTED, *DELIMITED, *PLAIN])
@pytest.mark.parametrize("kind", VALUES)
def test_what_survives_encoding_is_decoded(
    operations: dict[Any, Any],
    kind: str,
    location: str,
    style: str,
    explode: bool,
    data: st.DataObject,
) -> None:
    """Where an item may contain its delimiter, the encoder knows which values arrive."""
    value = data.draw(VALUES[kind][1])
    contract = operations[kind, location, style, explode]
    [parameter] = contract.operations["getX"].parameters
    assume(survives_encoding(parameter, value))
    assert json_key(send(contract, value)) == json_key(value)


@given(
    st.fixed_dictionaries(
        {}, optional={"o": OBJECTS, "ids": st.lists(st.just("x"), min_size=2, max_size=3)}
    ).filter(bool)
)
def test_nested_deep_object_is_decoded(deep_operation: Operation, value: Any) -> None:
    """Its members are in brackets; the items of its arrays repeat their name."""
    [parameter] = deep_operation.parameters
    pairs = encode_parameter(parameter, value)
    query = "&".join(f"{name}={text}" for name, text in pairs)
    decoded = decode_request(deep_operation, query)
    assert (decoded.values, decoded.violations, decoded.notes) == ({"p": value}, (), ())


@pytest.fixture(scope="module")
def deep_operation(tmp_path_factory: pytest.TempPathFactory) -> Operation:
    folder = tmp_path_factory.mktemp("nested")
    return load_operation_with_parameter(folder, NESTED, style="deepObject", explode=True)


@pytest.mark.parametrize(
    ("schema", "query", "value"),
    [
        ({"anyOf": [{"type": "string", "pattern": "^a"}, {"type": "integer"}]}, "p=5", 5),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "p=5", "5"),
        ({"anyOf": [{**TEXTS, "minItems": 2}, {"type": "string"}]}, "p=a", "a"),
        ({"anyOf": [{**TEXTS, "minItems": 2}, {"type": "string"}]}, "p=a&p=b", ["a", "b"]),
        ({"type": "array", "items": {"type": ["string", "integer"], "not": {"const": "5"}}}, "p=5", [5]),
        ({"oneOf": [OBJECT, {"type": "integer"}]}, "p=5", 5),
        ({"oneOf": [OBJECT, {"type": "integer"}]}, "a=x&b=1", {"a": "x", "b": 1}),
    ],
)  # fmt: skip
def test_first_valid_alternative_counts(
    tmp_path: Path, schema: Any, query: str, value: Any
) -> None:
    """In the order of the schema's types."""
    decoded = decode_request(load_operation_with_parameter(tmp_path, schema), query)
    assert (decoded.values, decoded.violations) == ({"p": value}, ())


def test_first_reading_is_reported_when_none_is_valid(tmp_path: Path) -> None:
    """A comma that is encoded belongs to the item."""
    schema = {"type": "array", "items": {"type": "integer"}}
    operation = load_operation_with_parameter(tmp_path, schema, explode=False)
    [violation] = decode_request(operation, "p=1%2Cx").violations
    assert (violation.place, violation.value) == ("query.p/0", "1,x")


def test_number_of_readings_is_bounded(tmp_path: Path) -> None:
    """A schema of many alternatives, and a text of many items, take little time."""
    kinds = ["string", "integer", "number", "boolean", "null"]
    items = {"anyOf": [{"type": kind, "const": f"no {kind}"} for kind in kinds]}
    schema = {"anyOf": [{"type": "array", "items": items}, *items["anyOf"]]}
    operation = load_operation_with_parameter(tmp_path, schema, explode=False)
    decoded = decode_request(operation, "p=" + "1%2C" * 2000)
    assert places_and_rules(decoded.violations)[0][0].startswith("query.p")


@pytest.mark.parametrize("text", ["%", "%a", "%ZZ", "a%2", "%FF", "%C3%28", "%ED%A0%80"])
def test_malformed_encoding_is_an_error(text: str) -> None:
    """What is not two hexadecimal digits, or not UTF-8. A cookie may contain it."""
    with pytest.raises(EncodingError):
        decode_percent(text)
    with pytest.raises(EncodingError):
        decode_form(text)
    assert decode_cookie(text) == text


def test_malformed_value_of_an_unknown_name_is_a_note(tmp_path: Path) -> None:
    """It belongs to no parameter, so nothing is decoded."""
    decoded = decode_request(load_operation_with_parameter(tmp_path, {}), "q=%FF")
    assert (decoded.violations, places_and_rules(decoded.notes)) == ((), [("query.q", "unknown")])


def test_shape_follows_a_recursive_schema() -> None:
    """The shape of a member is computed when it is needed."""
    document = {"n": {"properties": {"next": {"$ref": "#/n"}, "v": {"type": "integer"}}}}
    shape = ValueShape(({"$ref": "#/n"},), document)
    for _ in range(50):
        shape = shape.member("next")
    assert (shape.types, shape.member("v").types) == (("object",), ("integer",))
    assert shape.member("other") is shape.member("another")


def test_items_of_a_tuple_have_their_own_shapes() -> None:
    """Those behind the tuple share one."""
    shape = ValueShape(({"prefixItems": [{"type": "null"}], "items": {"type": "number"}},), {})
    assert [shape.item(index).types for index in (0, 1, 2)] == [("null",), ("number",), ("number",)]
