"""The styles of parameters: the texts of a request, split into items and members, then decoded.

Splitting comes first: a delimiter that is part of an item is sent encoded (RFC 3986, section 2.2).
Many clients encode the delimiters too, so a text that is decoded before it is split is the second
reading. Source: OpenAPI 3.1, "Style Values" and "Style Examples"; OpenAPI 3.2, style `cookie`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeAlias

from understudy.contract.operation.parameter_model import Parameter
from understudy.contract.operation.percent_encoding import (
    decode_cookie,
    decode_form,
    decode_nothing,
    decode_percent,
)

Part: TypeAlias = "str | list[Part] | dict[str, Part]"
"""A value whose scalars are still texts."""
Members: TypeAlias = dict[str, list[str]]
"""The texts of an object's members, each by the name under which it is sent."""
RawTexts: TypeAlias = list[str] | Members
"""The encoded texts of one parameter; several for a repeated one."""

MAX_DEPTH = 32
"""How deep the members of a `deepObject` may be nested."""
_DELIMITERS = {
    "spaceDelimited": " ",
    "pipeDelimited": "|",
    "ssv": " ",
    "tsv": "\t",
    "pipes": "|",
}
"""The delimiter between the items of an array; a comma for every other style."""
_MEMBER_SEPARATORS = {"label": ".", "matrix": ";"}
"""The separator between the exploded members of an object; a comma for every other style."""
_ENCODED_SPACE = re.compile(r"\+|%20| ")
_ENCODED_PIPE = re.compile(r"%7C", re.IGNORECASE)
_ENCODED_TAB = re.compile("%09|\t")
_BRACKETS = re.compile(r"(?:\[[^\[\]]*\])+")


class StyleError(ValueError):
    """A text that is not written in the style of its parameter; it says what was expected."""


class RepeatedError(ValueError):
    """A member that is sent several times, but is no array."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One order of decoding and splitting."""

    decode_before: Callable[[str], str] = decode_nothing
    decode_after: Callable[[str], str] = decode_nothing


_PLAIN = (_Reading(),)
_PATH = (_Reading(decode_after=decode_percent), _Reading(decode_before=decode_percent))
_QUERY = (_Reading(decode_after=decode_form), _Reading(decode_before=decode_form))
_COOKIE = (_Reading(decode_after=decode_cookie), _Reading(decode_before=decode_cookie))


def iter_parts(parameter: Parameter, kind: str, texts: RawTexts) -> Iterator[Part]:
    """Yield the parts that texts can stand for, the strict reading first.

    `kind` is `array`, `object` or `scalar`. Raises EncodingError, and StyleError if no reading has
    the style of the parameter.
    """
    known: list[Part] = []
    wrong: StyleError | None = None
    for reading in _list_readings(parameter):
        try:
            part = _split(parameter, kind, texts, reading)
        except StyleError as error:
            wrong = wrong or error
            continue
        if part not in known:
            known.append(part)
            yield part
    if wrong is not None and not known:
        raise wrong


def _list_readings(parameter: Parameter) -> tuple[_Reading, ...]:
    match parameter.location:
        case "path":
            return _PATH
        case "query":
            # OpenAPI 3.1, `allowReserved`: a plus, which is reserved, stands for itself.
            return (*_PATH, *_QUERY) if parameter.allow_reserved else _QUERY
        case "cookie" if parameter.style == "form":
            return _COOKIE
        case _:
            return _PLAIN


def _split(parameter: Parameter, kind: str, texts: RawTexts, reading: _Reading) -> Part:
    decode = reading.decode_after
    if isinstance(texts, dict):
        decoded = {name: _decode_member(values, reading) for name, values in texts.items()}
        return _nest(parameter, decoded) if parameter.style == "deepObject" else decoded
    prepared = [reading.decode_before(text) for text in texts]
    match kind:
        case "array":
            items = _split_items(parameter, prepared)
            return [decode(item) for item in items]
        case "object":
            members: dict[str, Part] = {}
            for name, text in _split_members(parameter, prepared[0]):
                if decode(name) in members:
                    raise RepeatedError(decode(name))
                members[decode(name)] = decode(text)
            return members
        case _:
            return decode(_strip_prefix(parameter, prepared[0]))


def _decode_member(texts: list[str], reading: _Reading) -> Part:
    decoded: list[Part] = [reading.decode_after(reading.decode_before(text)) for text in texts]
    return decoded[0] if len(decoded) == 1 else decoded


