"""Each rule of the ledger: one change of a clean document triggers it, at the changed line."""

from typing import NamedTuple

import pytest

from derive_builders import CLEAN, derive_text, doubts_of, lines_with
from understudy.derive.facts.doubt_catalogue import SEVERITIES


class Change(NamedTuple):
    """A rule, and a change of the clean document that triggers it.

    `old` is replaced by `new`; with an empty `old`, `new` is appended. `lines` are parts of the
    doubted lines.
    """

    rule: str
    old: str
    new: str
    lines: tuple[str, ...]


ENDPOINT = "**请求路径**：`GET /api/v1/shelves/{shelfId}/books`\n"
TOTAL = "| total | Integer | 是 | 总数 |"
TITLE, RESPONSE = ("# 图书馆",), ("**返回结果**",)
SECOND = "\n### 2. 查询书架\n"
SHELF = f"""{SECOND}**请求路径**：`GET /api/v1/shelves`

**返回结果**：
| 参数 | 类型 | 必选 | 说明 |
|------|------|------|------|
| shelf | Object | 是 | 书架（见下表） |

**shelf参数**：
| 参数 | 类型 | 必选 | 说明 |
|------|------|------|------|
| name | String | 是 | 名称 |
"""


def code_block(*lines: str) -> str:
    """Return a code block that defines a structure, to be appended."""
    return "\n".join(("", "**Page结构**：", "```json", *lines, "```", ""))


def response_example(*lines: str) -> str:
    """Return an example of the response, to be appended."""
    return "\n".join(("", "**返回示例**：", "```json", *lines, "```", ""))


def common_response(*names: str) -> str:
    """Return a section about the response of all operations, to be appended."""
    rows = "".join(f"| {name} | Boolean | 是 | 成功 |\n" for name in names)
    header = "| 参数 | 类型 | 必选 | 说明 |\n|--|--|--|--|\n"
    return f"\n## 公共说明\n所有接口返回统一结构：\n\n{header}{rows}"


def parameter_row(text: str) -> str:
    """Return a row of parameters before that of the page."""
    return f"{text}\n| page |"


