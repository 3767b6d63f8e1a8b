"""Labels: words that announce what follows, and words that reuse or share what is told elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from understudy.derive.facts.facts import Role
from understudy.derive.lexicon.vocabulary import (
    COMMON_PREFIXES,
    ERROR_SIDE,
    EXAMPLE_TERMS,
    LOCATIONS,
    NOT_STRUCTURE_NAMES,
    REQUEST_SIDE,
    RESPONSE_SIDE,
    ROLES,
)

_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
_NUMBER = re.compile(r"\s*(?:\d+(?:\.\d+)*(?:[.、)）]\s*|\s+)|[一二三四五六七八九十]+[、.]\s*)")
_LONGEST = 60


def fold(text: str) -> str:
    """Give a word as the lists of words hold it: lower case, no spaces."""
    return "".join(text.split()).casefold()


def strip_number(heading: str) -> str:
    """Take the number off a heading: `1.2 查询` and `三、权限` are 查询 and 权限."""
    return _NUMBER.sub("", heading, count=1).strip() if _NUMBER.match(heading) else heading.strip()


@dataclass(frozen=True, slots=True)
class Label:
    """Words that announce what follows. `name` is a structure's or field's; `location` a parameter's."""

    role: Role
    name: str = ""
    location: str = ""
    side: str = ""
    """Of an example: `request`, `response`, `error`, or empty when the label does not tell."""
    is_common: bool = False
    """Whether what follows is told for all operations."""


def read_label(text: str) -> Label | None:
    """Read a label: `请求参数`, `Path 参数`, `BasicTaskInstance结构`, `cluster参数`, `data字段结构`."""
    return _read_label(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _read_label(text: str) -> Label | None:
    word = strip_number(text).strip("*：: ")
    found = _known(fold(word)) or _identified(word) or _example(fold(word)) or _chinese(fold(word))
    if found:
        return found
    bracket = re.fullmatch(r"(.+?)\s*[（(]([^（）()]*)[）)]", word)
    if bracket and (inner := _read_label(bracket[1])):
        return replace(inner, location=inner.location or find_location(fold(bracket[2])))
    return None


def _known(folded: str) -> Label | None:
    for at in (folded, re.sub(r"(?:说明|列表|描述|如下)$", "", folded)):
        for role, words in ROLES.items():
            if at in words:
                return Label(role, location=find_location(at) if role is Role.REQUEST else "")
    if re.fullmatch(
        r"(?:请求)?[a-z\u4e00-\u9fff]{2,6}(?:参数|parameters?|params)", folded
    ) and find_location(folded):
        return Label(Role.REQUEST, location=find_location(folded))
    for common in COMMON_PREFIXES:
        if folded.startswith(common):
            inner = _known(folded.removeprefix(common).removeprefix("的"))
            if inner and inner.role in (Role.REQUEST, Role.RESPONSE):
                return replace(inner, is_common=True)
    return None


def _identified(word: str) -> Label | None:
    field = re.fullmatch(rf"({_IDENTIFIER})\s*(?:字段结构|参数|字段|fields?|parameters?)", word)
    if field:
        return Label(Role.FIELD, field.group(1))
    structure = re.fullmatch(
        rf"({_IDENTIFIER})\s*(?:数据)?(?:结构体?|对象(?:结构)?|(?i:structure|object|schema|model))(?:说明|定义)?",
        word,
    )
    if structure and fold(structure.group(1)) not in NOT_STRUCTURE_NAMES:
        return Label(Role.STRUCTURE, structure.group(1))
    return None


def _example(folded: str) -> Label | None:
    stem = next(
        (folded.removesuffix(word) for word in EXAMPLE_TERMS if folded.endswith(word)), None
    )
    if stem is None:
        stem = next(
            (folded.removeprefix(word) for word in EXAMPLE_TERMS if folded.startswith(word)), None
        )
    if stem is None or len(stem) > 12:
        return None
    for side, words in (
        ("error", ERROR_SIDE),
        ("request", REQUEST_SIDE),
        ("response", RESPONSE_SIDE),
    ):
        if any(word in stem for word in words):
            return Label(Role.EXAMPLE, side=side)
    return Label(Role.EXAMPLE) if not stem else None


def _chinese(folded: str) -> Label | None:
    """Read the title of a structure that has no English name: 区域数据结构."""
    named = re.fullmatch(
        r"([\u4e00-\u9fff]{2,10}?)(?:的)?(?:数据|对象|实体)?(?:结构体?|对象|模型)(?:说明|定义)?",
        folded,
    )
    if (
        named
        and named[1] not in NOT_STRUCTURE_NAMES
        and not named[1].startswith(NOT_STRUCTURE_NAMES)
    ):
        return Label(Role.STRUCTURE, named[1])
    return None


def find_location(folded: str) -> str:
    """Give where a parameter is by a word of its label; empty when the word does not tell."""
    return next(
        (place for place, words in LOCATIONS.items() if any(word in folded for word in words)), ""
    )


_SAME = re.compile(
    r"(?:与|和|同|(?i:same as)).{0,80}?(?:一致|相同|一样)|(?i:\bsame as\b)|^(?:同|参见|参考)"
)


def is_reference_text(text: str) -> bool:
    """Tell whether words reuse what is told elsewhere: 与…一致."""
    return bool(_SAME.search(text))


def find_referenced_title(text: str) -> str:
    """Give the name that stands between 与 and 的返回结果一致, when nothing sets it apart."""
    found = re.search(
        r"(?:与|和|同|same as)\s*[“\"「『]?(.{1,80}?)[”\"」』]?\s*(?:的|中|$)", text, re.IGNORECASE
    )
    return found.group(1).strip() if found else ""


_SHARED = re.compile(
    r"(?:所有|全部|每个|各个?|任何)(?:的)?(?:操作|接口|请求|API|调用|响应|返回).{0,30}?(?:返回|响应|结构|格式|包含)"
    r"|(?i:\b(?:all|every|each) (?:\w+ )?(?:operations?|endpoints?|requests?|responses?|calls?|apis?)\b"
    r".{0,40}?\b(?:returns?|responds?|answers?|shares?|wrapped|structure|envelope|format)\b)"
)


def announces_common_response(text: str) -> bool:
    """Tell whether words announce what all operations return: 所有操作返回统一结构."""
    return len(text) <= 200 and bool(_SHARED.search(text))
