"""Parameters as requests carry them: each style, each location, each type."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import (
    decode_request,
    load_data,
    load_operation,
    load_operation_with_parameter,
    make_document,
    places_and_rules,
)
from understudy.contract import Contract, load_contract

TEXT_LIST: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
INTEGER_LIST = {"type": "array", "items": {"type": "integer"}}
COLOUR: dict[str, Any] = {
    "type": "object",
    "properties": {"R": {"type": "integer"}, "G": {"type": "integer"}},
}
RGB = {"R": 100, "G": 200}


@pytest.mark.parametrize(
    ("schema", "style", "explode", "query", "value"),
    [
        ({"type": "string"}, "form", True, "p=blue", "blue"),
        ({"type": "string"}, "form", False, "p=a,b", "a,b"),
        ({"type": "string"}, "form", True, "p=", ""),
        ({"type": "string"}, "form", True, "p=a+b%2Bc", "a b+c"),
        (TEXT_LIST, "form", True, "p=a&p=b", ["a", "b"]),
        (TEXT_LIST, "form", True, "p=a,b", ["a,b"]),
        (TEXT_LIST, "form", True, "p=a&p=", ["a", ""]),
        (TEXT_LIST, "form", True, "p=", []),
        (TEXT_LIST, "form", False, "p=a,b", ["a", "b"]),
        (TEXT_LIST, "form", False, "p=", []),
        (TEXT_LIST, "form", False, "p=a,,b", ["a", "", "b"]),
        (INTEGER_LIST, "form", False, "p=1,2", [1, 2]),
        (TEXT_LIST, "spaceDelimited", False, "p=a%20b+c", ["a", "b", "c"]),
        (TEXT_LIST, "spaceDelimited", True, "p=a&p=b", ["a", "b"]),
        (TEXT_LIST, "pipeDelimited", False, "p=a|b%7Cc", ["a", "b|c"]),
        (TEXT_LIST, "pipeDelimited", False, "p=a%7Cb%7cc", ["a", "b", "c"]),
        (INTEGER_LIST, "pipeDelimited", None, "p=1|2", [1, 2]),
        (COLOUR, "form", True, "R=100&G=200", RGB),
        (COLOUR, "form", False, "p=R,100,G,200", RGB),
        (COLOUR, "form", False, "p=R,100,G", {"R": 100, "G": ""}),
        (COLOUR, "spaceDelimited", False, "p=R%20100%20G%20200", RGB),
        (COLOUR, "pipeDelimited", False, "p=R|100|G|200", RGB),
        (COLOUR, "deepObject", True, "p[R]=100&p%5BG%5D=200", RGB),
        ({**COLOUR, "additionalProperties": True}, "deepObject", True, "p[B]=x", {"B": "x"}),
    ],
)  # fmt: skip
def test_query_parameter_is_parsed_by_its_style(
    tmp_path: Path, schema: Any, style: str, explode: bool | None, query: str, value: Any
) -> None:
    """Each style of OpenAPI 3.1; only `form` is exploded by default."""
    more: dict[str, Any] = {} if explode is None else {"explode": explode}
    decoded = decode_request(
        load_operation_with_parameter(tmp_path, schema, style=style, **more), query
    )
    assert decoded.values == {"p": value}
    assert decoded.notes == ()


@pytest.mark.parametrize(
    ("schema", "style", "explode", "text", "value"),
    [
        ({"type": "integer"}, "simple", False, "5", 5),
        (INTEGER_LIST, "simple", False, "3,4,5", [3, 4, 5]),
        (INTEGER_LIST, "simple", True, "3,4,5", [3, 4, 5]),
        (COLOUR, "simple", False, "R,100,G,200", RGB),
        (COLOUR, "simple", True, "R=100,G=200", RGB),
        ({"type": "integer"}, "label", False, ".5", 5),
        ({"type": "number"}, "label", False, ".5.5", 5.5),
        (INTEGER_LIST, "label", False, ".3,4,5", [3, 4, 5]),
        (INTEGER_LIST, "label", True, ".3.4.5", [3, 4, 5]),
        (COLOUR, "label", False, ".R,100,G,200", RGB),
        (COLOUR, "label", True, ".R=100.G=200", RGB),
        ({"type": "integer"}, "matrix", False, ";p=5", 5),
        ({"type": "string"}, "matrix", False, ";p", ""),
        (INTEGER_LIST, "matrix", False, ";p=3,4,5", [3, 4, 5]),
        (INTEGER_LIST, "matrix", True, ";p=3;p=4;p=5", [3, 4, 5]),
        (COLOUR, "matrix", False, ";p=R,100,G,200", RGB),
        (COLOUR, "matrix", True, ";R=100;G=200", RGB),
    ],
)  # fmt: skip
def test_path_parameter_is_parsed_by_its_style(
    tmp_path: Path, schema: Any, style: str, explode: bool, text: str, value: Any
) -> None:
    """Each style of OpenAPI 3.1 for a path."""
    operation = load_operation_with_parameter(
        tmp_path, schema, location="path", style=style, explode=explode
    )
    decoded = decode_request(operation, path={"p": text})
    assert (decoded.values, decoded.violations) == ({"p": value}, ())


@pytest.mark.parametrize(
    ("schema", "explode", "fields", "value"),
    [
        ({"type": "integer"}, False, [("P", "5")], 5),
        (INTEGER_LIST, False, [("p", "1, 2,3")], [1, 2, 3]),
        (INTEGER_LIST, True, [("p", "1"), ("P", "2")], [1, 2]),
        (COLOUR, False, [("p", "R, 100, G, 200")], RGB),
        (COLOUR, True, [("p", "R=100, G=200")], RGB),
        ({"type": "string"}, False, [("p", "")], ""),
    ],
)  # fmt: skip
def test_header_parameter_is_parsed(
    tmp_path: Path, schema: Any, explode: bool, fields: Any, value: Any
) -> None:
    """Names ignore case, lines of one name are joined, spaces around commas are dropped."""
    decoded = decode_request(
        load_operation_with_parameter(tmp_path, schema, location="header", explode=explode),
        headers=fields,
    )
    assert (decoded.values, decoded.violations) == ({"p": value}, ())


@pytest.mark.parametrize(
    ("schema", "explode", "cookie", "value"),
    [
        ({"type": "integer"}, True, "a=1; p=5", 5),
        (INTEGER_LIST, False, "p=1,2; b=3", [1, 2]),
        (COLOUR, False, "p=R,100,G,200", RGB),
        ({"type": "string"}, True, "p=a=b", "a=b"),
    ],
)  # fmt: skip
def test_cookie_parameter_is_parsed(
    tmp_path: Path, schema: Any, explode: bool, cookie: str, value: Any
) -> None:
    """It is one of the pairs of the header Cookie."""
    decoded = decode_request(
        load_operation_with_parameter(tmp_path, schema, location="cookie", explode=explode),
        headers=[("Cookie", cookie)],
    )
    assert (decoded.values, decoded.violations) == ({"p": value}, ())


def test_headers_defined_by_http_are_not_parameters(tmp_path: Path) -> None:
    """Accept, Content-Type and Authorization are ignored. Source: OpenAPI 3.1, Parameter Object."""
    assert (
        load_operation_with_parameter(
            tmp_path, {}, name="Accept", location="header", required=True
        ).parameters
        == ()
    )


@pytest.fixture(scope="module")
def shipped_contract() -> Contract:
    """The contract that ships."""
    return load_contract()


@pytest.mark.parametrize(
    "query",
    [
        "status=RUNNING,FAILED",
        "status=RUNNING%2CFAILED",
        "status=RUNNING%2cFAILED",
        "status=RUNNING&status=FAILED",
    ],
)
def test_list_is_accepted_joined_or_repeated(shipped_contract: Contract, query: str) -> None:
    """Joined by commas, encoded or not, or repeated: clients do all of these."""
    decoded = decode_request(shipped_contract.operations["listTaskInstances"], query)
    assert (decoded.values["status"], decoded.violations) == (["RUNNING", "FAILED"], ())


def test_list_is_accepted_joined_and_repeated_at_once(shipped_contract: Contract) -> None:
    """A client may mix both."""
    decoded = decode_request(
        shipped_contract.operations["listTaskInstances"], "status=RUNNING,FAILED&status=SUCCESSFUL"
    )
    assert decoded.values["status"] == ["RUNNING", "FAILED", "SUCCESSFUL"]


def test_invalid_item_is_reported_with_its_place_and_line(shipped_contract: Contract) -> None:
    """The item's index, the allowed values, the contract's keyword, the documents' line."""
    [violation] = decode_request(
        shipped_contract.operations["listTaskInstances"], "status=RUNNING,DONE"
    ).violations
    pointer = "/paths/~1api~1v2~1tasks~1instances/get/parameters/1/schema/items/enum"
    assert str(violation) == (
        'query.status/1: "DONE"; expected one of "RUNNING", "FAILED", "SUCCESSFUL" [enum] '
        f"({pointer}, task-management.md:20)"
    )


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ("9223372036854775807", 2**63 - 1, ""),
        ("-9223372036854775808", -(2**63), ""),
        ("0", 0, ""),
        ("-0", 0, ""),
        ("007", 7, ""),
        ("9223372036854775808", 2**63, "format"),
        ("-9223372036854775809", -(2**63) - 1, "format"),
        ("1" * 30, int("1" * 30), "format"),
        ("1.0", "1.0", "type"),
        ("%2B1", "+1", "type"),
        ("%201", " 1", "type"),
        ("1%0A", "1\n", "type"),
        ("٣", "٣", "type"),
        ("1e3", "1e3", "type"),
        ("0x1", "0x1", "type"),
        ("1_0", "1_0", "type"),
        ("", "", "type"),
        ("true", "true", "type"),
        ("9" * 5000, "9" * 5000, "type"),
        ("--1", "--1", "type"),
        ("NaN", "NaN", "type"),
    ],
)
def test_integer_is_parsed_within_int64(
    shipped_contract: Contract, text: str, value: Any, rule: str
) -> None:
    """Digits with an optional minus; any other text stays a text and breaks the type."""
    decoded = decode_request(shipped_contract.operations["listTaskInstances"], f"clusterId={text}")
    assert decoded.values["clusterId"] == value
    assert places_and_rules(decoded.violations) == ([("query.clusterId", rule)] if rule else [])


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "number"}, "1.50", 1.5),
        ({"type": "number"}, "-2e3", -2000.0),
        ({"type": "number"}, "7", 7),
        ({"type": "number"}, "1e999", "1e999"),
        ({"type": "number"}, ".5", ".5"),
        ({"type": "number"}, "Infinity", "Infinity"),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "True", "True"),
        ({"type": "boolean"}, "1", "1"),
        ({"type": ["integer", "string"]}, "5", 5),
        ({"type": ["integer", "string"]}, "x", "x"),
        ({"type": ["integer", "null"]}, "null", None),
        ({"enum": [1, 2]}, "2", 2),
        ({"const": True}, "true", True),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "a", "a"),
        ({"minimum": 1}, "5", 5),
        ({}, "5", "5"),
        ({"allOf": [{"$ref": "#/components/schemas/Id"}]}, "5", 5),
        ({"$ref": "#/components/schemas/Any"}, "5", "5"),
    ],
)
def test_text_is_parsed_as_the_type_of_its_schema(
    tmp_path: Path, schema: Any, text: str, value: Any
) -> None:
    """As the first type that it fits; it stays a text when it fits none."""
    parameter = {"name": "p", "in": "query", "schema": schema}
    schemas = {"Id": {"type": "integer"}, "Any": True}
    operation = load_operation(tmp_path, parameters=[parameter], components={"schemas": schemas})
    assert decode_request(operation, f"p={text}").values == {"p": value}


