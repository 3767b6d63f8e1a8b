"""Parameters of requests and header fields of responses: found, split by style, parsed, validated.

Source: OpenAPI 3.1, Parameter Object, "Style Values" and "Style Examples".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from math import isfinite
from typing import Any

from understudy.contract.operation.violation import Violation, convert_schema_errors
from understudy.contract.schema.validator import Validator
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

_RawValue = list[str] | str | dict[str, str]
"""The texts of one parameter: one text (path), a list (query, cookie), or by member's name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation, compiled."""

    name: str
    location: str
    """`path`, `query`, `header` or `cookie`."""
    schema: Any
    """Its schema, `$ref` followed."""
    validator: Validator = field(repr=False)
    pointer: str
    """Where it is in the contract."""
    schema_pointer: str
    required: bool = False
    style: str = "form"
    explode: bool = True
    accept_exploded: bool = False
    """`x-accept-exploded`: an array that is sent joined may also be sent as a repeated parameter."""
    media_type: str = ""
    """For a parameter that is described by `content`: the media type of its text."""
    requires: tuple[str, ...] = ()
    """`x-requires`: the parameters without which this one has no effect."""
    source: str = ""
    types: tuple[str, ...] = ()
    """The types that its value may have, in the order in which they are tried."""
    item_types: tuple[str, ...] = ()
    """The types of an array's items."""
    member_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The types of an object's documented members, by name."""
    example: Any = None
    """The first example in the document."""

    @property
    def place(self) -> str:
        """The place that a violation of it names, such as `query.size`."""
        return f"{self.location}.{self.name}"

    def violation(self, rule: str, value: Any, expected: str) -> Violation:
        """Return a violation of the parameter itself, not of its schema."""
        return Violation(self.place, rule, value, expected, self.pointer, self.source)


@dataclass(frozen=True, slots=True)
class RawParameters:
    """The decoded texts that a request carries, by location and name."""

    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    header: Mapping[str, list[str]]
    """By name in lower case."""
    cookie: Mapping[str, list[str]]


def collect_raw_parameters(request: Request, path_values: Mapping[str, str]) -> RawParameters:
    """Return the texts that a request carries."""
    query: dict[str, list[str]] = {}
    for name, value in request.query_pairs():
        query.setdefault(name, []).append(value)
    header: dict[str, list[str]] = {}
    cookie: dict[str, list[str]] = {}
    for name, value in request.headers:
        header.setdefault(name.lower(), []).append(value)
        if name.lower() == "cookie":
            for pair in value.split(";"):
                key, _, text = pair.strip().partition("=")
                cookie.setdefault(key, []).append(text)
    return RawParameters(path_values, query, header, cookie)


def read_parameter(
    parameter: Parameter, request: RawParameters, document: Any
) -> tuple[Any, tuple[Violation, ...]]:
    """Return the value of a parameter and its violations.

    The value is the default of its schema when the request does not carry the parameter, and ABSENT
    when there is no default or the texts cannot be parsed. A text that does not have the schema's
    type is returned as it is, with a violation.
    """
    texts = _find_texts(parameter, request)
    if texts is None:
        return _missing_value(parameter)
    may_repeat = "array" in parameter.types and (parameter.explode or parameter.accept_exploded)
    if isinstance(texts, list) and len(texts) > 1 and not may_repeat:
        # It is unknown which of the values the client means, so none is used.
        return ABSENT, (parameter.violation("repeated", texts, "the parameter once"),)
    try:
        value = _parse_value(parameter, texts)
    except JsonError as error:
        text = texts[0] if isinstance(texts, list) else texts
        return ABSENT, (parameter.violation("json", text, f"a JSON text ({error.reason})"),)
    violations = convert_schema_errors(
        parameter.validator.iter_errors(value),
        value,
        document,
        prefix=parameter.place,
        source=parameter.source,
    )
    return value, violations


def _missing_value(parameter: Parameter) -> tuple[Any, tuple[Violation, ...]]:
    if parameter.required:
        expected = f"the parameter {parameter.name}"
        return ABSENT, (parameter.violation("required", None, expected),)
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
        sent = [key for key in parameter.member_types if key in request.query]
        return {key: request.query[key][-1] for key in sent} or None
    return request.query.get(name)


def _deep_object_texts(name: str, query: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the members of `name[member]=text`; of a repeated one, the last text."""
    prefix = f"{name}["
    members: dict[str, str] = {}
    for key, texts in query.items():
        if key.startswith(prefix) and key.endswith("]"):
            members[key[len(prefix) : -1]] = texts[-1]
    return members


def _has_own_member_names(parameter: Parameter) -> bool:
    """Return whether a query carries each member of an object under the member's own name."""
    return "object" in parameter.types and parameter.explode and not parameter.media_type


def _parse_value(parameter: Parameter, texts: _RawValue) -> Any:
    """Return the value that texts stand for. Raises JsonError for `content` that is not JSON."""
    if parameter.media_type:
        return _parse_content(parameter, texts)
    if isinstance(texts, dict):
        return _parse_members(parameter, texts.items())
    items = [texts] if isinstance(texts, str) else texts
    if "array" in parameter.types:
        return [_parse_text(text, parameter.item_types) for text in _split_items(parameter, items)]
    if "object" in parameter.types:
        return _parse_members(parameter, _split_members(parameter, items[0]))
    return _parse_text(_strip_prefix(parameter, items[0]), parameter.types)


def _parse_content(parameter: Parameter, texts: _RawValue) -> Any:
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
        return [part.partition("=")[2] for part in texts[0].split(";") if part]
    delimiter = _DELIMITERS.get(parameter.style, ",")
    if parameter.style == "label" and parameter.explode:
        delimiter = "."
    parts: list[str] = []
    for text in texts:
        parts += _strip_prefix(parameter, text).split(delimiter)
    if parameter.location == "header":
        parts = [part.strip() for part in parts]
    return [] if parts == [""] else parts


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


def _split_members(parameter: Parameter, text: str) -> list[tuple[str, str]]:
    """Return the members in one text: `R=100,G=200` when exploded, else `R,100,G,200`."""
    if not parameter.explode:
        parts = _split_items(parameter, [text])
        return list(zip_longest(parts[::2], parts[1::2], fillvalue=""))
    members: list[tuple[str, str]] = []
    for part in text.split(_MEMBER_SEPARATORS.get(parameter.style, ",")):
        pair = part.strip() if parameter.location == "header" else part
        if pair:
            name, _, member_text = pair.partition("=")
            members.append((name, member_text))
    return members


def _parse_members(parameter: Parameter, members: Iterable[tuple[str, str]]) -> dict[str, Any]:
    parsed: dict[str, Any] = {}
    for name, text in members:
        parsed[name] = _parse_text(text, parameter.member_types.get(name, ()))
    return parsed


# Python limits the conversion of longer texts to integers.
_INTEGER = re.compile(r"-?[0-9]{1,4300}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)


def _parse_text(text: str, types: tuple[str, ...]) -> str | int | float | bool | None:
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
