"""Reading one cell: types, descriptions, headers. Each function takes text and gives a value."""

import re
from functools import lru_cache

from understudy.derive.facts.facts import Kind, Prose, TypeExpr
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import COLUMNS, TYPES, Column

_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
_LONGEST_TYPE = 200


@lru_cache(maxsize=4096)
def read_type(text: str) -> TypeExpr:
    """Read a type as documents write it: `Long`, `StringArray`, `Array<Long>`, `Long[]`, a structure's name."""
    word = text.strip().strip("`").strip()
    known = TYPES.get(fold(word))
    if known is not None:
        return TypeExpr(known[0], known[1])
    if len(word) > _LONGEST_TYPE:
        return TypeExpr(Kind.ANY, name=word)
    generic = re.fullmatch(
        r"(?i)(?:array|list|set|collection|数组|列表)\s*(?:[<\[(（]|of\s+)\s*(.+?)\s*[>\])）]?",
        word,
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
_HINTS = ("可选", "取值", "枚举", "one of", "value")
_BRACKETED = re.compile(r"[（(](?P<values>[^（）()]+)[）)]")
_VALUE = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*|-?\d{1,6}")
_SHOUTED = re.compile(r"[A-Z][A-Z0-9_]*")
_GLOSSED = re.compile(
    r"(?P<value>-?\d{1,6}|[A-Za-z][A-Za-z0-9_]*)\s*(?:[:：=＝]|-(?!\d)|—|表示|代表|为|是)\s*\S.*"
)
"""A value and what it means: `0：关闭`, `1 = on`."""
_GLOSS = re.compile(r"(?<=[A-Za-z0-9_`])\s*[（(][^（）()]*[）)]")


def _enum(text: str) -> tuple[str, ...]:
    """Values after 可选值, two or more WORDS parted by slashes in brackets, or numbers with their meanings."""
    hinted = any(hint in text for hint in _HINTS)
    told = (_LISTED.search(_GLOSS.sub("", text)) or _LISTED.search(text)) if hinted else None
    if told and (values := _values(told.group("values"), _VALUE)):
        return values
    for match in _BRACKETED.finditer(text):
        if values := _values(match.group("values"), _SHOUTED):
            return values
    if len(text) > _LONGEST_TYPE or not re.search(r"\d\s*\S", text):
        return ()
    pieces = [
        piece.strip().strip("`\"'“”（()）。. ")
        for piece in re.split(r"[,，;；、]|(?<=[^\d\s]) (?=\d)", text)
    ]
    glossed = [found for piece in pieces for found in [_GLOSSED.search(piece)] if found]
    numbers = [found["value"] for found in glossed if re.fullmatch(r"-?\d+", found["value"])]
    return (
        tuple(dict.fromkeys(numbers))
        if len(numbers) > 1 and len(numbers) >= len(pieces) - 1
        else ()
    )


def _values(text: str, shape: re.Pattern[str]) -> tuple[str, ...]:
    pieces = [piece.strip().strip("`\"'“”") for piece in re.split(r"[/|、,，]|或|\sor\s", text)]
    values = [found["value"] if (found := _GLOSSED.fullmatch(piece)) else piece for piece in pieces]
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
_EXAMPLE = re.compile(
    r"(?:例如|比如|(?<![\w）)])如|e\.g\.)\s*[:：]?\s*[`\"“]?([A-Za-z0-9][A-Za-z0-9_.\-]*)"
)
_DEFAULT = re.compile(
    r"(?:(?:默认值?|缺省值?)\s*(?:为|是|[:：=])?|(?i:\bdefaults?(?: value)?)\s*(?:to\b|is\b|[:：=]|(?=[`\"“\d])))"
    r"\s*[`\"“]?(-?[A-Za-z0-9_][A-Za-z0-9_.\-]*)"
)
_BELOW = re.compile(r"见下[表文方面]|如下表|如下所示|(?i:see|as) (?:the table )?below")
_TIME = re.compile(r"(?:时间|时刻|日期)$|(?i:\b(?:time|timestamp|date)$)")
_OTHER_TIME = re.compile(
    r"秒|分钟|小时|(?i:yyyy|HH:mm|unix|epoch|\b(?:ms|seconds|minutes|hours)\b)"
)
"""A unit or a format of its own: such a text is no date-time of RFC 3339."""


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return next((group for group in match.groups() if group), None) if match else None


def _number(text: str, *patterns: re.Pattern[str]) -> int | None:
    """Give the number of the first pattern that is found; none is of 30 digits."""
    numbers = (_found(pattern, text) for pattern in patterns)
    return next((int(number) for number in numbers if number and len(number) < 30), None)


@lru_cache(maxsize=4096)
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
        is_time=bool(_TIME.search(extract_main_clause(text))) and not _OTHER_TIME.search(text),
    )


def extract_main_clause(description: str) -> str:
    """Give a description without what stands in brackets or after its first clause."""
    return re.split(r"[，,。；;]", re.sub(r"[（(][^（）()]*[）)]?", "", description))[0].strip()


@lru_cache(maxsize=1024)
def read_header(cells: tuple[str, ...]) -> dict[Column, int]:
    """Give the index of each column that a table's header names."""
    found: dict[Column, int] = {}
    for index, cell in enumerate(cells):
        for column, words in COLUMNS.items():
            if fold(cell) in words and column not in found:
                found[column] = index
                break
    return found
