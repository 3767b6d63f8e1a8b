"""Lines of prose that describe fields: "`id`: 整数（如 `1`）", "name (string, required): …"."""

from __future__ import annotations

import re
from dataclasses import replace

from understudy.derive.facts.facts import Field, Origin, TypeExpr
from understudy.derive.lexicon.cell_parser import read_prose, read_type
from understudy.derive.lexicon.labels import fold
from understudy.derive.lexicon.vocabulary import NO, TYPES, VALUE_TYPES, YES
from understudy.derive.markdown.inline import Span, SpanKind, TextLine
from understudy.derive.markdown.line_parser import join_texts

_NAME = r"[A-Za-z_][\w.\-]*"
_NAME_ALONE = re.compile(_NAME)
_TERM_END = re.compile(r"[,，;；、]")
"""What stands between the terms of a bracket."""
_WORD_LETTER = re.compile(r"[a-z0-9]")
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
    """Return the names, set as code, that stand before a colon or dash, and the text behind it.

    Several names may share one description: "`a`, `b`: 整数".
    """
    names: list[str] = []
    # White space between two names is a span of its own.
    spans = [span for span in line.spans if span.text.strip()]
    for at, span in enumerate(spans):
        name = span.text.strip(":： ")
        may_be_name = span.kind is SpanKind.CODE
        # One name alone may be in bold.
        if at == 0 and span.kind is SpanKind.STRONG:
            may_be_name = True
        if may_be_name and _NAME_ALONE.fullmatch(name):
            names.append(name)
        elif not names or not _JOINED.fullmatch(span.text):
            return _close_names(names, spans, at)
    return [], ""


def _close_names(names: list[str], spans: list[Span], at: int) -> tuple[list[str], str]:
    """Return the names before a span and the text from it on.

    Without a separator between them the names are part of the text, and none is returned.
    """
    rest = join_texts(spans[at:])
    last_name = spans[at - 1].text
    if not rest.startswith(_SEPARATORS) and not last_name.endswith((":", "：")):
        names = []
    description = rest.lstrip(":：-–— ")
    return names, description.strip()


def _find_leading_type(text: str) -> TypeExpr | None:
    """Return the type with which a description begins: `整数（如 1）`."""
    folded = fold(text.lstrip("（( "))
    for start, type_name in VALUE_TYPES:
        if not folded.startswith(start):
            continue
        following = folded.removeprefix(start)
        # The next letter must not continue a word: `int` is not the type of `interval`.
        if not _WORD_LETTER.match(following):
            return read_type(type_name)
    return None


def _find_example(text: str) -> str | None:
    """Return the value behind 如 or `e.g.`, without quotes and punctuation."""
    example = _EXAMPLE.search(text)
    return example[1] if example else None


def _read_bracket(match: re.Match[str], origin: Origin, location: str) -> Field | None:
    """Read `name (string, required): the name`. Return None when the bracket holds no type.

    The first type and the first term for required or optional count; other terms are skipped.
    """
    types: list[str] = []
    flags: list[str] = []
    for term in _TERM_END.split(match["inner"]):
        bare = term.strip(" `*")
        folded = fold(bare)
        if folded in TYPES:
            types.append(bare)
        if folded and folded in (*YES, *NO):
            flags.append(folded)
    if not types:
        return None
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
