"""A parameter's value as a request carries it: the contrary of `contract.parameters`, which reads it.

Not every value can be told by a text: an empty list is not there at all, and a comma in an item of a joined list would
part it. `can_carry` reads what was written, and says whether it is the same.
"""

import json
from typing import Any
from urllib.parse import urlencode

from understudy.contract import Parameter
from understudy.contract.operation.parameters import collect_raw_parameters as read_all
from understudy.contract.operation.parameters import read_parameter
from understudy.messages import Headers, Request
from understudy.strategies.schema.constraints import json_key

EncodedPairs = dict[str, list[tuple[str, str]]]
"""By location: names and texts, not encoded."""
_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def encode_parameter(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """Give the names and texts that tell a value."""
    name = parameter.name
    if parameter.media_type:
        return [(name, json.dumps(value, ensure_ascii=True))]
    if isinstance(value, list):
        texts = [_text(item) for item in value]
        if parameter.explode and parameter.location == "query":
            return [(name, text) for text in texts]
        return [(name, _prefixed(parameter, _joined(parameter, texts)))]
    if isinstance(value, dict):
        return _members(parameter, {key: _text(part) for key, part in value.items()})
    return [(name, _prefixed(parameter, _text(value)))]


def survives_encoding(parameter: Parameter, value: Any) -> bool:
    """Whether what is written for a value is read as that value, and as a valid one."""
    texts = encode_parameter(parameter, value)
    if not texts and parameter.location != "query":
        return False
    if any(
        not _is_sendable(parameter, name) or not _is_sendable(parameter, text)
        for name, text in texts
    ):
        return False
    query = "" if parameter.location != "query" else _encoded(texts)
    headers: list[tuple[str, str]] = texts if parameter.location == "header" else []
    if parameter.location == "cookie":
        headers = [("Cookie", "; ".join(f"{name}={text}" for name, text in texts))]
    path = dict(texts) if parameter.location == "path" else {}
    found = read_all(Request("GET", "", "", query, Headers.of(headers)), path)
    read, wrong = read_parameter(parameter, found, {})
    return not wrong and (not texts or json_key(read) == json_key(value))


def _encoded(texts: list[tuple[str, str]]) -> str:
    return urlencode(texts)


def _is_sendable(parameter: Parameter, text: str) -> bool:
    """Whether a text comes through as it is: headers and cookies carry visible ASCII only, a path no empty segment."""
    if parameter.location in ("header", "cookie"):
        visible = text.isascii() and text.isprintable() and text == text.strip()
        return visible and (parameter.location == "header" or not set(text) & set('";, \\='))
    return text not in ("", ".", "..") if parameter.location == "path" else True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _joined(parameter: Parameter, texts: list[str]) -> str:
    if parameter.style == "matrix" and parameter.explode:
        return ";".join(f"{parameter.name}={text}" for text in texts)
    if parameter.style == "label" and parameter.explode:
        return ".".join(texts)
    return _DELIMITERS.get(parameter.style, ",").join(texts)


def _prefixed(parameter: Parameter, text: str) -> str:
    match parameter.style:
        case "label":
            return f".{text}"
        case "matrix":
            return (
                f";{text}"
                if parameter.explode and "array" in parameter.types
                else f";{parameter.name}={text}"
            )
        case _:
            return text


def _members(parameter: Parameter, members: dict[str, str]) -> list[tuple[str, str]]:
    if parameter.style == "deepObject":
        return [(f"{parameter.name}[{name}]", text) for name, text in members.items()]
    if parameter.location == "query" and parameter.explode:
        return list(members.items())
    if parameter.explode:
        separator = {"label": ".", "matrix": ";"}.get(parameter.style, ",")
        text = separator.join(f"{name}={text}" for name, text in members.items())
        return [(parameter.name, {"label": ".", "matrix": ";"}.get(parameter.style, "") + text)]
    flat = [part for pair in members.items() for part in pair]
    return [(parameter.name, _prefixed(parameter, ",".join(flat)))]
