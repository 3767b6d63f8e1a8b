"""Parameters as requests carry them: each style, each location, each type."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import ask, document, loaded, one_operation, told, with_parameter
from understudy.contract import Contract, load_contract

WORDS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
NUMBERS = {"type": "array", "items": {"type": "integer"}}
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
        (WORDS, "form", True, "p=a&p=b", ["a", "b"]),
        (WORDS, "form", True, "p=a,b", ["a,b"]),
        (WORDS, "form", True, "p=a&p=", ["a", ""]),
        (WORDS, "form", True, "p=", []),
        (WORDS, "form", False, "p=a,b", ["a", "b"]),
        (WORDS, "form", False, "p=", []),
        (WORDS, "form", False, "p=a,,b", ["a", "", "b"]),
        (NUMBERS, "form", False, "p=1,2", [1, 2]),
        (WORDS, "spaceDelimited", False, "p=a%20b+c", ["a", "b", "c"]),
        (WORDS, "spaceDelimited", True, "p=a&p=b", ["a", "b"]),
        (WORDS, "pipeDelimited", False, "p=a|b%7Cc", ["a", "b", "c"]),
        (NUMBERS, "pipeDelimited", None, "p=1|2", [1, 2]),
        (COLOUR, "form", True, "R=100&G=200", RGB),
        (COLOUR, "form", False, "p=R,100,G,200", RGB),
        (COLOUR, "form", False, "p=R,100,G", {"R": 100, "G": ""}),
        (COLOUR, "spaceDelimited", False, "p=R%20100%20G%20200", RGB),
        (COLOUR, "pipeDelimited", False, "p=R|100|G|200", RGB),
        (COLOUR, "deepObject", True, "p[R]=100&p%5BG%5D=200", RGB),
        ({**COLOUR, "additionalProperties": True}, "deepObject", True, "p[B]=x", {"B": "x"}),
    ],
)  # fmt: skip
def test_query_styles(
    tmp_path: Path, schema: Any, style: str, explode: bool | None, query: str, value: Any
) -> None:
    """Each style of OpenAPI 3.1 for a query; without `explode`, only `form` is exploded."""
    more: dict[str, Any] = {} if explode is None else {"explode": explode}
    decoded = ask(with_parameter(tmp_path, schema, style=style, **more), query)
    assert decoded.values == {"p": value}
    assert decoded.notes == ()


@pytest.mark.parametrize(
    ("schema", "style", "explode", "text", "value"),
    [
        ({"type": "integer"}, "simple", False, "5", 5),
        (NUMBERS, "simple", False, "3,4,5", [3, 4, 5]),
        (NUMBERS, "simple", True, "3,4,5", [3, 4, 5]),
        (COLOUR, "simple", False, "R,100,G,200", RGB),
        (COLOUR, "simple", True, "R=100,G=200", RGB),
        ({"type": "integer"}, "label", False, ".5", 5),
        ({"type": "number"}, "label", False, ".5.5", 5.5),
        (NUMBERS, "label", False, ".3,4,5", [3, 4, 5]),
        (NUMBERS, "label", True, ".3.4.5", [3, 4, 5]),
        (COLOUR, "label", False, ".R,100,G,200", RGB),
        (COLOUR, "label", True, ".R=100.G=200", RGB),
        ({"type": "integer"}, "matrix", False, ";p=5", 5),
        ({"type": "string"}, "matrix", False, ";p", ""),
        (NUMBERS, "matrix", False, ";p=3,4,5", [3, 4, 5]),
        (NUMBERS, "matrix", True, ";p=3;p=4;p=5", [3, 4, 5]),
        (COLOUR, "matrix", False, ";p=R,100,G,200", RGB),
        (COLOUR, "matrix", True, ";R=100;G=200", RGB),
    ],
)  # fmt: skip
def test_path_styles(
    tmp_path: Path, schema: Any, style: str, explode: bool, text: str, value: Any
) -> None:
    """Each style of OpenAPI 3.1 for a path."""
    operation = with_parameter(tmp_path, schema, location="path", style=style, explode=explode)
    decoded = ask(operation, path={"p": text})
    assert (decoded.values, decoded.violations) == ({"p": value}, ())


@pytest.mark.parametrize(
    ("schema", "explode", "fields", "value"),
    [
        ({"type": "integer"}, False, [("P", "5")], 5),
        (NUMBERS, False, [("p", "1, 2,3")], [1, 2, 3]),
        (NUMBERS, True, [("p", "1"), ("P", "2")], [1, 2]),
        (COLOUR, False, [("p", "R, 100, G, 200")], RGB),
        (COLOUR, True, [("p", "R=100, G=200")], RGB),
        ({"type": "string"}, False, [("p", "")], ""),
    ],
)  # fmt: skip
def test_header_parameters(
    tmp_path: Path, schema: Any, explode: bool, fields: Any, value: Any
) -> None:
    """Found in any case, lines of one name joined, blanks around commas dropped."""
    decoded = ask(
        with_parameter(tmp_path, schema, location="header", explode=explode), headers=fields
    )
    assert (decoded.values, decoded.violations) == ({"p": value}, ())


@pytest.mark.parametrize(
    ("schema", "explode", "cookie", "value"),
    [
        ({"type": "integer"}, True, "a=1; p=5", 5),
        (NUMBERS, False, "p=1,2; b=3", [1, 2]),
        (COLOUR, False, "p=R,100,G,200", RGB),
        ({"type": "string"}, True, "p=a=b", "a=b"),
    ],
)  # fmt: skip
def test_cookie_parameters(
    tmp_path: Path, schema: Any, explode: bool, cookie: str, value: Any
) -> None:
    """Found among the pairs of the header Cookie."""
    decoded = ask(
        with_parameter(tmp_path, schema, location="cookie", explode=explode),
        headers=[("Cookie", cookie)],
    )
    assert (decoded.values, decoded.violations) == ({"p": value}, ())


def test_what_http_rules_is_no_header_parameter(tmp_path: Path) -> None:
    """Accept, Content-Type and Authorization are ignored, as OpenAPI says."""
    assert (
        with_parameter(tmp_path, {}, name="Accept", location="header", required=True).parameters
        == ()
    )


@pytest.fixture(scope="module")
def shipped() -> Contract:
    """The contract that ships."""
    return load_contract()


@pytest.mark.parametrize(
    "query",
    [
        "status=RUNNING,FAILED", "status=RUNNING%2CFAILED", "status=RUNNING%2cFAILED", "status=RUNNING&status=FAILED",
    ],
)  # fmt: skip
def test_the_list_of_states_in_every_way_that_clients_send_it(
    shipped: Contract, query: str
) -> None:
    """Joined by commas, encoded or not, or repeated."""
    decoded = ask(shipped.operations["listTaskInstances"], query)
    assert (decoded.values["status"], decoded.violations) == (["RUNNING", "FAILED"], ())


def test_joined_and_repeated_at_once(shipped: Contract) -> None:
    """A client may mix both."""
    decoded = ask(
        shipped.operations["listTaskInstances"], "status=RUNNING,FAILED&status=SUCCESSFUL"
    )
    assert decoded.values["status"] == ["RUNNING", "FAILED", "SUCCESSFUL"]


def test_a_wrong_item_is_told_with_its_place_and_line(shipped: Contract) -> None:
    """The item's index, the documented values, the contract's keyword, the document's line."""
    [violation] = ask(shipped.operations["listTaskInstances"], "status=RUNNING,DONE").violations
    pointer = "/paths/~1api~1v2~1tasks~1instances/get/parameters/1/schema/items/enum"
    assert str(violation) == (
        'query.status/1: "DONE"; expected one of "RUNNING", "FAILED", "SUCCESSFUL" [enum] '
        f"({pointer}, task-management.md:20)"
    )


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ("9223372036854775807", 2**63 - 1, ""), ("-9223372036854775808", -(2**63), ""), ("0", 0, ""), ("-0", 0, ""),
        ("007", 7, ""), ("9223372036854775808", 2**63, "format"), ("-9223372036854775809", -(2**63) - 1, "format"),
        ("1" * 30, int("1" * 30), "format"), ("1.0", "1.0", "type"), ("%2B1", "+1", "type"), ("%201", " 1", "type"),
        ("1%0A", "1\n", "type"), ("٣", "٣", "type"), ("1e3", "1e3", "type"), ("0x1", "0x1", "type"),
        ("1_0", "1_0", "type"), ("", "", "type"), ("true", "true", "type"), ("9" * 5000, "9" * 5000, "type"),
        ("--1", "--1", "type"), ("NaN", "NaN", "type"),
    ],
)  # fmt: skip
def test_integers(shipped: Contract, text: str, value: Any, rule: str) -> None:
    """Digits with a minus at most, within int64; everything else stays a text and breaks the type."""
    decoded = ask(shipped.operations["listTaskInstances"], f"clusterId={text}")
    assert decoded.values["clusterId"] == value
    assert told(decoded.violations) == ([("query.clusterId", rule)] if rule else [])


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "number"}, "1.50", 1.5), ({"type": "number"}, "-2e3", -2000.0), ({"type": "number"}, "7", 7),
        ({"type": "number"}, "1e999", "1e999"), ({"type": "number"}, ".5", ".5"), ({"type": "number"}, "Infinity", "Infinity"),
        ({"type": "boolean"}, "true", True), ({"type": "boolean"}, "True", "True"), ({"type": "boolean"}, "1", "1"),
        ({"type": ["integer", "string"]}, "5", 5), ({"type": ["integer", "string"]}, "x", "x"),
        ({"type": ["integer", "null"]}, "null", None), ({"enum": [1, 2]}, "2", 2), ({"const": True}, "true", True),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "a", "a"), ({"minimum": 1}, "5", 5), ({}, "5", "5"),
        ({"allOf": [{"$ref": "#/components/schemas/Id"}]}, "5", 5), ({"$ref": "#/components/schemas/Any"}, "5", "5"),
    ],
)  # fmt: skip
def test_a_text_is_read_as_its_schemas_type(
    tmp_path: Path, schema: Any, text: str, value: Any
) -> None:
    """The first type that the text can be; the text itself when it can be none."""
    parameter = {"name": "p", "in": "query", "schema": schema}
    schemas = {"Id": {"type": "integer"}, "Any": True}
    operation = one_operation(tmp_path, parameters=[parameter], components={"schemas": schemas})
    assert ask(operation, f"p={text}").values == {"p": value}


