"""The real document, and a small clean one of another trade, for the tests of `understudy.derive`."""

from pathlib import Path
from typing import Any

from understudy.derive import Derivation, Document, Doubt, derive

NAME = "task-management.md"
REAL = (Path(__file__).resolve().parents[2] / "docs" / "api" / NAME).read_text(encoding="utf-8")
LINES = REAL.split("\n")

CLEAN = """\
# 图书馆

版本：1.2

调用前先登录。请求与返回均为 application/json。成功时 HTTP 状态码为 200。时间格式为 ISO 8601。出错时返回错误码。

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
"""A document that says all that a contract needs, and nothing twice: no rule doubts it."""


def derive_text(text: str, name: str = "small.md") -> Derivation:
    """Derive from one text."""
    return derive([Document(name, text)])


def doubts_of(text: str, rule: str) -> list[Doubt]:
    """The doubts of one rule."""
    return [doubt for doubt in derive_text(text).doubts if doubt.rule == rule]


def lines_with(text: str, *needles: str) -> list[int]:
    """The numbers of the lines that hold one of some words."""
    return [
        n for n, line in enumerate(text.split("\n"), 1) if any(needle in line for needle in needles)
    ]


def one_table(
    label: str, *rows: str, header: str = "参数 | 类型 | 必选 | 示例值 | 描述", path: str = "GET /a"
) -> str:
    """A document with one operation and one table below a label."""
    dashes = "|".join("---" for _ in header.split("|"))
    table = "\n".join(f"| {row} |" for row in (header, *rows)).replace("\n", f"\n|{dashes}|\n", 1)
    return f"# 图书馆\n\n## 查询\n**请求路径**：`{path}`\n\n**{label}**：\n{table}\n"


def operations(contract: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The operations of a contract by their ids, in order."""
    return {
        item["operationId"]: item for path in contract["paths"].values() for item in path.values()
    }


def parameters(contract: dict[str, Any], operation: str) -> dict[str, dict[str, Any]]:
    """The parameters of an operation by their names, in order."""
    return {item["name"]: item for item in operations(contract)[operation].get("parameters", [])}


def schemas(contract: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The components of a contract."""
    found: dict[str, dict[str, Any]] = contract.get("components", {}).get("schemas", {})
    return found
