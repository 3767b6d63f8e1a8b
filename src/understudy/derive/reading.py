"""Reading one cell: types, descriptions, labels, endpoints. Each function takes text and gives a value."""

import re
from dataclasses import dataclass

from understudy.derive.facts import Kind, Prose, Role, TypeExpr
from understudy.derive.words import COLUMNS, LOCATIONS, ROLES, TYPES, Column

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
_ENDPOINT = re.compile(rf"(?<![A-Za-z])(?P<method>{'|'.join(METHODS)})[\s:：]+(?P<path>/\S*)")
_NUMBER = re.compile(r"\s*(?:\d+(?:\.\d+)*(?:[.、)）]\s*|\s+)|[一二三四五六七八九十]+[、.]\s*)")


def fold(text: str) -> str:
    """Give a word as the lists of words hold it: lower case, no spaces."""
    return re.sub(r"\s+", "", text).casefold()


def strip_number(heading: str) -> str:
    """Take the number off a heading: `1.2 查询` and `三、权限` are 查询 and 权限."""
    return _NUMBER.sub("", heading, count=1).strip() if _NUMBER.match(heading) else heading.strip()


_LONGEST_TYPE = 200


def read_type(text: str) -> TypeExpr:
    """Read a type as documents write it: `Long`, `StringArray`, `Array<Long>`, `Long[]`, a structure's name."""
    word = text.strip().strip("`").strip()
    known = TYPES.get(fold(word))
    if known is not None:
        return TypeExpr(known[0], known[1])
    if len(word) > _LONGEST_TYPE:
        return TypeExpr(Kind.ANY, name=word)
    generic = re.fullmatch(
        r"(?i)(?:array|list|set|collection|数组|列表)\s*(?:[<\[(（]|of\s+)\s*(.+?)\s*[>\])）]?", word
    )
    suffixed = re.fullmatch(r"(.+?)\s*(?:\[\s*\]|(?<=[a-z])(?:Array|List)|数组|列表)", word)
    item = generic or suffixed
    if item:
        return TypeExpr(Kind.ARRAY, item=read_type(item.group(1)))
    if re.fullmatch(r"(?i)map\s*<.*>", word):
        return TypeExpr(Kind.OBJECT)
    named = re.fullmatch(rf"({_IDENTIFIER})\s*(?:对象|object)?", word)
    return TypeExpr(Kind.NAMED, name=named.group(1)) if named else TypeExpr(Kind.ANY, name=word)


_LISTED = re.compile(
    r"(?:(?:可选值|取值范围|取值|枚举值?|可选)\s*(?:为|是|有|包括)?\s*[:：]?|one of:?|values?\s*(?:are\b|is\b|[:：]))"
    r"\s*(?P<values>[^（）()；;。]+)"
)
_BRACKETED = re.compile(r"[（(](?P<values>[^（）()]+)[）)]")
_VALUE = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")
_SHOUTED = re.compile(r"[A-Z][A-Z0-9_]*")


def _enum(text: str) -> tuple[str, ...]:
    """Values after 可选值, or two or more WORDS parted by slashes in brackets."""
    told = _LISTED.search(text)
    if told:
        values = _values(told.group("values"), _VALUE)
        if values:
            return values
    for match in _BRACKETED.finditer(text):
        values = _values(match.group("values"), _SHOUTED)
        if values:
            return values
    return ()


def _values(text: str, shape: re.Pattern[str]) -> tuple[str, ...]:
    values = [value.strip().strip("`\"'“”") for value in re.split(r"[/|、,，]|或|\sor\s", text)]
    fit = len(values) > 1 and all(shape.fullmatch(value) for value in values)
    return tuple(dict.fromkeys(values)) if fit else ()


_IS = r" ?(?:为|是|is|[:：])? ?"
_STARTS = re.compile(r"从 ?(-?\d+) ?(?:开始|起)|start(?:s|ing)? (?:at|from) (-?\d+)")
_LEAST = re.compile(rf"(?:最小值?|不小于|不少于|至少|minimum){_IS}(-?\d+)")
_MOST = re.compile(rf"(?:最大值?|不超过|不大于|不多于|至多|最多|上限|maximum){_IS}(-?\d+)")
_REQUIRES = re.compile(
    r"(?:需要?|必须|须)(?:配合|结合|同时(?:指定|传入|提供)|与)\s*([^）)，,。；;]{1,80}?)\s*(?:一起)?(?:使用)?(?:[）)，,。；;]|$)"
)
_STRUCTURE = re.compile(
    rf"(?<![A-Za-z0-9_])({_IDENTIFIER})\s*(?:对象|结构体?)"
    r"|\b(?!(?:The|An|This|Each|New) )(?=[A-Z0-9_]*[a-z])([A-Z]\w*+) objects?\b"
)
_EXAMPLE = re.compile(r"(?:例如|比如|(?<![\w）)])如|e\.g\.)\s*[:：]?\s*[`\"“]?([A-Za-z0-9][A-Za-z0-9_.\-]*)")
_DEFAULT = re.compile(
    r"(?:(?:默认值?|缺省值?)\s*(?:为|是|[:：=])?|(?i:\bdefaults?(?: value)?)\s*(?:to\b|is\b|[:：=]|(?=[`\"“\d])))"
    r"\s*[`\"“]?(-?[A-Za-z0-9_][A-Za-z0-9_.\-]*)"
)
_BELOW = re.compile(r"见下[表文方面]|如下表|如下所示|(?i:see|as) (?:the table )?below")
_TIME = re.compile(r"(?:时间|时刻|日期)$|(?i:\b(?:time|timestamp|date)$)")
_OTHER_TIME = re.compile(r"秒|分钟|小时|(?i:yyyy|HH:mm|unix|epoch|\b(?:ms|seconds|minutes|hours)\b)")
"""A unit or a format of its own: such a text is no date-time of RFC 3339."""


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return next((group for group in match.groups() if group), None) if match else None


