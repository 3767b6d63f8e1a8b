"""Parsers of one cell: types, descriptions, headers."""

from typing import Any

import pytest

from understudy.derive.facts.facts import Kind, Prose, TypeExpr
from understudy.derive.lexicon.cell_parser import (
    extract_main_clause,
    read_header,
    read_prose,
    read_type,
)
from understudy.derive.lexicon.vocabulary import Column

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
def test_a_cell_becomes_a_type(text: str, type: TypeExpr) -> None:
    """Documents write types in many forms, in English and Chinese."""
    assert read_type(text) == type


def test_a_type_may_have_any_length() -> None:
    """Beyond 200 letters a text is not a type, so that nesting cannot exhaust the stack."""
    assert read_type("Array<" * 5000).kind is Kind.ANY
    assert read_type("[]" * 90).kind is Kind.ARRAY


@pytest.mark.parametrize(
    ("text", "facts"),
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
def test_a_description_states_values_bounds_and_defaults(text: str, facts: dict[str, Any]) -> None:
    """The parser finds these facts, and none that the description does not state."""
    assert read_prose(text) == Prose(**facts)


def test_the_main_clause_has_no_brackets() -> None:
    """It ends at the first comma, semicolon or full stop."""
    assert extract_main_clause("集群ID（必填），默认为空") == "集群ID"


def test_a_header_names_columns() -> None:
    """Of two cells for one column, the first counts."""
    assert read_header(("参数名", "颜色", "说明", "备注", "是否必填")) == {
        Column.NAME: 0,
        Column.DESCRIPTION: 2,
        Column.REQUIRED: 4,
    }


def test_a_column_of_optional_flags_is_not_one_of_required() -> None:
    """可选 means the opposite of 必选."""
    assert Column.REQUIRED not in read_header(("参数", "可选"))