def test_an_object_that_is_composed(tmp_path: Path) -> None:
    """Members are known wherever `allOf` tells them."""
    schema = {"allOf": [COLOUR, {"properties": {"B": {"type": "boolean"}}}]}
    assert ask(with_parameter(tmp_path, schema), "R=1&B=true").values == {"p": {"R": 1, "B": True}}


def test_defaults_are_filled_in(shipped: Contract) -> None:
    """A parameter that is not sent has the value that its schema tells; without one, it is not there."""
    decoded = ask(shipped.operations["listTaskInstances"])
    assert (decoded.values, decoded.violations) == ({"size": 10, "sort": "id,desc"}, ())


@pytest.mark.parametrize("location", ["query", "header", "cookie", "path"])
def test_a_required_parameter_that_is_missing(tmp_path: Path, location: str) -> None:
    """A violation that names it."""
    operation = with_parameter(tmp_path, {"type": "string"}, location=location, required=True)
    [violation] = ask(operation).violations
    assert (violation.place, violation.rule, violation.expected) == (
        f"{location}.p",
        "required",
        "the parameter p",
    )


def test_a_single_value_that_is_repeated(shipped: Contract) -> None:
    """Which of the values is meant cannot be known: neither is taken."""
    decoded = ask(shipped.operations["listTaskInstances"], "page=1&page=2")
    assert (told(decoded.violations), "page" in decoded.values) == (
        [("query.page", "repeated")],
        False,
    )


