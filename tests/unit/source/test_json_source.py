"""JSON is read by a JSON reader; places are looked up in its text."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import InputError
from understudy.source import Limits, parse_document, read_yaml
from understudy.source.json_source import parse_json

NAMES = st.sampled_from(["a", "b/c", "~d", "", "é", "0", "x y"])
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


def list_pointers(node: Any, pointer: str = "") -> list[str]:
    members: Any = ()
    if isinstance(node, dict):
        members = node.items()
    elif isinstance(node, list):
        members = enumerate(node)
    pointers = [pointer]
    for key, value in members:
        token = str(key).replace("~", "~0").replace("/", "~1")
        pointers += list_pointers(value, f"{pointer}/{token}")
    return pointers


@given(DATA, st.sampled_from([None, 1, 3]))
def test_data_and_places_are_those_of_the_yaml_reader(data: Any, indent: int | None) -> None:
    """Two readers that share no code agree, for names and for values."""
    text = json.dumps(data, indent=indent, ensure_ascii=False)
    # YAML does not allow every character that JSON does, and knows more line ends.
    if not text.isprintable() and any(not c.isprintable() and c != "\n" for c in text):
        return
    source, oracle = parse_json(text, "x.json"), read_yaml(Path("x.json"), text=text)
    assert source.data == oracle.data
    for pointer in list_pointers(data):
        for key in (False, True):
            assert source.place(pointer, key=key) == oracle.place(pointer, key=key)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('["\\ud83d\\udc4d"]', ["\U0001f44d"]),
        ('["a\x7fb"]', ["a\x7fb"]),
        ('{"' + "k" * 1500 + '": 1}', {"k" * 1500: 1}),
        ("\ufeff[1]".removeprefix("\ufeff"), [1]),
        ('{"a":1,"b":[true,null]}', {"a": 1, "b": [True, None]}),
        ("[1E5, 1.10, 12345678901234567890]", [1e5, 1.1, 12345678901234567890]),
        ("[1e999]", ["1e999"]),
        ("[" + "9" * 5000 + "]", ["9" * 5000]),
        ("\r\n\t[1]\r\n", [1]),
    ],
)
def test_every_text_of_json_is_read(text: str, value: object) -> None:
    """Among them what YAML refuses: surrogate pairs, DEL, names of more than 1 024 letters."""
    assert parse_document(text, "x.json").data == value


def test_duplicate_name_is_reported_with_both_lines() -> None:
    """The last one counts."""
    source = parse_json('{"a": {\n"b": 1,\n"c": 2,\n"b": 3}}', "x.json")
    assert source.data == {"a": {"b": 3, "c": 2}}
    assert [str(problem) for problem in source.problems] == [
        'x.json:4:1: the key "b" stands twice (first on line 2). Expected each key once.'
    ]


@pytest.mark.parametrize(
    ("text", "value", "count"),
    [
        ('["\\ud83d"]', "\ufffd", 1),
        ('["\\udc4d\\ud83d"]', "\ufffd\ufffd", 2),
        ('["\\ud83d\\ud83d\\udc4d"]', "\ufffd\U0001f44d", 1),
        ('["\\\\ud83d"]', "\\ud83d", 0),
    ],
)
def test_half_a_surrogate_pair_is_replaced(text: str, value: str, count: int) -> None:
    """It could not be written again."""
    source = parse_json(text, "x.json")
    assert (source.data, len(source.problems)) == ([value], count)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n "b" 2}', "x.json:2:6: this is not JSON: Expecting ':' delimiter."),
        ("[" * 101 + "]" * 101, "x.json: the nesting is deeper than 100. Expected a flatter file."),
        ("[" * 200_000, "x.json: the nesting is deeper than 100. Expected a flatter file."),
    ],
)
def test_invalid_text_is_reported(text: str, message: str) -> None:
    """The error of a file with the suffix .json is that of JSON."""
    with pytest.raises(InputError) as caught:
        parse_document(text, "x.json")
    assert str(caught.value) == message


def test_constant_that_is_not_json_is_a_text_of_yaml() -> None:
    """Neither format has such numbers."""
    with pytest.raises(InputError, match="NaN is not a number of JSON"):
        parse_json("[1, NaN]", "x.json")
    assert parse_document("[1, NaN]", "x.json").data == [1, "NaN"]


def test_number_of_nodes_and_letters_is_bounded() -> None:
    """A bound is part of the message."""
    with pytest.raises(InputError, match="more than 3 nodes"):
        parse_json("[1, 2, 3, 4]", "x.json", limits=Limits(max_nodes=3))
    with pytest.raises(InputError, match="Expected at most 5"):
        parse_json("[1, 2, 3]", "x.json", limits=Limits(max_bytes=5))


def test_yaml_that_begins_like_json_is_read() -> None:
    """`{a: 1}` is a mapping of YAML."""
    assert parse_document("{a: 1}", "x.yaml").data == {"a": 1}
    assert parse_document("{'a': 1}", "x.json").data == {"a": 1}


@pytest.mark.parametrize("file", ["x.json", "X.JSON", "http://localhost/x.json?v=1"])
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('"openapi": "3.1.0",\n"info": {}}', "1:10"),
        ("openapi: [", "1:1"),
        ("hello", "1:1"),
        ("", "1:1"),
        ("- a", "1:1"),
        ("<html>&nbsp;</html>", "1:1"),
    ],
)
def test_text_with_the_name_of_json_is_reported_as_json(file: str, text: str, place: str) -> None:
    """Even when it does not begin like JSON."""
    with pytest.raises(InputError) as caught:
        parse_document(text, file)
    assert str(caught.value).startswith(f"{file}:{place}: this is not JSON: ")


def test_yaml_with_the_name_of_json_is_read() -> None:
    """A mapping of YAML is a document, whatever its name; its bounds hold."""
    assert parse_document("openapi: 3.1.0", "x.json").data == {"openapi": "3.1.0"}
    with pytest.raises(InputError, match="more than 3 nodes"):
        parse_document("a: [1, 2, 3, 4]", "x.json", limits=Limits(max_nodes=3))


def test_document_of_yaml_may_have_merge_keys_and_duplicates() -> None:
    """Explicit keys win over merged ones, and the last duplicate counts; places are exact."""
    text = (
        "base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\n"
        "all:\n  <<: [*b, *o]\n  x: 5\n  w: 6\n  w: 7\n"
    )
    source = parse_document(text, "x.yaml")
    assert source.data["all"] == {"x": 5, "y": 2, "z": 4, "w": 7}
    assert [str(source.place(f"/all/{name}")) for name in "xz"] == ["x.yaml:5:6", "x.yaml:2:21"]
    assert [str(problem) for problem in source.problems] == [
        'x.yaml:7:3: the key "w" stands twice (first on line 6). Expected each key once.'
    ]