CHANGES = [
    Change("no-operation", ENDPOINT, "", TITLE),
    Change("broken-path", "/books`", "/books/{id`", ("/books/{id",)),
    Change(
        "broken-table",
        "|------|------|------|--------|------|\n",
        "",
        ("| 示例值 |", "| 否 | ", "| 7 |"),
    ),
    Change("table-row-cells", TOTAL, "| total | Integer |", ("| total",)),
    Change("table-row-without-name", TOTAL, "|  | Integer | 是 | 总数 |", ("总数",)),
    Change(
        "table-not-understood", "| 参数 | 类型 | 必选 | 说明 |", "| 甲 | 乙 | 丙 | 丁 |", ("甲",)
    ),
    Change("column-not-understood", "示例值", "颜色", ("颜色",)),
    Change("unclosed-fence", "", '\n**Page结构**：\n```json\n{"size": 1}\n', ("```",)),
    Change("unread-construct", "**功能说明**", "<div>x</div>\n\n**功能说明**", ("<div>",)),
    Change("unread-text", ENDPOINT, f"{ENDPOINT}\n顺便说一句。\n", ("顺便",)),
    Change("sketch-not-json", "", code_block("{", '  "size": Integer', "}"), ('"size": Integer',)),
    Change(
        "sketch-not-understood", "", code_block("{", '  "size": 1,', "  size", "}"), ("  size",)
    ),
    Change(
        "sketch-text-is-prose", "", code_block("{", '  "size": "每页的大小"', "}"), ("每页的大小",)
    ),
    Change(
        "duplicate-operation",
        "",
        f"{SECOND}**请求路径**：`GET /api/v1/shelves/{{id}}/books`\n",
        ("{id}",),
    ),
    Change("duplicate-field", TOTAL, f"{TOTAL}\n| total | Long | 是 | 又一个 |", ("又一个",)),
    Change("duplicate-path-parameter", "/books`", "/books/{shelfId}`", ("请求路径",)),
    Change(
        "operation-id-collision",
        "",
        f"{SECOND}**请求路径**：`GET /api/v2/shelves/{{shelfId}}/books`\n",
        ("/api/v2/",),
    ),
    Change(
        "structure-told-twice",
        "",
        f"{SECOND}**Book 结构**：\n| 参数 | 类型 |\n|---|---|\n| title | String |\n",
        ("**Book 结构**",),
    ),
    Change("path-parameter-not-told", "| shelfId | Long | 是 | 7 | 书架ID |\n", "", ("请求路径",)),
    Change(
        "path-parameter-not-in-path",
        "",
        "\n**Path 参数**：\n| 参数 | 类型 |\n|--|--|\n| roomId | Long |\n",
        ("roomId",),
    ),
    Change("required-not-understood", "| 是 | 总数 |", "| 也许 | 总数 |", ("也许",)),
    Change("example-contradicts-type", "| 7 |", "| seven |", ("seven",)),
    Change("example-not-in-enum", '"EN"', '"FR"', ("FR",)),
    Change(
        "example-out-of-bounds",
        "| page | Integer | 否 | 1 |",
        "| page | Integer | 否 | 0 |",
        ("| page",),
    ),
    Change("default-contradicts-type", "默认10", "默认ten", ("默认ten",)),
    Change("misspelt-identifier", "| total |", "| totla |", ("totla",)),
    Change(
        "singular-array", TOTAL, f"{TOTAL}\n| author | Array<Long> | 是 | 主编 |", ("| author |",)
    ),
    Change("name-contradicts-description", TOTAL, "| userId | Long | 是 | 租户ID |", ("userId",)),
    Change(
        "filter-not-shown",
        "| page |",
        parameter_row('| color | String | 否 | "red" | 颜色 |'),
        ("color",),
    ),
    Change(
        "promised-marks-missing", "调用前先登录。", "本文标注发现的问题。调用前先登录。", ("标注",)
    ),
    Change("unknown-type", "| total | Integer", "| total | 多少", ("多少",)),
    Change("array-items-not-told", "Array<String>", "Array", ("authors",)),
    Change("unresolved-structure", "Book对象", "Novel对象", ("Novel",)),
    Change(
        "unresolved-reference",
        "",
        "\n**Page结构**：与 **查询房间** 中的结构一致。\n",
        ("查询房间",),
    ),
    Change("unresolved-requirement", "语言（可选值", "语言（需配合国家；可选值", ("需配合",)),
    Change(
        "forward-reference", TOTAL, f"{TOTAL}\n| shelf | Object | 是 | 见下方的书架 |", ("见下方",)
    ),
    Change(
        "response-not-told", "", f"{SECOND}**请求路径**：`GET /api/v1/shelves`\n", ("v1/shelves`",)
    ),
    Change("error-responses-not-told", "出错时返回错误码。", "", RESPONSE),
    Change("http-status-not-told", "成功时 HTTP 状态码为 200。", "", RESPONSE),
    Change("media-type-not-told", "请求与返回均为 application/json。", "", RESPONSE),
    Change("authentication-not-told", "调用前先登录。", "", ("请求路径",)),
    Change(
        "parameter-location-not-told",
        "",
        f"{SECOND}**请求路径**：`POST /api/v1/shelves`\n\n"
        "**参数**：\n| 参数 | 类型 |\n|--|--|\n| color | String |\n",
        ("color",),
    ),
    Change(
        "presence-not-told",
        "| 参数 | 类型 | 必选 | 说明 |",
        "| 参数 | 类型 | 备注 | 说明 |",
        RESPONSE,
    ),
    Change(
        "array-serialization-not-told",
        "| language | String | 否",
        "| language | StringArray | 否",
        ("StringArray",),
    ),
    Change(
        "sort-grammar-not-told",
        "| page |",
        parameter_row('| sort | String | 否 | "id,asc" | 排序规则 |'),
        ("| sort",),
    ),
    Change("time-format-not-told", "时间格式为 ISO 8601。", "", ("createTime",)),
    Change("time-as-string", "Datetime", "String", ("createTime",)),
    Change("requirement-in-prose", "语言（可选值", "语言（需配合页码；可选值", ("需配合",)),
    Change("markdown-in-fence", CLEAN, f"```markdown\n{CLEAN}```\n", ("```markdown",)),
    Change("nested-in-plain", TOTAL, f"{TOTAL}\n| ├─ size | Long | 是 | 大小 |", ("| total",)),
    Change(
        "path-parameter-renamed",
        "",
        f"{SECOND}**请求路径**：`PUT /api/v1/shelves/{{id}}/books`\n",
        ("PUT",),
    ),
    Change("common-field-missing", "", common_response("total", "contents", "ok"), RESPONSE),
    Change(
        "common-response-used",
        "",
        f"{SECOND}**请求路径**：`GET /api/v1/shelves`\n{common_response('total')}",
        ("v1/shelves`",),
    ),
    Change(
        "example-not-json",
        "",
        response_example("{", '  "total" 1,', '  "contents": []', "}"),
        ('"total" 1',),
    ),
    Change("example-elided", "", response_example('{"total": 1, "contents": [...]}'), ("[...]",)),
    Change(
        "example-field-not-told",
        "",
        response_example("{", '  "contents": [],', '  "colour": 1,', '  "total": 1', "}"),
        ("colour",),
    ),
    Change("field-not-in-example", "", response_example('{"contents": []}'), ('{"contents"',)),
    Change(
        "inferred-from-example",
        "",
        SECOND + "**请求路径**：`GET /api/v1/shelves`\n" + response_example('{"size": true}'),
        ('{"size"',),
    ),
    Change(
        "structure-guessed",
        "",
        SHELF.replace("（见下表）", "（Shelf对象）").replace("shelf参数", "书架数据结构"),
        ("Shelf对象",),
    ),
    Change("query-in-path", "/books`", "/books?page=1`", ("?page=1",)),
    Change("method-not-told", "", f"{SECOND}**请求路径**：`/api/v1/rooms`\n", ("rooms",)),
    Change("path-not-told", "", f"{SECOND}**请求方式**：POST\n", ("POST",)),
    Change("unit-not-told", TOTAL, f"{TOTAL}\n| timeout | Integer | 是 | 超时 |", ("timeout",)),
    Change("version-not-told", "版本：1.2", "", TITLE),
]


