"""Measure the CPU time and memory of `derive`, beside parsing the Markdown alone.

Usage: python benchmarks/derive.py [DOCUMENT…]

Without documents, it derives the shipped one and generated ones of 1 and 10 MB. Each document has its own process, so
that its peak of memory is measured alone.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from understudy.derive import Document, derive

REAL = Path(__file__).resolve().parents[1] / "docs" / "api" / "task-management.md"
COUNTS = ("operations", "parameters", "properties", "examples", "doubts")
COLUMNS = ("document", "KB", *COUNTS, "CPU s", "x parsing", "MB")
PIECE = """\
### {n}. 查询图书{n}
**功能说明**：查询第{n}类图书。

**请求路径**：`GET /api/v1/shelves{n}/{{shelfId}}/books`

**请求参数**：
| 参数 | 类型 | 必选 | 示例值 | 描述 |
|------|------|------|--------|------|
| shelfId | Long | 是 | {n} | 书架{n}的ID |
| language | String | 否 | "EN" | 语言（可选值：EN/ZH） |
| size | Integer | 否 | 10 | 每页数量（默认10，最大{most}） |

**返回结果**：
| 参数 | 类型 | 必选 | 说明 |
|------|------|------|------|
| contents | Array | 是 | 图书（Book{n}对象） |
| total | Integer | 是 | 第{n}类总数 |

**Book{n}结构**：
| 参数 | 类型 | 必选 | 说明 |
|------|------|------|------|
| id | Long | 是 | 图书{n}的ID |
| createTime | Datetime | 是 | 创建时间 |
| shelf | Object | 是 | 书架 |
| ├─ name | String | 是 | 名称{n} |
| authors | Array<String> | 否 | 作者列表 |

**返回示例**：
```json
{{
  "contents": [
    {{"id": {n}, "createTime": "2021-01-01T00:00:00Z", "shelf": {{"name": "a"}}, "authors": ["b"]}}
  ],
  "total": 1
}}
```

"""


def generate_document(size: int) -> str:
    """Return a document of about `size` bytes; each operation has its own words."""
    pieces = ["# 图书馆\n\n## 图书\n\n"]
    length = 0
    while length < size:
        n = len(pieces)
        pieces.append(PIECE.format(n=n, most=n + 10))
        length += len(pieces[-1].encode())
    return "".join(pieces)


def count_members(node: Any, key: str) -> int:
    """Return how many items the members of one name hold, anywhere in a contract."""
    if isinstance(node, list):
        return sum(count_members(item, key) for item in node)
    if not isinstance(node, dict):
        return 0
    own = node.get(key)
    here = len(own) if isinstance(own, list | dict) else 0
    return here + sum(count_members(value, key) for value in node.values())


def measure(path: Path) -> dict[str, Any]:
    """Derive one document, and give the figures of its row."""
    text = path.read_text(encoding="utf-8")
    derive([Document("warm.md", "# a\n")])
    start = time.process_time()
    derivation = derive([Document(path.name, text)])
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    MarkdownIt("commonmark").enable("table").parse(text)
    parsing = time.process_time() - start
    contract = derivation.contract
    return {
        "document": path.name,
        "KB": len(text.encode()) // 1000,
        "operations": sum(len(item) for item in contract["paths"].values()),
        "parameters": count_members(contract["paths"], "parameters"),
        "properties": count_members(contract, "properties"),
        "examples": count_members(contract["paths"], "examples"),
        "doubts": len(derivation.doubts),
        "CPU s": f"{seconds:.3f}",
        "x parsing": f"{seconds / parsing:.2f}",
        "MB": f"{peak:.0f}",
    }


def main(arguments: list[str]) -> None:
    """Print the table."""
    if arguments[:1] == ["--one"]:
        print(json.dumps(measure(Path(arguments[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(argument) for argument in arguments]
        if not paths:
            paths = [REAL]
            for size in (1, 10):
                paths.append(Path(folder) / f"generated-{size}-MB.md")
                paths[-1].write_text(generate_document(size * 1_000_000), encoding="utf-8")
        rows = [
            json.loads(subprocess.check_output([sys.executable, __file__, "--one", str(path)]))
            for path in paths
        ]
    widths = {
        column: max(len(column), *(len(str(row[column])) for row in rows)) for column in COLUMNS
    }
    print("  ".join(column.ljust(widths[column]) for column in COLUMNS))
    for row in rows:
        print("  ".join(str(row[column]).ljust(widths[column]) for column in COLUMNS))


if __name__ == "__main__":
    main(sys.argv[1:])
