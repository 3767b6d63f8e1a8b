"""Parsers of labels, and of sentences that reuse or share what another place states.

A label is a short text that announces what follows: `请求参数`, `Path 参数`, `BasicTask结构`.
"""

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
_HEADING_NUMBER = re.compile(
    r"\s*(?:\d+(?:\.\d+)*(?:[.、)）]\s*|\s+)|[一二三四五六七八九十]+[、.]\s*)"
)
_MAX_LABEL = 60
"""Letters of a label; a longer text is a sentence."""
_MAX_EXAMPLE_STEM = 12
"""Letters that a label of an example has beside the term itself."""
_MAX_SHARED_SENTENCE = 200
"""Letters of a sentence about all operations; a bound for the search."""


def fold(text: str) -> str:
    """Return a text as the vocabulary holds it: lower case, no spaces."""
    return "".join(text.split()).casefold()


def strip_number(heading: str) -> str:
    """Return a heading without its number: `1.2 查询` and `三、权限` become 查询 and 权限."""
    if _HEADING_NUMBER.match(heading):
        return _HEADING_NUMBER.sub("", heading, count=1).strip()
    return heading.strip()


@dataclass(frozen=True, slots=True)
class Label:
    """A text that announces what follows."""

    role: Role
    name: str = ""
    """The name of a STRUCTURE or FIELD."""
    location: str = ""
    """Of a REQUEST: `path`, `query`, `header`, `body`, or empty when the label does not state
    it."""
    side: str = ""
    """Of an EXAMPLE: `request`, `response`, `error`, or empty when the label does not state it."""
    is_common: bool = False
    """Whether what follows is valid for all operations."""


def read_label(text: str) -> Label | None:
    """Parse a label: `请求参数`, `Path 参数`, `BasicTask结构`, `data字段结构`.

    Return None when the text is not a label.
    """
    if len(text) > _MAX_LABEL:
        return None
    return _read_label(text)


@lru_cache(maxsize=4096)
def _read_label(text: str) -> Label | None:
    stripped = strip_number(text).strip("*：: ")
    folded = fold(stripped)
    label = (
        _read_role(folded)
        or _read_identifier_label(stripped)
        or _read_example_label(folded)
        or _read_chinese_structure(folded)
    )
    if label:
        return label
    # A location may stand in brackets: `请求参数（Query）`.
    bracket = re.fullmatch(r"(.+?)\s*[（(]([^（）()]*)[）)]", stripped)
    if bracket is None:
        return None
    inner = _read_label(bracket[1])
    if inner is None or inner.location:
        return inner
    location = find_location(fold(bracket[2]))
    return replace(inner, location=location)


def _read_role(folded: str) -> Label | None:
    """Parse a label that the vocabulary knows, with a location or a common prefix."""
    for candidate in (folded, re.sub(r"(?:说明|列表|描述|如下)$", "", folded)):
        for role, terms in ROLES.items():
            if candidate in terms:
                location = find_location(candidate) if role is Role.REQUEST else ""
                return Label(role, location=location)
    located = r"(?:请求)?[a-z\u4e00-\u9fff]{2,6}(?:参数|parameters?|params)"
    if re.fullmatch(located, folded) and find_location(folded):
        return Label(Role.REQUEST, location=find_location(folded))
    return _read_common_role(folded)


def _read_common_role(folded: str) -> Label | None:
    """Parse a label of a table for all operations: 公共请求参数."""
    for prefix in COMMON_PREFIXES:
        if not folded.startswith(prefix):
            continue
        inner = _read_role(folded.removeprefix(prefix).removeprefix("的"))
        if inner and inner.role in (Role.REQUEST, Role.RESPONSE):
            return replace(inner, is_common=True)
    return None


