"""Broken and unusual documents: the reader goes on, and reports each break with its line."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from derive_builders import (
    CLEAN,
    LINES,
    NAME,
    REAL,
    derive_text,
    doubts_of,
    lines_with,
    one_table,
    operations,
    parameters,
    schemas,
)
from understudy.derive import Document, derive
from understudy.source import dump_yaml

ENDPOINT = "## 查询\n**请求路径**：`GET /a`\n\n"


@pytest.mark.parametrize("start", range(0, len(LINES), 50))
def test_any_prefix_of_the_document_can_be_derived(start: int) -> None:
    """No exception is raised, and each doubt lies within the prefix."""
    for cut in range(start, min(start + 50, len(LINES))):
        doubts = derive_text("\n".join(LINES[:cut]), NAME).doubts
        assert [doubt for doubt in doubts if not 1 <= doubt.line <= max(cut, 1)] == []


@pytest.mark.parametrize("cut", range(20, len(LINES), 31))
def test_a_prefix_gives_a_valid_contract(cut: int) -> None:
    """The contract of half a document is OpenAPI."""
    contract = derive_text("\n".join(LINES[:cut]), NAME).contract
    assert list(OpenAPIV31SpecValidator(contract).iter_errors()) == []


def test_no_documents_give_an_empty_contract() -> None:
    """The contract has a title and no paths."""
    assert derive([]).contract == {
        "openapi": "3.1.0",
        "info": {"title": "API", "version": "0"},
        "paths": {},
    }


def test_an_empty_document_has_one_doubt() -> None:
    """Its title is the name of its file."""
    derivation = derive_text("", "orders.md")
    assert derivation.contract["info"]["title"] == "orders"
    assert [(doubt.rule, doubt.line) for doubt in derivation.doubts] == [("no-operation", 1)]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_any_kind_give_the_same_result(end: str) -> None:
    """Contract and doubts are equal."""
    assert derive_text(REAL.replace("\n", end)) == derive_text(REAL)


def test_a_byte_order_mark_in_a_document_is_dropped() -> None:
    """It does not belong to the first heading."""
    assert derive_text(f"\ufeff{REAL}") == derive_text(REAL)


def test_cells_may_be_set_with_tabs() -> None:
    """Tabs and spaces give the same contract."""
    assert derive_text(REAL.replace("| ", "|\t")).contract == derive_text(REAL).contract


@pytest.mark.parametrize(
    "text",
    ["\x00\x01\x02", "\x7fELF\x00\n\x00|\x00|", "\ud800", "\x0b\x0c\x1c\x85\u2028", "\U0010ffff"],
)
def test_a_binary_file_has_no_operation(text: str) -> None:
    """No exception is raised."""
    assert [doubt.rule for doubt in derive_text(text).doubts] == ["no-operation"]


def test_an_ideographic_space_moves_no_line() -> None:
    """It begins a paragraph; the lines after it keep their numbers."""
    text = f"# 图书馆\n\n\u3000\n{ENDPOINT}\u3000\n顺便说一句。\n"
    assert lines_with(text, "顺便") == [doubt.line for doubt in doubts_of(text, "unread-text")]


def test_a_short_row_has_empty_cells() -> None:
    """Its parameter is in the contract."""
    text = one_table("请求参数", "name | String")
    [doubt] = doubts_of(text, "table-row-cells")
    assert (doubt.line, doubt.finding) == (
        lines_with(text, "String")[0],
        "The row has 2 cells, its header 5.",
    )
    assert parameters(derive_text(text).contract, "getA") != {}


def test_the_cells_beyond_a_header_are_dropped() -> None:
    """The row is doubted, and its parameter is in the contract."""
    text = one_table("请求参数", "name | String | 否 | x | 名称 | 多余")
    [doubt] = doubts_of(text, "table-row-cells")
    assert doubt.line == lines_with(text, "多余")[0]
    assert doubt.finding.startswith("The row has 6 cells, its header 5.")
    assert parameters(derive_text(text).contract, "getA")["name"]["description"] == "名称"


def test_a_bar_inside_of_back_ticks_does_not_split_a_cell() -> None:
    """GFM splits there; the reader restores the cell and keeps the doubt."""
    text = one_table("请求参数", "name | String | 否 | x | 如 `a|b` 的名称")
    assert [doubt.line for doubt in doubts_of(text, "table-row-cells")] == lines_with(text, "a|b")
    assert parameters(derive_text(text).contract, "getA")["name"]["description"] == "如 a|b 的名称"


def test_an_escaped_bar_does_not_split_a_cell() -> None:
    """The row is not doubted."""
    text = one_table("请求参数", r"name | String | 否 | x | a\|b")
    assert doubts_of(text, "table-row-cells") == []
    assert parameters(derive_text(text).contract, "getA")["name"]["description"] == "a|b"


def test_each_line_of_a_broken_table_is_doubted() -> None:
    """Without its line of dashes a table is text."""
    text = CLEAN.replace("|------|------|------|------|\n", "", 1)
    lines = [doubt.line for doubt in doubts_of(text, "broken-table")]
    assert (
        lines == lines_with(text, "| 参数 | 类型 | 必选 | 说明 |", "| contents |", "| total |")[:3]
    )


def test_a_broken_table_does_not_end_in_a_description() -> None:
    """This holds below a label whose text becomes the description."""
    text = f"# 图书馆\n\n{ENDPOINT}**功能说明**：查询。\n| a | b |\n"
    assert [doubt.line for doubt in doubts_of(text, "broken-table")] == [7]
    assert operations(derive_text(text).contract)["getA"]["description"] == "查询。"


def test_an_open_fence_on_the_last_line_is_doubted_there() -> None:
    """The doubt does not lie below the text."""
    text = f"{ENDPOINT}**返回结果**：\n```json"
    assert {
        doubt.line
        for doubt in derive_text(text).doubts
        if doubt.rule in ("unclosed-fence", "sketch-not-understood")
    } == {5}


@pytest.mark.parametrize("sketch", ["{", '{"a": {', '{"a": [', "{\n\n", '{"a": "'])
def test_an_open_sketch_is_doubted_within_the_text(sketch: str) -> None:
    """What it lacks at its end is reported at its last line."""
    text = f"{ENDPOINT}**返回结果**：\n```json\n{sketch}"
    assert [doubt for doubt in derive_text(text).doubts if doubt.line > len(text.split("\n"))] == []


def test_a_second_table_below_a_label_has_its_own_line() -> None:
    """Both tables are read."""
    text = (
        one_table("请求参数", "name | String | 否 | | 名称")
        + "\n和：\n\n| 参数 | 类型 |\n|--|--|\n| color | 颜料 |\n"
    )
    assert list(parameters(derive_text(text).contract, "getA")) == ["name", "color"]
    assert [doubt.line for doubt in doubts_of(text, "unknown-type")] == lines_with(text, "颜料")


def test_a_second_structure_below_a_label_does_not_hide_the_first() -> None:
    """Two tables below one label are two structures."""
    table = "| 参数 | 类型 |\n|--|--|\n| {} | Long |\n"
    text = f"{ENDPOINT}**Book结构**：\n{table.format('id')}\n\n\n<!-- -->\n\n{table.format('size')}"
    assert [list(s["properties"]) for s in schemas(derive_text(text).contract).values()] == [
        ["id"],
        ["size"],
    ]


def test_a_reference_may_lead_to_a_duplicate_operation() -> None:
    """The response of an operation that stands twice can be reused."""
    table = "**返回结果**：\n| 参数 | 类型 |\n|--|--|\n| {} | Long |\n\n"
    text = (
        f"## 甲\n**请求路径**：`GET /a`\n\n{table.format('id')}"
        f"## 乙\n**请求路径**：`GET /a`\n\n{table.format('size')}"
        "## 丙\n**请求路径**：`GET /c`\n\n**返回结果**：与 **乙** 的返回结果一致。\n"
    )
    contract = derive_text(text).contract
    assert operations(contract)["getC"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ] == {"$ref": "#/components/schemas/GetAResponse2"}
    assert list(schemas(contract)["GetAResponse2"]["properties"]) == ["size"]


def test_references_in_a_circle_are_doubted() -> None:
    """Two operations that reuse each other's response have none."""
    text = "".join(
        f"## {title}\n**请求路径**：`GET /{path}`\n\n"
        f"**返回结果**：与 **{referenced}** 的返回结果一致。\n\n"
        for title, referenced, path in (("甲", "乙", "a"), ("乙", "甲", "b"))
    )
    assert [doubt.line for doubt in doubts_of(text, "unresolved-reference")] == lines_with(
        text, "一致"
    )