def test_members_of_a_composed_object_are_typed(tmp_path: Path) -> None:
    """The parts of `allOf` count."""
    schema = {"allOf": [COLOUR, {"properties": {"B": {"type": "boolean"}}}]}
    assert decode_request(load_operation_with_parameter(tmp_path, schema), "R=1&B=true").values == {
        "p": {"R": 1, "B": True}
    }


def test_missing_parameter_has_its_default(shipped_contract: Contract) -> None:
    """Without a default it is missing from the values."""
    decoded = decode_request(shipped_contract.operations["listTaskInstances"])
    assert (decoded.values, decoded.violations) == ({"size": 10, "sort": "id,desc"}, ())


@pytest.mark.parametrize("location", ["query", "header", "cookie", "path"])
def test_missing_required_parameter_is_reported(tmp_path: Path, location: str) -> None:
    """The violation names it."""
    operation = load_operation_with_parameter(
        tmp_path, {"type": "string"}, location=location, required=True
    )
    [violation] = decode_request(operation).violations
    assert (violation.place, violation.rule, violation.expected) == (
        f"{location}.p",
        "required",
        "the parameter p",
    )


def test_repeated_single_value_is_reported(shipped_contract: Contract) -> None:
    """It is unknown which one the client means, so none is used."""
    decoded = decode_request(shipped_contract.operations["listTaskInstances"], "page=1&page=2")
    assert (places_and_rules(decoded.violations), "page" in decoded.values) == (
        [("query.page", "repeated")],
        False,
    )


