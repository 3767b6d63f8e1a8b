"""JSONPath queries: what they select, and the errors of texts that are none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import VALUES
from understudy.patterns.jsonpath_query import JsonPath, JsonPathError, Location, compile_jsonpath

DATA: Any = {
    "a": {"b": [1, 2, {"c": 3}], "x-y": {"z": None}},
    "list": [{"n": "p", "v": 1}, {"n": "q", "v": True}, {"n": "p", "v": {"w": 1.0}}],
    "it's": {"\\": 5, '"': 6, "é": 7},
}


@pytest.mark.parametrize(
    ("path", "locations"),
    [
        ("$", [()]),
        ("$.a.b", [("a", "b")]),
        ("$['a'][\"b\"]", [("a", "b")]),
        ("$.a['x-y'].z", [("a", "x-y", "z")]),
        ("$.a.b[0]", [("a", "b", 0)]),
        ("$.a.b[-1].c", [("a", "b", 2, "c")]),
        ("$.a.b[3]", []),
        ("$.a.b[-4]", []),
        ("$.a.b[0, 2, 0]", [("a", "b", 0), ("a", "b", 2)]),
        ("$['list','a'].b", [("a", "b")]),
        ("$.a.*", [("a", "b"), ("a", "x-y")]),
        ("$.a.b[*]", [("a", "b", 0), ("a", "b", 1), ("a", "b", 2)]),
        ("$..c", [("a", "b", 2, "c")]),
        ("$..[2]", [("a", "b", 2), ("list", 2)]),
        (
            "$..['n', 'c']",
            [("a", "b", 2, "c"), ("list", 0, "n"), ("list", 1, "n"), ("list", 2, "n")],
        ),
        ("$.list[?@.n=='p']", [("list", 0), ("list", 2)]),
        ("$.list[?(@.n == 'p' && @.v == 1)]", [("list", 0)]),
        ("$.list[?@.n != 'p']", [("list", 1)]),
        ("$.list[?@.v==true]", [("list", 1)]),
        ("$.list[?@.v.w]", [("list", 2)]),
        ("$.list[?@.v.w==1]", [("list", 2)]),
        ("$.list[?@['n']=='q', ?@.v==1]", [("list", 1), ("list", 0)]),
        ("$.a.b[?@==2]", [("a", "b", 1)]),
        ("$.a['x-y'][?@==null]", [("a", "x-y", "z")]),
        ("$[?@.missing]", []),
        ("$[?@.missing!=1]", [("a",), ("list",), ("it's",)]),
        (r"$['it\'s']['\\']", [("it's", "\\")]),
        (r"""$["it's"]["\""]""", [("it's", '"')]),
        (r"$['it\'s']['\u00e9']", [("it's", "é")]),
        ("$.a\n  .b", [("a", "b")]),
        ("$.a.missing.b", []),
        ("$.list[?@.n=='q' || @.v==1]", [("list", 0), ("list", 1)]),
        ("$.list[?!@.v.w]", [("list", 0), ("list", 1)]),
        ("$.list[?@.v.w > 0.5]", [("list", 2)]),
        ("$.list[1:]", [("list", 1), ("list", 2)]),
        ("$.a.b[::-2]", [("a", "b", 2), ("a", "b", 0)]),
        ("$[?length(@) == 3]", [("list",), ("it's",)]),
        ("$[?count(@.*) == 2]", [("a",)]),
        ("$.list[?match(@.n, '[pr]')]", [("list", 0), ("list", 2)]),
        ("$.list[?value(@..w) == 1]", [("list", 2)]),
        ("$.list[?@.v == $.a.b[0]]", [("list", 0)]),
    ],
)
def test_path_selects_locations_in_document_order(
    path: str, locations: list[tuple[Any, ...]]
) -> None:
    """Each location is selected once, in the order of RFC 9535."""
    assert compile_jsonpath(path).locate(DATA) == locations


@pytest.mark.parametrize(
    ("path", "column", "reason"),
    [
        ("", 1, "it does not start with $"),
        ("a", 1, "it does not start with $"),
        (" $", 1, "it does not start with $"),
        ("$.a ", 4, "unexpected trailing whitespace"),
        ("$.", 3, "expected a shorthand selector"),
        ("$x", 2, "unexpected token 'x'"),
        ("$['a'", 6, "unexpected end of segment"),
        ("$.a[", 5, "unexpected end of query"),
        ("$[a]", 3, "unexpected query selector"),
        ("$[()]", 3, 'unexpected "("'),
        ("$[01]", 3, "leading zero in index selector"),
        ("$.paths[/x]", 9, "unexpected token '/'"),
        ("$[?@.a=='b]", 9, 'unexpected token "\'"'),
        ("$[?@.a = 1]", 8, "unexpected token '='"),
        ("$[?@.*==1]", 7, "non-singular query is not comparable"),
        ("$[?lenght(@)>1]", 4, "function 'lenght' is not defined"),
        ("$[?match(@.a)]", 4, "match() requires 2 arguments"),
        ("$.a | $.b", 5, "unexpected token '|'"),
        (r"$['\x']", 4, "unknown escape sequence at index 3"),
        ("$[?" + "(" * 5000, 1, "maximum recursion depth exceeded"),
    ],
)
def test_invalid_path_is_reported_with_its_column(path: str, column: int, reason: str) -> None:
    """The error says what is wrong, and the column."""
    with pytest.raises(JsonPathError) as caught:
        compile_jsonpath(path)
    assert (caught.value.column, str(caught.value)) == (column, reason)


@pytest.mark.parametrize("query", ["$..a", "$[?match(@.a, 'b{99999}')]"])
def test_query_that_cannot_be_evaluated_is_an_error(query: str) -> None:
    """The document is nested too deep, or a pattern would be too large. A rule selects nothing."""
    document: Any = {"a": "b"}
    for _ in range(1000):
        document = {"a": document, "c": {"a": "b"}}
    compiled = compile_jsonpath(query)
    with pytest.raises(JsonPathError, match=r"recursion limit|repeats a part"):
        compiled.locate(document)
    assert compiled.select(document) == []


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("$.b.c", (["b"], ["a", "list", "it's"])),
        ("$.a['y-x', 'c'][0]", (["y-x", "c"], ["b", "x-y"])),
        ("$.list.*.m", (["m"], ["n", "v"])),
        ("$.a.b[7]", ([], [])),
        ("$.a", ([], [])),
    ],
)
def test_missing_names_are_found(path: str, names: tuple[list[str], list[str]]) -> None:
    """The names of the first segment that selects nothing, and those of the objects it looks in."""
    assert compile_jsonpath(path).find_missing_names(DATA) == names


@pytest.mark.parametrize("value", ["[1]", '"x"', "", 5, None])
def test_single_value_is_not_parsed(value: Any) -> None:
    """Only the root can be selected in it."""
    assert compile_jsonpath("$").select(value) == [value]
    assert compile_jsonpath("$[0]").select(value) == []
    assert compile_jsonpath("$..*").locate(value) == []


@given(VALUES, st.text("$.*[]?@'\"ab01 ,=!&()\\-|:<", max_size=14))
def test_any_text_is_compiled_or_reported(data: Any, text: str) -> None:
    """No other error is raised, and every selected location has the selected value."""
    query = _compile_or_error(f"${text}")
    if isinstance(query, JsonPathError):
        assert 1 <= query.column <= len(text) + 2
    else:
        nodes = query.select(data)
        assert all(_node_at(data, location) in nodes for location in query.locate(data))


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 2**63 - 1, 10**40 + 1, 0, -1])
def test_integer_of_a_query_is_exact(number: int) -> None:
    """A double cannot hold these: the neighbours are not selected."""
    items = [{"id": number + shift} for shift in (-1, 0, 1)]
    assert compile_jsonpath(f"$[?@.id == {number}]").select(items) == [{"id": number}]


def test_integer_with_an_exponent_is_selected() -> None:
    """It is a number too."""
    assert compile_jsonpath("$[?@ == 1e3]").select([1000, 1001]) == [1000]


def _compile_or_error(text: str) -> JsonPath | JsonPathError:
    try:
        return compile_jsonpath(text)
    except JsonPathError as error:
        return error


def _node_at(data: Any, location: Location) -> Any:
    for key in location:
        data = data[key]
    return data
