"""Other ways to lay out the same: labels as headings, several endpoints under one heading, defaults in a column."""

from derive_builders import (
    derive_text,
    doubts_of,
    lines_with,
    one_table,
    operations,
    parameters,
    schemas,
)

TABLE = "| 参数 | 类型 |\n|--|--|\n| id | Long |\n"


def test_labels_may_be_headings() -> None:
    """A heading that only labels opens no section."""
    text = f"# 图书馆\n\n## 查询\n\n`GET /a`\n\n### 请求参数\n\n{TABLE}\n### 返回结果\n\n{TABLE}"
    contract = derive_text(text).contract
    assert (list(parameters(contract, "getA")), list(schemas(contract))) == (
        ["id"],
        ["GetAResponse"],
    )


def test_an_endpoint_may_be_a_heading() -> None:
    """The heading is title and path at once."""
    contract = derive_text("# 图书馆\n\n## GET /books\n").contract
    assert [(name, item["x-source"]) for name, item in operations(contract).items()] == [
        ("listBooks", "small.md:3")
    ]


def test_endpoints_with_tables_of_their_own() -> None:
    """Where a second endpoint follows a table, what follows is the second's."""
    text = f"## 查询\n**列表**：`GET /books`\n\n**请求参数**：\n{TABLE}\n**详情**：`GET /books/{{name}}`\n"
    contract = derive_text(text).contract
    assert {name: list(parameters(contract, name)) for name in operations(contract)} == {
        "listBooks": ["id"],
        "getBook": ["name"],
    }


def test_endpoints_that_share_a_table() -> None:
    """Where several endpoints stand before the table, it is told for each."""
    text = f"## 开\n**锁定**：`POST /books/{{id}}/lock`\n**解锁**：`POST /books/{{id}}/unlock`\n\n**参数**：\n{TABLE}"
    contract = derive_text(text).contract
    assert {name: item["summary"] for name, item in operations(contract).items()} == {
        "lockBook": "开 锁定",
        "unlockBook": "开 解锁",
    }
    assert list(parameters(contract, "unlockBook")) == ["id"]


def test_a_column_of_defaults() -> None:
    """It goes before what the description says."""
    text = one_table(
        "请求参数", "size | Integer | 7 | 大小（默认10）", header="参数 | 类型 | 默认值 | 描述"
    )
    assert parameters(derive_text(text).contract, "getA")["size"]["schema"]["default"] == 7


def test_a_permission_without_marks() -> None:
    """A constant with an underscore is the permission; other words are told as not read."""
    text = "## 查询\n**路径**：`GET /a`\n\n**约束**：需要 BOOK_READER 权限。\n\n**约束**：周一不开。\n\n**权限**：无\n"
    assert operations(derive_text(text).contract)["getA"]["x-permission"] == "BOOK_READER"
    assert [doubt.line for doubt in doubts_of(text, "unread-text")] == lines_with(text, "周一")


def test_a_second_response_is_told() -> None:
    """The first counts."""
    text = f"## 查询\n**请求路径**：`GET /a`\n\n**返回结果**：\n{TABLE}\n**返回值**：\n{TABLE}"
    assert [doubt.line for doubt in doubts_of(text, "unread-construct")] == lines_with(
        text, "返回值"
    )


def test_code_that_is_no_sketch_is_told() -> None:
    """A program is left out, with its line."""
    text = "## 查询\n**请求路径**：`GET /a`\n\n**功能说明**：查询。\n```\nprint(1)\n```\n"
    assert [doubt.line for doubt in doubts_of(text, "unread-construct")] == lines_with(
        text, "print"
    )


def test_a_body() -> None:
    """What a POST does not name in its path is a member of a JSON body."""
    text = one_table(
        "Body 参数",
        "name | String | 是 | x | 名称",
        "kind | Array<Object> | 否 | | 种类",
        path="POST /books",
    )
    body = operations(derive_text(text).contract)["createBook"]["requestBody"]
    assert (body["required"], body["x-source"]) == (True, "small.md:9")
    schema = body["content"]["application/json"]["schema"]
    assert (schema["required"], list(schema["properties"])) == (["name"], ["name", "kind"])
    assert doubts_of(text, "parameter-location-not-told") == []
