"""Several documents as one contract, equal paths as one path, and documents inside Markdown."""

import pytest

from derive_builders import derive_text, doubts_of, lines_with, operations, parameters, schemas
from understudy.derive import Document, derive

TABLE = "| 参数 | 类型 |\n|--|--|\n| {} | Long |\n"


def book_document(title: str, path: str, field: str) -> str:
    """Return a document with one operation that returns a Book with one field."""
    response = "**返回结果**：\n| 参数 | 类型 |\n|--|--|\n| book | Book |\n"
    response += f"\n**Book结构**：\n{TABLE.format(field)}"
    return f"# {title}\n\n## {title}组\n\n### 查询\n**请求路径**：`GET {path}`\n\n{response}"


def test_equal_structures_share_a_component() -> None:
    """Two documents define the same structure."""
    derivation = derive(
        [
            Document("a.md", book_document("甲", "/a", "id")),
            Document("b.md", book_document("乙", "/b", "id")),
        ]
    )
    assert list(schemas(derivation.contract)) == ["GetAResponse", "Book", "GetBResponse"]
    assert "structure-told-twice" not in {doubt.rule for doubt in derivation.doubts}


def test_different_structures_of_one_name_get_a_number() -> None:
    """The second is doubted at its own line; each document uses its own."""
    derivation = derive(
        [
            Document("a.md", book_document("甲", "/a", "id")),
            Document("b.md", book_document("乙", "/b", "size")),
        ]
    )
    components = schemas(derivation.contract)
    assert list(components) == ["GetAResponse", "Book", "GetBResponse", "Book2"]
    assert components["GetBResponse"]["properties"]["book"]["$ref"].endswith("/Book2")
    twice = [
        (doubt.file, doubt.line)
        for doubt in derivation.doubts
        if doubt.rule == "structure-told-twice"
    ]
    assert twice == [("b.md", 13)]


def test_operation_ids_of_documents_are_unique() -> None:
    """A second operation with the same operationId gets a number; tags are kept."""
    documents = [
        Document("a.md", book_document("甲", "/v1/a", "id")),
        Document("b.md", book_document("乙", "/v2/a", "id")),
    ]
    contract = derive(documents).contract
    assert list(operations(contract)) == ["getA", "getA2"]
    assert [tag["name"] for tag in contract["tags"]] == ["甲组", "乙组"]


def test_paths_that_differ_in_names_are_one() -> None:
    """The first path is used; the parameter of the other is renamed in its table too."""
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


def test_label_below_a_table_is_not_a_row() -> None:
    """GitHub Flavored Markdown would read it as a row."""
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
def test_document_in_a_fence_is_read(fence: str) -> None:
    """Lines are those of the file; code blocks inside stay code blocks."""
    inside = "# 图书馆\n\n## 查询\n**请求路径**：`GET /a`\n\n"
    inside += '**返回结果**：\n```json\n{"id": Long}\n```\n'
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
def test_repeated_constructs_are_read_in_linear_time(piece: str) -> None:
    """No time grows with the square of a document's length."""
    text = (piece * 20_000)[:20_000]
    derive_text(f"## 查询\n**请求路径**：`GET /a`\n\n{text}\n\n{TABLE.format(text[:2000])}\n")