def _read_identifier_label(text: str) -> Label | None:
    """Parse a label with an identifier: `cluster参数` (a field), `BasicTask结构` (a structure)."""
    field = re.fullmatch(rf"({_IDENTIFIER})\s*(?:字段结构|参数|字段|fields?|parameters?)", text)
    if field:
        return Label(Role.FIELD, field[1])
    structure = re.fullmatch(
        rf"({_IDENTIFIER})\s*(?:数据)?"
        r"(?:结构体?|对象(?:结构)?|(?i:structure|object|schema|model))(?:说明|定义)?",
        text,
    )
    if structure and fold(structure[1]) not in NOT_STRUCTURE_NAMES:
        return Label(Role.STRUCTURE, structure[1])
    return None


_SIDES = {"error": ERROR_SIDE, "request": REQUEST_SIDE, "response": RESPONSE_SIDE}
"""The messages that a label may state, in the order of their weight: an error is no response."""


def _read_example_label(folded: str) -> Label | None:
    """Parse a label of an example: 返回示例, `curl 示例`, `错误返回示例`."""
    stem = _strip_example_term(folded)
    if stem is None or len(stem) > _MAX_EXAMPLE_STEM:
        return None
    for side, terms in _SIDES.items():
        if any(term in stem for term in terms):
            return Label(Role.EXAMPLE, side=side)
    return None if stem else Label(Role.EXAMPLE)


def _strip_example_term(folded: str) -> str | None:
    """Return the label without the term for an example, at its end or else its head.

    Return None when the label has no such term.
    """
    for term in EXAMPLE_TERMS:
        if folded.endswith(term):
            return folded.removesuffix(term)
    for term in EXAMPLE_TERMS:
        if folded.startswith(term):
            return folded.removeprefix(term)
    return None


def _read_chinese_structure(folded: str) -> Label | None:
    """Parse the title of a structure that has no English name: 区域数据结构."""
    title = re.fullmatch(
        r"([\u4e00-\u9fff]{2,10}?)(?:的)?(?:数据|对象|实体)?(?:结构体?|对象|模型)(?:说明|定义)?",
        folded,
    )
    if title is None or title[1].startswith(NOT_STRUCTURE_NAMES):
        return None
    return Label(Role.STRUCTURE, title[1])


def find_location(folded: str) -> str:
    """Return the location of a parameter that a folded text states; empty when it states none."""
    for location, terms in LOCATIONS.items():
        if any(term in folded for term in terms):
            return location
    return ""


_SAME = re.compile(
    r"(?:与|和|同|(?i:same as)).{0,80}?(?:一致|相同|一样)|(?i:\bsame as\b)|^(?:同|参见|参考)"
)
_SAME_TITLE = re.compile(
    r"(?:与|和|同|same as)\s*[“\"「『]?(.{1,80}?)[”\"」』]?\s*(?:的|中|$)", re.IGNORECASE
)


def is_reference_text(text: str) -> bool:
    """Check whether a sentence reuses what another section states: 与…一致."""
    return bool(_SAME.search(text))


def find_referenced_title(text: str) -> str:
    """Return the title between 与 and 的返回结果一致, for titles without marks.

    Return an empty text when there is none.
    """
    title = _SAME_TITLE.search(text)
    return title[1].strip() if title else ""


_SHARED = re.compile(
    r"(?:所有|全部|每个|各个?|任何)(?:的)?(?:操作|接口|请求|API|调用|响应|返回)"
    r".{0,30}?(?:返回|响应|结构|格式|包含)"
    r"|(?i:\b(?:all|every|each) (?:\w+ )?"
    r"(?:operations?|endpoints?|requests?|responses?|calls?|apis?)\b"
    r".{0,40}?\b(?:returns?|responds?|answers?|shares?|wrapped|structure|envelope|format)\b)"
)


def announces_common_response(text: str) -> bool:
    """Check whether a sentence announces the response of all operations: 所有操作返回统一结构."""
    if len(text) > _MAX_SHARED_SENTENCE:
        return False
    return _SHARED.search(text) is not None