def test_unknown_query_name_is_a_note(shipped_contract: Contract) -> None:
    """It has the nearest name, and the request is not rejected."""
    decoded = decode_request(
        shipped_contract.operations["listTaskInstances"], "pgae=1&zzz=1&name=x"
    )
    assert decoded.violations == ()
    assert [(note.place, note.rule) for note in decoded.notes] == [
        ("query.pgae", "unknown"),
        ("query.zzz", "unknown"),
    ]
    assert [note.expected[:24] for note in decoded.notes] == [
        'the parameter "page"',
        "one of clusterId, cluste",
    ]


def test_path_variable_in_the_query_is_unknown(shipped_contract: Contract) -> None:
    """It is a note, and the value of the path is used."""
    decoded = decode_request(
        shipped_contract.operations["getTaskInstance"],
        "taskInstanceId=9",
        path={"taskInstanceId": "1"},
    )
    assert (decoded.values, places_and_rules(decoded.notes)) == (
        {"taskInstanceId": 1},
        [("query.taskInstanceId", "unknown")],
    )


def test_parameter_without_its_companion_is_a_note(shipped_contract: Contract) -> None:
    """`x-requires` names parameters that must be sent too."""
    operation = shipped_contract.operations["listTaskInstances"]
    [note] = decode_request(operation, "tenantName=SYS").notes
    assert (note.place, note.rule, note.value) == ("query.tenantName", "requires", "SYS")
    assert note.expected == "the parameter clusterId beside it"
    assert decode_request(operation, "tenantName=SYS&clusterId=1").notes == ()