def test_an_unknown_name_is_a_note(shipped: Contract) -> None:
    """Reported with the nearest name, never refused."""
    decoded = ask(shipped.operations["listTaskInstances"], "pgae=1&zzz=1&name=x")
    assert decoded.violations == ()
    assert [(note.place, note.rule) for note in decoded.notes] == [
        ("query.pgae", "unknown"),
        ("query.zzz", "unknown"),
    ]
    assert [note.expected[:24] for note in decoded.notes] == [
        'the parameter "page"',
        "one of clusterId, cluste",
    ]


def test_a_query_name_of_a_path_variable_is_unknown_too(shipped: Contract) -> None:
    """It is noted, and the path's own value stands."""
    decoded = ask(
        shipped.operations["getTaskInstance"], "taskInstanceId=9", path={"taskInstanceId": "1"}
    )
    assert (decoded.values, told(decoded.notes)) == (
        {"taskInstanceId": 1},
        [("query.taskInstanceId", "unknown")],
    )


def test_a_parameter_that_needs_another(shipped: Contract) -> None:
    """`x-requires` is a note while the other is not sent."""
    operation = shipped.operations["listTaskInstances"]
    [note] = ask(operation, "tenantName=SYS").notes
    assert (note.place, note.rule, note.value) == ("query.tenantName", "requires", "SYS")
    assert note.expected == "the parameter clusterId beside it"
    assert ask(operation, "tenantName=SYS&clusterId=1").notes == ()


