"""Blocks: the quick reading of plain lines is that of markdown-it; fences, tables and HTML are laid open."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive_builders import CLEAN, REAL, assert_same_blocks
from understudy.derive.markdown.inline import read_inline, read_spans_with_markdown_it

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
def test_the_quick_reading_of_documents(text: str) -> None:
    """Documents read the same."""
    assert_same_blocks(text)


@settings(max_examples=100)
@given(st.lists(LINE, max_size=14).map("\n".join))
def test_the_quick_reading_of_lines(text: str) -> None:
    """Any order of lines reads the same."""
    assert_same_blocks(text)


@settings(max_examples=100)
@given(st.text(MARKS, max_size=60))
def test_the_quick_reading_of_marks(text: str) -> None:
    """Any marks read the same."""
    assert_same_blocks(text)


@settings(max_examples=100)
@given(st.text("*`_ a中，(.1&", max_size=24))
def test_the_quick_reading_of_inline_marks(text: str) -> None:
    """Marks inside a line read the same."""
    assert read_spans_with_markdown_it(text) == read_inline(text, 1).spans
