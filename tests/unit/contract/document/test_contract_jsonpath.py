"""The part of JSONPath that overlays use."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_builders import VALUES
from understudy.contract.document.overlay_jsonpath import (
    Location,
    Path,
    PathError,
    node_at,
    parse_path,
    select_locations,
)

DATA: Any = {
    "a": {"b": [1, 2, {"c": 3}], "x-y": {"z": None}},
    "list": [{"n": "p", "v": 1}, {"n": "q", "v": True}, {"n": "p", "v": {"w": 1.0}}],
    "it's": {"\\": 5, '"': 6, "é": 7},
}


@pytest.mark.parametrize(
    ("path", "places"),
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
        ("$..['n', 'c']", [("a", "b", 2, "c"), ("list", 0, "n"), ("list", 1, "n"), ("list", 2, "n")]),
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
        (" $ . a".replace(" . ", "."), [("a",)]),
        ("$.a.missing.b", []),
    ],
)  # fmt: skip
def test_paths(path: str, places: list[tuple[Any, ...]]) -> None:
    """Places in document order, each once."""
    assert select_locations(DATA, parse_path(path)) == places


@pytest.mark.parametrize(
    ("path", "column", "message"),
    [
        ("", 1, 'the end stands where "$" should'),
        ("a", 1, '"a" stands where "$" should'),
        ("$.", 3, "the end stands where a name should"),
        ("$x", 2, '"x" stands where ".", "[" or the end should'),
        ("$.a-b", 4, '"-b" stands where ".", "[" or the end should'),
        ("$['a'", 6, 'the end stands where "]" should'),
        ("$[a]", 3, '"a]" stands where a quoted name, an index, * or ? should'),
        ("$[01]", 4, '"1]" stands where "]" should'),
        ("$[?x]", 4, '"x]" stands where "@" should'),
        (
            "$[?@.a=='b]",
            9,
            """"'b]" stands where a quoted text, a number, true, false or null should""",
        ),
        ("$[?@.*]", 7, '"]" stands where a plain name or index should'),
        (r"$['\x']", 3, r"the escape in '\x' is not one of JSON's"),
        ("$[?@.a || @.b]", 8, '"|| @.b]" stands where "]" should'),
    ],
)
def test_what_is_no_path(path: str, column: int, message: str) -> None:
    """What stands there, what should, and the column."""
    with pytest.raises(PathError) as caught:
        parse_path(path)
    assert (caught.value.column, str(caught.value)) == (column, message)


@given(VALUES, st.text("$.*[]?@'\"ab01 ,=!&()\\-", max_size=14))
def test_a_text_is_a_path_or_not(data: Any, text: str) -> None:
    """Nothing else is raised, and what is selected is there."""
    found = _parsed(f"${text}")
    if isinstance(found, PathError):
        assert 1 <= found.column <= len(text) + 2
    else:
        assert all(_is_there(data, location) for location in select_locations(data, found))


def _parsed(text: str) -> Path | PathError:
    try:
        return parse_path(text)
    except PathError as error:
        return error


def _is_there(data: Any, location: Location) -> bool:
    node_at(data, location)
    return True