@pytest.mark.parametrize(
    ("query", "values", "violations"),
    [
        ('p={"a":1}', {"p": {"a": 1}}, []),
        ('p={"a":"x"}', {"p": {"a": "x"}}, [("query.p/a", "type")]),
        ("p={", {}, [("query.p", "json")]),
        ("p=1&p=2", {}, [("query.p", "repeated")]),
    ],
)
def test_content_parameters(tmp_path: Path, query: str, values: Any, violations: Any) -> None:
    """A parameter that is told by `content` is a JSON text."""
    content = {"application/json": {"schema": {"properties": {"a": {"type": "integer"}}}}}
    decoded = ask(with_parameter(tmp_path, None, content=content), query)
    assert (decoded.values, told(decoded.violations)) == (values, violations)


def test_a_content_parameter_of_another_media_type_is_a_text(tmp_path: Path) -> None:
    """Only JSON is taken apart."""
    operation = with_parameter(tmp_path, None, content={"text/plain": {"schema": {"maxLength": 2}}})
    decoded = ask(operation, "p=abc")
    assert (decoded.values, told(decoded.violations)) == ({"p": "abc"}, [("query.p", "maxLength")])


def test_thousands_of_unknown_names_are_noted_in_time(shipped: Contract) -> None:
    """Each is told; only the first ones with the nearest name."""
    query = "&".join(f"{'name' * 20}{number}=1" for number in range(3000))
    assert len(ask(shipped.operations["listTaskInstances"], query).notes) == 3000


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["status", "page", "sort", "=", "&", "%", "%2", ",", "[", "é"])).map(
        "".join
    )
)
def test_no_query_raises(shipped: Contract, query: str) -> None:
    """Whatever a client sends is values, violations and notes."""
    decoded = ask(shipped.operations["listTaskInstances"], query)
    assert set(decoded.values) <= {
        parameter.name for parameter in shipped.operations["listTaskInstances"].parameters
    }


_STYLED = [
    ("query", s, t)
    for s in ("form", "spaceDelimited", "pipeDelimited", "deepObject")
    for t in (WORDS, COLOUR, {})
]
_STYLED += [
    ("path", s, t)
    for s in ("simple", "label", "matrix")
    for t in (WORDS, COLOUR, {"type": "integer"})
]


@given(text=st.text(".;,=|p R[]1%&", max_size=12), explode=st.booleans())
@pytest.mark.parametrize(("location", "style", "schema"), _STYLED)
def test_no_text_raises(
    tmp_path_factory: pytest.TempPathFactory,
    location: str,
    style: str,
    schema: Any,
    text: str,
    explode: bool,
) -> None:
    """Whatever style a text is read by."""
    key = repr((location, style, schema, explode))
    if key not in _OPERATIONS:
        folder = tmp_path_factory.mktemp("styles")
        _OPERATIONS[key] = with_parameter(
            folder, schema, location=location, style=style, explode=explode
        )
    decoded = ask(_OPERATIONS[key], text, path={"p": text} if location == "path" else None)
    assert set(decoded.values) <= {"p"}


_OPERATIONS: dict[str, Any] = {}


def test_an_own_parameter_takes_the_place_of_a_shared_one(tmp_path: Path) -> None:
    """The operation's own one holds, by name and location."""
    data = document({"parameters": [{"name": "p", "in": "query", "schema": {"type": "integer"}}]})
    data["paths"]["/x"]["parameters"] = [
        {"name": n, "in": "query", "schema": {"type": "string"}} for n in "pq"
    ]
    decoded = ask(loaded(data, tmp_path).operations["getX"], "p=1&q=1")
    assert decoded.values == {"p": 1, "q": "1"}
