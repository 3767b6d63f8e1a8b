"""Several documents as one contract, paths of one shape as one path, and what Markdown hides laid open."""

import pytest

from derive_builders import derive_text, doubts_of, lines_with, operations, parameters, schemas
from understudy.derive import Document, derive

TABLE = "| 参数 | 类型 |\n|--|--|\n| {} | Long |\n"


def told(title: str, path: str, field: str) -> str:
    """A document with one operation that returns a Book with one field."""
    response = f"**返回结果**：\n| 参数 | 类型 |\n|--|--|\n| book | Book |\n\n**Book结构**：\n{TABLE.format(field)}"
    return f"# {title}\n\n## {title}组\n\n### 查询\n**请求路径**：`GET {path}`\n\n{response}"


def test_equal_structures_are_one() -> None:
    """Two documents that tell a structure alike share its component."""
    derivation = derive(
        [Document("a.md", told("甲", "/a", "id")), Document("b.md", told("乙", "/b", "id"))]
    )
    assert list(schemas(derivation.contract)) == ["GetAResponse", "Book", "GetBResponse"]
    assert "structure-told-twice" not in {doubt.rule for doubt in derivation.doubts}


def test_other_structures_get_a_number() -> None:
    """The second of one name is doubted at its own line; each document means its own."""
    derivation = derive(
        [Document("a.md", told("甲", "/a", "id")), Document("b.md", told("乙", "/b", "size"))]
    )
    found = schemas(derivation.contract)
    assert list(found) == ["GetAResponse", "Book", "GetBResponse", "Book2"]
    assert found["GetBResponse"]["properties"]["book"]["$ref"].endswith("/Book2")
    twice = [
        (doubt.file, doubt.line)
        for doubt in derivation.doubts
        if doubt.rule == "structure-told-twice"
    ]
    assert twice == [("b.md", 13)]


def test_ids_are_unique_and_tags_kept() -> None:
    """Operations of several documents that would have one id get a number."""
    documents = [
        Document("a.md", told("甲", "/v1/a", "id")),
        Document("b.md", told("乙", "/v2/a", "id")),
    ]
    contract = derive(documents).contract
    assert list(operations(contract)) == ["getA", "getA2"]
    assert [tag["name"] for tag in contract["tags"]] == ["甲组", "乙组"]


def test_paths_of_one_shape_are_one() -> None:
    """Under the first; the other's parameter is renamed, its row with it."""
    text = (
        "## 查询\n**请求路径**：`GET /a/{id}`\n\n## 删除\n**请求路径**：`DELETE /a/{aId}`\n\n"
        "**请求参数**：\n| 参数 | 类型 |\n|--|--|\n| aId | Long |\n"
    )
    contract = derive_text(text).contract
    assert list(contract["paths"]) == ["/a/{id}"]
    assert parameters(contract, "deleteA")["id"]["schema"] == {"type": "integer", "format": "int64"}
    assert [doubt.line for doubt in doubts_of(text, "path-parameter-renamed")] == lines_with(
        text, "DELETE"
    )


def test_a_label_below_a_table_is_no_row() -> None:
    """GFM would make it one."""
    text = "## 查询\n**请求路径**：`GET /a`\n\n**返回结果**：\n{}**Book结构**：\n{}".format(
        TABLE.format("size"), TABLE.format("id")
    )
    assert {
        name: list(each["properties"]) for name, each in schemas(derive_text(text).contract).items()
    } == {
        "GetAResponse": ["size"],
        "Book": ["id"],
    }


@pytest.mark.parametrize("fence", ["```markdown", "~~~md", "```"])
def test_a_document_in_a_fence(fence: str) -> None:
    """What is inside is read, with the lines that it has in the file; fences inside stay fences."""
    inside = '# 图书馆\n\n## 查询\n**请求路径**：`GET /a`\n\n**返回结果**：\n```json\n{"id": Long}\n```\n'
    text = f"{fence}\n{inside}{fence[:3]}\n"
    contract = derive_text(text).contract
    assert operations(contract)["getA"]["x-source"] == "small.md:5"
    assert schemas(contract)["GetAResponse"]["properties"]["id"]["x-source"] == "small.md:9"
    assert [doubt.line for doubt in doubts_of(text, "markdown-in-fence")] == [1]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    ["```\n", "- a\n\n", "<!--\n\n", "| a |\n", "> b\n\n", "```markdown\n", "├", "[", "-", "0-"],
)
def test_many_of_a_kind_take_no_long_time(piece: str) -> None:
    """Nothing grows with the square of a document's length."""
    text = (piece * 20_000)[:20_000]
    derive_text(f"## 查询\n**请求路径**：`GET /a`\n\n{text}\n\n{TABLE.format(text[:2000])}\n")
