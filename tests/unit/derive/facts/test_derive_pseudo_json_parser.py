"""The tolerant parser of JSON-like sketches."""

from typing import Any

import pytest

from derive_builders import derive_text, schemas
from understudy.derive.facts.pseudo_json_parser import MAX_DEPTH, Node, NodeKind, read_sketch


def to_data(node: Node | None) -> Any:
    """Return a node as plain data: a bare word in angle brackets."""
    if node is None:
        return None
    if node.kind is NodeKind.OBJECT:
        return {name: to_data(member) for name, member in node.members}
    if node.kind is NodeKind.ARRAY:
        return [to_data(item) for item in node.items]
    return node.text if node.kind is NodeKind.TEXT else f"<{node.text}>"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": Integer, "b": [Task]}', {"a": "<Integer>", "b": ["<Task>"]}),
        ("{a: 1, 'b': true}", {"a": "<1>", "b": "<true>"}),
        ('{“a”：“甲”，"b": "x"}', {"a": "甲", "b": "x"}),
        ('{"a": 1, // why\n"b": 2 # why\n}', {"a": "<1>", "b": "<2>"}),
        (
            '{"a": Map<String, List<Long>>, "b": Array <Long>}',
            {"a": "<Map<String, List<Long>>>", "b": "<Array <Long>>"},
        ),
        ('{"a": [...], ...}', {"a": []}),
        ('{"a": {}, "b": [],}', {"a": {}, "b": []}),
        ("[1, 2]", ["<1>", "<2>"]),
        ('{"a": "x\\n\\u4e2d"}', {"a": "x\n中"}),
        ('"\\x"', "\\x"),
        ("", None),
        ("  // nothing\n", None),
        ("String", "<String>"),
    ],
)
def test_a_sketch_may_break_the_rules_of_json(text: str, value: Any) -> None:
    """The parser reads all of it, and skips nothing."""
    node, skipped = read_sketch(text)
    assert (to_data(node), skipped) == (value, ())


@pytest.mark.parametrize(
    ("text", "value", "skipped"),
    [
        ('{"a": 1', {"a": "<1>"}, [(0, "an object without its closing brace")]),
        (
            '{"a": [1',
            {"a": ["<1>"]},
            [
                (0, "an array without its closing bracket"),
                (0, "an object without its closing brace"),
            ],
        ),
        ('{"a": }', {}, [(0, '"}" where a value was expected')]),
        ('{"a": {"b": }, "c": 1}', {"a": {}, "c": "<1>"}, [(0, '"}" where a value was expected')]),
        ('{\n"a"\n"b": 1}', {"b": "<1>"}, [(1, '""a"" where "name": was expected')]),
        ('{"a": 1}\n{"b": 2}', {"a": "<1>"}, [(1, "text after the end of the sketch")]),
        (":", None, [(0, '":" where a value was expected')]),
    ],
)
def test_a_broken_part_is_skipped_with_its_line(
    text: str, value: Any, skipped: list[tuple[int, str]]
) -> None:
    """The parser reads the rest."""
    node, parts = read_sketch(text)
    assert (to_data(node), [(part.line, part.reason) for part in parts]) == (value, skipped)


@pytest.mark.parametrize("mark", ['{"a": ', "["])
def test_deep_nesting_is_cut_off(mark: str) -> None:
    """Nothing deeper than the bound is read, and no stack overflows."""
    _, skipped = read_sketch(mark * 10_000)
    assert f"a sketch nested deeper than {MAX_DEPTH}" in [part.reason for part in skipped]


def test_a_member_has_the_line_of_its_name() -> None:
    """Its value may stand on a later line."""
    node, _ = read_sketch('{\n  "a":\n    {"b": 1},\n  "c": 2\n}')
    assert node is not None
    assert [(name, member.line) for name, member in node.members] == [("a", 1), ("c", 3)]


def test_names_and_values_of_a_sketch_become_types() -> None:
    """Numbers, booleans and quoted texts are examples of their types; a bare name is a type."""
    sketch = '{"a": 1, "b": 1.5, "c": true, "d": "x", "e": Long, "f": [Long]}'
    text = f"## 查询\n**请求路径**：`GET /a`\n\n**返回结果**：\n```json\n{sketch}\n```\n"
    properties = schemas(derive_text(text).contract)["GetAResponse"]["properties"]
    types = {
        name: (field["type"], field.get("items", field).get("format"))
        for name, field in properties.items()
    }
    assert types == {
        "a": ("integer", None),
        "b": ("number", None),
        "c": ("boolean", None),
        "d": ("string", None),
        "e": ("integer", "int64"),
        "f": ("array", "int64"),
    }