@pytest.mark.parametrize(
    ("query", "values", "violations"),
    [
        ('p={"a":1}', {"p": {"a": 1}}, []),
        ('p={"a":"x"}', {"p": {"a": "x"}}, [("query.p/a", "type")]),
        ("p={", {}, [("query.p", "json")]),
        ("p=1&p=2", {}, [("query.p", "repeated")]),
    ],
)
def test_parameter_with_json_content_is_parsed(
    tmp_path: Path, query: str, values: Any, violations: Any
) -> None:
    """A parameter described by `content` is a JSON text."""
    content = {"application/json": {"schema": {"properties": {"a": {"type": "integer"}}}}}
    decoded = decode_request(load_operation_with_parameter(tmp_path, None, content=content), query)
    assert (decoded.values, places_and_rules(decoded.violations)) == (values, violations)


def test_parameter_with_text_content_stays_a_text(tmp_path: Path) -> None:
    """Only JSON is parsed."""
    operation = load_operation_with_parameter(
        tmp_path, None, content={"text/plain": {"schema": {"maxLength": 2}}}
    )
    decoded = decode_request(operation, "p=abc")
    assert (decoded.values, places_and_rules(decoded.violations)) == (
        {"p": "abc"},
        [("query.p", "maxLength")],
    )


def test_thousands_of_unknown_names_take_little_time(shipped_contract: Contract) -> None:
    """Each is a note; only the first ones have the nearest name."""
    query = "&".join(f"{'name' * 20}{number}=1" for number in range(3000))
    assert (
        len(decode_request(shipped_contract.operations["listTaskInstances"], query).notes) == 3000
    )


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["status", "page", "sort", "=", "&", "%", "%2", ",", "[", "é"])).map(
        "".join
    )
)
def test_any_query_is_decoded(shipped_contract: Contract, query: str) -> None:
    """Whatever a client sends becomes values, violations and notes."""
    decoded = decode_request(shipped_contract.operations["listTaskInstances"], query)
    assert set(decoded.values) <= {
        parameter.name for parameter in shipped_contract.operations["listTaskInstances"].parameters
    }


_STYLED = [
    ("query", s, t)
    for s in ("form", "spaceDelimited", "pipeDelimited", "deepObject")
    for t in (TEXT_LIST, COLOUR, {})
]
_STYLED += [
    ("path", s, t)
    for s in ("simple", "label", "matrix")
    for t in (TEXT_LIST, COLOUR, {"type": "integer"})
]


@given(text=st.text(".;,=|p R[]1%&", max_size=12), explode=st.booleans())
@pytest.mark.parametrize(("location", "style", "schema"), _STYLED)
def test_any_text_is_decoded_in_each_style(
    tmp_path_factory: pytest.TempPathFactory,
    location: str,
    style: str,
    schema: Any,
    text: str,
    explode: bool,
) -> None:
    """No text raises an error, whatever the style."""
    key = repr((location, style, schema, explode))
    if key not in _OPERATIONS:
        folder = tmp_path_factory.mktemp("styles")
        _OPERATIONS[key] = load_operation_with_parameter(
            folder, schema, location=location, style=style, explode=explode
        )
    decoded = decode_request(
        _OPERATIONS[key], text, path={"p": text} if location == "path" else None
    )
    assert set(decoded.values) <= {"p"}


_OPERATIONS: dict[str, Any] = {}


def test_operation_parameter_replaces_path_parameter(tmp_path: Path) -> None:
    """Parameters are the same when name and location are."""
    data = make_document(
        {"parameters": [{"name": "p", "in": "query", "schema": {"type": "integer"}}]}
    )
    data["paths"]["/x"]["parameters"] = [
        {"name": n, "in": "query", "schema": {"type": "string"}} for n in "pq"
    ]
    decoded = decode_request(load_data(data, tmp_path).operations["getX"], "p=1&q=1")
    assert decoded.values == {"p": 1, "q": "1"}
