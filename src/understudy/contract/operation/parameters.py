"""Parameters of requests and header fields of responses: found, parsed and validated.

A text can often be read in several ways: a comma may be a delimiter or a letter, `5` a number or a
word. Each reading is validated; the first valid one counts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import unquote_plus

from understudy.contract.operation.parameter_model import Parameter
from understudy.contract.operation.parameter_styles import (
    Members,
    RawTexts,
    RepeatedError,
    StyleError,
)
from understudy.contract.operation.parameter_values import iter_values
from understudy.contract.operation.path_routing import PathValues
from understudy.contract.operation.percent_encoding import EncodingError
from understudy.contract.operation.violation import Violations, convert_schema_errors
from understudy.messages import JsonError, Request

ABSENT = object()
"""The value of a parameter without a default that the request does not carry."""
MAX_READINGS = 32
"""How many readings of a text are validated."""

_TextLists = Mapping[str, list[str]]
"""The encoded texts of repeated parameters by name."""
_NameAndText = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RawParameters:
    """The texts that a request carries, by location and decoded name. They are still encoded."""

    path: Mapping[str, str]
    query: _TextLists
    header: _TextLists
    """By name in lower case."""
    cookie: _TextLists
    documented: frozenset[str] = frozenset()
    """The names of a query that belong to documented parameters and members."""


def collect_raw_parameters(
    request: Request,
    path_values: Mapping[str, str],
    documented: frozenset[str] = frozenset(),
) -> RawParameters:
    """Return the texts that a request carries.

    `path_values` are those of a route. The texts of another mapping are taken as encoded ones.
    """
    headers: list[_NameAndText] = []
    cookies: list[_NameAndText] = []
    for name, value in request.headers:
        lower_name = name.lower()
        headers.append((lower_name, value))
        if lower_name == "cookie":
            cookies += _split_cookies(value)
    encoded = path_values.encoded if isinstance(path_values, PathValues) else path_values
    return RawParameters(
        path=encoded,
        query=_group_by_name(_split_query(request.query)),
        header=_group_by_name(headers),
        cookie=_group_by_name(cookies),
        documented=documented,
    )


def _split_query(query: str) -> Iterator[_NameAndText]:
    """Yield the pairs of a query: decoded names and encoded texts."""
    for pair in query.split("&"):
        if pair:
            name, _, text = pair.partition("=")
            yield unquote_plus(name), text


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
    value, violations, is_valid = _read(parameter, request)
    if is_valid or violations:
        return value, violations
    errors = parameter.validator.iter_errors(value)
    return value, convert_schema_errors(
        errors, value, document, prefix=parameter.place, source=parameter.source
    )


def read_value(parameter: Parameter, request: RawParameters) -> tuple[Any, Violations]:
    """Return the value of a parameter and the violations of its style, not those of its schema.

    The value is the one that `read_parameter` returns.
    """
    value, violations, _ = _read(parameter, request)
    return value, violations


def _read(parameter: Parameter, request: RawParameters) -> tuple[Any, Violations, bool]:
    """Return the value of a parameter, the violations of its style, and whether it is valid."""
    texts = _find_texts(parameter, request)
    if texts is None:
        return *_missing_value(parameter), True
    if isinstance(texts, list) and len(texts) > 1 and not _may_repeat(parameter):
        # It is unknown which of the values the client means, so none is used.
        violation = parameter.violation("repeated", texts, "the parameter once")
        return ABSENT, (violation,), False
    try:
        value, is_valid = _choose_value(parameter, texts)
    except EncodingError as error:
        expected = "percent-encoded UTF-8 (RFC 3986, section 2.1)"
        violation = parameter.violation("encoding", str(error), expected)
    except RepeatedError:
        violation = parameter.violation("repeated", texts, "each member once")
    except StyleError as error:
        violation = parameter.violation("style", _first_text(texts), str(error))
    except JsonError as error:
        expected = f"a JSON text ({error.reason})"
        violation = parameter.violation("json", _first_text(texts), expected)
    else:
        return value, (), is_valid
    return ABSENT, (violation,), False


def _choose_value(parameter: Parameter, texts: RawTexts) -> tuple[Any, bool]:
    """Return the first valid reading, else the first one, and whether it is valid."""
    if parameter.allow_empty and texts == [""]:
        return "", True
    first: Any = ABSENT
    for value in islice(iter_values(parameter, texts), MAX_READINGS):
        if parameter.validator.is_valid(value):
            return value, True
        if first is ABSENT:
            first = value
    return first, False


def _first_text(texts: RawTexts) -> str:
    if isinstance(texts, list):
        return texts[0]
    return ", ".join(texts)


def _may_repeat(parameter: Parameter) -> bool:
    if "array" not in parameter.types or parameter.media_type:
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


def query_names(parameter: Parameter) -> tuple[set[str], str | None]:
    """Return the names under which a query carries a parameter, and a prefix of further names.

    The prefix is `filter[` for the style `deepObject`, and empty for an object with members of any
    name; None for all others.
    """
    if parameter.location != "query":
        return set(), None
    if parameter.style == "deepObject":
        return set(), f"{parameter.name}["
    if not parameter.sends_members:
        return {parameter.name}, None
    names = set(parameter.shape.member_names())
    if set(parameter.types) != {"object"}:
        names.add(parameter.name)
    return names, "" if parameter.shape.allows_more_members() else None


def _find_texts(parameter: Parameter, request: RawParameters) -> RawTexts | None:
    """Return the texts that the request carries for a parameter, or None.

    An object whose members are sent one by one is a dict of its members' texts.
    """
    name = parameter.name
    match parameter.location:
        case "path":
            text = request.path.get(name)
            return None if text is None else [text]
        case "header":
            lines = request.header.get(name.lower())
            # RFC 9110, section 5.3: several lines of one name are one list.
            return None if lines is None else [", ".join(lines)]
    texts = request.cookie if parameter.location == "cookie" else request.query
    if parameter.style == "deepObject":
        return _deep_object_texts(name, texts) or None
    if parameter.sends_members:
        members = _member_texts(parameter, texts, request.documented)
        if members or set(parameter.types) == {"object"}:
            return members or None
    return texts.get(name)


def _member_texts(parameter: Parameter, texts: _TextLists, documented: frozenset[str]) -> Members:
    """Return the members that a query carries under their own names."""
    members: Members = {}
    for name in parameter.shape.member_names():
        if name in texts:
            members[name] = texts[name]
    if parameter.location == "query" and parameter.shape.allows_more_members():
        for name in texts:
            if name not in documented and name != parameter.name:
                members.setdefault(name, texts[name])
    return members


def _deep_object_texts(name: str, query: _TextLists) -> Members:
    """Return the members of `name[member]=text`, by the rest of the name: `[member]`."""
    prefix = f"{name}["
    members: Members = {}
    for key, texts in query.items():
        if key.startswith(prefix):
            members[key[len(name) :]] = texts
    return members
