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
        (" $ . a".replace(" . ", "."), [("a",)]),
        ("$.a.missing.b", []),
    ],
)
def test_path_selects_locations_in_document_order(
    path: str, locations: list[tuple[Any, ...]]
) -> None:
    """Each location is selected once, in document order."""
    assert select_locations(DATA, parse_path(path)) == locations


@pytest.mark.parametrize(
    ("path", "column", "message"),
    [
        ("", 1, 'expected "$", found the end'),
        ("a", 1, 'expected "$", found "a"'),
        ("$.", 3, "expected a name, found the end"),
        ("$x", 2, 'expected ".", "[" or the end, found "x"'),
        ("$.a-b", 4, 'expected ".", "[" or the end, found "-b"'),
        ("$['a'", 6, 'expected "]", found the end'),
        ("$[a]", 3, 'expected a quoted name, an index, * or ?, found "a]"'),
        ("$[01]", 4, 'expected "]", found "1]"'),
        ("$[?x]", 4, 'expected "@", found "x]"'),
        (
            "$[?@.a=='b]",
            9,
            """expected a quoted text, a number, true, false or null, found "'b]\"""",
        ),
        ("$[?@.*]", 7, 'expected a plain name or index, found "]"'),
        (r"$['\x']", 3, r"invalid JSON escape in '\x'"),
        ("$[?@.a || @.b]", 8, 'expected "]", found "|| @.b]"'),
    ],
)
def test_unsupported_path_is_reported_with_its_column(path: str, column: int, message: str) -> None:
    """The error says what was expected, what was found, and the column."""
    with pytest.raises(PathError) as caught:
        parse_path(path)
    assert (caught.value.column, str(caught.value)) == (column, message)


@given(VALUES, st.text("$.*[]?@'\"ab01 ,=!&()\\-", max_size=14))
def test_any_text_is_parsed_or_reported(data: Any, text: str) -> None:
    """No other error is raised, and every selected location exists."""
    parsed = _parse_or_error(f"${text}")
    if isinstance(parsed, PathError):
        assert 1 <= parsed.column <= len(text) + 2
    else:
        assert all(_exists(data, location) for location in select_locations(data, parsed))


def _parse_or_error(text: str) -> Path | PathError:
    try:
        return parse_path(text)
    except PathError as error:
        return error


def _exists(data: Any, location: Location) -> bool:
    node_at(data, location)
    return True
