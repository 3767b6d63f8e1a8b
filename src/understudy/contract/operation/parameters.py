"""Parameters of requests and header fields of responses: found, split by style, parsed, validated.

Source: OpenAPI 3.1, Parameter Object, "Style Values" and "Style Examples".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from math import isfinite
from typing import Any

from understudy.contract.operation.violation import Violation, Violations, convert_schema_errors
from understudy.contract.schema.keywords import Schema
from understudy.contract.schema.validator import Validator
from understudy.contract.schema.value_types import TypeNames
from understudy.messages import JsonError, Request, parse_json

ABSENT = object()
"""The value of a parameter without a default that the request does not carry."""
STYLES: dict[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
"""The styles of each location, its default first. Source: OpenAPI 3.1, "Style Values"."""

_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}
"""The delimiter between the items of an array; a comma for every other style."""
_MEMBER_SEPARATORS = {"label": ".", "matrix": ";"}
"""The separator between the exploded members of an object; a comma for every other style."""

_Texts = dict[str, str]
"""Texts by name."""
_TextLists = Mapping[str, list[str]]
"""The texts of repeated parameters by name."""
_NameAndText = tuple[str, str]
_Scalar = str | int | float | bool | None
_RawValue = list[str] | str | _Texts
"""The texts of one parameter: one text (path), a list (query, cookie), or by member's name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation, compiled."""

    name: str
    location: str
    """`path`, `query`, `header` or `cookie`."""
    schema: Schema
    """Its schema, `$ref` followed."""
    validator: Validator = field(repr=False)
    pointer: str
    """Where it is in the contract."""
    schema_pointer: str
    required: bool = False
    style: str = "form"
    explode: bool = True
    accept_exploded: bool = False
    """`x-accept-exploded`: an array that is sent joined may be sent as a repeated parameter too."""
    media_type: str = ""
    """For a parameter that is described by `content`: the media type of its text."""
    requires: tuple[str, ...] = ()
    """`x-requires`: the parameters without which this one has no effect."""
    source: str = ""
    types: TypeNames = ()
    """The types that its value may have, in the order in which they are tried."""
    item_types: TypeNames = ()
    """The types of an array's items."""
    member_types: Mapping[str, TypeNames] = field(default_factory=dict)
    """The types of an object's documented members, by name."""
    example: Any = None
    """The first example in the document."""

    @property
    def place(self) -> str:
        """The place that a violation of it names, such as `query.size`."""
        return f"{self.location}.{self.name}"

    def violation(self, rule: str, value: Any, expected: str) -> Violation:
        """Return a violation of the parameter itself, not of its schema."""
        return Violation(
            place=self.place,
            rule=rule,
            value=value,
            expected=expected,
            pointer=self.pointer,
            source=self.source,
        )


@dataclass(frozen=True, slots=True)
class RawParameters:
    """The decoded texts that a request carries, by location and name."""

    path: Mapping[str, str]
    query: _TextLists
    header: _TextLists
    """By name in lower case."""
    cookie: _TextLists


def collect_raw_parameters(request: Request, path_values: Mapping[str, str]) -> RawParameters:
    """Return the texts that a request carries."""
    headers: list[_NameAndText] = []
    cookies: list[_NameAndText] = []
    for name, value in request.headers:
        lower_name = name.lower()
        headers.append((lower_name, value))
        if lower_name == "cookie":
            cookies += _split_cookies(value)
    return RawParameters(
        path=path_values,
        query=_group_by_name(request.query_pairs()),
        header=_group_by_name(headers),
        cookie=_group_by_name(cookies),
    )


def _split_cookies(value: str) -> Iterator[_NameAndText]:
    """Yield the pairs of a header Cookie. Source: RFC 6265, section 4.2.1."""
    for pair in value.split(";"):
        name, _, text = pair.strip().partition("=")
        yield name, text


