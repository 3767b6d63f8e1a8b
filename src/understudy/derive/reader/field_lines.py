"""Lines of prose that describe fields: "`id`: 整数（如 `1`）", "name (string, required): …"."""

from __future__ import annotations

import re
from dataclasses import replace

from understudy.derive.facts.facts import Field, Origin, TypeExpr
from understudy.derive.lexicon.cell_parser import read_prose, read_type
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import NO, TYPES, VALUE_TYPES, YES
from understudy.derive.markdown.inline import Span, SpanKind, TextLine

_NAME = r"[A-Za-z_][\w.\-]*"
_JOINED = re.compile(r"\s*(?:[/、,，|]|和|或|及|and|or)\s*")
"""The text between two names of one line."""
_BRACKET = re.compile(
    rf"`?(?P<name>{_NAME})`?\s*[（(](?P<inner>[^（）()]+)[）)]\s*[:：\-–—]*\s*(?P<rest>.*)"
)
_EXAMPLE = re.compile(
    r"(?:如|例如|比如|e\.g\.|for example)\s*[:：,]?\s*[\"“]?([^\s）)，,。；;\"”]+)"
)
_SEPARATORS = (":", "：", "-", "–", "—", "（", "(")
"""What may stand between the names and their description."""


def read_field_line(line: TextLine, file: str, location: str) -> tuple[Field, ...]:
    """Read the fields that a line describes, each with its type.

    The result is empty when the line describes something else.
    """
    origin = Origin(file, line.line)
    bracket = _BRACKET.fullmatch(line.text)
    if bracket and (field := _read_bracket(bracket, origin, location)):
        return (field,)
    names, description = _split_names(line)
    type_ = _find_leading_type(description)
    if not names or type_ is None:
        return ()
    prose = read_prose(description)
    example = prose.example or _find_example(description)
    model = Field(
        name="",
        type=type_,
        origin=origin,
        description=description,
        prose=replace(prose, example=None),
        example=example,
        location=location,
    )
    return tuple(replace(model, name=name) for name in names)


def _split_names(line: TextLine) -> tuple[list[str], str]:
    """Return the names, set as code, that stand before a colon or dash, and the text behind it."""
    names: list[str] = []
    spans = [span for span in line.spans if span.text.strip()]
    for at, span in enumerate(spans):
        name = span.text.strip(":： ")
        if _may_be_name(span, is_first=at == 0) and re.fullmatch(_NAME, name):
            names.append(name)
        elif not names or not _JOINED.fullmatch(span.text):
            rest = "".join(each.text for each in spans[at:]).strip()
            ends_in_colon = spans[at - 1].text.endswith((":", "："))
            if not rest.startswith(_SEPARATORS) and not ends_in_colon:
                names = []
            return names, rest.lstrip(":：-–— ").strip()
    return [], ""


def _may_be_name(span: Span, *, is_first: bool) -> bool:
    return span.kind is SpanKind.CODE or (is_first and span.kind is SpanKind.STRONG)


def _find_leading_type(text: str) -> TypeExpr | None:
    """Return the type with which a description begins: `整数（如 1）`."""
    folded = fold(text.lstrip("（( "))
    for start, type_name in VALUE_TYPES:
        # The next letter must not continue a word: `int` is not the type of `interval`.
        if folded.startswith(start) and not re.match(r"[a-z0-9]", folded[len(start) :]):
            return read_type(type_name)
    return None


def _find_example(text: str) -> str | None:
    example = _EXAMPLE.search(text)
    return example[1] if example else None


def _read_bracket(match: re.Match[str], origin: Origin, location: str) -> Field | None:
    """Read `name (string, required): the name`; None when the bracket holds no type."""
    terms = [term.strip(" `*") for term in re.split(r"[,，;；、]", match["inner"])]
    types = [term for term in terms if fold(term) in TYPES]
    if not types:
        return None
    flags = [fold(term) for term in terms if term and fold(term) in (*YES, *NO)]
    description = match["rest"].strip()
    return Field(
        name=match["name"],
        type=read_type(types[0]),
        origin=origin,
        description=description,
        prose=read_prose(description),
        required=flags[0] in YES if flags else None,
        location=location,
    )
