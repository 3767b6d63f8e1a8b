"""Broken and strange documents: read as far as they go, each break a doubt with its line."""

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
def test_every_prefix_is_read(start: int) -> None:
    """The document cut at any line is derived without an exception; doubts stay within it."""
    for cut in range(start, min(start + 50, len(LINES))):
        doubts = derive_text("\n".join(LINES[:cut]), NAME).doubts
        assert [doubt for doubt in doubts if not 1 <= doubt.line <= max(cut, 1)] == []


@pytest.mark.parametrize("cut", range(20, len(LINES), 31))
def test_a_prefix_gives_a_valid_contract(cut: int) -> None:
    """What is derived from half a document is OpenAPI all the same."""
    contract = derive_text("\n".join(LINES[:cut]), NAME).contract
    assert list(OpenAPIV31SpecValidator(contract).iter_errors()) == []


def test_no_document() -> None:
    """Nothing gives an empty contract."""
    assert derive([]).contract == {
        "openapi": "3.1.0",
        "info": {"title": "API", "version": "0"},
        "paths": {},
    }


def test_an_empty_document() -> None:
    """It has the name of its file, and one doubt."""
    derivation = derive_text("", "orders.md")
    assert derivation.contract["info"]["title"] == "orders"
    assert [(doubt.rule, doubt.line) for doubt in derivation.doubts] == [("no-operation", 1)]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_ends_of_lines_are_all_one(end: str) -> None:
    """Windows' and old ends of lines give the same contract and the same doubts."""
    assert derive_text(REAL.replace("\n", end)) == derive_text(REAL)


def test_a_byte_order_mark_is_dropped() -> None:
    """It is no part of the first heading."""
    assert derive_text(f"\ufeff{REAL}") == derive_text(REAL)


def test_tabs_are_spaces() -> None:
    """Cells may be set with tabs."""
    assert derive_text(REAL.replace("| ", "|\t")).contract == derive_text(REAL).contract


@pytest.mark.parametrize(
    "text",
    ["\x00\x01\x02", "\x7fELF\x00\n\x00|\x00|", "\ud800", "\x0b\x0c\x1c\x85\u2028", "\U0010ffff"],
)
def test_bytes_that_are_no_text(text: str) -> None:
    """What a binary file reads as has no operation, and gives no exception."""
    assert [doubt.rule for doubt in derive_text(text).doubts] == ["no-operation"]


def test_a_line_that_looks_empty_moves_no_line() -> None:
    """An ideographic space alone on a line begins a paragraph; the lines after it keep their numbers."""
    text = f"# 图书馆\n\n\u3000\n{ENDPOINT}\u3000\n顺便说一句。\n"
    assert lines_with(text, "顺便") == [doubt.line for doubt in doubts_of(text, "unread-text")]


def test_a_short_row() -> None:
    """Missing cells are empty: the parameter is kept."""
    text = one_table("请求参数", "name | String")
    [doubt] = doubts_of(text, "table-row-cells")
    assert (doubt.line, doubt.finding) == (
        lines_with(text, "String")[0],
        "The row has 2 cells, its header 5.",
    )
    assert parameters(derive_text(text).contract, "getA") != {}


def test_a_long_row() -> None:
    """Further cells are dropped."""
    text = one_table("请求参数", "name | String | 否 | x | 名称 | 多余")
    [doubt] = doubts_of(text, "table-row-cells")
    assert doubt.line == lines_with(text, "多余")[0]
    assert doubt.finding.startswith("The row has 6 cells, its header 5.")
    assert parameters(derive_text(text).contract, "getA")["name"]["description"] == "名称"


def test_a_bar_inside_code() -> None:
    """Back-ticks do not save a bar from GFM; the writer's cell is put together again, and the doubt stays."""
    text = one_table("请求参数", "name | String | 否 | x | 如 `a|b` 的名称")
    assert [doubt.line for doubt in doubts_of(text, "table-row-cells")] == lines_with(text, "a|b")
    assert parameters(derive_text(text).contract, "getA")["name"]["description"] == "如 a|b 的名称"


def test_an_escaped_bar_is_none() -> None:
    """An escaped bar parts no cells and is no doubt."""
    text = one_table("请求参数", r"name | String | 否 | x | a\|b")
    assert doubts_of(text, "table-row-cells") == []
    assert parameters(derive_text(text).contract, "getA")["name"]["description"] == "a|b"


def test_each_line_of_a_broken_table_is_told() -> None:
    """Without its line of dashes a table is text: one entry for each line of it."""
    text = CLEAN.replace("|------|------|------|------|\n", "", 1)
    told = [doubt.line for doubt in doubts_of(text, "broken-table")]
    assert (
        told == lines_with(text, "| 参数 | 类型 | 必选 | 说明 |", "| contents |", "| total |")[:3]
    )


def test_a_broken_table_is_no_description() -> None:
    """Not even below a label whose text is kept."""
    text = f"# 图书馆\n\n{ENDPOINT}**功能说明**：查询。\n| a | b |\n"
    assert [doubt.line for doubt in doubts_of(text, "broken-table")] == [7]
    assert operations(derive_text(text).contract)["getA"]["description"] == "查询。"


