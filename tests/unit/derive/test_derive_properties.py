"""Mutated documents: any text can be derived."""

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
LABELS = [
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
UNUSUAL = ["<div>", "\u3000", "\\", "`", "\x00", "\t"]
JUNK = st.sampled_from([*MARKS, *LABELS, *PATHS, *UNUSUAL]) | st.text(max_size=12)


@st.composite
def mutate(draw: st.DrawFn, source: list[str]) -> str:
    """Return a text with some lines deleted, doubled, swapped, cut, or preceded by junk."""
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
                twin = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[twin] = lines[twin], lines[at]
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
@given(mutate(LINES))
def test_any_mutation_of_the_real_document_can_be_derived(text: str) -> None:
    """No exception is raised, and each doubt lies within the document."""
    assert_doubts_within_lines(text, NAME)


@settings(max_examples=100)
@given(mutate(CLEAN.split("\n")))
def test_any_mutation_of_a_small_document_can_be_derived(text: str) -> None:
    """The same lines are hit more often there."""
    assert_doubts_within_lines(text, "small.md")


@settings(max_examples=30)
@given(mutate(CLEAN.split("\n")))
def test_the_contract_of_a_broken_document_is_valid(text: str) -> None:
    """Contract and ledger can be written, and are the same each time."""
    derivation = derive_text(text)
    assert list(OpenAPIV31SpecValidator(derivation.contract).iter_errors()) == []
    assert dump_yaml(derivation.contract) == dump_yaml(derive_text(text).contract)
    assert render_ledger(derivation.doubts, []) == render_ledger(derivation.doubts[::-1], [])


@settings(max_examples=200)
@given(
    st.text(st.sampled_from("#*`|-:：{}[]<>\"'\\/\n\r\t\u3000 aA1.，与一致参数结构"), max_size=120)
)
def test_any_text_can_be_derived(text: str) -> None:
    """Marks may stand in any order."""
    assert_doubts_within_lines(text, "small.md")


@pytest.mark.parametrize("column", range(5))
@settings(max_examples=20)
@given(JUNK | st.text(max_size=40))
def test_any_text_may_stand_in_a_cell(column: int, junk: str) -> None:
    """No exception is raised, and each doubt lies within the document."""
    assert_doubts_within_lines(
        CLEAN.replace(
            '| language | String | 否 | "EN" | 语言（可选值：EN/ZH） |',
            f"{'| x ' * column}| {junk} | x |",
        ),
        "s.md",
    )
