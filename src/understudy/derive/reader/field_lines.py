"""Lines of prose that tell fields: "`id`, `key`: 整数（如 `1`）", "name (string, required): the name"."""

from __future__ import annotations

import re
from dataclasses import replace

from understudy.derive.facts.facts import Field, Origin, TypeExpr
from understudy.derive.lexicon.cell_parser import read_prose, read_type
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import NO, TYPES, VALUE_TYPES, YES
from understudy.derive.markdown.inline import SpanKind, TextLine

_NAME = r"[A-Za-z_][\w.\-]*"
_JOINED = re.compile(r"\s*(?:[/、,，|]|和|或|及|and|or)\s*")
_BRACKET = re.compile(
    rf"`?(?P<name>{_NAME})`?\s*[（(](?P<inner>[^（）()]+)[）)]\s*[:：\-–—]*\s*(?P<rest>.*)"
)


def read_field_line(line: TextLine, file: str, location: str) -> tuple[Field, ...]:
    """Read the fields that a line tells, each with its type; none when the line tells something else."""
    origin = Origin(file, line.line)
    found = _BRACKET.fullmatch(line.text)
    if found and (told := _bracketed(found, origin, location)):
        return told
    names, rest = _names(line)
    if names and (kind := _leading_type(rest)):
        prose = read_prose(rest)
        example = prose.example or _shown(rest)
        return tuple(
            Field(name, kind, origin, rest, replace(prose, example=None), None, example, location)
            for name in names
        )
    return ()


def _names(line: TextLine) -> tuple[list[str], str]:
    """Give the names, set as code, that stand before a colon, and what stands behind it."""
    names: list[str] = []
    spans = [span for span in line.spans if span.text.strip()]
    for at, span in enumerate(spans):
        is_strong = span.kind is SpanKind.STRONG and at == 0
        if (span.kind is SpanKind.CODE or is_strong) and re.fullmatch(
            _NAME, span.text.strip(":： ")
        ):
            names.append(span.text.strip(":： "))
        elif not names or not _JOINED.fullmatch(span.text):
            rest = "".join(each.text for each in spans[at:]).strip()
            is_told = rest.startswith((":", "：", "-", "–", "—", "（", "(")) or spans[
                at - 1
            ].text.endswith((":", "："))
            return (names if is_told else []), rest.lstrip(":：-–— ").strip()
    return [], ""


def _leading_type(text: str) -> TypeExpr | None:
    folded = fold(text.lstrip("（( "))
    for start, word in VALUE_TYPES:
        if folded.startswith(start) and not re.match(r"[a-z0-9]", folded[len(start) :]):
            return read_type(word)
    return None


def _shown(text: str) -> str | None:
    found = re.search(
        r"(?:如|例如|比如|e\.g\.|for example)\s*[:：,]?\s*[\"“]?([^\s）)，,。；;\"”]+)", text
    )
    return found[1] if found else None


def _bracketed(found: re.Match[str], origin: Origin, location: str) -> tuple[Field, ...]:
    """Read `name (string, required): the name`."""
    words = [word.strip(" `*") for word in re.split(r"[,，;；、]", found["inner"])]
    kind = next((read_type(word) for word in words if fold(word) in TYPES), None)
    if kind is None:
        return ()
    required = next(
        (fold(word) in YES for word in words if fold(word) in (*YES, *NO) and word), None
    )
    rest = found["rest"].strip()
    return (Field(found["name"], kind, origin, rest, read_prose(rest), required, None, location),)
