"""Labels, numbers of headings, and sentences that reuse another section."""

import pytest

from understudy.derive.facts.facts import Role
from understudy.derive.lexicon.labels import (
    Label,
    find_referenced_title,
    is_reference_text,
    read_label,
    strip_number,
)


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
def test_a_text_that_announces_something_is_a_label(text: str, label: Label | None) -> None:
    """Any other text is None."""
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
def test_a_title_has_no_number_at_its_head(heading: str, bare: str) -> None:
    """A number elsewhere belongs to the title."""
    assert strip_number(heading) == bare


@pytest.mark.parametrize(
    ("text", "is_reference", "title"),
    [
        ("与回滚任务的返回结果一致。", True, "回滚任务"),
        ("同“查询任务”", True, "查询任务"),
        ("same as List tasks", True, "List tasks"),
        ("与众不同", False, "众不同"),
        ("返回任务", False, ""),
    ],
)
def test_a_sentence_may_reuse_another_section(text: str, is_reference: bool, title: str) -> None:
    """Its title stands in the sentence."""
    assert (is_reference_text(text), find_referenced_title(text)) == (is_reference, title)