def _number(text: str, *patterns: re.Pattern[str]) -> int | None:
    """Give the number of the first pattern that is found; none is of 30 digits."""
    numbers = (_found(pattern, text) for pattern in patterns)
    return next((int(number) for number in numbers if number and len(number) < 30), None)


def read_prose(text: str) -> Prose:
    """Read what a description says beyond describing: values, bounds, default, needs, structures."""
    structure = _found(_STRUCTURE, text) or ""
    default, example = _found(_DEFAULT, text), _found(_EXAMPLE, text)
    return Prose(
        enum=_enum(text),
        minimum=_number(text, _STARTS, _LEAST),
        maximum=_number(text, _MOST),
        default=default.rstrip(".") if default else None,
        requires=_found(_REQUIRES, text) or "",
        structure="" if fold(structure) in TYPES else structure,
        see_below=bool(_BELOW.search(text)),
        example=example.rstrip(".") if example else None,
        is_time=bool(_TIME.search(core(text))) and not _OTHER_TIME.search(text),
    )


def core(description: str) -> str:
    """Give a description without what stands in brackets or after its first clause."""
    return re.split(r"[，,。；;]", re.sub(r"[（(][^（）()]*[）)]?", "", description))[0].strip()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and path as they stand; the path may be broken."""

    method: str
    path: str


def find_endpoint(text: str, *, anywhere: bool = False) -> Endpoint | None:
    """Read `GET /path`: the whole text, or (in headings and after labels) wherever it stands."""
    stripped = text.strip().strip("`*").strip()
    found = _ENDPOINT.search(stripped) if anywhere else _ENDPOINT.fullmatch(stripped)
    if not found:
        return None
    return Endpoint(found.group("method"), found.group("path").rstrip("`*.,;，。；、）)"))


@dataclass(frozen=True, slots=True)
class Label:
    """Words that announce what follows. `name` is a structure's or field's; `location` a parameter's."""

    role: Role
    name: str = ""
    location: str = ""


def read_label(text: str) -> Label | None:
    """Read a label: `请求参数`, `Path 参数`, `BasicTaskInstance结构`, `cluster参数`, `data字段结构`."""
    word = strip_number(text).strip("*：: ")
    folded = fold(word)
    for role, words in ROLES.items():
        if folded in words:
            return Label(role, location=_location(folded) if role is Role.REQUEST else "")
    if re.fullmatch(r"(?:请求)?[a-z\u4e00-\u9fff]{2,6}(?:参数|parameters?|params)", folded) and _location(folded):
        return Label(Role.REQUEST, location=_location(folded))
    field = re.fullmatch(rf"({_IDENTIFIER})\s*(?:字段结构|参数|字段|fields?|parameters?)", word)
    if field:
        return Label(Role.FIELD, field.group(1))
    structure = re.fullmatch(rf"({_IDENTIFIER})\s*(?:数据)?(?:结构体?|对象(?:结构)?|(?i:structure|object))", word)
    return Label(Role.STRUCTURE, structure.group(1)) if structure else None


def _location(folded: str) -> str:
    return next((place for place, words in LOCATIONS.items() if any(word in folded for word in words)), "")


def read_header(cells: tuple[str, ...]) -> dict[Column, int]:
    """Give the index of each column that a table's header names."""
    found: dict[Column, int] = {}
    for index, cell in enumerate(cells):
        for column, words in COLUMNS.items():
            if fold(cell) in words and column not in found:
                found[column] = index
                break
    return found


_SAME = re.compile(r"(?:与|和|同|(?i:same as)).{0,80}?(?:一致|相同|一样)|(?i:\bsame as\b)|^(?:同|参见|参考)")


def says_same(text: str) -> bool:
    """Tell whether words reuse what is told elsewhere: 与…一致."""
    return bool(_SAME.search(text))


def same_title(text: str) -> str:
    """Give the name that stands between 与 and 的返回结果一致, when nothing sets it apart."""
    found = re.search(r"(?:与|和|同|same as)\s*[“\"「『]?(.{1,80}?)[”\"」』]?\s*(?:的|中|$)", text, re.IGNORECASE)
    return found.group(1).strip() if found else ""
