"""Layouts: labels as headings, several endpoints under one heading, defaults in a column."""

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


def test_a_heading_may_be_a_label() -> None:
    """Such a heading opens no section."""
    text = f"# 图书馆\n\n## 查询\n\n`GET /a`\n\n### 请求参数\n\n{TABLE}\n### 返回结果\n\n{TABLE}"
    contract = derive_text(text).contract
    assert (list(parameters(contract, "getA")), list(schemas(contract))) == (
        ["id"],
        ["GetAResponse"],
    )


def test_a_heading_may_be_an_endpoint() -> None:
    """It is the title and the path at once."""
    contract = derive_text("# 图书馆\n\n## GET /books\n").contract
    assert [(name, item["x-source"]) for name, item in operations(contract).items()] == [
        ("listBooks", "small.md:3")
    ]


def test_an_endpoint_below_a_table_opens_a_section() -> None:
    """What follows belongs to that endpoint."""
    text = (
        f"## 查询\n**列表**：`GET /books`\n\n**请求参数**：\n{TABLE}\n"
        "**详情**：`GET /books/{name}`\n"
    )
    contract = derive_text(text).contract
    assert {name: list(parameters(contract, name)) for name in operations(contract)} == {
        "listBooks": ["id"],
        "getBook": ["name"],
    }


def test_endpoints_before_a_table_share_it() -> None:
    """Each has the parameters of the table."""
    text = (
        "## 开\n**锁定**：`POST /books/{id}/lock`\n**解锁**：`POST /books/{id}/unlock`\n\n"
        f"**参数**：\n{TABLE}"
    )
    contract = derive_text(text).contract
    assert {name: item["summary"] for name, item in operations(contract).items()} == {
        "lockBook": "开 锁定",
        "unlockBook": "开 解锁",
    }
    assert list(parameters(contract, "unlockBook")) == ["id"]


def test_a_column_of_defaults_goes_before_the_description() -> None:
    """The description may state another default."""
    text = one_table(
        "请求参数", "size | Integer | 7 | 大小（默认10）", header="参数 | 类型 | 默认值 | 描述"
    )
    assert parameters(derive_text(text).contract, "getA")["size"]["schema"]["default"] == 7


def test_a_constant_with_an_underscore_is_the_permission() -> None:
    """A text without a constant is doubted as not read."""
    text = (
        "## 查询\n**路径**：`GET /a`\n\n**约束**：需要 BOOK_READER 权限。\n\n"
        "**约束**：周一不开。\n\n**权限**：无\n"
    )
    assert operations(derive_text(text).contract)["getA"]["x-permission"] == "BOOK_READER"
    assert [doubt.line for doubt in doubts_of(text, "unread-text")] == lines_with(text, "周一")


def test_a_second_response_is_doubted() -> None:
    """The first counts."""
    text = f"## 查询\n**请求路径**：`GET /a`\n\n**返回结果**：\n{TABLE}\n**返回值**：\n{TABLE}"
    assert [doubt.line for doubt in doubts_of(text, "unread-construct")] == lines_with(
        text, "返回值"
    )


def test_code_that_is_not_a_sketch_is_doubted() -> None:
    """It is left out, and the doubt has its line."""
    text = "## 查询\n**请求路径**：`GET /a`\n\n**功能说明**：查询。\n```\nprint(1)\n```\n"
    assert [doubt.line for doubt in doubts_of(text, "unread-construct")] == lines_with(
        text, "print"
    )


def test_parameters_outside_of_the_path_are_a_body() -> None:
    """A POST sends them as the members of a JSON object."""
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
