"""Reading one cell: types, descriptions, labels, endpoints."""

from typing import Any

import pytest

from understudy.derive.facts.facts import Kind, Prose, Role, TypeExpr
from understudy.derive.lexicon.cell_parser import (
    extract_main_clause,
    read_header,
    read_prose,
    read_type,
)
from understudy.derive.lexicon.labels import (
    Label,
    find_referenced_title,
    is_reference_text,
    read_label,
    strip_number,
)
from understudy.derive.lexicon.vocabulary import Column
from understudy.derive.markdown.endpoints import Endpoint, find_endpoint

LONG = TypeExpr(Kind.INTEGER, "int64")
TEXT = TypeExpr(Kind.STRING)


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("String", TEXT),
        ("`string`", TEXT),
        ("字符串", TEXT),
        ("Long", LONG),
        (" long ", LONG),
        ("长整型", LONG),
        ("Integer", TypeExpr(Kind.INTEGER, "int32")),
        ("int", TypeExpr(Kind.INTEGER, "int32")),
        ("Double", TypeExpr(Kind.NUMBER, "double")),
        ("Boolean", TypeExpr(Kind.BOOLEAN)),
        ("Object", TypeExpr(Kind.OBJECT)),
        ("Datetime", TypeExpr(Kind.STRING, "date-time")),
        ("Date Time", TypeExpr(Kind.STRING, "date-time")),
        ("Map<String, List<Long>>", TypeExpr(Kind.OBJECT)),
        ("Array", TypeExpr(Kind.ARRAY)),
        ("StringArray", TypeExpr(Kind.ARRAY, item=TEXT)),
        ("Array<Long>", TypeExpr(Kind.ARRAY, item=LONG)),
        ("array of long", TypeExpr(Kind.ARRAY, item=LONG)),
        ("List（Long）", TypeExpr(Kind.ARRAY, item=LONG)),
        ("Long[]", TypeExpr(Kind.ARRAY, item=LONG)),
        ("Array<Long", TypeExpr(Kind.ARRAY, item=LONG)),
        ("字符串数组", TypeExpr(Kind.ARRAY, item=TEXT)),
        ("Long[][]", TypeExpr(Kind.ARRAY, item=read_type("Long[]"))),
        ("TaskList", TypeExpr(Kind.ARRAY, item=TypeExpr(Kind.NAMED, name="Task"))),
        ("Array<Map<String,Long>>", TypeExpr(Kind.ARRAY, item=TypeExpr(Kind.OBJECT))),
        ("BasicTask", TypeExpr(Kind.NAMED, name="BasicTask")),
        ("BasicTask对象", TypeExpr(Kind.NAMED, name="BasicTask")),
        ("多少", TypeExpr(Kind.ANY, name="多少")),
        ("", TypeExpr(Kind.ANY)),
        ("a b", TypeExpr(Kind.ANY, name="a b")),
    ],
)
def test_types(text: str, type: TypeExpr) -> None:
    """A type as documents write it."""
    assert read_type(text) == type


def test_a_type_of_any_length_is_read() -> None:
    """Beyond two hundred letters a word is no type; nesting cannot exhaust the stack."""
    assert read_type("Array<" * 5000).kind is Kind.ANY
    assert read_type("[]" * 90).kind is Kind.ARRAY


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("任务状态（可选值：RUNNING/FAILED）", {"enum": ("RUNNING", "FAILED")}),
        ("可选值为 `a`、`b` 或 `c`", {"enum": ("a", "b", "c")}),
        ("One of: asc, desc", {}),
        ("one of asc, desc", {"enum": ("asc", "desc")}),
        ("allowed values are on or off", {"enum": ("on", "off")}),
        ("key/value pairs/lists", {}),
        ("状态，取值：0/1/2", {"enum": ("0", "1", "2")}),
        ("状态：0-关闭，1-开启", {"enum": ("0", "1")}),
        ("状态（0：关闭，1：开启）", {"enum": ("0", "1")}),
        ("1 = on, 2 = off", {"enum": ("1", "2")}),
        ("取值：EN（英文）、ZH（中文）", {"enum": ("EN", "ZH")}),
        ("可选值：A：甲，B：乙", {"enum": ("A", "B")}),
        ("比例（1：2）", {}),
        ("端口 8080、8090", {}),
        ("状态（RUNNING/FAILED）", {"enum": ("RUNNING", "FAILED")}),
        ("比例（used/total）", {}),
        ("状态（RUNNING）", {}),
        ("类型（A/A/B）", {"enum": ("A", "B")}),
        ("页码（从1开始）", {"minimum": 1}),
        ("编号从 0 起", {"minimum": 0}),
        ("starts at 1", {"minimum": 1}),
        ("开始编号，最小值为3", {"minimum": 3}),
        ("从2到5", {}),
        ("不少于2，不超过 20", {"minimum": 2, "maximum": 20}),
        ("大小（默认10，最大2000）", {"default": "10", "maximum": 2000}),
        ("最大长度为64", {}),
        ("默认10条", {"default": "10"}),
        ("默认值：true。", {"default": "true"}),
        ("默认的集群", {}),
        ("the default cluster", {}),
        ("default is id", {"default": "id"}),
        ("size (default 10)", {"default": "10"}),
        ("最大" + "9" * 30, {}),
        ("租户名称（需配合集群ID）", {"requires": "集群ID"}),
        ("必须与 clusterId 一起使用", {"requires": "clusterId"}),
        ("需要权限", {}),
        ("子任务列表（BasicSubtask对象）", {"structure": "BasicSubtask"}),
        ("JSON对象", {}),
        ("String 结构", {}),
        ("a list of Task objects", {"structure": "Task"}),
        ("The object of this call", {}),
        ("JSON objects", {}),
        ("集群信息（见下表）", {"see_below": True}),
        ("see the table below", {"see_below": True}),
        ("节点类型（如JAVA_TASK等）", {"example": "JAVA_TASK"}),
        ("例如：v1.2。", {"example": "v1.2"}),
        ("如果A", {}),
        ("开始时间", {"is_time": True}),
        ("创建日期（本地）", {"is_time": True}),
        ("start time", {"is_time": True}),
        ("处理时间（毫秒）", {}),
        ("时间（yyyy-MM-dd HH:mm:ss）", {}),
        ("时间序列", {}),
        ("服务端时间戳", {}),
    ],
)
def test_prose(text: str, told: dict[str, Any]) -> None:
    """What a description says beyond describing, and nothing that it does not say."""
    assert read_prose(text) == Prose(**told)


