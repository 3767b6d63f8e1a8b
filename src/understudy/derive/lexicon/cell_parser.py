"""Parsers of one cell or one header: types, descriptions, columns.

Each function maps a text to a value.
"""

import re
from functools import lru_cache

from understudy.derive.facts.facts import Kind, Prose, TypeExpr
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import COLUMNS, TYPES, Column

_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
_MAX_TYPE = 200
"""Letters of a type, so that deep nesting cannot exhaust the stack."""
_MAX_NUMBER = 29
"""Digits of a bound; a longer number is not one."""

_GENERIC = re.compile(
    r"(?i)(?:array|list|set|collection|数组|列表)\s*(?:[<\[(（]|of\s+)\s*(.+?)\s*[>\])）]?"
)
"""`Array<Long>`, `array of long`, `List（Long）`; the closing bracket may be missing."""
_SUFFIXED = re.compile(r"(.+?)\s*(?:\[\s*\]|(?<=[a-z])(?:Array|List)|数组|列表)")
"""`Long[]`, `StringArray`, `字符串数组`."""
_MAP = re.compile(r"(?i)map\s*<.*>")
_NAMED = re.compile(rf"({_IDENTIFIER})\s*(?:对象|object)?")


@lru_cache(maxsize=4096)
def read_type(text: str) -> TypeExpr:
    """Parse a type: `Long`, `StringArray`, `Array<Long>`, `Long[]`, or the name of a structure.

    A text that is none of these has the kind ANY.
    """
    stripped = text.strip().strip("`").strip()
    known = TYPES.get(fold(stripped))
    if known is not None:
        kind, format_ = known
        return TypeExpr(kind, format_)
    if len(stripped) > _MAX_TYPE:
        return TypeExpr(Kind.ANY, name=stripped)
    item = _GENERIC.fullmatch(stripped) or _SUFFIXED.fullmatch(stripped)
    if item:
        return TypeExpr(Kind.ARRAY, item=read_type(item[1]))
    if _MAP.fullmatch(stripped):
        return TypeExpr(Kind.OBJECT)
    named = _NAMED.fullmatch(stripped)
    if named:
        return TypeExpr(Kind.NAMED, name=named[1])
    return TypeExpr(Kind.ANY, name=stripped)


_LISTED = re.compile(
    r"(?:(?:可选值|取值范围|取值|枚举值?|可选)\s*(?:为|是|有|包括)?\s*[:：]?"
    r"|one of:?|values?\s*(?:are\b|is\b|[:：]))"
    r"\s*(?P<values>[^（）()；;。]+)"
)
"""Values behind a term that announces them: `可选值：EN/ZH`."""
_LIST_TERMS = ("可选", "取值", "枚举", "one of", "value")
"""Each text that `_LISTED` matches has one of these: a quick test before a slow search."""
_BRACKETED = re.compile(r"[（(](?P<values>[^（）()]+)[）)]")
_VALUE = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*|-?\d{1,6}")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
_VALUE_WITH_MEANING = re.compile(
    r"(?P<value>-?\d{1,6}|[A-Za-z][A-Za-z0-9_]*)"
    r"\s*(?:[:：=＝]|-(?!\d)|—|表示|代表|为|是)\s*\S.*"
)
"""A value and what it means: `0：关闭`, `1 = on`."""
_NUMBER = re.compile(r"-?\d+")
_NUMBER_AND_TEXT = re.compile(r"\d\s*\S")
_PART_END = re.compile(r"[,，;；、]|(?<=[^\d\s]) (?=\d)")
"""Punctuation between values with meanings, or the space before the next number."""
_VALUE_END = re.compile(r"[/|、,，]|或|\sor\s")
"""What stands between two values of a list."""
_MEANING_IN_BRACKETS = re.compile(r"(?<=[A-Za-z0-9_`])\s*[（(][^（）()]*[）)]")
"""The meaning of a value that stands behind it: `EN（英文）`."""


def _read_enum(text: str) -> tuple[str, ...]:
    """Return the values that a description lists, or an empty tuple.

    They stand behind a term such as 可选值; or in brackets, two or more CONSTANTS separated by
    slashes; or are numbers with their meanings.
    """
    if any(term in text for term in _LIST_TERMS):
        without_meanings = _MEANING_IN_BRACKETS.sub("", text)
        listed = _LISTED.search(without_meanings) or _LISTED.search(text)
        if listed:
            values = _split_values(listed["values"], _VALUE)
            if values:
                return values
    for bracketed in _BRACKETED.finditer(text):
        values = _split_values(bracketed["values"], _CONSTANT)
        if values:
            return values
    return _read_numbers_with_meanings(text)


def _read_numbers_with_meanings(text: str) -> tuple[str, ...]:
    """Return the numbers of `0-关闭，1-开启`, two or more.

    One part of the text may be something else.
    """
    if len(text) > _MAX_TYPE or not _NUMBER_AND_TEXT.search(text):
        return ()
    parts = _PART_END.split(text)
    numbers = []
    for part in parts:
        bare = part.strip().strip("`\"'“”（()）。. ")
        match = _VALUE_WITH_MEANING.search(bare)
        if match and _NUMBER.fullmatch(match["value"]):
            numbers.append(match["value"])
    least = max(2, len(parts) - 1)
    if len(numbers) < least:
        return ()
    return tuple(dict.fromkeys(numbers))


