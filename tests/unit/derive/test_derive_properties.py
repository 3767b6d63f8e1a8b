"""Mutated documents: whatever happens to the text, it is derived."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from derive_builders import CLEAN, LINES, NAME, assert_doubts_within_lines, derive_text
from understudy.derive import render_ledger
from understudy.source import dump_yaml

MARKS = [
    "",
    "|",
    "| a |",
    "|---|---|",
    "```",
    "```json",
    "{",
    '{"a": [b',
    "# ",
    "### 9. 查询",
    "---",
    "> | x | y |",
    "- | x |",
]
WORDS = [
    "**返回结果**：",
    "**请求参数**：",
    "**cluster参数**：",
    "与 **回滚任务** 的返回结果一致。",
    "| data | Object | data对象 |",
]
PATHS = [
    "**请求路径**：`GET /api/v2/tasks/instances/{`",
    "**请求路径**：`PUT /api/{a}/{a}`",
    "[a]: /b",
]
STRANGE = ["<div>", "\u3000", "\\", "`", "\x00", "\t"]
JUNK = st.sampled_from([*MARKS, *WORDS, *PATHS, *STRANGE]) | st.text(max_size=12)


@st.composite
def mutated(draw: st.DrawFn, source: list[str]) -> str:
    """A text with some of its lines deleted, doubled, swapped, cut, or preceded by junk."""
    lines = list(source)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["delete", "double", "swap", "cut", "cell", "junk"])):
            case "delete" if len(lines) > 1:
                del lines[at : at + draw(st.integers(1, 30))]
                lines = lines or [""]
            case "double":
                lines[at:at] = lines[at : at + draw(st.integers(1, 30))]
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "cut":
                lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
            case "cell":
                cells = lines[at].split("|")
                cells[draw(st.integers(0, len(cells) - 1))] = draw(JUNK)
                lines[at] = "|".join(cells)
            case _:
                lines.insert(at, draw(JUNK))
    return "\n".join(lines)


@settings(max_examples=40)
@given(mutated(LINES))
def test_the_real_document_mutated(text: str) -> None:
    """No mutation of the real document raises or is doubted outside its lines."""
    assert_doubts_within_lines(text, NAME)


@settings(max_examples=100)
@given(mutated(CLEAN.split("\n")))
def test_a_small_document_mutated(text: str) -> None:
    """Nor does one of a small document, where the same lines are hit more often."""
    assert_doubts_within_lines(text, "small.md")


@settings(max_examples=30)
@given(mutated(CLEAN.split("\n")))
def test_what_is_derived_is_openapi(text: str) -> None:
    """The contract of a broken document is a valid one, and can be written, as the ledger can."""
    derivation = derive_text(text)
    assert list(OpenAPIV31SpecValidator(derivation.contract).iter_errors()) == []
    assert dump_yaml(derivation.contract) == dump_yaml(derive_text(text).contract)
    assert render_ledger(derivation.doubts, []) == render_ledger(derivation.doubts[::-1], [])


@settings(max_examples=200)
@given(
    st.text(st.sampled_from("#*`|-:：{}[]<>\"'\\/\n\r\t\u3000 aA1.，与一致参数结构"), max_size=120)
)
def test_any_text(text: str) -> None:
    """Marks in any order are a document."""
    assert_doubts_within_lines(text, "small.md")


@pytest.mark.parametrize("column", range(5))
@settings(max_examples=20)
@given(JUNK | st.text(max_size=40))
def test_any_cell(column: int, junk: str) -> None:
    """Anything may stand in a cell."""
    assert_doubts_within_lines(
        CLEAN.replace(
            '| language | String | 否 | "EN" | 语言（可选值：EN/ZH） |',
            f"{'| x ' * column}| {junk} | x |",
        ),
        "s.md",
    )
