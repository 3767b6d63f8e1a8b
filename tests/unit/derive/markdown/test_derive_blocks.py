"""Blocks, rows and inline marks; the quick scanner reads all of them as markdown-it does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive_builders import CLEAN, REAL, assert_same_blocks
from understudy.derive.markdown.block_scanner import read_blocks
from understudy.derive.markdown.blocks import Code, Heading, Paragraph, Table
from understudy.derive.markdown.inline import (
    Span,
    SpanKind,
    read_inline,
    read_spans_with_markdown_it,
)
from understudy.derive.markdown.table_rows import split_row

MARKS = "#*`|-:>+=_~<![]()1.\\& \t\n\n\n\u3000ab中，"
LINE = st.sampled_from(
    [
        *(*CLEAN.split("\n"), *REAL.split("\n")[:60]),
        *(
            "---",
            "===",
            "- a",
            "  - b",
            "1. c",
            "> d",
            "    e",
            "***",
            "__f__",
            "```",
            "~~~",
            "<div>",
            "<!-- x",
            "-->",
        ),
        *("| a | b |", "|---|---|", "a | b", "**a** `b` c", "# ", "#", "* g", "\u3000"),
    ]
)


@pytest.mark.parametrize("text", [CLEAN, REAL], ids=["clean", "real"])
def test_the_scanner_reads_documents_like_markdown_it(text: str) -> None:
    """Both give the same blocks."""
    assert_same_blocks(text)


@settings(max_examples=100)
@given(st.lists(LINE, max_size=14).map("\n".join))
def test_the_scanner_reads_lines_in_any_order_like_markdown_it(text: str) -> None:
    """Both give the same blocks."""
    assert_same_blocks(text)


@settings(max_examples=100)
@given(st.text(MARKS, max_size=60))
def test_the_scanner_reads_any_marks_like_markdown_it(text: str) -> None:
    """Both give the same blocks."""
    assert_same_blocks(text)


@settings(max_examples=100)
@given(st.text("*`_ a中，(.1&", max_size=24))
def test_inline_marks_are_read_like_markdown_it(text: str) -> None:
    """Both give the same spans."""
    assert read_spans_with_markdown_it(text) == read_inline(text, 1).spans


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
def test_a_row_splits_at_its_bars(row: str, keep_code: bool, cells: list[str]) -> None:
    """An escaped bar does not split; with `keep_code`, nor does one in back-ticks."""
    assert split_row(row, keep_code=keep_code) == cells


def test_strong_text_and_code_are_spans() -> None:
    """Links leave their text, a forced break leaves a space."""
    assert read_inline("**a** `b|c` [d](/e)<br>f", 1).spans == (
        Span(SpanKind.STRONG, "a"),
        Span(SpanKind.TEXT, " "),
        Span(SpanKind.CODE, "b|c"),
        Span(SpanKind.TEXT, " d f"),
    )


def test_each_block_has_its_line() -> None:
    """This holds inside of lists and quotes too."""
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
def test_a_fence_needs_as_many_marks_to_close(text: str, closed: bool) -> None:
    """The closing marks stand alone on their line."""
    [code] = read_blocks(text)
    assert isinstance(code, Code)
    assert code.is_closed is closed