def test_a_repeated_path_parameter_gets_a_free_number() -> None:
    """The number makes no name that another parameter has."""
    contract = derive_text("## 查询\n**请求路径**：`GET /a/{id}/b/{id}/c/{id2}`\n").contract
    assert list(contract["paths"]) == ["/a/{id}/b/{id2}/c/{id22}"]
    assert list(OpenAPIV31SpecValidator(contract).iter_errors()) == []


def test_a_structure_may_stand_in_another_document() -> None:
    """Doubts keep the order of the documents."""
    first = f"# 甲\n\n{ENDPOINT}**返回结果**：\n| 参数 | 类型 |\n|--|--|\n| book | Book |\n"
    second = "# 乙\n\n**Book结构**：\n| 参数 | 类型 |\n|--|--|\n| id | Long |\n"
    derivation = derive([Document("z.md", first), Document("a.md", second)])
    book = schemas(derivation.contract)["GetAResponse"]["properties"]["book"]
    assert book == {"$ref": "#/components/schemas/Book", "x-source": "z.md:9"}
    assert [doubt.file for doubt in derivation.doubts][-1] == "a.md"


HOSTILE = ["a", "A", "\u3000", "|", "*", "与", "List", "Array<", "{x}"]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", HOSTILE)
def test_long_lines_take_little_time(piece: str) -> None:
    """No time grows with the square of a line's length.

    The lines have 20 000 letters, wherever a text can stand.
    """
    text = (piece * 20_000)[:20_000]
    derived = derive_text(
        f"# {text}\n## 查询\n**请求路径**：`GET /{text}`\n\n"
        f"{ENDPOINT}**返回结果**：与{text}\n\n**请求参数**：\n"
        f"| 参数 | 类型 | 示例值 | 描述 |\n|--|--|--|--|\n| {text} | {text} | {text} | {text} |\n\n"
        f'**Book结构**：\n```json\n{{"a": {text}\n```\n'
    )
    assert isinstance(dump_yaml(derived.contract), str)