def _group_by_name(pairs: Iterable[_NameAndText]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, text in pairs:
        texts = grouped.setdefault(name, [])
        texts.append(text)
    return grouped


def read_parameter(
    parameter: Parameter, request: RawParameters, document: object
) -> tuple[Any, Violations]:
    """Return the value of a parameter and its violations.

    The value is the default of its schema when the request does not carry the parameter, and ABSENT
    when there is no default or the texts cannot be parsed. A text that does not have the schema's
    type is returned as it is, with a violation.
    """
    texts = _find_texts(parameter, request)
    if texts is None:
        return _missing_value(parameter)
    if _is_repeated(texts) and not _may_repeat(parameter):
        # It is unknown which of the values the client means, so none is used.
        violation = parameter.violation("repeated", texts, "the parameter once")
        return ABSENT, (violation,)
    try:
        value = _parse_value(parameter, texts)
    except JsonError as error:
        text = texts[0] if isinstance(texts, list) else texts
        expected = f"a JSON text ({error.reason})"
        return ABSENT, (parameter.violation("json", text, expected),)
    violations = convert_schema_errors(
        parameter.validator.iter_errors(value),
        value,
        document,
        prefix=parameter.place,
        source=parameter.source,
    )
    return value, violations


def _is_repeated(texts: _RawValue) -> bool:
    return isinstance(texts, list) and len(texts) > 1


def _may_repeat(parameter: Parameter) -> bool:
    if "array" not in parameter.types:
        return False
    return parameter.explode or parameter.accept_exploded


def _missing_value(parameter: Parameter) -> tuple[Any, Violations]:
    if parameter.required:
        expected = f"the parameter {parameter.name}"
        violation = parameter.violation("required", None, expected)
        return ABSENT, (violation,)
    if isinstance(parameter.schema, dict):
        return parameter.schema.get("default", ABSENT), ()
    return ABSENT, ()


def is_present(parameter: Parameter, request: RawParameters) -> bool:
    """Return whether a request carries a parameter. A default does not count."""
    return _find_texts(parameter, request) is not None


def query_names(parameter: Parameter) -> tuple[set[str], str]:
    """Return the names under which a query carries a parameter, and a prefix of further names.

    The prefix (`filter[`) is empty for every style but `deepObject`.
    """
    if parameter.location != "query":
        return set(), ""
    if parameter.style == "deepObject":
        return set(), f"{parameter.name}["
    if _has_own_member_names(parameter):
        return set(parameter.member_types), ""
    return {parameter.name}, ""


def _find_texts(parameter: Parameter, request: RawParameters) -> _RawValue | None:
    """Return the texts that the request carries for a parameter, or None.

    An object whose members are sent one by one is a dict of its members' texts.
    """
    name = parameter.name
    match parameter.location:
        case "path":
            return request.path.get(name)
        case "header":
            lines = request.header.get(name.lower())
            # RFC 9110, section 5.3: several lines of one name are one list.
            return None if lines is None else ", ".join(lines)
        case "cookie":
            return request.cookie.get(name)
    if parameter.style == "deepObject":
        return _deep_object_texts(name, request.query) or None
    if _has_own_member_names(parameter):
        return _member_texts(parameter, request.query) or None
    return request.query.get(name)


def _member_texts(parameter: Parameter, query: _TextLists) -> _Texts:
    """Return the members that a query carries under their own names."""
    members: _Texts = {}
    for name in parameter.member_types:
        if name in query:
            members[name] = query[name][-1]
    return members


def _deep_object_texts(name: str, query: _TextLists) -> _Texts:
    """Return the members of `name[member]=text`; of a repeated one, the last text."""
    prefix = f"{name}["
    members: _Texts = {}
    for key, texts in query.items():
        if key.startswith(prefix) and key.endswith("]"):
            member = key[len(prefix) : -1]
            members[member] = texts[-1]
    return members


def _has_own_member_names(parameter: Parameter) -> bool:
    """Return whether a query carries each member of an object under the member's own name."""
    if "object" not in parameter.types:
        return False
    return parameter.explode and not parameter.media_type


def _parse_value(parameter: Parameter, texts: _RawValue) -> object:
    """Return the value that texts stand for. Raises JsonError for `content` that is not JSON."""
    if parameter.media_type:
        return _parse_content(parameter, texts)
    if isinstance(texts, dict):
        return _parse_members(parameter, texts.items())
    parts = [texts] if isinstance(texts, str) else texts
    if "array" in parameter.types:
        items = _split_items(parameter, parts)
        return [_parse_text(item, parameter.item_types) for item in items]
    text = parts[0]
    if "object" in parameter.types:
        members = _split_members(parameter, text)
        return _parse_members(parameter, members)
    return _parse_text(_strip_prefix(parameter, text), parameter.types)


def _parse_content(parameter: Parameter, texts: _RawValue) -> object:
    match texts:
        case str():
            text = texts
        case list():
            text = texts[0]
        case _:
            text = ""
    return parse_json(text) if "json" in parameter.media_type else text


def _split_items(parameter: Parameter, texts: list[str]) -> list[str]:
    """Return the items of an array. One empty text is an array without items, as in a form."""
    if parameter.explode and parameter.location in ("query", "cookie"):
        return [] if texts == [""] else texts
    if parameter.style == "matrix" and parameter.explode:
        return _split_matrix(texts[0])
    delimiter = _DELIMITERS.get(parameter.style, ",")
    if parameter.style == "label" and parameter.explode:
        delimiter = "."
    parts: list[str] = []
    for text in texts:
        stripped = _strip_prefix(parameter, text)
        parts += stripped.split(delimiter)
    if parameter.location == "header":
        parts = [part.strip() for part in parts]
    return [] if parts == [""] else parts


def _split_matrix(text: str) -> list[str]:
    """Return the items of `;id=3;id=4`."""
    items: list[str] = []
    for part in text.split(";"):
        if part:
            _, _, item = part.partition("=")
            items.append(item)
    return items


def _strip_prefix(parameter: Parameter, text: str) -> str:
    """Return a text without the prefix of the styles label (`.5`) and matrix (`;id=5`).

    An empty value in the style matrix is the name alone (`;id`).
    """
    if parameter.style == "label":
        return text.removeprefix(".")
    if parameter.style == "matrix":
        if text == f";{parameter.name}":
            return ""
        return text.removeprefix(f";{parameter.name}=")
    return text


def _split_members(parameter: Parameter, text: str) -> list[_NameAndText]:
    """Return the members in one text: `R=100,G=200` when exploded, else `R,100,G,200`."""
    if not parameter.explode:
        parts = _split_items(parameter, [text])
        names = parts[::2]
        texts = parts[1::2]
        return list(zip_longest(names, texts, fillvalue=""))
    separator = _MEMBER_SEPARATORS.get(parameter.style, ",")
    members: list[_NameAndText] = []
    for part in text.split(separator):
        # RFC 9110, section 5.6.1: spaces around the commas of a header have no meaning.
        pair = part.strip() if parameter.location == "header" else part
        if pair:
            name, _, member_text = pair.partition("=")
            members.append((name, member_text))
    return members


def _parse_members(parameter: Parameter, members: Iterable[_NameAndText]) -> dict[str, _Scalar]:
    parsed: dict[str, _Scalar] = {}
    for name, text in members:
        types = parameter.member_types.get(name, ())
        parsed[name] = _parse_text(text, types)
    return parsed


# Python limits the conversion of longer texts to integers.
_INTEGER = re.compile(r"-?[0-9]{1,4300}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)


def _parse_text(text: str, types: TypeNames) -> _Scalar:
    """Return a text as the first of the types that it fits; the text itself when it fits none."""
    for name in types:
        match name:
            case "integer" if _INTEGER.fullmatch(text):
                return int(text)
            case "number" if _INTEGER.fullmatch(text):
                return int(text)
            case "number" if _NUMBER.fullmatch(text) and isfinite(float(text)):
                return float(text)
            case "boolean" if text in ("true", "false"):
                return text == "true"
            case "null" if text in ("", "null"):
                return None
            case "string":
                return text
            case _:
                # The text does not fit: the next type is tried.
                pass
    return text