def _split_items(parameter: Parameter, texts: list[str]) -> list[str]:
    """Return the items of an array. One empty text is an array without items, as in a form."""
    if parameter.explode and parameter.location in ("query", "cookie"):
        return [] if texts == [""] else texts
    if parameter.style == "matrix" and parameter.explode:
        return _split_matrix(parameter, texts[0])
    delimiter = _DELIMITERS.get(parameter.style, ",")
    items: list[str] = []
    for text in texts:
        stripped = _strip_prefix(parameter, text)
        # OpenAPI 3.0 has dots between the items of a label that is not exploded.
        is_dotted = parameter.style == "label" and (parameter.explode or "," not in stripped)
        if parameter.location == "header":
            items += stripped.split(delimiter)
        else:
            items += _split_at("." if is_dotted else delimiter, stripped)
    if parameter.location == "header":
        # RFC 9110, section 5.6.1: spaces around the commas of a header have no meaning.
        items = [item.strip() for item in items]
    return [] if items == [""] else items


def _split_at(delimiter: str, text: str) -> list[str]:
    """Split at a delimiter. Spaces are always encoded in a URL, and bars by most clients."""
    if delimiter == " ":
        return _ENCODED_SPACE.split(text)
    if delimiter == "\t":
        return _ENCODED_TAB.split(text)
    if delimiter == "|" and "|" not in text:
        return _ENCODED_PIPE.split(text)
    return text.split(delimiter)


def _split_matrix(parameter: Parameter, text: str) -> list[str]:
    """Return the items of `;id=3;id=4`."""
    items: list[str] = []
    for name, item in _split_pairs(text, ";"):
        if name != parameter.name:
            raise StyleError(f'";{parameter.name}=" before each item (style: matrix)')
        items.append(item)
    return items


def _split_pairs(text: str, separator: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of `;a=1;b=2`, with or without the first separator."""
    for pair in text.removeprefix(separator).split(separator):
        name, _, value = pair.partition("=")
        yield name, value


def _strip_prefix(parameter: Parameter, text: str) -> str:
    """Return a text without the prefix of the styles label (`.5`) and matrix (`;id=5`).

    An empty value in the style matrix is the name alone (`;id`).
    """
    if parameter.style == "label":
        if not text.startswith("."):
            raise StyleError('"." before the value (style: label)')
        return text[1:]
    if parameter.style == "matrix":
        prefix = f";{parameter.name}"
        if text == prefix:
            return ""
        if not text.startswith(f"{prefix}="):
            raise StyleError(f'"{prefix}=" before the value (style: matrix)')
        return text[len(prefix) + 1 :]
    return text


def _split_members(parameter: Parameter, text: str) -> list[tuple[str, str]]:
    """Return the members in one text: `R=100,G=200` when exploded, else `R,100,G,200`."""
    if not parameter.explode:
        parts = _split_items(parameter, [text])
        return list(zip_longest(parts[::2], parts[1::2], fillvalue=""))
    separator = _MEMBER_SEPARATORS.get(parameter.style, ",")
    if parameter.style in _MEMBER_SEPARATORS and not text.startswith(separator):
        expected = f'"{separator}" before each member (style: {parameter.style})'
        raise StyleError(expected)
    members: list[tuple[str, str]] = []
    for name, value in _split_pairs(text, separator):
        if parameter.location == "header":
            members.append((name.strip(), value.strip()))
        else:
            members.append((name, value))
    return [] if members == [("", "")] else members


def _nest(parameter: Parameter, members: dict[str, Part]) -> dict[str, Part]:
    """Return the tree of `[a][b]=1` and `[a][c]=2`: `{a: {b: 1, c: 2}}`.

    `[a][]=1` is an item of the array `a`; so is `[a][0]=1`, which is a member named `0` here.
    """
    tree: dict[str, Part] = {}
    for key, part in members.items():
        if not _BRACKETS.fullmatch(key):
            raise StyleError(f"names such as {parameter.name}[member] (style: deepObject)")
        names = key[1:-1].split("][")
        if len(names) > MAX_DEPTH:
            raise StyleError(f"members that are nested {MAX_DEPTH} deep at most")
        if names[-1] == "" and len(names) > 1:
            del names[-1]
            part = [part] if isinstance(part, str) else part
        _add_member(tree, names, part)
    return tree


def _add_member(tree: dict[str, Part], names: list[str], part: Part) -> None:
    node = tree
    for name in names[:-1]:
        child = node.setdefault(name, {})
        if not isinstance(child, dict):
            raise StyleError("either a value or members of one name (style: deepObject)")
        node = child
    if names[-1] in node:
        raise StyleError("either a value or members of one name (style: deepObject)")
    node[names[-1]] = part