def _split_values(text: str, form: re.Pattern[str]) -> tuple[str, ...]:
    """Split a list of two or more values that all have a form; empty when they do not."""
    values = []
    for part in _VALUE_END.split(text):
        bare = part.strip().strip("`\"'“”")
        value = _strip_meaning(bare)
        if not form.fullmatch(value):
            return ()
        values.append(value)
    if len(values) < 2:
        return ()
    return tuple(dict.fromkeys(values))


def _strip_meaning(text: str) -> str:
    match = _VALUE_WITH_MEANING.fullmatch(text)
    return match["value"] if match else text


_IS = r" ?(?:为|是|is|[:：])? ?"
_STARTS = re.compile(r"从 ?(-?\d+) ?(?:开始|起)|start(?:s|ing)? (?:at|from) (-?\d+)")
_LEAST = re.compile(rf"(?:最小值?|不小于|不少于|至少|minimum){_IS}(-?\d+)")
_MOST = re.compile(rf"(?:最大值?|不超过|不大于|不多于|至多|最多|上限|maximum){_IS}(-?\d+)")
_REQUIRES = re.compile(
    r"(?:需要?|必须|须)(?:配合|结合|同时(?:指定|传入|提供)|与)"
    r"\s*([^）)，,。；;]{1,80}?)\s*(?:一起)?(?:使用)?(?:[）)，,。；;]|$)"
)
_STRUCTURE = re.compile(
    rf"(?<![A-Za-z0-9_])({_IDENTIFIER})\s*(?:对象|结构体?)"
    r"|\b(?!(?:The|An|This|Each|New) )(?=[A-Z0-9_]*[a-z])([A-Z]\w*+) objects?\b"
)
_EXAMPLE = re.compile(
    r"(?:例如|比如|(?<![\w）)])如|e\.g\.)\s*[:：]?\s*[`\"“]?([A-Za-z0-9][A-Za-z0-9_.\-]*)"
)
_DEFAULT = re.compile(
    r"(?:(?:默认值?|缺省值?)\s*(?:为|是|[:：=])?"
    r"|(?i:\bdefaults?(?: value)?)\s*(?:to\b|is\b|[:：=]|(?=[`\"“\d])))"
    r"\s*[`\"“]?(-?[A-Za-z0-9_][A-Za-z0-9_.\-]*)"
)
_BELOW = re.compile(r"见下[表文方面]|如下表|如下所示|(?i:see|as) (?:the table )?below")
_BRACKET = re.compile(r"[（(][^（）()]*[）)]?")
"""A bracket with its content; the closing one may be missing."""
_CLAUSE_END = re.compile(r"[，,。；;]")
_TIME = re.compile(r"(?:时间|时刻|日期)$|(?i:\b(?:time|timestamp|date)$)")
_OTHER_TIME = re.compile(
    r"秒|分钟|小时|(?i:yyyy|HH:mm|unix|epoch|\b(?:ms|seconds|minutes|hours)\b)"
)
"""A unit or a format of its own: such a value is not a date-time of RFC 3339."""


def _search(pattern: re.Pattern[str], text: str) -> str | None:
    """Return the group that took part in the first match; None without a match."""
    match = pattern.search(text)
    if match is None:
        return None
    groups = filter(None, match.groups())
    return next(groups, None)


def _search_number(text: str, *patterns: re.Pattern[str]) -> int | None:
    """Return the number of the first pattern that matches one of a sensible length."""
    for pattern in patterns:
        number = _search(pattern, text)
        if number and len(number) <= _MAX_NUMBER:
            return int(number)
    return None


def _search_value(pattern: re.Pattern[str], text: str) -> str | None:
    """Return a value without the full stop of its sentence."""
    value = _search(pattern, text)
    return value.rstrip(".") if value else None


@lru_cache(maxsize=4096)
def read_prose(text: str) -> Prose:
    """Parse the facts inside of a description: values, bounds, default, needs, structures."""
    structure = _search(_STRUCTURE, text) or ""
    # `String 结构` and `JSON对象` name a type, not a structure.
    if fold(structure) in TYPES:
        structure = ""
    ends_in_time = _TIME.search(extract_main_clause(text)) is not None
    return Prose(
        enum=_read_enum(text),
        minimum=_search_number(text, _STARTS, _LEAST),
        maximum=_search_number(text, _MOST),
        default=_search_value(_DEFAULT, text),
        requires=_search(_REQUIRES, text) or "",
        structure=structure,
        see_below=bool(_BELOW.search(text)),
        example=_search_value(_EXAMPLE, text),
        is_time=ends_in_time and not _OTHER_TIME.search(text),
    )


def extract_main_clause(description: str) -> str:
    """Return the first clause of a description, without brackets: `集群（必填）` becomes 集群."""
    without_brackets = _BRACKET.sub("", description)
    first, *_ = _CLAUSE_END.split(without_brackets)
    return first.strip()


@lru_cache(maxsize=1024)
def read_header(cells: tuple[str, ...]) -> dict[Column, int]:
    """Return the index of each column that a table's header names.

    When two cells name one column, the first counts.
    """
    columns: dict[Column, int] = {}
    for index, cell in enumerate(cells):
        column = _match_column(fold(cell), columns)
        if column is not None:
            columns[column] = index
    return columns


def _match_column(folded: str, taken: dict[Column, int]) -> Column | None:
    for column, terms in COLUMNS.items():
        if folded in terms and column not in taken:
            return column
    return None