def apply_change(change: Change) -> str:
    """Return the clean document with one change, and a second operation where the rule needs it."""
    text = CLEAN.replace(change.old, change.new, 1) if change.old else CLEAN + change.new
    assert text != CLEAN
    return text + SHELF if change.rule == "forward-reference" else text


@pytest.mark.parametrize("change", CHANGES, ids=[change.rule for change in CHANGES])
def test_rule_finds_its_lines(change: Change) -> None:
    """One change gives the doubt on the changed lines and on no other line."""
    text = apply_change(change)
    assert lines_with(text, *change.lines) == [doubt.line for doubt in doubts_of(text, change.rule)]


@pytest.mark.parametrize("change", CHANGES, ids=[change.rule for change in CHANGES])
def test_doubt_has_finding_decision_and_severity(change: Change) -> None:
    """Finding and decision are sentences; the severity is the catalogue's."""
    for doubt in doubts_of(apply_change(change), change.rule):
        assert (doubt.finding[-1], doubt.decision[-1], doubt.severity) == (
            ".",
            ".",
            SEVERITIES[change.rule],
        )


def test_clean_document_has_no_doubts() -> None:
    """No rule finds anything in it."""
    assert derive_text(CLEAN).doubts == ()


def test_clean_document_with_two_operations_has_no_doubts() -> None:
    """A table that is announced below follows in its own section."""
    assert derive_text(CLEAN + SHELF).doubts == ()


def test_every_rule_has_a_change() -> None:
    """The table above contains each rule of the catalogue once."""
    assert sorted(SEVERITIES) == sorted(change.rule for change in CHANGES)