def test_an_open_fence_at_the_end() -> None:
    """A fence on the last line is told there, not below the text."""
    text = f"{ENDPOINT}**返回结果**：\n```json"
    assert {
        doubt.line
        for doubt in derive_text(text).doubts
        if doubt.rule in ("unclosed-fence", "sketch-not-understood")
    } == {5}


@pytest.mark.parametrize("sketch", ["{", '{"a": {', '{"a": [', "{\n\n", '{"a": "'])
def test_an_open_sketch_is_told_within_the_text(sketch: str) -> None:
    """What a sketch lacks at its end is told of at its last line."""
    text = f"{ENDPOINT}**返回结果**：\n```json\n{sketch}"
    assert [doubt for doubt in derive_text(text).doubts if doubt.line > len(text.split("\n"))] == []


def test_a_second_table_below_one_label() -> None:
    """Both are read, and the second is told of by its own line."""
    text = (
        one_table("请求参数", "name | String | 否 | | 名称")
        + "\n和：\n\n| 参数 | 类型 |\n|--|--|\n| color | 颜料 |\n"
    )
    assert list(parameters(derive_text(text).contract, "getA")) == ["name", "color"]
    assert [doubt.line for doubt in doubts_of(text, "unknown-type")] == lines_with(text, "颜料")


def test_a_second_structure_below_one_label() -> None:
    """Two tables below the label of one structure are two structures; none hides the other."""
    table = "| 参数 | 类型 |\n|--|--|\n| {} | Long |\n"
    text = f"{ENDPOINT}**Book结构**：\n{table.format('id')}\n\n\n<!-- -->\n\n{table.format('size')}"
    assert [list(s["properties"]) for s in schemas(derive_text(text).contract).values()] == [
        ["id"],
        ["size"],
    ]


def test_words_that_reuse_what_is_not_kept() -> None:
    """A response told by an operation that stands twice can be reused all the same."""
    table = "**返回结果**：\n| 参数 | 类型 |\n|--|--|\n| {} | Long |\n\n"
    text = (
        f"## 甲\n**请求路径**：`GET /a`\n\n{table.format('id')}## 乙\n**请求路径**：`GET /a`\n\n{table.format('size')}"
        "## 丙\n**请求路径**：`GET /c`\n\n**返回结果**：与 **乙** 的返回结果一致。\n"
    )
    contract = derive_text(text).contract
    assert operations(contract)["getC"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ] == {"$ref": "#/components/schemas/GetAResponse2"}
    assert list(schemas(contract)["GetAResponse2"]["properties"]) == ["size"]


def test_words_that_lead_in_a_circle() -> None:
    """Two operations that reuse each other's response tell none: one doubt each."""
    text = "".join(
        f"## {own}\n**请求路径**：`GET /{path}`\n\n**返回结果**：与 **{other}** 的返回结果一致。\n\n"
        for own, other, path in (("甲", "乙", "a"), ("乙", "甲", "b"))
    )
    assert [doubt.line for doubt in doubts_of(text, "unresolved-reference")] == lines_with(
        text, "一致"
    )


def test_a_path_that_names_a_parameter_twice() -> None:
    """The later ones get a number that no other has."""
    contract = derive_text("## 查询\n**请求路径**：`GET /a/{id}/b/{id}/c/{id2}`\n").contract
    assert list(contract["paths"]) == ["/a/{id}/b/{id2}/c/{id22}"]
    assert list(OpenAPIV31SpecValidator(contract).iter_errors()) == []


def test_two_documents() -> None:
    """Structures of one are found from the other; doubts stand in the order of the documents."""
    first = f"# 甲\n\n{ENDPOINT}**返回结果**：\n| 参数 | 类型 |\n|--|--|\n| book | Book |\n"
    second = "# 乙\n\n**Book结构**：\n| 参数 | 类型 |\n|--|--|\n| id | Long |\n"
    derivation = derive([Document("z.md", first), Document("a.md", second)])
    book = schemas(derivation.contract)["GetAResponse"]["properties"]["book"]
    assert book == {"$ref": "#/components/schemas/Book", "x-source": "z.md:9"}
    assert [doubt.file for doubt in derivation.doubts][-1] == "a.md"


HOSTILE = ["a", "A", "\u3000", "|", "*", "与", "List", "Array<", "{x}"]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", HOSTILE)
def test_long_lines_take_no_long_time(piece: str) -> None:
    """Nothing grows with the square of a line's length: 20 000 letters, wherever text can stand."""
    text = (piece * 20_000)[:20_000]
    derived = derive_text(
        f"# {text}\n## 查询\n**请求路径**：`GET /{text}`\n\n{ENDPOINT}**返回结果**：与{text}\n\n**请求参数**：\n"
        f"| 参数 | 类型 | 示例值 | 描述 |\n|--|--|--|--|\n| {text} | {text} | {text} | {text} |\n\n"
        f'**Book结构**：\n```json\n{{"a": {text}\n```\n'
    )
    assert isinstance(dump_yaml(derived.contract), str)
