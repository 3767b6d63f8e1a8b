"""Encodes the values of parameters as a request carries them.

This is the inverse of `contract.operation.parameters`, which decodes them. Not every value
survives: an empty list is not sent at all, and the dot that separates the items of a label cannot
be encoded. `survives_encoding` decodes what was encoded, and compares. Source: OpenAPI 3.1, section
4.8.12.3 (style values).
"""

import json
from collections.abc import Iterator
from urllib.parse import quote, unquote

from understudy.contract import Parameter
from understudy.contract.expansion.json_kinds import json_key
from understudy.contract.operation.parameters import collect_raw_parameters, read_parameter
from understudy.messages import Headers, Json, Request

Pair = tuple[str, str]
"""Name and value of one field as it is sent: percent-encoded, but in a header."""
EncodedPairs = dict[str, list[Pair]]
"""By location: `path`, `query`, `header`, `cookie`."""
_DELIMITERS = {
    "spaceDelimited": "%20",
    "pipeDelimited": "%7C",
    "ssv": "%20",
    "tsv": "%09",
    "pipes": "%7C",
}
"""By style, percent-encoded; a comma for all others."""
_LABEL_SEPARATORS = {"label": ".", "matrix": ";"}
"""What separates exploded members, and precedes the first, by style."""
_NOT_IN_COOKIES = frozenset('"; \\')


def encode_parameter(parameter: Parameter, value: Json) -> list[Pair]:
    """Return the names and texts that stand for a value; none for an empty list in a query.

    A parameter with `content` is written as JSON.
    """
    name = _encode_name(parameter)
    if parameter.media_type:
        return [(name, _encode_text(parameter, json.dumps(value, ensure_ascii=True)))]
    match value:
        case list():
            texts = [_encode_scalar(parameter, item) for item in value]
            if parameter.explode and parameter.location in ("query", "cookie"):
                return [(name, text) for text in texts]
            return [(name, _add_prefix(parameter, _join_items(parameter, texts)))]
        case dict() if parameter.style == "deepObject":
            return list(_flatten(parameter, name, value))
        case dict():
            members = {
                _encode_text(parameter, key): _encode_scalar(parameter, part)
                for key, part in value.items()
            }
            return _encode_members(parameter, members)
        case _:
            return [(name, _add_prefix(parameter, _encode_scalar(parameter, value)))]


def _encode_name(parameter: Parameter) -> str:
    """Return the name as it is sent; that of a path's variable is not."""
    return quote(parameter.name, safe="") if parameter.location == "query" else parameter.name


def survives_encoding(parameter: Parameter, value: Json) -> bool:
    """Return whether a value, once encoded, is decoded as the same value, and as a valid one."""
    pairs = encode_parameter(parameter, value)
    if not pairs and parameter.location != "query":
        return False
    if not all(_is_sendable(parameter, text) for pair in pairs for text in pair):
        return False
    request, path_values = _request_with(parameter, pairs)
    decoded, violations = read_parameter(
        parameter, collect_raw_parameters(request, path_values), {}
    )
    return not violations and (not pairs or json_key(decoded) == json_key(value))


def _request_with(parameter: Parameter, pairs: list[Pair]) -> tuple[Request, dict[str, str]]:
    """Return a request that carries one parameter, and its values of path parameters."""
    query = ""
    headers: list[Pair] = []
    path_values: dict[str, str] = {}
    match parameter.location:
        case "query":
            query = "&".join(f"{name}={text}" for name, text in pairs)
        case "header":
            headers = pairs
        case "cookie":
            headers = [("Cookie", "; ".join(f"{name}={text}" for name, text in pairs))]
        case "path":
            path_values = dict(pairs)
    return Request("GET", "", "", query, Headers.of(headers)), path_values


def _is_sendable(parameter: Parameter, text: str) -> bool:
    """Return whether a text arrives unchanged.

    Headers and cookies carry visible ASCII only; a segment of a path must not be empty, `.` or
    `..`, which clients remove (RFC 3986, section 5.2.4).
    """
    match parameter.location:
        case "header":
            return _is_visible_ascii(text)
        case "cookie":
            return _is_visible_ascii(text) and not _NOT_IN_COOKIES & set(text)
        case "path":
            return text not in ("", ".", "..")
        case _:
            return True


def _is_visible_ascii(text: str) -> bool:
    """Return whether a text has visible ASCII characters only, and no space at its ends."""
    return text.isascii() and text.isprintable() and text == text.strip()


def _encode_scalar(parameter: Parameter, value: Json) -> str:
    """Return a string, and any other value as JSON writes it, percent-encoded for its location."""
    text = value if isinstance(value, str) else json.dumps(value)
    return _encode_text(parameter, text)


def _encode_text(parameter: Parameter, text: str) -> str:
    is_plain = parameter.location == "header" or parameter.style == "cookie"
    return text if is_plain else quote(text, safe="")


def _flatten(parameter: Parameter, name: str, value: Json) -> Iterator[Pair]:
    """Yield the pairs of a nested object: `p[a][b]=1`. Items repeat the name of their array."""
    match value:
        case dict():
            for key, part in value.items():
                yield from _flatten(parameter, f"{name}[{_encode_text(parameter, key)}]", part)
        case list():
            for item in value:
                yield name, _encode_scalar(parameter, item)
        case _:
            yield name, _encode_scalar(parameter, value)


def _join_items(parameter: Parameter, texts: list[str]) -> str:
    """Return the items of an array as one text, in the parameter's style."""
    if parameter.style == "matrix" and parameter.explode:
        return ";".join(f"{parameter.name}={text}" for text in texts)
    if parameter.style == "label" and parameter.explode:
        return ".".join(texts)
    return _delimiter_of(parameter).join(texts)


def _delimiter_of(parameter: Parameter) -> str:
    delimiter = _DELIMITERS.get(parameter.style, ",")
    return unquote(delimiter) if parameter.location == "header" else delimiter


def _add_prefix(parameter: Parameter, text: str) -> str:
    """Return a text with what its style puts before it."""
    match parameter.style:
        case "label":
            return f".{text}"
        case "matrix" if parameter.explode and "array" in parameter.types:
            return f";{text}"  # each item has the name already
        case "matrix":
            return f";{parameter.name}={text}"
        case _:
            return text


def _encode_members(parameter: Parameter, members: dict[str, str]) -> list[Pair]:
    """Return the encoded members of an object, in the parameter's style.

    There are several pairs for an exploded query or cookie, else one.
    """
    if parameter.location in ("query", "cookie") and parameter.explode:
        return list(members.items())
    name = _encode_name(parameter)
    if parameter.explode:
        separator = _LABEL_SEPARATORS.get(parameter.style, ",")
        prefix = _LABEL_SEPARATORS.get(parameter.style, "")
        text = separator.join(f"{key}={part}" for key, part in members.items())
        return [(name, prefix + text)]
    flat = [part for pair in members.items() for part in pair]
    delimiter = _delimiter_of(parameter)
    return [(name, _add_prefix(parameter, delimiter.join(flat)))]
