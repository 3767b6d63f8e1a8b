"""JSON-like sketches and the blocks of Markdown."""

from typing import Any

import pytest

from derive_builders import derive_text, schemas
from understudy.derive.facts.pseudo_json_parser import MAX_DEPTH, Node, NodeKind, read_sketch
from understudy.derive.markdown.block_scanner import read_blocks
from understudy.derive.markdown.blocks import Code, Heading, Paragraph, Table
from understudy.derive.markdown.inline import Span, SpanKind, read_inline
from understudy.derive.markdown.table_rows import split_row


def plain(node: Node | None) -> Any:
    """A node as plain data: a bare word in angle brackets."""
    if node is None:
        return None
    if node.kind is NodeKind.OBJECT:
        return {name: plain(member) for name, member in node.members}
    if node.kind is NodeKind.ARRAY:
        return [plain(item) for item in node.items]
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
def test_what_is_read(text: str, value: Any) -> None:
    """Names and values with the liberties that writers take; nothing of it is skipped."""
    node, skipped = read_sketch(text)
    assert (plain(node), skipped) == (value, ())


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
def test_what_is_skipped(text: str, value: Any, skipped: list[tuple[int, str]]) -> None:
    """The rest is read, and each gap told with its line."""
    node, gaps = read_sketch(text)
    assert (plain(node), [(gap.line, gap.reason) for gap in gaps]) == (value, skipped)


@pytest.mark.parametrize("mark", ['{"a": ', "["])
def test_nesting_is_bounded(mark: str) -> None:
    """Deeper than the bound nothing is read, and no stack overflows."""
    _, skipped = read_sketch(mark * 10_000)
    assert f"a sketch nested deeper than {MAX_DEPTH}" in [gap.reason for gap in skipped]


def test_the_lines_of_members() -> None:
    """A member stands where its name stands."""
    node, _ = read_sketch('{\n  "a":\n    {"b": 1},\n  "c": 2\n}')
    assert node is not None
    assert [(name, member.line) for name, member in node.members] == [("a", 1), ("c", 3)]


def test_what_words_mean() -> None:
    """Numbers and booleans are examples of their types, texts of texts; names are types or structures."""
    sketch = '{"a": 1, "b": 1.5, "c": true, "d": "x", "e": Long, "f": [Long]}'
    text = f"## 查询\n**请求路径**：`GET /a`\n\n**返回结果**：\n```json\n{sketch}\n```\n"
    properties = schemas(derive_text(text).contract)["GetAResponse"]["properties"]
    told = {
        name: (field["type"], field.get("items", field).get("format"))
        for name, field in properties.items()
    }
    assert told == {
        "a": ("integer", None),
        "b": ("number", None),
        "c": ("boolean", None),
        "d": ("string", None),
        "e": ("integer", "int64"),
        "f": ("array", "int64"),
    }


@pytest.mark.parametrize(
    ("row", "keep_code", "cells"),
    [
        ("| a | b |", False, ["a", "b"]),
        ("a | b", False, ["a", "b"]),
        (r"| a \| b |", False, [r"a \| b"]),
        ("| `a|b` | c |", False, ["`a", "b`", "c"]),
        ("| `a|b` | c |", True, ["`a|b`", "c"]),
        ("|", False, [""]),
        ("> | a | b |", False, ["a", "b"]),
        (r"| a \|", False, [r"a \|"]),
        ("| `a | b |", True, ["`a", "b"]),
    ],
)
def test_rows(row: str, keep_code: bool, cells: list[str]) -> None:
    """A row is parted at its bars; an escaped one is none, one in back-ticks only when asked."""
    assert split_row(row, keep_code=keep_code) == cells


def test_marks_of_a_line() -> None:
    """Strong text and code are spans; links leave their text, a forced break a space."""
    assert read_inline("**a** `b|c` [d](/e)<br>f", 1).spans == (
        Span(SpanKind.STRONG, "a"),
        Span(SpanKind.TEXT, " "),
        Span(SpanKind.CODE, "b|c"),
        Span(SpanKind.TEXT, " d f"),
    )


def test_blocks_have_lines() -> None:
    """Headings, lines of paragraphs, tables with rows, and code, in lists and quotes too."""
    heading, paragraph, quoted, code = read_blocks(
        "# a\n\nb\nc\n\n> | d |\n> |---|\n> | e |\n\n- ```x\n  f\n  ```\n"
    )
    assert isinstance(heading, Heading)
    assert isinstance(paragraph, Paragraph)
    assert isinstance(quoted, Table)
    assert heading.content.line == 1
    assert [line.line for line in paragraph.lines] == [3, 4]
    assert (quoted.line, quoted.header, [(row.line, row.cells) for row in quoted.rows]) == (
        6,
        ("d",),
        [(8, ("e",))],
    )
    assert code == Code(11, 10, "x", "f\n")


@pytest.mark.parametrize(
    ("text", "closed"),
    [("```\na\n```", True), ("```\na\n``` b", False), ("```\na", False), ("````\n```", False)],
)
def test_open_fences(text: str, closed: bool) -> None:
    """A fence is closed by as many marks alone on a line."""
    [code] = read_blocks(text)
    assert isinstance(code, Code)
    assert code.is_closed is closed
