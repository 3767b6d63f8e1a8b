"""JSON as RFC 8259 means it: read strictly, written as ASCII."""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
"""A decoded JSON value. Objects keep the order of their members."""


class JsonError(ValueError):
    """A text is not the JSON that RFC 8259 means. Tells line and column."""

    def __init__(self, what: str, line: int = 1, column: int = 1) -> None:
        super().__init__(what)
        self.reason = what
        self.line = line
        self.column = column


MAX_DEPTH = 100
"""How deep arrays and objects may be nested in a body; deeper is refused, not a crash of the decoder."""


def parse_json(body: bytes | str) -> Any:
    """Decode strictly: no NaN or Infinity, no duplicate names, no numbers beyond a double's range, depth at most 100.

    Integers keep all their digits. Raises JsonError.
    """
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
    except UnicodeDecodeError as error:
        raise JsonError(f"the text is not UTF-8 (byte {error.start})") from error
    if text.startswith("\ufeff"):
        raise JsonError("the text starts with a byte order mark, which JSON does not allow")
    _check_depth(text)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _json_error(error) from error
    except JsonError:
        raise
    except ValueError as error:  # an integer with more digits than the interpreter converts
        raise JsonError(str(error)) from error


def _json_error(error: json.JSONDecodeError) -> JsonError:
    """Tell an error alike in every version of Python: a comma too many has words and a place of its own since 3.13."""
    what, text, at = error.msg, error.doc, error.pos
    if what.startswith("Illegal trailing comma"):
        at += 1 + len(text[at + 1 :]) - len(text[at + 1 :].lstrip(" \t\n\r"))
    elif text[at : at + 1] in ("}", "]") and text[:at].rstrip(" \t\n\r").endswith(","):
        what = f"Illegal trailing comma before end of {'object' if text[at] == '}' else 'array'}"
    return JsonError(what, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in re.finditer(r"[\[\]{}]", _STRING.sub('""', text)):
        depth += 1 if match.group() in "[{" else -1
        if depth > MAX_DEPTH:
            raise JsonError(f"arrays and objects are nested deeper than {MAX_DEPTH}")


def _refuse_constant(name: str) -> Any:
    raise JsonError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise JsonError(f"the number {text[:30]} is too large")
    return number


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise JsonError(f'the name "{name[:60]}" stands twice in one object')
            seen.add(name)
    return result


_DECODER = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_no_duplicates
)


def dump_json(value: Any) -> bytes:
    """Encode as compact ASCII JSON, keys in their order; NaN and Infinity raise ValueError.

    ASCII, so that a lone surrogate in a text cannot break the encoding.
    """
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode(
        "ascii"
    )
