"""The real document and a small clean one, with helpers, for the tests of `understudy.derive`."""

from pathlib import Path
from typing import Any

from understudy.derive import Derivation, Document, Doubt, derive
from understudy.derive.markdown.block_scanner import read_blocks
from understudy.derive.markdown.blocks import UnwrappedFence
from understudy.derive.markdown.markdown_it_blocks import read_blocks_with_markdown_it
from understudy.derive.markdown.normalise import normalise_lines

NAME = "task-management.md"
REAL = (Path(__file__).resolve().parents[2] / "docs" / "api" / NAME).read_text(encoding="utf-8")
LINES = REAL.split("\n")

CLEAN = """\
# 图书馆

版本：1.2

调用前先登录。请求与返回均为 application/json。\
成功时 HTTP 状态码为 200。时间格式为 ISO 8601。出错时返回错误码。

## 图书

### 1. 查询图书列表
**功能说明**：查询图书。

**接口约束**：需具备 `BOOK_READER` 权限。

**请求路径**：`GET /api/v1/shelves/{shelfId}/books`

**请求参数**：
| 参数 | 类型 | 必选 | 示例值 | 描述 |
|------|------|------|--------|------|
| shelfId | Long | 是 | 7 | 书架ID |
| language | String | 否 | "EN" | 语言（可选值：EN/ZH） |
| page | Integer | 否 | 1 | 页码（从1开始） |
| size | Integer | 否 | 10 | 每页数量（默认10，最大50） |

**返回结果**：
| 参数 | 类型 | 必选 | 说明 |
|------|------|------|------|
| contents | Array | 是 | 图书（Book对象） |
| total | Integer | 是 | 总数 |

**Book结构**：
| 参数 | 类型 | 必选 | 说明 |
|------|------|------|------|
| id | Long | 是 | 图书ID |
| language | String | 是 | 语言（EN/ZH） |
| createTime | Datetime | 是 | 创建时间 |
| authors | Array<String> | no | 作者列表 |
"""
"""A document that states all that a contract needs, each fact once: no rule doubts it."""


def derive_text(text: str, name: str = "small.md") -> Derivation:
    """Derive a contract from one text."""
    return derive([Document(name, text)])


def doubts_of(text: str, rule: str) -> list[Doubt]:
    """Return the doubts of one rule."""
    return [doubt for doubt in derive_text(text).doubts if doubt.rule == rule]


def lines_with(text: str, *needles: str) -> list[int]:
    """Return the numbers of the lines that hold at least one of some texts."""
    numbers = []
    for number, line in enumerate(text.split("\n"), 1):
        if any(needle in line for needle in needles):
            numbers.append(number)
    return numbers


def one_table(
    label: str, *rows: str, header: str = "参数 | 类型 | 必选 | 示例值 | 描述", path: str = "GET /a"
) -> str:
    """Return a document with one operation and one table below a label."""
    dashes = "|".join("---" for _ in header.split("|"))
    lines = [f"| {header} |", f"|{dashes}|", *(f"| {row} |" for row in rows)]
    table = "\n".join(lines)
    return f"# 图书馆\n\n## 查询\n**请求路径**：`{path}`\n\n**{label}**：\n{table}\n"


def operations(contract: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the operations of a contract by their ids, in order."""
    path_items = contract["paths"].values()
    return {item["operationId"]: item for path_item in path_items for item in path_item.values()}


def parameters(contract: dict[str, Any], operation: str) -> dict[str, dict[str, Any]]:
    """Return the parameters of an operation by their names, in order."""
    return {item["name"]: item for item in operations(contract)[operation].get("parameters", [])}


def schemas(contract: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the schemas in the components of a contract."""
    components: dict[str, dict[str, Any]] = contract.get("components", {})
    return components.get("schemas", {})


def count_lines(text: str) -> int:
    """Return how many lines an editor shows; a line end at the end of a text begins no line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return max(1, len(lines) - (lines[-1] == ""))


def assert_doubts_within_lines(text: str, name: str) -> None:
    """Derive from a text, and check that each doubt has a line of the document."""
    last = count_lines(text)
    doubts = derive_text(text, name).doubts
    assert [doubt for doubt in doubts if not 1 <= doubt.line <= last] == []


def assert_same_blocks(text: str) -> None:
    """Check that the scanner reads the same blocks as markdown-it."""
    blocks = [block for block in read_blocks(text) if not isinstance(block, UnwrappedFence)]
    assert list(read_blocks_with_markdown_it(normalise_lines(text))) == blocks