def test_core() -> None:
    """A description without brackets and further clauses."""
    assert extract_main_clause("集群ID（必填），默认为空") == "集群ID"


@pytest.mark.parametrize(
    ("text", "anywhere", "endpoint"),
    [
        ("GET /a", False, ("GET", "/a")),
        ("`GET /a/{id}`", False, ("GET", "/a/{id}")),
        ("POST: /a", False, ("POST", "/a")),
        ("**DELETE /a**", False, ("DELETE", "/a")),
        ("GET /a。", False, ("GET", "/a")),
        ("看 GET /a", False, None),
        ("查询 GET /a 的用法", True, ("GET", "/a")),
        ("TARGET /a", True, None),
        ("get /a", False, ("GET", "/a")),
        ("get /", False, None),
        ("GET https://host:80/a/:id?x=1", False, ("GET", "/a/{id}", "x=1")),
        ("/a/<id> (POST)", False, ("POST", "/a/{id}")),
        ("[PUT] /a", False, ("PUT", "/a")),
        ("get /a 的用法", True, None),
        ("GET a", False, None),
        ("GET", False, None),
        ("", True, None),
    ],
)
def test_endpoints(text: str, anywhere: bool, endpoint: tuple[str, ...] | None) -> None:
    """A method and a path, alone or (in headings) anywhere."""
    assert find_endpoint(text, anywhere=anywhere) == (Endpoint(*endpoint) if endpoint else None)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("请求参数", Label(Role.REQUEST)),
        ("1.2 请求参数：", Label(Role.REQUEST)),
        ("Parameters", Label(Role.REQUEST)),
        ("Path 参数", Label(Role.REQUEST, location="path")),
        ("请求体", Label(Role.REQUEST, location="body")),
        ("Query parameters", Label(Role.REQUEST, location="query")),
        ("返回结果", Label(Role.RESPONSE)),
        ("功能说明", Label(Role.DESCRIPTION)),
        ("接口约束", Label(Role.CONSTRAINT)),
        ("请求路径", Label(Role.ENDPOINT)),
        ("返回示例", Label(Role.EXAMPLE, side="response")),
        ("示例", Label(Role.EXAMPLE)),
        ("curl 示例", Label(Role.EXAMPLE, side="request")),
        ("区域数据结构", Label(Role.STRUCTURE, "区域")),
        ("公共请求参数", Label(Role.REQUEST, is_common=True)),
        ("统一返回结构", Label(Role.RESPONSE, is_common=True)),
        ("请求参数（Query）", Label(Role.REQUEST, location="query")),
        ("BasicTask结构", Label(Role.STRUCTURE, "BasicTask")),
        ("Task 数据结构", Label(Role.STRUCTURE, "Task")),
        ("Task object", Label(Role.STRUCTURE, "Task")),
        ("cluster参数", Label(Role.FIELD, "cluster")),
        ("data字段结构", Label(Role.FIELD, "data")),
        ("data fields", Label(Role.FIELD, "data")),
        ("查询任务列表", None),
        ("结构", None),
        ("", None),
    ],
)
def test_labels(text: str, label: Label | None) -> None:
    """Words that announce what follows."""
    assert read_label(text) == label


@pytest.mark.parametrize(
    ("heading", "bare"),
    [
        ("1. 查询", "查询"),
        ("1.2 查询", "查询"),
        ("3、查询", "查询"),
        ("三、权限", "权限"),
        ("2) List", "List"),
        ("3D模型", "3D模型"),
        ("查询 1", "查询 1"),
        ("", ""),
        ("十二. 日志", "日志"),
    ],
)
def test_numbers_of_headings(heading: str, bare: str) -> None:
    """A number at the head is no part of a title."""
    assert strip_number(heading) == bare


def test_headers() -> None:
    """The columns by their words; of two with one meaning the first."""
    assert read_header(("参数名", "颜色", "说明", "备注", "是否必填")) == {
        Column.NAME: 0,
        Column.DESCRIPTION: 2,
        Column.REQUIRED: 4,
    }


def test_optional_is_not_required() -> None:
    """A column 可选 says the opposite of 必选: it is not read as that."""
    assert Column.REQUIRED not in read_header(("参数", "可选"))


@pytest.mark.parametrize(
    ("text", "says", "title"),
    [
        ("与回滚任务的返回结果一致。", True, "回滚任务"),
        ("同“查询任务”", True, "查询任务"),
        ("same as List tasks", True, "List tasks"),
        ("与众不同", False, "众不同"),
        ("返回任务", False, ""),
    ],
)
def test_reuse(text: str, says: bool, title: str) -> None:
    """Words that reuse what is told elsewhere, and the title that they name."""
    assert (is_reference_text(text), find_referenced_title(text)) == (says, title)
