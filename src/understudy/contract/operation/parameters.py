"""Parameters as a request carries them: found, split by their style, read as their schema's type, judged."""

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
"""Stands for a parameter that the request does not carry."""
STYLES: dict[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
"""The styles of each location, its default first. Source: OpenAPI 3.1, "Style Values"."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation, compiled."""

    name: str
    location: str
    """`path`, `query`, `header` or `cookie`."""
    schema: Any
    """`$ref` followed."""
    validator: Validator = field(repr=False)
    pointer: str
    """Where it stands in the contract."""
    schema_pointer: str
    required: bool = False
    style: str = "form"
    explode: bool = True
    accept_exploded: bool = False
    """`x-accept-exploded`: an array that is sent joined may be sent as a repeated parameter too."""
    media_type: str = ""
    """For a parameter told by `content`: the media type that its text is in."""
    requires: tuple[str, ...] = ()
    """`x-requires`: parameters that this one is of no use without."""
    source: str = ""
    types: tuple[str, ...] = ()
    """The types that its value may have, in the order in which they are tried."""
    item_types: tuple[str, ...] = ()
    """Those of an array's items."""
    member_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Those of an object's documented members."""
    example: Any = None
    """The first value that the document shows."""

    @property
    def place(self) -> str:
        """How a violation names it: `query.size`."""
        return f"{self.location}.{self.name}"

    def violation(self, rule: str, value: Any, expected: str) -> Violation:
        """Make a violation of this parameter that is none of its schema."""
        return Violation(self.place, rule, value, expected, self.pointer, self.source)


@dataclass(frozen=True, slots=True)
class RawParameters:
    """What a request carries, taken apart once: texts by name, decoded."""

    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    header: Mapping[str, list[str]]
    """By name in lower case."""
    cookie: Mapping[str, list[str]]


def collect_raw_parameters(request: Request, path_values: Mapping[str, str]) -> RawParameters:
    """Take a request apart."""
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
    """Give a parameter's value (ABSENT when it is not carried and has no default), and what is wrong with it."""
    texts = _texts(parameter, request)
    if texts is None:
        if parameter.required:
            return ABSENT, (
                parameter.violation("required", None, f"the parameter {parameter.name}"),
            )
        schema = parameter.schema
        return (
            schema["default"] if isinstance(schema, dict) and "default" in schema else ABSENT
        ), ()
    repeats = "array" in parameter.types and (parameter.explode or parameter.accept_exploded)
    if isinstance(texts, list) and len(texts) > 1 and not repeats:
        return ABSENT, (parameter.violation("repeated", texts, "the parameter once"),)
    try:
        value = _value(parameter, texts)
    except JsonError as error:
        text = texts[0] if isinstance(texts, list) else texts
        return ABSENT, (parameter.violation("json", text, f"a JSON text ({error.reason})"),)
    errors = parameter.validator.iter_errors(value)
    return value, convert_schema_errors(
        errors, value, document, prefix=parameter.place, source=parameter.source
    )


def is_present(parameter: Parameter, request: RawParameters) -> bool:
    """Whether a request carries a parameter; one that is only filled in by its default it does not."""
    return _texts(parameter, request) is not None


def query_names(parameter: Parameter) -> tuple[set[str], str]:
    """Give the names under which a query parameter is sent, and the prefix (`filter[`) of others; empty when none."""
    if parameter.location != "query":
        return set(), ""
    if parameter.style == "deepObject":
        return set(), f"{parameter.name}["
    if _in_members(parameter):
        return set(parameter.member_types), ""
    return {parameter.name}, ""


def _texts(parameter: Parameter, request: RawParameters) -> list[str] | str | dict[str, str] | None:
    """Give the texts that the request carries for a parameter; a mapping for an object in parts; None for none."""
    name = parameter.name
    if parameter.location == "path":
        return request.path.get(name)
    if parameter.location == "header":
        found = request.header.get(name.lower())
        return None if found is None else ", ".join(found)
    if parameter.location == "cookie":
        return request.cookie.get(name)
    if parameter.style == "deepObject":
        parts = {
            key[len(name) + 1 : -1]: v[-1]
            for key, v in request.query.items()
            if _is_part(key, name)
        }
        return parts or None
    if _in_members(parameter):
        return {
            key: request.query[key][-1] for key in parameter.member_types if key in request.query
        } or None
    return request.query.get(name)


def _is_part(key: str, name: str) -> bool:
    return key.startswith(f"{name}[") and key.endswith("]")


def _in_members(parameter: Parameter) -> bool:
    """Whether a query carries each member of an object under the member's own name."""
    return "object" in parameter.types and parameter.explode and not parameter.media_type


def _value(parameter: Parameter, texts: list[str] | str | dict[str, str]) -> Any:
    if parameter.media_type:
        text = texts if isinstance(texts, str) else texts[0] if isinstance(texts, list) else ""
        return parse_json(text) if "json" in parameter.media_type else text
    if isinstance(texts, dict):
        return _members(parameter, texts.items())
    one = [texts] if isinstance(texts, str) else texts
    if "array" in parameter.types:
        return [_typed(text, parameter.item_types) for text in _split(parameter, one)]
    if "object" in parameter.types:
        return _members(parameter, _pairs(parameter, one[0]))
    return _typed(_unwrapped(parameter, one[0]), parameter.types)


_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def _split(parameter: Parameter, texts: list[str]) -> list[str]:
    """Give an array's items. An empty text is an array without items, as a form sends it."""
    if parameter.explode and parameter.location in ("query", "cookie"):
        return texts if len(texts) > 1 else [text for text in texts if text != ""]
    if parameter.style == "matrix" and parameter.explode:
        return [part.partition("=")[2] for part in texts[0].split(";") if part]
    delimiter = _DELIMITERS.get(parameter.style, ",")
    if parameter.style == "label" and parameter.explode:
        delimiter = "."
    parts = [part for text in texts for part in _unwrapped(parameter, text).split(delimiter)]
    if parameter.location == "header":
        parts = [part.strip() for part in parts]
    return [] if parts == [""] else parts


def _unwrapped(parameter: Parameter, text: str) -> str:
    """Take off what the styles label (`.5`) and matrix (`;id=5`, `;id` when empty) put before a value."""
    if parameter.style == "label":
        return text.removeprefix(".")
    if parameter.style == "matrix":
        return "" if text == f";{parameter.name}" else text.removeprefix(f";{parameter.name}=")
    return text


def _pairs(parameter: Parameter, text: str) -> list[tuple[str, str]]:
    """Give an object's members out of one text: `R=100,G=200` exploded, else `R,100,G,200`."""
    if parameter.explode:
        separator = {"label": ".", "matrix": ";"}.get(parameter.style, ",")
        parts = [
            part.strip() if parameter.location == "header" else part
            for part in text.split(separator)
        ]
        return [(key, value) for key, _, value in (part.partition("=") for part in parts if part)]
    parts = _split(parameter, [text])
    return list(zip_longest(parts[::2], parts[1::2], fillvalue=""))


def _members(parameter: Parameter, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {name: _typed(text, parameter.member_types.get(name, ())) for name, text in pairs}


_INTEGER = re.compile(r"-?[0-9]{1,4300}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)


def _typed(text: str, types: tuple[str, ...]) -> Any:
    """Read a text as the first of the types that it can be; as a text when it can be none."""
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
                pass
    return text
